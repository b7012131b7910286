"""`gradcli hvp`: the Hessian times a vector."""

from __future__ import annotations

from typing import Annotated

from gradcli.cli.declaring import Option
from gradcli.cli.derivatives import Wanted, derivative_command
from gradcli.cli.exits import Exit

__all__ = ["hvp"]

Vector = Annotated[
    list[str],
    Option(
        metavar="NAME=VALUE",
        help="A variable's part of the vector (one number stands for all elements); others are 0.",
    ),
]


@derivative_command
def hvp(
    wanted: Wanted,
    *,
    vector: Vector = [],  # noqa: B006 - nobody changes it
) -> int:
    """Show the Hessian of a number times a vector, without the Hessian: how the gradient changes along it.

    gradcli hvp "sum(x**3)" -v "x=[1,2,3]" --vector "x=[1,0,1]"
    """
    from gradcli.explorer.directional import explore_hvp  # what only this command needs

    wanted.give_direction(
        wanted.explored(lambda request, mode, warn: explore_hvp(request, vector, mode, warn))
    )
    return Exit.FINE
