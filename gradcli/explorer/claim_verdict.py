"""One claim at one point: what it says, what is true, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.account import judged
from gradcli.checks.claim_digits import in_doubles, in_many_digits
from gradcli.checks.cuts import without_constants
from gradcli.checks.hearing import hear
from gradcli.checks.judge import Judgement, judge, rulings_on
from gradcli.checks.reverse import by_rules
from gradcli.checks.ruling import (
    EDGE,
    FULL,
    INCONCLUSIVE,
    KINK,
    WRONG,
    Ruling,
    digits_lost,
    largest_finite,
    relative_errors,
)
from gradcli.checks.slips import close
from gradcli.checks.witnesses.forward import transposition
from gradcli.diagnostics import GradcliError
from gradcli.explorer.claims import Claim, claimed, recorded
from gradcli.reports.checks import Element, Judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.checks.hearing import Asked, Hearing
    from gradcli.checks.subject import Subject, Variable
    from gradcli.explorer.tracing import Traced

__all__ = [
    "Verdict",
    "best_known",
    "differs",
    "misshapen",
    "own_gradient",
    "verdict_at",
    "verdict_by_autograd",
]

SPENT = 0.1  # relative error at which no digit is left
SINGLE_RTOL, SINGLE_ATOL = 1e-4, 1e-5  # of numbers that came as float32: what its rounding comes to
CONSTANTS = 4 * 2.0**-23  # of the largest element: what roundings of a float32 program's constants come to
CLEAR = 1e3  # bounds that a number has to exceed, to be no rounding of zero
ALIKE = 1e-12  # relative to the largest element: what is one number but for the order of sums
ROUGHLY = 1e-5  # relative to the largest element: what differs by more is another number


class Verdict(NamedTuple):
    """What became of a claim at a point.

    Attributes:
        run: the point.
        claim: what the claim says, as well as that is known; of whatever shape it has.
        truth: the derivative, of the variable's shape.
        report: on the variable; None where the claim was compared with autograd's gradient alone.
        is_wrong: whether it is.
        broken: along which direction it is no subgradient, in words; empty where none is known.
        notes: of the judgement, a sentence each.
        hearing: what the witnesses said; None where none was heard.
    """

    run: Traced
    claim: Any
    truth: Any
    report: Judged | None
    is_wrong: bool
    broken: str = ""
    notes: tuple[str, ...] = ()
    hearing: Hearing | None = None


def verdict_at(  # noqa: PLR0913 - what is judged, and how
    claim: Claim,
    run: Traced,
    position: int,
    asked: Asked,
    *,
    relative: bool,
    hearing: Hearing | None = None,
) -> Verdict:
    """Returns the verdict of the witnesses.

    Args:
        claim: what the user says.
        run: the point.
        position: of the variable among the subject's.
        asked: how it is judged.
        relative: whether the absolute tolerance shrinks with a derivative that is smaller than 1.
        hearing: what the witnesses said at this point, to another claim; None: they are heard.

    Raises:
        GradcliError: the claim cannot be computed.
    """
    said = claimed(claim, run)
    variable = run.subject.variables[position]
    shape = np.shape(variable.value)
    if said.shape != shape and said.size != 1:
        return Verdict(
            run, best_known(claim, run), own_gradient(run, position), misshapen(variable, said), True
        )
    asked = _with_slack(claim, asked)
    subject = _claiming(run, position, said)
    if hearing is not None and hearing.transposition is not None:
        hearing = hearing._replace(transposition=transposition(subject, seed=asked.seed))
    hearing = hearing or hear(without_constants(subject)[0], asked)
    if relative:
        ruling = rulings_on(subject, asked, hearing)[position]
        asked = asked._replace(atol=_tolerance(run, ruling, asked.atol))
    judgement = judge(subject, asked, own=False, hearing=hearing)
    judgement, words = _excused(claim, run, position, judgement, asked)
    report = judged(judgement)[position]
    report = report._replace(notes=(*report.notes, *words))
    truth = _truth(run, position, judgement)
    wrong, known = report.verdict == WRONG, best_known(claim, run)
    return Verdict(run, known, truth, report, wrong, judgement.broken, judgement.notes, hearing)


def verdict_by_autograd(claim: Claim, run: Traced, position: int) -> Verdict:
    """Returns whether a claim is autograd's own gradient, which no witness is heard on."""
    said, truth = best_known(claim, run), own_gradient(run, position)
    return Verdict(run, said, truth, None, _is_apart(said, truth))


def differs(claim: Claim, run: Traced, position: int) -> bool:
    """Returns whether a claim that can be computed is clearly another number than autograd's gradient."""
    try:
        return _is_apart(best_known(claim, run), own_gradient(run, position))
    except GradcliError:
        return False


def best_known(claim: Claim, run: Traced) -> Any:
    """Returns what a claim says at a point; of a float32 program, what it would say in float64.

    Raises:
        GradcliError: it cannot be computed.
    """
    formula = recorded(claim, run) if _is_single(run) else None
    return claimed(claim, run) if formula is None else in_doubles(formula)


def own_gradient(run: Traced, position: int) -> Any:
    """Returns autograd's gradient for a variable; of a float32 program, by the same rules in float64."""
    if _is_single(run):
        try:
            return by_rules(run.subject)[position]
        except GradcliError:
            pass
    return np.asarray(run.subject.variables[position].gradient, np.float64)


def _is_apart(said: Any, truth: Any) -> bool:
    if said.shape != truth.shape and said.size != 1:
        return True
    return not close(np.broadcast_to(said, truth.shape), truth, ROUGHLY)


def _is_single(run: Traced) -> bool:
    """Whether a point is in less than float64."""
    return any(np.asarray(variable.value).dtype != np.float64 for variable in run.subject.variables)


def _with_slack(claim: Claim, asked: Asked) -> Asked:
    """With the tolerance of float32 for numbers that came so from a file: nobody can compute them again."""
    dtype = getattr(claim.value.array, "dtype", None)
    if dtype is None or dtype.kind != "f" or dtype.itemsize >= 8:  # noqa: PLR2004 - bytes of float64
        return asked
    return asked._replace(rtol=max(asked.rtol, SINGLE_RTOL), atol=max(asked.atol, SINGLE_ATOL))


def _claiming(run: Traced, position: int, said: Any) -> Subject:
    """The subject with a claim in the place of a gradient; a scalar is spread."""
    variables = list(run.subject.variables)
    shape = np.shape(variables[position].value)
    spread = said if said.shape == shape else np.broadcast_to(said.reshape(()), shape)
    variables[position] = variables[position]._replace(gradient=spread)
    return run.subject._replace(variables=tuple(variables))


def _tolerance(run: Traced, ruling: Ruling, atol: float) -> float:
    """The absolute tolerance of a derivative of some size; the constants of float32 programs are rounded."""
    size = _size(ruling)
    return max(atol * min(1.0, size), CONSTANTS * size if _is_single(run) else 0.0)


def _size(ruling: Ruling) -> float:
    """The largest derivative that is known not to be a rounding of zero; 1 where there is none."""
    known = np.isfinite(ruling.reference) & (np.abs(ruling.reference) > CLEAR * ruling.bound)
    return float(np.max(np.abs(ruling.reference[known]), initial=0.0)) or 1.0


def _truth(run: Traced, position: int, judgement: Judgement) -> Any:
    """What the best witness says, and where none is sure, autograd; at a kink also what is as right."""
    finding, own = judgement.findings[position], own_gradient(run, position)
    reference, bound = finding.ruling.reference, finding.ruling.bound
    kinked = judgement.hearing.kinks.reached[position] | np.isin(finding.verdicts, (KINK, EDGE))
    with np.errstate(invalid="ignore"):
        sure = np.isfinite(reference) & (CLEAR**2 * bound <= np.abs(reference)) & ~kinked
    said = np.asarray(judgement.subject.variables[position].gradient, np.float64)
    return np.where(sure, reference, np.where(finding.verdicts == KINK, said, own))


def _excused(
    claim: Claim, run: Traced, position: int, judgement: Judgement, asked: Asked
) -> tuple[Judgement, tuple[str, ...]]:
    """The judgement with the elements right at which the formula is, computed with more digits."""
    finding = judgement.findings[position]
    wrong = finding.verdicts == WRONG
    if not wrong.any():
        return judgement, ()
    said = base = np.asarray(judgement.subject.variables[position].gradient, np.float64)
    for found, digits in _again(claim, run, asked):
        better = _claiming(run, position, found)
        exact = np.asarray(better.variables[position].gradient)
        if not digits:
            base = exact
        again = judge(better, asked, own=False, hearing=judgement.hearing).findings[position]
        if (again.verdicts == WRONG).any():
            continue
        apart = np.abs(base - exact)
        error = relative_errors(base, exact)
        spent = wrong & (error >= SPENT) & (apart > asked.atol + asked.rtol * np.abs(exact))
        verdicts = np.where(wrong, again.verdicts, finding.verdicts)
        verdicts[spent] = np.where(np.isfinite(base[spent]), INCONCLUSIVE, EDGE)
        words = _lost(said, exact, wrong & ~spent, single=_is_single(run), spent=bool(spent.any()))
        return _ruled(judgement, position, verdicts), words
    return _as_autograd(run, position, judgement, asked, base), ()


def _ruled(judgement: Judgement, position: int, verdicts: Any) -> Judgement:
    """The judgement with other verdicts on a variable; what was said of the claim as it came is dropped."""
    findings = list(judgement.findings)
    findings[position] = findings[position]._replace(verdicts=verdicts)
    return judgement._replace(findings=tuple(findings), notes=(), broken="")


def _as_autograd(run: Traced, position: int, judgement: Judgement, asked: Asked, base: Any) -> Judgement:
    """The judgement with the elements that autograd has too as right as autograd's are.

    A witness may claim a bound that is too small. Of autograd's gradient that is told from a wrong rule, by
    looking at each rule; two derivations that agree to the last digits are not wrong alike.
    """
    own, verdicts = own_gradient(run, position), judgement.findings[position].verdicts
    same = (verdicts == WRONG) & np.isclose(base, own, rtol=ALIKE, atol=ALIKE * largest_finite(own))
    if not same.any():
        return judgement
    known = judge(run.subject, asked, hearing=judgement.hearing).findings[position]
    verdicts = np.where(same, known.verdicts, verdicts)
    return _ruled(judgement, position, verdicts) if (verdicts != WRONG).all() else judgement


def _again(claim: Claim, run: Traced, asked: Asked) -> Iterator[tuple[Any, int]]:
    """What a formula says in float64, where its program is in less, and with many digits."""
    formula = recorded(claim, run)
    if formula is None:
        return
    if _is_single(run):
        yield in_doubles(formula), 0
    exact = in_many_digits(formula, asked.max_time)
    if exact is not None:
        yield exact, 40


def _lost(said: Any, exact: Any, right: Any, *, single: bool, spent: bool) -> tuple[str, ...]:
    """A word on the digits that a right formula loses."""
    found = ["the formula is right, but at some elements no digit is left of its arithmetic"] if spent else []
    said, exact = said[right], exact[right]
    if said.size and single:
        ulps = np.max(np.abs(said - exact) / np.spacing(np.abs(exact).astype(np.float32)))
        found.append(
            f"float32: computed in float64 the formula is right; here it is off by up to {ulps:.1f} ulps"
        )
    elif said.size:
        errors = relative_errors(said, exact)
        lost = digits_lost(float(np.max(errors, initial=0.0, where=errors < SPENT)))
        found.append(
            f"the formula's arithmetic lost up to {lost:.1f} digits ({FULL - lost:.1f} are left); "
            "with 40 digits it is right"
        )
    return tuple(found)


def misshapen(variable: Variable, values: Any) -> Judged:
    """Returns the report on a claim whose shape cannot be the variable's, whatever its numbers are."""
    shape = tuple(np.shape(variable.value))
    size = int(np.size(variable.value))
    worst = Element((), float("nan"), float("nan"), None, WRONG, note=f"of shape {list(values.shape)}")
    return Judged(variable.name, shape, WRONG, {WRONG: size}, size, size, (), worst, ())
