"""What becomes of elements that a witness contradicts: wrong rules, or right ones that lost their digits?

A gradient that the records' rules give is excused where the same rules meet the witness with more digits.
What is left is blamed on the operations whose own rule is wrong; if there is none, the rules are right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.blame import faults_of
from gradcli.checks.naming import name_of
from gradcli.checks.reverse import by_rules
from gradcli.checks.ruling import (
    AGREES,
    EDGE,
    INCONCLUSIVE,
    KINK,
    TRUST,
    WRONG,
    digits_lost,
    largest_finite,
    relative_errors,
)
from gradcli.checks.witnesses.rerun import rerun
from gradcli.plan.arrays import ARRAYS, promoted
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.audit import Fault
    from gradcli.checks.hearing import Asked
    from gradcli.checks.judge import Finding
    from gradcli.checks.subject import Subject
    from gradcli.ops.record import Params, Record

__all__ = ["Outcome", "settle"]

SPENT = 0.1  # relative error at which no digit is left
MOST_NOTES = 24  # elements that get a note of their own
SAME, SAME_SINGLE = 1e-9, 1e-3  # of the largest element: sums in another order
DRAWS = 4  # of neighbouring points
MAGNIFIED = 4.0  # times the effect of one rounding


class Outcome(NamedTuple):
    """What became of the contradicted elements; the attributes are those of a judgement."""

    findings: list[Finding]
    faults: list[Fault]
    notes: list[str]


def settle(subject: Subject, asked: Asked, findings: Sequence[Finding], free: Sequence[Any]) -> Outcome:
    """Returns the findings with the contradicted elements settled.

    Args:
        subject: a program and the gradient that autograd gave.
        asked: how it is judged.
        findings: what is known; their verdicts are changed.
        free: per variable which elements may be excused: those that sit on no kink.
    """
    found = _beyond_floats(subject, findings)
    if not _any_wrong(found):
        return Outcome(found, [], [])
    if not _is_by_rules(subject):
        faults = faults_of(subject, asked.max_time)
        return Outcome(found, faults, [] if faults else [MEETING])
    again = rerun(subject, max_time=asked.max_time)
    exact: Sequence[Any] = again.gradients
    if again.silence and _single(subject):
        exact = by_rules(subject)
    judged = by_rules(subject) if _single(subject) else [variable.gradient for variable in subject.variables]
    for i, one in enumerate(exact):
        out = ~np.isfinite(np.asarray(subject.variables[i].gradient))
        found[i] = _excused(asked, np.asarray(judged[i], np.float64), found[i], free[i], np.asarray(one))
        found[i].verdicts[out & np.isin(found[i].verdicts, (AGREES, INCONCLUSIVE))] = EDGE
    if not _any_wrong(found):
        return Outcome(found, [], [])
    faults = faults_of(subject, asked.max_time)
    if faults:
        return Outcome(found, faults, [])
    found = _by_convention(subject, asked, found)
    if not _any_wrong(found):
        return Outcome(found, [], [])
    for variable, finding in zip(subject.variables, found, strict=True):
        _doubt(np.asarray(variable.gradient, np.float64), finding)
    doubted = any((finding.verdicts == INCONCLUSIVE).any() for finding in found)
    return Outcome(found, [], [_why(again.silence)] if doubted else [])


MEETING = "every operation's own rule is right: the fault is in how they meet"


def _by_convention(subject: Subject, asked: Asked, findings: Sequence[Finding]) -> list[Finding]:
    """Finds kinks and edges where contradicted elements lead to operations that have no derivative."""
    ties = faults_of(subject, asked.max_time, excused=True)
    found = []
    for number, finding in zip(subject.trace.inputs, findings, strict=True):
        dependent = subject.trace.dependent((number,))
        led = [tie for tie in ties if tie.step.arguments[tie.position] in dependent]
        if led:
            kink = all(tie.excuse == "declared" for tie in led)
            finding.verdicts[finding.verdicts == WRONG] = KINK if kink else EDGE
            words = (f"{name_of(tie.step)}: {_excuse(tie)}" for tie in led)
            found.append(finding._replace(convention="; ".join(dict.fromkeys(words))))
        else:
            found.append(finding)
    return found


def _beyond_floats(subject: Subject, findings: Sequence[Finding]) -> list[Finding]:
    """Finds edges where contradicted elements meet what overflows in the program's floats, not in float64."""
    over = _overflows(subject)
    spoiled = subject.trace.dependent(over) if over else set()
    found = []
    for number, finding in zip(subject.trace.inputs, findings, strict=True):
        if spoiled.isdisjoint(subject.trace.dependent((number,))):
            found.append(finding)
            continue
        finding.verdicts[finding.verdicts == WRONG] = EDGE
        found.append(finding._replace(convention="the program's own floats overflow on the way"))
    return found


def _overflows(subject: Subject) -> list[int]:
    """The results of operations that overflow in the program's own floats, or take an argument that does."""
    trace = subject.trace
    casts: list[bool] = []

    def apply(record: Record, values: Sequence[Any], params: Params) -> Any:
        given = promoted(record, values)
        casts.append(any(_lost(a, b) for a, b in zip(given, values, strict=True)))
        return ARRAYS.apply(record, values, params)

    with np.errstate(all="ignore"):
        own = trace.run([variable.value for variable in subject.variables], apply, np.asarray)
        wide = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    return [
        number
        for step, cast in zip(trace.steps, casts, strict=True)
        for number in step.results
        if cast or _lost(own[number], wide[number])
    ]


def _lost(array: Any, wide: Any) -> bool:
    """Whether elements are infinite in one array that are not so in the other."""
    return bool(np.any(np.isinf(array) & np.isfinite(wide)))


def _excuse(tie: Fault) -> str:
    if tie.excuse == "declared":
        return "; ".join(tie.step.record.kinks)
    return "there is no derivative at this point"


def _why(silence: str) -> str:
    if silence:
        return f"no operation's rule is wrong, and {silence}"
    return "no operation's rule is wrong by itself, and yet a witness contradicts what they give together"


def _any_wrong(findings: Sequence[Finding]) -> bool:
    return any((finding.verdicts == WRONG).any() for finding in findings)


def _is_by_rules(subject: Subject) -> bool:
    """Whether the records' rules, put together anew, give this very gradient: then it is theirs.

    A Function's own backward, or an engine that forgets a term, gives another; no digits excuse that.
    """
    single = _single(subject)
    precision = SAME_SINGLE if single else SAME
    found = by_rules(subject, native=single)
    allowed = [precision * (np.abs(one) + largest_finite(one)) for one in found]
    if _within(subject, found, allowed):
        return True
    # A sum in another order is a rounding; where that is magnified beyond measure, so is the difference.
    spread = _spread(subject, found, native=single)
    return _within(subject, found, [a + MAGNIFIED * b for a, b in zip(allowed, spread, strict=True)])


def _within(subject: Subject, found: Sequence[Any], allowed: Sequence[Any]) -> bool:
    """Whether the gradient is the one found, or both are not finite alike."""
    for variable, again, slack in zip(subject.variables, found, allowed, strict=True):
        gradient = np.asarray(variable.gradient, np.float64)
        same = (gradient == again) | (np.isnan(gradient) & np.isnan(again))
        with np.errstate(invalid="ignore"):
            if not (same | (np.abs(gradient - again) <= slack)).all():
                return False
    return True


def _spread(subject: Subject, found: Sequence[Any], *, native: bool) -> list[Any]:
    """How far the gradient by the rules moves where the variables move by a rounding."""
    random = np.random.default_rng(0)
    spread = [np.zeros(np.shape(one)) for one in found]
    for _ in range(DRAWS):
        variables = tuple(
            variable._replace(value=_rounded(np.asarray(variable.value), random))
            for variable in subject.variables
        )
        moved = by_rules(subject._replace(variables=variables), native=native)
        spread = [
            np.fmax(most, np.abs(np.asarray(a, np.float64) - b))
            for most, a, b in zip(spread, moved, found, strict=True)
        ]
    return spread


def _rounded(value: Any, random: np.random.Generator) -> Any:
    """The elements, each moved to a neighbour."""
    up = random.random(value.shape) < 0.5  # noqa: PLR2004 - heads or tails
    return np.where(up, np.nextafter(value, np.inf), np.nextafter(value, -np.inf)).astype(value.dtype)


def _single(subject: Subject) -> bool:
    """Whether the program ran in less than float64, or a part of it."""
    trace = subject.trace
    arrays = [*(np.asarray(variable.value) for variable in subject.variables), *trace.constants.values()]
    casts = [step.params["dtype"] for step in trace.steps if step.record.name == "cast"]
    dtypes = [*(array.dtype for array in arrays), *casts]
    return any(dtype.kind == "f" and dtype != np.float64 for dtype in dtypes)


def _excused(asked: Asked, gradient: Any, finding: Finding, free: Any, exact: Any) -> Finding:
    """Finds right what the rules would have given with more digits.

    Of a program in float32 it is the gradient in float64 that has to have digits left: its own error is told
    in units of its last place.
    """
    suspect = (finding.verdicts == WRONG) & free
    ruling = finding.ruling
    allowed = asked.atol + asked.rtol * np.abs(ruling.reference) + TRUST * ruling.bound
    right = suspect & ((exact == ruling.reference) | (np.abs(exact - ruling.reference) <= allowed))
    if not right.any():
        return finding
    error = relative_errors(gradient, exact)
    # What cancels to nothing has no digits to lose: there an error within the tolerance is none.
    spent = right & (error >= SPENT) & (np.abs(gradient - exact) > asked.atol + asked.rtol * np.abs(exact))
    finding.verdicts[right & ~spent] = AGREES
    finding.verdicts[spent] = np.where(np.isfinite(gradient[spent]), INCONCLUSIVE, EDGE)
    for place in np.flatnonzero(spent)[:MOST_NOTES].tolist():
        finite = np.isfinite(gradient.flat[place])
        finding.notes[place] = (
            "the rules are right, but no digit is left of the arithmetic"
            if finite
            else "the rules are right, but the arithmetic left the range of its numbers"
        )
    worst = float(np.max(np.where(spent | (error < SPENT), error, 0.0)[right]))
    return finding._replace(lost=digits_lost(worst))


def _doubt(gradient: Any, finding: Finding) -> None:
    """Right rules that give what no witness has seen: the border of the domain where they give no number."""
    wrong = finding.verdicts == WRONG
    finite = np.isfinite(gradient)
    finding.verdicts[wrong & finite] = INCONCLUSIVE
    finding.verdicts[wrong & ~finite] = EDGE
