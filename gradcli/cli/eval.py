"""`gradcli eval`: values and gradients of expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command, names
from gradcli.cli.declaring import Option
from gradcli.cli.exits import Exit
from gradcli.diagnostics import InputFault

if TYPE_CHECKING:
    from gradcli.explorer.request import EvalRequest
    from gradcli.reports.evaluation import Evaluation
    from gradcli.views.console import Console

__all__ = ["evaluate"]

Check = Annotated[bool, Option("--check", help="Ask the witnesses whether each gradient is right.")]


@expression_command
def evaluate(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    grad_tensors: options.GradTensors = [],  # noqa: B006 - nobody changes it
    separately: options.Separately = False,
    retain_graph: options.RetainGraph = False,
    create_graph: options.CreateGraph = False,
    passes: options.Passes = 1,
    zero_between: options.ZeroBetween = False,
    no_backward: options.NoBackward = False,
    retain_grad: options.RetainGrad = [],  # noqa: B006 - nobody changes it
    detect_anomaly: options.DetectAnomaly = False,
    check: Check = False,
    allow_inconclusive: options.AllowInconclusive = False,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: options.Save = None,
) -> int:
    """Show the values of expressions and their gradients.

    gradcli eval "mean(3*(x+2)**2)"

    gradcli eval "x*2" -v "x=[2,2,2]" --grad-tensors "[0.1,1,10]"
    """
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.evaluate import evaluate as explore

    if check and no_backward:
        raise InputFault(
            "E500", "--check judges gradients, and --no-backward makes none", help="leave one out"
        )
    target = None
    if save is not None:
        from gradcli.cli.saving import checked_path, write_beside

        target = checked_path(save)
    request = asked.backward(
        run=not no_backward,
        grad_tensors=tuple(grad_tensors),
        separately=separately,
        retain_graph=True if retain_graph else None,
        create_graph=create_graph,
        passes=passes,
        zero_between=zero_between,
        retain_grad=names(retain_grad),
        detect_anomaly=detect_anomaly,
    )
    code = Exit.FINE
    with asked.deadline():
        report = explore(request, streams.report_diagnostic)
        if check:
            report, code = _checked(report, request, allow_inconclusive=allow_inconclusive)
    if target is not None:
        from gradcli.views.archive import write_archive  # only --save pays for it

        write_beside(target, lambda stream: write_archive(report, stream))
    if json:
        from gradcli.views.json import evaluation_json  # tables do without

        streams.write(evaluation_json(report))
        return code
    from gradcli.views.table import evaluation_table  # JSON does without

    def draw(console: Console, ascii_only: bool) -> None:
        evaluation_table(report, console, digits=precision, full=full, ascii_only=ascii_only)

    streams.print_tables(draw)
    return code


def _checked(
    report: Evaluation, request: EvalRequest, *, allow_inconclusive: bool
) -> tuple[Evaluation, Exit]:
    """The report with the witnesses' verdicts, and the exit code that they make."""
    from gradcli.explorer.verdicts import with_verdicts  # only --check pays for the witnesses

    judged, gravest = with_verdicts(report, request)
    unknown = Exit.FINE if allow_inconclusive else Exit.INCONCLUSIVE
    return judged, {"wrong": Exit.FAILED, "inconclusive": unknown}.get(gravest, Exit.FINE)
