"""`gradcli jacobian`: all first derivatives, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli import options  # noqa: TC001 - typer reads the annotations
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.derivatives import Mode, SaveDerivatives, saved, show, target_of
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["jacobian"]


@expression_command
def jacobian(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    mode: Mode = None,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: SaveDerivatives = None,
) -> int:
    """Show the Jacobian: the derivative of each element of each value for each element of each variable.

    gradcli jacobian "tanh(W @ x)" -v "x=[1,2,3]" -c "W=ones(2, 3)"

    gradcli jacobian "x*y" "x+y" -v "x=[1,2]" -v y=3 --mode reverse
    """
    from gradcli.cli.streams import report_diagnostic  # what only this command needs, as below
    from gradcli.explorer.jacobian import explore_jacobian

    target = target_of(save)
    with asked.deadline():
        report = explore_jacobian(asked.request, None if mode is None else mode.value, report_diagnostic)
    from gradcli.views.derivatives_json import jacobian_arrays, jacobian_json

    saved(target, lambda: jacobian_arrays(report))

    def draw(console: Console, ascii_only: bool) -> None:
        from gradcli.views.derivatives import jacobian_table  # JSON does without

        jacobian_table(report, console, digits=precision, full=full, ascii_only=ascii_only)

    show(draw, lambda: jacobian_json(report), json=json)
    return Exit.FINE
