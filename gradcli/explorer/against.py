"""The user's own derivatives, judged at the bindings and at random points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.account import judged, overall
from gradcli.checks.audit import by_rule
from gradcli.checks.judge import judge
from gradcli.checks.ruling import WRONG
from gradcli.checks.slips import Evidence, Factor
from gradcli.diagnostics import Diagnostic
from gradcli.explorer.claims import Claim, claimed, read_claims, slip_of
from gradcli.explorer.points import random_points
from gradcli.explorer.tracing import Traced, trace_job
from gradcli.explorer.workspace import whole
from gradcli.plan.trace import DOUBLES
from gradcli.reports.checks import Check, Element, Judged

if TYPE_CHECKING:
    from gradcli.checks.hearing import Asked
    from gradcli.explorer.check_request import CheckRequest
    from gradcli.explorer.job import Job

__all__ = ["check_claims"]

RANDOM = 3  # points besides the bindings: equal elements hide slips
SMOOTH = ("agrees", "kink", "edge")


def check_claims(request: CheckRequest, job: Job, asked: Asked) -> Check:
    """Returns the verdict on the claims of a request.

    Raises:
        GradcliError: a claim is for no variable, or cannot be read or computed.
    """
    here = trace_job(job)
    names = [variable.name for variable in here.subject.variables]
    claims = read_claims(request.against, names, job.request.limits)
    claimed_names = {claim.name for claim in claims}
    runs = [here, *random_points(job, here, max(RANDOM, request.points), claimed=claimed_names)]
    said = {claim.name: _said(claim, runs) for claim in claims}
    variables: list[Judged] = []
    found: list[Diagnostic] = []
    notes: list[str] = list(here.notes)
    for claim in claims:
        report, cause, more = _judged_claim(claim, said[claim.name], runs, asked)
        variables.append(report)
        notes += more
        if cause is not None:
            found.append(cause)
    return Check(
        expressions=tuple(program.source.text.strip() for program in job.programs),
        subject="claim",
        verdict=overall(tuple(variables)),
        variables=tuple(variables),
        causes=tuple(found),
        notes=tuple(dict.fromkeys(notes)),
        seed=job.request.seed,
        points=len(runs),
    )


def _said(claim: Claim, runs: list[Traced]) -> list[Any]:
    """What a claim says at each point; of one from a file at the bindings alone."""
    return [claimed(claim, run) for run in (runs if claim.is_formula else runs[:1])]


def _judged_claim(
    claim: Claim, said: list[Any], runs: list[Traced], asked: Asked
) -> tuple[Judged, Diagnostic | None, tuple[str, ...]]:
    """The report on one claim, and what is wrong with it."""
    position = next(i for i, one in enumerate(runs[0].subject.variables) if one.name == claim.name)
    judgements = []
    for run, values in zip(runs, said, strict=False):
        variable = run.subject.variables[position]
        shape = np.shape(variable.value)
        if values.shape != shape and values.size != 1:
            report = _misshapen(variable, values)
            return report, slip_of(claim, _evidence(position, said, runs), runs[: len(said)]), ()
        alone = run.subject._replace(
            variables=tuple(
                one._replace(
                    gradient=np.broadcast_to(values.reshape(()), shape) if values.shape != shape else values
                )
                if i == position
                else one
                for i, one in enumerate(run.subject.variables)
            )
        )
        judgements.append(judge(alone, asked, own=False))
    reports = [judged(judgement)[position] for judgement in judgements]
    first = reports[0]
    elsewhere = [report for report in reports[1:] if report.verdict == WRONG]
    if first.verdict != WRONG and not elsewhere:
        return first, None, judgements[0].notes
    right_here = first.verdict != WRONG
    if right_here:
        first = elsewhere[0]._replace(notes=(_elsewhere(elsewhere, reports), *elsewhere[0].notes))
    if judgements[0].notes:
        message = f"the claim for {claim.name} is no subgradient"
        return first, Diagnostic("C402", message, span=whole(claim.value), notes=judgements[0].notes), ()
    points = _evidence(position, said, runs)
    return first, slip_of(claim, points, runs[: len(said)], right_here=right_here), ()


def _elsewhere(wrong: list[Judged], reports: list[Judged]) -> str:
    return f"right at the bindings, wrong at {len(wrong)} of {len(reports) - 1} random points; one is shown"


def _misshapen(variable: Any, values: Any) -> Judged:
    """The report on a claim whose shape cannot be the variable's."""
    shape = tuple(np.shape(variable.value))
    size = int(np.size(variable.value))
    worst = Element((), float("nan"), float("nan"), None, WRONG, note=f"of shape {list(values.shape)}")
    return Judged(variable.name, shape, WRONG, {WRONG: size}, size, size, (), worst, ())


def _evidence(position: int, said: list[Any], runs: list[Traced]) -> list[Evidence]:
    return [
        Evidence(
            values,
            np.asarray(run.subject.variables[position].gradient, np.float64),
            _factors(run),
            _counts(run),
        )
        for values, run in zip(said, runs, strict=False)
    ]


def _factors(run: Traced) -> tuple[Factor, ...]:
    """The local derivatives of the elementwise operations, each under the text that it comes from."""
    found = []
    trace = run.subject.trace
    with np.errstate(all="ignore"):
        values = trace.run(run.subject.point(), DOUBLES.apply, DOUBLES.lift)
        for step in trace.steps:
            if step.record.kind != "elementwise" or step.span is None:
                continue
            ones = [np.ones(np.shape(values[step.results[0]]))]
            for at, number in enumerate(step.arguments):
                if number.__class__ is int and np.shape(values[number]) == ones[0].shape:
                    text = " ".join(step.span.text.split())
                    found.append(Factor(text, by_rule(step, values, ones, at)))
    return tuple(found)


def _counts(run: Traced) -> tuple[tuple[str, int], ...]:
    """How many elements the means and sums of the program run over."""
    found = []
    trace = run.subject.trace
    values = trace.run(run.subject.point(), DOUBLES.apply, DOUBLES.lift)
    for step in trace.steps:
        name = step.record.name.partition("_")[0]
        if name in ("mean", "sum") and step.arguments[0].__class__ is int:
            size = np.size(values[step.results[0]])
            if size:
                found.append((name, int(np.size(values[step.arguments[0]]) // size)))
    return tuple(found)
