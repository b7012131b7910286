"""`gradcli hvp`: the Hessian times a vector."""

from __future__ import annotations

from typing import Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option
from gradcli.cli.derivatives import Mode, SaveDerivatives, give_direction, target_of
from gradcli.cli.exits import Exit

__all__ = ["hvp"]

Vector = Annotated[
    list[str],
    Option(
        metavar="NAME=VALUE",
        help="A variable's part of the vector (one number stands for all elements); others are 0.",
    ),
]


@expression_command
def hvp(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    vector: Vector = [],  # noqa: B006 - nobody changes it
    mode: Mode = None,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: SaveDerivatives = None,
) -> int:
    """Show the Hessian of a number times a vector, without the Hessian: how the gradient changes along it.

    gradcli hvp "sum(x**3)" -v "x=[1,2,3]" --vector "x=[1,0,1]"
    """
    from gradcli.cli.streams import report_diagnostic  # what only this command needs, as below
    from gradcli.explorer.directional import explore_hvp

    target = target_of(save)
    with asked.deadline():
        report = explore_hvp(asked.request, vector, None if mode is None else mode.value, report_diagnostic)
    give_direction(report, target, digits=precision, full=full, json=json)
    return Exit.FINE
