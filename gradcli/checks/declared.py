"""What a rule gives at a kink, held against what its record declares there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import ARRAYS
from gradcli.checks.audit_digits import sides_by_digits
from gradcli.checks.conventions import follows, has_convention, is_subgradient, shares, words_for
from gradcli.checks.exactness import is_exactly_there
from gradcli.checks.local_rule import Fault, by_rule, disturbed
from gradcli.checks.meetings import against_meetings, without_meetings
from gradcli.checks.witnesses.structure_symmetry import NOT_FREE
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.plan.trace import Step

__all__ = ["at_kink", "at_meeting", "beside_meetings", "is_conventional"]

RTOL, ATOL = 1e-6, 1e-9
NEAR = 1e-3  # of the numbers, to leave a single point
MOST = 8  # places that are looked at with many digits
ENDS = 1e-11  # of the probabilities from 0 to 1
ROUNDINGS = 64
ROUGHLY = 1e-4  # what one central difference is good to


def is_conventional(fault: Fault, ruled: Any, values: Mapping[int, Any], gs: list[Any]) -> bool:
    """Returns whether what a rule gives is what its record declares, though no derivative.

    Args:
        fault: where rule and differences are apart.
        ruled: the cotangent of the argument by the rule.
        values: of the trace.
        gs: the cotangents of the results.
    """
    return _is_single(fault, values, gs) or _is_share(fault, ruled, values, gs) or _is_end(fault, values)


def _is_end(fault: Fault, values: Mapping[int, Any]) -> bool:
    """Whether a probability is 0 or 1 but for rounding, where a record says that it bounds its derivative."""
    step = fault.step
    if "ends" not in words_for(step.record, fault.position):
        return False
    shape = np.shape(values[step.arguments[fault.position]])
    x = np.broadcast_to(values[step.arguments[0]], shape).flat[fault.place]
    return bool(min(x, 1 - x) <= ENDS)


def _is_single(fault: Fault, values: Mapping[int, Any], gs: list[Any]) -> bool:
    """Whether a rule gives no number, or 0, at a single point, where the record says so."""
    words = words_for(fault.step.record, fault.position)
    general = fault.step.record.kind == "general"  # a system of equations may give inf just as well
    none = np.isnan(fault.rule) or (general and np.isinf(fault.rule))
    if not (none and "none" in words) and not (fault.rule == 0 and "hole" in words):
        return False
    if fault.rule == 0 and not _equal_there(fault, values):
        return False
    near = disturbed(fault, values, gs, np.random.default_rng(0), NEAR)
    return bool(np.isfinite(near)) if none else abs(near - fault.truth) < 0.1 * abs(fault.truth)


def _equal_there(fault: Fault, values: Mapping[int, Any]) -> bool:
    """Whether all arguments are equal at a fault's place: where holes are declared."""
    shape = np.shape(values[fault.step.arguments[fault.position]])
    numbers = [x for x in fault.step.arguments if x.__class__ is int]
    found = [
        np.broadcast_to(values[x], shape).flat[fault.place]
        for x in numbers
        if np.ndim(values[x]) <= len(shape)
    ]
    return bool(np.ptp(found) == 0)


def _is_share(fault: Fault, ruled: Any, values: Mapping[int, Any], gs: list[Any]) -> bool:
    """Whether a rule shares as declared among equal elements that show no kink one by one: a median's."""
    step = fault.step
    x, words = np.asarray(values[step.arguments[fault.position]]), words_for(step.record, fault.position)
    outs = [np.asarray(values[number]) for number in step.results]
    declared = shares(step, x, outs, gs, words) if words and step.record.kind == "general" else None
    return declared is not None and np.allclose(ruled, declared, rtol=RTOL, atol=ATOL)


def at_meeting(
    index: int, step: Step, position: int, values: Mapping[int, Any], gs: list[Any]
) -> Fault | None:
    """Returns how the rule for an argument breaks the convention where all arguments are equal."""
    words = words_for(step.record, position)
    if step.record.kind != "elementwise" or not words or not gs[0].size:
        return None
    spread, results = _spread(step, values)
    arguments = [x.value if x.__class__ is Literal else results[x] for x in spread.arguments]
    taken = by_rule(spread, results, gs, position) / gs[0]
    broken = np.flatnonzero(against_meetings(spread, arguments, position, taken, words))
    if not len(broken):
        return None
    return Fault(index, step, position, 0, float(taken.flat[broken[0]]), float("nan"), at_kink=True)


def beside_meetings(
    step: Step, position: int, values: Mapping[int, Any], gs: list[Any], found: Any
) -> Any | None:
    """Returns what a rule gives (flat), with the differences `found` where arguments meet as is declared.

    None where none meet, or the rule does not give what is declared.
    """
    words = words_for(step.record, position)
    if step.record.kind != "elementwise" or not words:
        return None
    spread, results = _spread(step, values)
    arguments = [x.value if x.__class__ is Literal else results[x] for x in spread.arguments]
    taken = by_rule(spread, results, gs, position) / gs[0]
    known = without_meetings(spread, arguments, position, taken, words)
    if known is None:
        return None
    shape = np.shape(values[step.arguments[position]])
    g = ARRAYS.conform(known * gs[0], shape, np.dtype(np.float64)).ravel()
    return np.where(np.abs(g - found) <= ROUGHLY * (1 + np.abs(found)), found, g)


def at_kink(  # noqa: PLR0913 - one call site
    index: int, step: Step, position: int, values: Mapping[int, Any], gs: list[Any], kink: Any
) -> Fault | None:
    """Returns how the rule for an argument breaks the convention at a kink; None where it does not.

    Args:
        index: of the step in the trace.
        step: the operation.
        position: of the argument.
        values: of the trace.
        gs: the cotangents of the results.
        kink: where, with the derivatives to both sides.
    """
    words = words_for(step.record, position)
    x = np.asarray(values[step.arguments[position]])
    if step.record.kind == "elementwise":
        spread, results = _spread(step, values)
        taken = (by_rule(spread, results, gs, position) / gs[0]).ravel()[kink.places]
        known = [results[x] for x in (*spread.arguments, *step.results) if x.__class__ is int]
        finite = np.all([np.isfinite(one).ravel()[kink.places] for one in known], axis=0)
        wanted = follows(taken, kink.left, kink.right, words, finite)
        wanted |= ~is_exactly_there(step, values, position, kink) & follows(taken, kink.left, kink.right, ())
        unsettled = ~wanted & ~(np.isinf(kink.left) & np.isinf(kink.right))
        wanted |= _follows_digits(step, values, position, kink.places, taken, words, unsettled)
    elif not all(np.isfinite(values[number]).all() for number in (step.arguments[position], *step.results)):
        return None
    else:
        taken = by_rule(step, values, gs, position).ravel()[kink.places]
        outs = [np.asarray(values[number]) for number in step.results]
        declared = shares(step, x, outs, gs, words)
        if declared is not None:
            wanted = np.isclose(taken, declared.ravel()[kink.places], rtol=1e-6, atol=1e-9)
        elif words and set(words) <= {"smaller", "larger"}:
            wanted = follows(taken, kink.left, kink.right, words, True)
        elif not has_convention(step.record) or step.record.name in NOT_FREE:
            return None  # singular values that meet, say: there is no convention to hold against it
        else:
            apart = "either" in words
            valid = is_subgradient(step, values, position, kink.places, by_rule, apart=apart)
            wanted = np.full(taken.shape, valid)
    if wanted.all() or (step.record.kind == "general" and _nearly_tied(x)):
        return None
    at = int(np.argmin(wanted))
    return Fault(index, step, position, int(kink.places[at]), float(taken[at]), float(kink.right[at]), True)


def _nearly_tied(x: Any) -> bool:
    """Whether elements are a few roundings apart: then rounding decides what a rule over all gives."""
    known = np.unique(x)
    return bool((np.diff(known) <= ROUNDINGS * np.spacing(np.max(np.abs(known), initial=0.0))).any())


def _follows_digits(  # noqa: PLR0913 - one call site
    step: Step, values: Mapping[int, Any], position: int, places: Any, taken: Any, words: Any, asked: Any
) -> Any:
    """Where the sides have the derivative taken when told with many digits: beside jumps close together."""
    found = np.zeros(taken.shape, bool)
    spread, results = _spread(step, values)
    for at in np.flatnonzero(asked)[:MOST]:
        arguments = [
            x.value if x.__class__ is Literal else results[x].ravel()[places[at] : places[at] + 1]
            for x in spread.arguments
        ]
        sides = sides_by_digits(step, arguments, position, 0, [1.0])
        if sides is not None:
            left, right = (np.array([side]) for side in sides)
            found[at] = bool(follows(taken[at : at + 1], left, right, words, True)[0])
    return found


def _spread(step: Step, values: Mapping[int, Any]) -> tuple[Step, dict[int, Any]]:
    """An elementwise step with all its arguments of the result's shape, so that no sum hides an element."""
    shape = np.shape(values[step.results[0]])
    moved: dict[int, Any] = {step.results[0]: values[step.results[0]]}
    arguments: list[Any] = []
    for i, x in enumerate(step.arguments):
        if x.__class__ is int:
            moved[-1 - i] = np.broadcast_to(values[x], shape)
            arguments.append(-1 - i)
        else:
            arguments.append(x)
    return step._replace(arguments=tuple(arguments)), moved
