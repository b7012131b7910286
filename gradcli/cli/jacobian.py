"""`gradcli jacobian`: all first derivatives, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.cli.derivatives import Wanted, derivative_command
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["jacobian"]


@derivative_command
def jacobian(wanted: Wanted) -> int:
    """Show the Jacobian: the derivative of each element of each value for each element of each variable.

    gradcli jacobian "tanh(W @ x)" -v "x=[1,2,3]" -c "W=ones(2, 3)"

    gradcli jacobian "x*y" "x+y" -v "x=[1,2]" -v y=3 --mode reverse
    """
    from gradcli.explorer.jacobian import explore_jacobian  # what only this command needs, as below
    from gradcli.views.derivatives_json import jacobian_arrays, jacobian_json

    report = wanted.explored(explore_jacobian)

    def table(console: Console, **how: Any) -> None:
        from gradcli.views.derivatives import jacobian_table  # JSON does without

        jacobian_table(report, console, **how)

    wanted.give(lambda: jacobian_arrays(report), lambda: jacobian_json(report), table)
    return Exit.FINE
