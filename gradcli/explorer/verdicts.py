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

ONCE = "the verdicts are on the gradients of one backward pass"


def with_verdicts(report: Evaluation, request: EvalRequest) -> tuple[Evaluation, str]:
    """Returns the evaluation with a verdict per gradient, and the gravest of them; empty where there is none.

    What several backward passes added up has the verdict of one; intermediate values have none.
    """
    asked = request.backward
    single = Backward(grad_tensors=asked.grad_tensors, wrt=asked.wrt)
    try:
        found = check_expressions(CheckRequest(request._replace(backward=single)), lambda _: None)
    except InputFault:  # nothing requires grad
        return report, ""
    verdicts = {variable.name: variable.verdict for variable in found.variables}
    gradients = tuple(
        row._replace(verdict=verdicts.get(row.name, ""))
        if row.grad is not None and row.origin != "retained"
        else row
        for row in report.gradients
    )
    judged = any(row.verdict for row in gradients)
    notes = (*report.notes, ONCE) if judged and _adds_up(asked) else report.notes
    return report._replace(gradients=gradients, notes=notes), found.verdict if judged else ""


def _adds_up(asked: Backward) -> bool:
    return asked.passes > 1 and not asked.zero_between
