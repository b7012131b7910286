"""`gradcli jvp`: the derivative of values along a direction."""

from __future__ import annotations

from typing import Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option
from gradcli.cli.derivatives import Mode, SaveDerivatives, give_direction, target_of
from gradcli.cli.exits import Exit

__all__ = ["jvp"]

Tangent = Annotated[
    list[str],
    Option(
        metavar="NAME=VALUE",
        help="The tangent of a variable, of its shape (one number stands for all elements); others are 0.",
    ),
]


@expression_command
def jvp(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    tangent: Tangent = [],  # noqa: B006 - nobody changes it
    mode: Mode = None,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: SaveDerivatives = None,
) -> int:
    """Show how values change along a direction: the Jacobian times a tangent, in one walk forward.

    gradcli jvp "x*y" -v "x=[1,2]" -v y=3 --tangent "x=[1,0]" --tangent y=1
    """
    from gradcli.cli.streams import report_diagnostic  # what only this command needs, as below
    from gradcli.explorer.directional import explore_jvp

    target = target_of(save)
    with asked.deadline():
        report = explore_jvp(asked.request, tangent, None if mode is None else mode.value, report_diagnostic)
    give_direction(report, target, digits=precision, full=full, json=json)
    return Exit.FINE
