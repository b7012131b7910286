"""`gradcli hessian`: all second derivatives of a number, and what kind of point it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli import options  # noqa: TC001 - typer reads the annotations
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.derivatives import Mode, SaveDerivatives, saved, show, target_of
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["hessian"]


@expression_command
def hessian(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    mode: Mode = None,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: SaveDerivatives = None,
) -> int:
    """Show the Hessian, its eigenvalues, and whether the point is a minimum, a maximum or a saddle.

    gradcli hessian "x**2 + 3*x*y + y**2" -v x=0 -v y=0

    gradcli hessian "sum(100*(x[1:]-x[:-1]**2)**2 + (1-x[:-1])**2)" -v "x=ones(10)"
    """
    from gradcli.cli.streams import report_diagnostic  # what only this command needs, as below
    from gradcli.explorer.hessian import explore_hessian

    target = target_of(save)
    with asked.deadline():
        report = explore_hessian(asked.request, None if mode is None else mode.value, report_diagnostic)
    from gradcli.views.derivatives_json import hessian_arrays, hessian_json

    saved(target, lambda: hessian_arrays(report))

    def draw(console: Console, ascii_only: bool) -> None:
        from gradcli.views.derivatives import hessian_table  # JSON does without

        hessian_table(report, console, digits=precision, full=full, ascii_only=ascii_only)

    show(draw, lambda: hessian_json(report), json=json)
    return Exit.FINE
