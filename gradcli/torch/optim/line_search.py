"""A line search for the strong Wolfe conditions.

Source: Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5 and 3.6 with the cubic
interpolation of (3.59), as in Mark Schmidt's minFunc, which PyTorch follows step by step.
"""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Point", "strong_wolfe"]

DECREASE = 1e-4  # c1: of the decrease that the slope promises
CURVATURE = 0.9  # c2: of the slope's size that may be left
TOO_CLOSE = 0.1  # of the bracket: a new point nearer to its ends brings little


class Point(NamedTuple):
    """A step length, and the value, gradient and slope found there."""

    step: float
    value: float
    gradient: Any
    slope: float


def _cubic(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """The minimum of the cubic through two points with their slopes, held within bounds."""
    low, high = bounds or (min(a.step, b.step), max(a.step, b.step))
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    first, last = (a, b) if a.step <= b.step else (b, a)
    fraction = np.float64(last.slope + d2 - d1) / (last.slope - first.slope + 2 * d2)
    return min(max(float(last.step - (last.step - first.step) * fraction), low), high)


def strong_wolfe(
    evaluate: Callable[[float], Point], start: Point, step: float, size: float, tolerance: float, most: int
) -> tuple[Point, int]:
    """Returns a point that meets the conditions, or the best one found, and how many were evaluated.

    Args:
        evaluate: gives the point of a step length.
        start: the point of step length 0.
        step: the first step length to try.
        size: the largest element of the direction, in which the bracket is measured.
        tolerance: the size of a bracket that is not worth dividing.
        most: how many points may be evaluated beyond the first.
    """
    bracket, met, tried = _bracketed(evaluate, start, step, most)
    evaluations = tried + 1
    stalled = False
    low, high = (0, 1) if bracket[0].value <= bracket[-1].value else (1, 0)
    while not met and tried < most:
        left, right = sorted(point.step for point in bracket)
        if (right - left) * size < tolerance:
            break
        step, stalled = _away(_cubic(bracket[0], bracket[1]), left, right, stalled=stalled)
        new = evaluate(step)
        evaluations, tried = evaluations + 1, tried + 1
        if new.value > start.value + DECREASE * step * start.slope or new.value >= bracket[low].value:
            bracket[high] = new
            low, high = (0, 1) if bracket[0].value <= bracket[1].value else (1, 0)
        else:
            if abs(new.slope) <= -CURVATURE * start.slope:
                met = True
            elif new.slope * (bracket[high].step - bracket[low].step) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = new
    return bracket[low], evaluations


def _bracketed(
    evaluate: Callable[[float], Point], start: Point, step: float, most: int
) -> tuple[list[Point], bool, int]:
    """Two points around one that meets the conditions, or one that does; and how many were tried."""
    before, new = start, evaluate(step)
    tried = 0
    while tried < most:
        rises = new.value > start.value + DECREASE * new.step * start.slope
        if rises or (tried > 1 and new.value >= before.value):
            return [before, new], False, tried
        if abs(new.slope) <= -CURVATURE * start.slope:
            return [new], True, tried
        if new.slope >= 0:
            return [before, new], False, tried
        bounds = (new.step + 0.01 * (new.step - before.step), new.step * 10)
        step = _cubic(before, new, bounds)
        before, new = new, evaluate(step)
        tried += 1
    return [start, new], False, tried


def _away(step: float, left: float, right: float, *, stalled: bool) -> tuple[float, bool]:
    """A step kept off the ends of the bracket the second time it comes too close to one."""
    near = TOO_CLOSE * (right - left)
    if min(right - step, step - left) >= near:
        return step, False
    if not (stalled or step >= right or step <= left):
        return step, True
    return (right - near if abs(step - right) < abs(step - left) else left + near), False
