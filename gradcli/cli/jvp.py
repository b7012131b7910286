"""`gradcli jvp`: the derivative of values along a direction."""

from __future__ import annotations

from typing import Annotated

from gradcli.cli.declaring import Option
from gradcli.cli.derivatives import Wanted, derivative_command
from gradcli.cli.exits import Exit

__all__ = ["jvp"]

Tangent = Annotated[
    list[str],
    Option(
        metavar="NAME=VALUE",
        help="The tangent of a variable, of its shape (one number stands for all elements); others are 0.",
    ),
]


@derivative_command
def jvp(
    wanted: Wanted,
    *,
    tangent: Tangent = [],  # noqa: B006 - nobody changes it
) -> int:
    """Show how values change along a direction: the Jacobian times a tangent, in one walk forward.

    gradcli jvp "x*y" -v "x=[1,2]" -v y=3 --tangent "x=[1,0]" --tangent y=1
    """
    from gradcli.explorer.directional import explore_jvp  # what only this command needs

    wanted.give_direction(
        wanted.explored(lambda request, mode, warn: explore_jvp(request, tangent, mode, warn))
    )
    return Exit.FINE
