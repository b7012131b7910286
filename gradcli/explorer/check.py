"""`check`: is the gradient of these expressions right, autograd's or the user's own?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.account import causes, judged, overall
from gradcli.checks.hearing import Asked
from gradcli.checks.judge import Judgement, judge
from gradcli.checks.witnesses import WITNESSES
from gradcli.diagnostics import GradcliError, InputFault, did_you_mean
from gradcli.explorer.differentiate import NO_GRAPH
from gradcli.explorer.job import Job, job_session, passing_on, read_job
from gradcli.explorer.nonfinite_causes import nonfinite_causes
from gradcli.explorer.tracing import Traced, trace_job
from gradcli.explorer.workspace import unbound
from gradcli.reports.checks import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.check_request import CheckRequest

__all__ = ["asked_of", "check_expressions", "check_traced"]


def check_expressions(request: CheckRequest, warn: Callable[[Diagnostic], None]) -> Check:
    """Returns the verdict on the gradient of expressions; `warn` is told what stops nothing.

    Raises:
        GradcliError: a text cannot be read or run, or PyTorch would refuse to differentiate.
    """
    asked = asked_of(request)
    with passing_on(warn), job_session(request.what):
        job = read_job(request.what)
        try:
            return _judged(request, job, asked)
        except GradcliError as error:
            if NO_GRAPH in error.diagnostic.message:
                from gradcli.explorer.evaluate import evaluate  # it says what cut the variables off

                evaluate(request.what, lambda _: None)
            raise


def _judged(request: CheckRequest, job: Job, asked: Asked) -> Check:
    if request.against:
        from gradcli.explorer.against import check_claims  # autograd's gradient is judged without

        return check_claims(request, job, asked)
    return _check(request, job, asked)


def asked_of(request: CheckRequest) -> Asked:
    """Returns how a request wants its gradient judged.

    Raises:
        InputFault: it names a witness that there is not.
    """
    judging = request.judging
    for name in judging.witnesses:
        if name not in WITNESSES:
            raise InputFault(
                "E508",
                f"--witness: there is no witness `{name}`",
                label=did_you_mean(name, WITNESSES),
                help=f"the witnesses are {', '.join(WITNESSES)}",
            )
    atol = Asked().atol if judging.atol is None else judging.atol
    return Asked(judging.witnesses, judging.rtol, atol, judging.sample, request.what.seed, judging.max_time)


def _check(request: CheckRequest, job: Job, asked: Asked) -> Check:
    """Autograd's own gradient, at the bindings and at random points."""
    runs = [trace_job(job, order=request.order)]
    if request.points:
        from gradcli.explorer.points import random_points  # most judge the gradient where they are

        runs += random_points(job, runs[0], request.points, order=request.order)
    judgements = [judge(run.subject, asked) for run in runs]
    worst = _gravest(judgements)
    report = check_traced(request, job, runs[worst], judgements[worst], points=len(runs))
    notes = list(report.notes)
    if worst:
        notes.append("this is the gravest of the points, a random one")
    if request.points and len(runs) <= request.points:
        notes.append(f"only {len(runs) - 1} of {request.points} random points have finite gradients")
    if report.verdict == "wrong" and request.points:
        from gradcli.explorer.points import simplest  # what is right needs no point to show it
        from gradcli.explorer.reproduction import command_line

        point = simplest(job, runs[worst], lambda run: _fails(run, asked), order=request.order)
        report = report._replace(reproduce=command_line(request, point))
    return report._replace(notes=tuple(dict.fromkeys(notes)))


def check_traced(
    request: CheckRequest, job: Job, run: Traced, judgement: Judgement, *, points: int = 1
) -> Check:
    """Returns the report on one judged run."""
    variables = judged(judgement)
    nonfinite = nonfinite_causes(job, run, judgement)
    return Check(
        expressions=tuple(program.source.text.strip() for program in job.programs),
        subject="gradient" if request.order == 1 else "second",
        verdict=overall(variables),
        variables=variables,
        causes=(*causes(judgement), *nonfinite),
        notes=tuple(dict.fromkeys((*run.notes, *judgement.notes, *_defaults(job, run)))),
        seed=job.request.seed,
        points=points,
    )


def _defaults(job: Job, run: Traced) -> list[str]:
    names = run.space.defaults
    return [unbound(names, job.request.default)] if names else []


def _gravest(judgements: Sequence[Judgement]) -> int:
    """The place of the judgement with the gravest verdict; the first where several have it."""
    from gradcli.checks.ruling import GRAVITY

    grades = [GRAVITY.index(overall(judged(judgement))) for judgement in judgements]
    return int(np.argmax(grades))


def _fails(run: Traced, asked: Asked) -> bool:
    """Whether a gradient is wrong at a point, by the cheap witness and the rerun."""
    judgement: Any = judge(run.subject, asked._replace(witnesses=("fd",)))
    return overall(judged(judgement)) == "wrong"
