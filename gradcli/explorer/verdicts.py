"""An evaluation with what the witnesses say of each of its gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.diagnostics import InputFault
from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest
from gradcli.explorer.request import Backward, EvalRequest

if TYPE_CHECKING:
    from gradcli.reports.evaluation import Evaluation

__all__ = ["with_verdicts"]


def with_verdicts(report: Evaluation, request: EvalRequest) -> tuple[Evaluation, str]:
    """Returns the evaluation with a verdict per gradient, and the gravest of them; empty where there is none.

    Gradients that several backward passes added up, and those of intermediate values, are not judged.
    """
    asked = request.backward
    single = Backward(grad_tensors=asked.grad_tensors, wrt=asked.wrt)
    try:
        found = check_expressions(CheckRequest(request._replace(backward=single)), lambda _: None)
    except InputFault:  # nothing requires grad
        return report, ""
    verdicts = {variable.name: variable.verdict for variable in found.variables}
    times = 1 if asked.zero_between else asked.passes
    gradients = tuple(
        row._replace(verdict=verdicts.get(row.name, ""))
        if row.grad is not None and row.origin != "retained" and times == 1
        else row
        for row in report.gradients
    )
    judged = any(row.verdict for row in gradients)
    return report._replace(gradients=gradients), found.verdict if judged else ""
