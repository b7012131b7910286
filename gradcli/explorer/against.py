"""The user's own derivatives, judged at the bindings and at random points."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradcli.checks.account import overall
from gradcli.diagnostics import Diagnostic, GradcliError, InputFault
from gradcli.explorer.claim_verdict import Verdict, differs, verdict_at, verdict_by_autograd
from gradcli.explorer.claims import Claim, read_claims
from gradcli.explorer.points import random_points
from gradcli.explorer.slip_search import slip_of
from gradcli.explorer.structures import structure_of
from gradcli.explorer.tracing import Traced, trace_job
from gradcli.explorer.workspace import whole
from gradcli.reports.checks import Check, Judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.hearing import Asked, Hearing
    from gradcli.explorer.check_request import CheckRequest
    from gradcli.explorer.job import Job

__all__ = ["check_claims"]

RANDOM = 3  # points besides the bindings: equal elements hide slips
MORE = 12  # points that autograd's gradient alone is asked at: rare branches hide slips
SMALL = 4_096  # elements of the variables up to which it is
LEAVING = 2  # points off the structure of the bindings


class _Outcome(NamedTuple):
    """What became of a claim; `failing` is the point at which it is wrong, None where it is not."""

    report: Judged
    cause: Diagnostic | None
    notes: tuple[str, ...]
    points: int
    failing: Verdict | None = None


def check_claims(request: CheckRequest, job: Job, asked: Asked) -> Check:
    """Returns the verdict on the claims of a request.

    Raises:
        GradcliError: a claim is for no variable, or cannot be read or computed, or the order is not 1.
    """
    if request.order > 1:
        raise InputFault(
            "E507",
            "--against judges first derivatives, --order 2 gradcli's own gradient",
            help="make the first derivative the expression to judge a second one against it",
        )
    here = trace_job(job)
    names = [variable.name for variable in here.subject.variables]
    claims = read_claims(request.against, names, job.request.limits)
    court = _Court(request, job, asked, here, {claim.name for claim in claims})
    outcomes = [court.outcome(claim, names.index(claim.name)) for claim in claims]
    variables = tuple(one.report for one in outcomes)
    return Check(
        expressions=tuple(program.source.text.strip() for program in job.programs),
        subject="claim",
        verdict=overall(variables),
        variables=variables,
        causes=tuple(one.cause for one in outcomes if one.cause is not None),
        notes=tuple(dict.fromkeys([*here.notes, *(note for one in outcomes for note in one.notes)])),
        seed=job.request.seed,
        points=max((one.points for one in outcomes), default=1),
        reproduce=court.reproduction(claims, outcomes),
    )


def _points(count: int) -> str:
    return f"{count} random point{'s' * (count != 1)}"


class _Court:
    """The claims of one request before their judge."""

    def __init__(
        self, request: CheckRequest, job: Job, asked: Asked, here: Traced, claimed: set[str]
    ) -> None:
        self._request, self._job, self._asked, self._here = request, job, asked, here
        self._claimed = claimed
        self._random: list[Traced] | None = None
        self._more: list[Traced] = []
        self._hearings: dict[int, Hearing] = {}  # by the run, which is kept

    def outcome(self, claim: Claim, position: int) -> _Outcome:
        """What becomes of a claim."""
        verdicts, notes = self._verdicts(claim, position)
        first = verdicts[0]
        assert first.report is not None  # noqa: S101 - the bindings are always judged
        failing = next((one for one in verdicts if one.is_wrong), None)
        if failing is None:
            notes = (*first.notes, *notes, *self._leaving(claim, position))
            return _Outcome(first.report, None, notes, len(verdicts))
        slip = slip_of(claim, verdicts)
        if first.broken and first.is_wrong and slip is None:
            message = f"the claim for {claim.name} is no subgradient"
            cause = Diagnostic("C402", message, span=whole(claim.value), notes=(first.broken,))
            return _Outcome(first.report, cause, notes, len(verdicts), failing)
        report = failing.report or first.report
        if not first.is_wrong:
            wrong = sum(one.is_wrong for one in verdicts)
            words = (
                f"right at the bindings, wrong at {wrong} of {len(verdicts) - 1} random points; one is shown"
            )
            report = report._replace(notes=(words, *report.notes))
        if slip is None:
            message, unexplained = f"the claim for {claim.name} is wrong", ("no usual slip explains it",)
            slip = Diagnostic("C402", message, span=whole(claim.value), notes=unexplained)
        return _Outcome(report, slip, notes, len(verdicts), failing)

    def _verdicts(self, claim: Claim, position: int) -> tuple[list[Verdict], tuple[str, ...]]:
        """The verdicts at the bindings and at random points; the latter share the time of one witness."""
        verdicts = [self._heard(claim, self._here, position, self._asked)]
        left, failed = self._asked.max_time, 0
        for run in self._points() if claim.is_formula else ():
            began = time.monotonic()
            try:
                doubted = any(one.is_wrong for one in verdicts)
                verdicts.append(self._elsewhere(claim, run, position, left, doubted=doubted))
            except GradcliError:
                failed += 1
            left -= time.monotonic() - began
        if claim.is_formula and not any(one.is_wrong for one in verdicts):
            verdicts += self._rare(claim, position)
        unheard = sum(one.report is None for one in verdicts)
        notes = []
        if unheard:
            notes.append(
                f"at {_points(unheard)} compared with autograd's gradient alone: --max-time allows more"
            )
        if failed:
            notes.append(f"the claim for {claim.name} cannot be computed at {_points(failed)}")
        return verdicts, tuple(notes)

    def _elsewhere(self, claim: Claim, run: Traced, position: int, left: float, *, doubted: bool) -> Verdict:
        """The verdict at a random point, by the witnesses as long as there is time left.

        Later autograd's gradient tells, and the first claim that it contradicts is heard all the same.
        """
        if left > 0 or id(run) in self._hearings:
            return self._heard(claim, run, position, self._asked._replace(max_time=max(left, 0.0)))
        verdict = verdict_by_autograd(claim, run, position)
        if verdict.is_wrong and not doubted:
            return self._heard(claim, run, position, self._asked)
        return verdict

    def _heard(self, claim: Claim, run: Traced, position: int, asked: Asked) -> Verdict:
        """The verdict of the witnesses, who are heard once at a point."""
        relative, before = self._request.judging.atol is None, self._hearings.get(id(run))
        verdict = verdict_at(claim, run, position, asked, relative=relative, hearing=before)
        if verdict.hearing is not None:
            self._hearings[id(run)] = verdict.hearing
        return verdict

    def _rare(self, claim: Claim, position: int) -> list[Verdict]:
        """The verdict at the first of more points at which a claim is wrong, if there is one."""
        self._points()
        for run in self._more:
            if differs(claim, run, position):
                verdict = self._heard(claim, run, position, self._asked)
                if verdict.is_wrong:
                    return [verdict]
        return []

    def _points(self) -> list[Traced]:
        if self._random is None:
            size = sum(np.size(variable.value) for variable in self._here.subject.variables)
            count, more = max(RANDOM, self._request.points), MORE if size <= SMALL else 0
            found = random_points(self._job, self._here, count + more, claimed=self._claimed)
            self._random, self._more = found[:count], found[count:]
        return self._random

    def _leaving(self, claim: Claim, position: int) -> tuple[str, ...]:
        """A word on a right claim that needs the structure that the bindings have."""
        held = {name: name in self._claimed for name in self._here.space.leaves}
        found = [
            (variable.name, structure.name)
            for variable in self._here.subject.variables
            if variable.name in held
            and (
                structure := structure_of(np.asarray(variable.value, np.float64), claimed=held[variable.name])
            )
        ]
        if not found or not claim.is_formula:
            return ()
        runs = random_points(self._job, self._here, LEAVING, free=True)
        if not any(differs(claim, run, position) for run in runs):
            return ()
        words = " and ".join(f"{name} is {structure}" for name, structure in found)
        return (f"the claim for {claim.name} is right as long as {words}, as it is bound",)

    def reproduction(self, claims: Sequence[Claim], outcomes: Sequence[_Outcome]) -> str:
        """The command that shows the first wrong claim at the simplest point; empty where the bindings do."""
        for claim, outcome in zip(claims, outcomes, strict=True):
            failing = outcome.failing
            if failing is None or not (self._request.points or failing.run is not self._here):
                continue
            if not claim.is_formula:
                continue
            from gradcli.explorer.points import simplest  # what is right needs no point to show it
            from gradcli.explorer.reproduction import command_line

            names = [variable.name for variable in self._here.subject.variables]
            position = names.index(claim.name)
            point = simplest(self._job, failing.run, lambda run: differs(claim, run, position))  # noqa: B023 - called at once
            return command_line(self._request, point)
        return ""
