"""`gradcli eval`: values and gradients of expressions."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from gradcli.cli import options  # noqa: TC001 - typer reads the annotations
from gradcli.cli.exits import Exit
from gradcli.cli.options import DtypeName

if TYPE_CHECKING:
    from rich.console import Console

    from gradcli.explorer.request import EvalRequest
    from gradcli.reports.evaluation import Evaluation

__all__ = ["Expressions", "evaluate", "given", "names", "time_limit"]

Check = Annotated[bool, typer.Option("--check", help="Ask the witnesses whether each gradient is right.")]
Expressions = Annotated[
    list[str] | None,
    typer.Argument(metavar="EXPR...", help="Expressions; @file or - (standard input) for longer texts."),
]


def evaluate(  # noqa: PLR0913 - the options of the command
    expressions: Expressions = None,
    *,
    var: options.Var = [],  # noqa: B006 - typer copies it
    const: options.Const = [],  # noqa: B006 - typer copies it
    default: options.Default = "ones(2, 2)",
    dtype: options.Dtype = DtypeName.float64,
    seed: options.Seed = 0,
    grad_tensors: options.GradTensors = [],  # noqa: B006 - typer copies it
    separately: options.Separately = False,
    retain_graph: options.RetainGraph = False,
    create_graph: options.CreateGraph = False,
    wrt: options.Wrt = [],  # noqa: B006 - typer copies it
    passes: options.Passes = 1,
    zero_between: options.ZeroBetween = False,
    no_backward: options.NoBackward = False,
    retain_grad: options.RetainGrad = [],  # noqa: B006 - typer copies it
    detect_anomaly: options.DetectAnomaly = False,
    check: Check = False,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: options.Save = None,
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
    """Show the values of expressions and their gradients.

    gradcli eval "mean(3*(x+2)**2)"

    gradcli eval "x*2" -v "x=[2,2,2]" --grad-tensors "[0.1,1,10]"
    """
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.evaluate import evaluate as explore
    from gradcli.explorer.request import Backward, EvalRequest, Limits

    target = None
    if save is not None:
        from gradcli.cli.saving import checked_path, write_beside

        target = checked_path(save)
    request = EvalRequest(
        expressions=tuple(expressions or ()),
        variables=tuple(var),
        constants=tuple(const),
        default=default,
        backward=Backward(
            run=not no_backward,
            grad_tensors=tuple(grad_tensors),
            separately=separately,
            retain_graph=True if retain_graph else None,
            create_graph=create_graph,
            wrt=names(wrt),
            passes=passes,
            zero_between=zero_between,
            retain_grad=names(retain_grad),
            detect_anomaly=detect_anomaly,
        ),
        dtype=dtype.value,
        seed=seed,
        limits=Limits(
            **given(
                text=max_text,
                nesting=max_nesting,
                integer_bits=max_integer_bits,
                items=max_items,
                steps=max_steps,
                calls=max_calls,
            )
        ),
        **given(max_elements=max_elements, max_bytes=max_bytes),
    )
    code = Exit.FINE
    with time_limit(max_seconds):
        report = explore(request, streams.report_diagnostic)
        if check:
            report, code = _checked(report, request)
    if target is not None:
        from gradcli.views.archive import write_archive  # only --save pays for it

        write_beside(target, lambda stream: write_archive(report, stream))
    if json:
        from gradcli.views.json import evaluation_json  # tables do without

        streams.write(evaluation_json(report))
        return code
    from gradcli.views.table import evaluation_table  # JSON does without rich

    def draw(console: Console, ascii_only: bool) -> None:
        evaluation_table(report, console, digits=precision, full=full, ascii_only=ascii_only)

    streams.print_tables(draw)
    return code


def _checked(report: Evaluation, request: EvalRequest) -> tuple[Evaluation, Exit]:
    """The report with the witnesses' verdicts, and the exit code that they make."""
    from gradcli.explorer.verdicts import with_verdicts  # only --check pays for the witnesses

    judged, gravest = with_verdicts(report, request)
    return judged, {"wrong": Exit.FAILED, "inconclusive": Exit.INCONCLUSIVE}.get(gravest, Exit.FINE)


def time_limit(seconds: float) -> AbstractContextManager[None]:
    """Returns what ends a block after so many seconds; 0 is no limit."""
    if not seconds:
        return nullcontext()
    from gradcli.cli.timing import deadline  # only a limit needs the timer

    return deadline(seconds)


def names(texts: list[str]) -> tuple[str, ...]:
    """Returns names given one by one or with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))


def given(**options: int | None) -> dict[str, int]:
    """Returns the options that were given; the others keep the defaults of whoever takes them."""
    return {name: value for name, value in options.items() if value is not None}
