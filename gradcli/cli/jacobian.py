"""`gradcli jacobian`: all first derivatives, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli import options  # noqa: TC001 - typer reads the annotations
from gradcli.cli.asking import Mode, SaveDerivatives, asked, saved, show, target_of
from gradcli.cli.eval import Expressions, time_limit
from gradcli.cli.exits import Exit
from gradcli.cli.options import DtypeName

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["jacobian"]


def jacobian(  # noqa: PLR0913 - the options of the command
    expressions: Expressions = None,
    *,
    var: options.Var = [],  # noqa: B006 - typer copies it
    const: options.Const = [],  # noqa: B006 - typer copies it
    mode: Mode = None,
    default: options.Default = "ones(2, 2)",
    dtype: options.Dtype = DtypeName.float64,
    seed: options.Seed = 0,
    wrt: options.Wrt = [],  # noqa: B006 - typer copies it
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: SaveDerivatives = None,
    max_elements: options.MaxElements = None,
    max_bytes: options.MaxBytes = None,
    max_seconds: options.MaxSeconds = 0.0,
    max_text: options.MaxText = None,
    max_nesting: options.MaxNesting = None,
    max_integer_bits: options.MaxIntegerBits = None,
    max_items: options.MaxItems = None,
    max_steps: options.MaxSteps = None,
    max_calls: options.MaxCalls = None,
) -> int:
    """Show the Jacobian: the derivative of each element of each value for each element of each variable.

    gradcli jacobian "tanh(W @ x)" -v "x=[1,2,3]" -c "W=ones(2, 3)"

    gradcli jacobian "x*y" "x+y" -v "x=[1,2]" -v y=3 --mode reverse
    """
    from gradcli.cli.streams import report_diagnostic  # what only this command needs, as below
    from gradcli.explorer.jacobian import explore_jacobian

    target = target_of(save)
    limits = {
        "max_elements": max_elements,
        "max_bytes": max_bytes,
        "text": max_text,
        "nesting": max_nesting,
        "integer_bits": max_integer_bits,
        "items": max_items,
        "steps": max_steps,
        "calls": max_calls,
    }
    request = asked(
        expressions, var, const, default=default, dtype=dtype.value, seed=seed, wrt=wrt, limits=limits
    )
    with time_limit(max_seconds):
        report = explore_jacobian(request, None if mode is None else mode.value, report_diagnostic)
    from gradcli.views.derivatives_json import jacobian_arrays, jacobian_json

    saved(target, lambda: jacobian_arrays(report))

    def draw(console: Console, ascii_only: bool) -> None:
        from gradcli.views.derivatives import jacobian_table  # JSON does without rich

        jacobian_table(report, console, digits=precision, full=full, ascii_only=ascii_only)

    show(draw, lambda: jacobian_json(report), json=json)
    return Exit.FINE
