"""`gradcli hessian`: all second derivatives of a number, and what kind of point it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.cli.derivatives import Wanted, derivative_command
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["hessian"]


@derivative_command
def hessian(wanted: Wanted) -> int:
    """Show the Hessian, its eigenvalues, and whether the point is a minimum, a maximum or a saddle.

    gradcli hessian "x**2 + 3*x*y + y**2" -v x=0 -v y=0

    gradcli hessian "sum(100*(x[1:]-x[:-1]**2)**2 + (1-x[:-1])**2)" -v "x=ones(10)"
    """
    from gradcli.explorer.hessian import explore_hessian  # what only this command needs, as below
    from gradcli.views.derivatives_json import hessian_arrays, hessian_json

    report = wanted.explored(explore_hessian)

    def table(console: Console, **how: Any) -> None:
        from gradcli.views.derivatives import hessian_table  # JSON does without

        hessian_table(report, console, **how)

    wanted.give(lambda: hessian_arrays(report), lambda: hessian_json(report), table)
    return Exit.FINE
