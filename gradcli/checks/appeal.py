"""What speaks for a rule that differences contradict: lost digits, and points that only look like others.

With many digits, or from arguments disturbed by roundings, it is told whether it is the rule that is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.audit_digits import narrowed, rule_by_digits, sides_by_digits
from gradcli.checks.conventions import follows, words_for
from gradcli.checks.local_rule import Fault, disturbed
from gradcli.checks.ruling import TRUST
from gradcli.checks.witnesses.structure_symmetry import NOT_FREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.checks.witnesses.differences_pull import Cotangent
    from gradcli.checks.witnesses.differences_step import LocalStep

__all__ = ["ATOL", "RTOL", "is_rounding", "is_unstable", "largest", "on_appeal"]

RTOL, ATOL = 1e-6, 1e-9
ROUGHLY = 1e-4  # what one-sided differences are good to
DRAWS = 12  # of roundings
SAME = 1e-9  # of two numbers: no further apart they are one


def largest(found: Cotangent) -> float:
    """Returns the largest derivative that is known."""
    return float(np.max(np.abs(found.values[np.isfinite(found.values + found.bounds)]), initial=0.0))


def is_rounding(
    fault: Fault, local: LocalStep, values: Mapping[int, Any], gs: list[Any], found: Cotangent
) -> bool:
    """Returns whether a rule is right and its arithmetic at fault: with 40 digits it meets the differences.

    Of operations that have no such form the arithmetic is told from arguments disturbed in their last place.
    """
    truth, bound = found.values[fault.place], found.bounds[fault.place]
    allowed = RTOL * abs(truth) + ATOL * largest(found) + TRUST * bound
    both = fault.step.record.name in NOT_FREE  # with digits its form reads both triangles of a matrix
    exact = None if both else rule_by_digits(fault, local, gs)
    if exact is None:
        return _is_lost(fault, _scattered(fault, values, gs), allowed)
    if abs(exact - truth) <= allowed:
        return True
    return _is_slope(exact, _sides(fault, local, gs))


def on_appeal(fault: Fault, local: LocalStep, gs: list[Any]) -> Fault | None:
    """Returns what is left of a fault when the two sides are told with many digits.

    Floats take a point that is 1e-182 beside a kink for the kink, and see no jump of a staircase at 1e262.

    Args:
        fault: an elementwise operation's where no kink was seen, any other's at one.
        local: the operation.
        gs: the cotangents of its results.
    """
    sides = _sides(fault, local, gs)
    if sides is None:
        return fault
    if fault.at_kink and _is_slope(fault.rule, sides):
        return None
    words = words_for(fault.step.record, fault.position)
    declared = not fault.at_kink or (words and set(words) <= {"smaller", "larger"})
    left, right, rule = (np.array([x]) for x in (*sides, fault.rule))
    if declared and not np.isclose(left, right)[0] and follows(rule, left, right, words, True)[0]:
        return None if fault.at_kink else fault._replace(excuse="declared")
    return fault


def _sides(fault: Fault, local: LocalStep, gs: list[Any]) -> tuple[float, float] | None:
    """The derivatives to both sides with many digits."""
    fault, local, gs = narrowed(fault, local, gs)
    return sides_by_digits(fault.step, local.arguments, fault.position, fault.place, gs)


def _is_slope(derivative: float, sides: tuple[float, float] | None) -> bool:
    """Whether both sides are the derivative."""
    return sides is not None and all(
        np.isfinite(one) and abs(derivative - one) <= RTOL * abs(one) + ATOL for one in sides
    )


def _is_lost(fault: Fault, moved: Any, allowed: float) -> bool:
    """Whether roundings of the arguments scatter what a rule gives, and the truth lies among it.

    Digits that are lost are lost around the truth, anyhow; a wrong rule that jumps has two values.
    """
    if not np.isfinite(moved).all():
        return bool(np.isfinite(moved).any())
    low, high = moved.min() - np.ptp(moved) / 2, moved.max() + np.ptp(moved) / 2
    ends = np.minimum(moved - moved.min(), moved.max() - moved)
    jumps = np.ptp(moved) > allowed and ends.max() <= ROUGHLY * np.ptp(moved)
    return not (jumps or fault.truth < low - allowed or fault.truth > high + allowed)


def _scattered(fault: Fault, values: Mapping[int, Any], gs: list[Any]) -> Any:
    """What a rule gives at the fault's place, and for arguments that are off by roundings."""
    random = np.random.default_rng(0)
    return np.array([fault.rule, *(disturbed(fault, values, gs, random) for _ in range(DRAWS))])


def is_unstable(fault: Fault, values: Mapping[int, Any], gs: list[Any]) -> bool:
    """Returns whether each rounding makes a rule give something else: QR's at singular matrices does so.

    A wrong rule that compares where there is a tie gives a few numbers again and again.
    """
    if fault.step.record.kind != "general" or not np.isfinite(fault.rule):
        return False
    moved = np.sort(_scattered(fault, values, gs))
    apart = np.diff(moved) > SAME * (np.maximum(np.abs(moved[1:]), np.abs(moved[:-1])) + abs(fault.truth))
    few = np.isfinite(moved).all() and np.count_nonzero(apart) < DRAWS / 2
    return not few and _is_lost(fault, moved, 0.0)
