"""The cross-check that a case asks for with `check = true`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import Diagnostic, GradcliError

if TYPE_CHECKING:
    from gradcli.explorer.running.samples import Case
    from gradcli.reports.checks import Check

__all__ = ["Verdict", "check_case"]

NOTHING = "E506"  # no gradient is there to be judged
SIDED = ("kink", "edge")  # verdicts that pass, but not in silence
SAID = {
    "wrong": "is wrong",
    "inconclusive": "cannot be judged: the witnesses do not know enough",
    "kink": "is one of a kink: it follows the convention, and no witness can judge it there",
    "edge": "stands at the edge of a domain: no witness can judge it there",
}
FAILED = {"wrong": "failed", "inconclusive": "inconclusive"}


class Verdict(NamedTuple):
    """What the witnesses say of a case's gradients.

    Attributes:
        status: `passed`, `failed` or `inconclusive`, as of an outcome.
        message: the diagnostic that says why, of what passes a warning; None where all agree.
    """

    status: str
    message: Diagnostic | None = None


def check_case(case: Case) -> Verdict:
    """Returns what the witnesses say of the gradients of a case."""
    from gradcli.explorer.check import check_expressions  # only cases that ask pay for it
    from gradcli.explorer.check_request import CheckRequest, Judging

    judging = Judging()
    if case.rtol is not None:
        judging = judging._replace(rtol=case.rtol)
    if case.atol is not None:
        judging = judging._replace(atol=case.atol)
    try:
        report = check_expressions(CheckRequest(case.request, judging), lambda _: None)
    except GradcliError as error:
        if error.diagnostic.code == NOTHING:
            return Verdict("passed")
        return Verdict("failed", error.diagnostic)
    status = FAILED.get(report.verdict, "passed")
    return Verdict(status, None if report.verdict == "agrees" else _message(report))


def _message(report: Check) -> Diagnostic:
    """Why a case's gradients do not simply agree: the cause if one was found, else the worst element."""
    if report.verdict == "wrong" and report.causes:
        cause: Diagnostic = report.causes[0]
        return cause
    worst = next(variable for variable in report.variables if variable.verdict == report.verdict)
    what = SAID[report.verdict]
    notes: tuple[str, ...] = ()
    if report.verdict in SIDED:
        notes = () if worst.worst is None else (f"it is {worst.worst.gradient:.9g}",)
        notes += tuple(cause.message for cause in report.causes)
        return Diagnostic("W403", f"the gradient of `{worst.name}` {what}", notes=notes, severity="warning")
    if worst.worst is not None:
        at = f" at {list(worst.worst.at)}" if worst.worst.at else ""
        notes = (f"it is {worst.worst.gradient:.9g}{at}, the best witness says {worst.worst.reference}",)
    return Diagnostic("E544", f"the gradient of `{worst.name}` {what}", notes=notes)
