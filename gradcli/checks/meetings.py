"""Kinks where arguments meet, which no single one of them shows: clamp(x, a, b) where x = a = b.

Along each argument alone the function is smooth there, and constant, so that differences see no kink; next
to the point it has several slopes. What the record declares of a kink then chooses among those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.conventions import follows
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.trace import Step

__all__ = ["against_meetings", "without_meetings"]

DRAWS = 64
NEAR = 1e-3  # of the numbers: how far beside the point
STEP = 1e-6  # of the numbers
APART = 1e-3  # slopes that are no one slope


def without_meetings(
    step: Step, arguments: Sequence[Any], position: int, taken: Any, words: Sequence[str]
) -> Any | None:
    """Returns the derivatives by a rule, with those along the argument alone where arguments meet.

    None where none meet, or where the rule does not give what is declared.

    Args:
        step: an elementwise operation.
        arguments: of it, all of the result's shape.
        position: of the argument.
        taken: the derivatives that the rule gives.
        words: what the record declares for kinks of the argument.
    """
    if "hole" in words:
        meet = _equal(arguments)
        declared = taken == 0
    else:
        low, high, meet = _meetings(step, arguments, position)
        declared = follows(taken, low, high, words)
    if not words or not meet.any() or not declared[meet].all():
        return None
    return np.where(meet, _slope(step, arguments, position), taken)


def against_meetings(
    step: Step, arguments: Sequence[Any], position: int, taken: Any, words: Sequence[str]
) -> Any:
    """Returns where a rule gives the derivative along the argument alone, and not what is declared.

    Only where the function is smooth along this one. What is given is as in `without_meetings`.
    """
    low, high, meet = _meetings(step, arguments, position)
    alone = np.abs(taken - _slope(step, arguments, position)) <= APART
    return meet & alone & ~follows(taken, low, high, words) & bool(words)


def _meetings(step: Step, arguments: Sequence[Any], position: int) -> tuple[Any, Any, Any]:
    """The least and the greatest slope beside each element, and where three arguments or more are equal."""
    low, high = slopes_beside(step, arguments, position)
    several = sum(map(_is_float, arguments)) > 2  # noqa: PLR2004 - of two that meet each shows a kink
    return low, high, _equal(arguments) & several & (high - low > APART * (1 + np.abs(low)))


def _equal(arguments: Sequence[Any]) -> Any:
    """Where all floating-point arguments are equal."""
    floats = [x for x in arguments if _is_float(x)]
    return np.all([x == floats[0] for x in floats], axis=0)


def slopes_beside(step: Step, arguments: Sequence[Any], position: int) -> tuple[Any, Any]:
    """Returns the least and the greatest slope at points beside this one, per element."""
    random = np.random.default_rng(0)
    slopes = []
    for _ in range(DRAWS):
        moved = [
            x + NEAR * _size(x) * random.uniform(-1, 1, x.shape) if _is_float(x) else x for x in arguments
        ]
        slopes.append(_slope(step, moved, position))
    return np.min(slopes, axis=0), np.max(slopes, axis=0)


def _slope(step: Step, arguments: Sequence[Any], position: int) -> Any:
    """The central difference in one argument."""
    h = STEP * _size(arguments[position])
    ends = []
    for offset in (h, -h):
        moved = [x + offset if i == position else x for i, x in enumerate(arguments)]
        ends.append(np.asarray(DOUBLES.apply(step.record, moved, step.params)))
    return (ends[0] - ends[1]) / (2 * h)


def _is_float(x: Any) -> bool:
    return getattr(x, "dtype", np.dtype(bool)).kind == "f"


def _size(x: Any) -> Any:
    return np.maximum(np.abs(x), 1.0)
