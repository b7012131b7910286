"""Derivatives of many cheap functions of one number, by central differences at evenly spaced points.

Most functions need three fixed sums: a slope of high order, how far the next lower order is from it, and
the change of slope that stays when curvature is taken out. A unit is settled where what the last two say
of its error is as small as rounding; any other is left to the ladders of stencils.py.

Source of the weights: Fornberg, Generation of finite difference formulas on arbitrarily spaced grids,
Mathematics of Computation 51 (1988), in closed form for even spacing.
"""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.stencils import ACCURATE, EPS, SHARE, TINY

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.checks.witnesses.stencils import Evaluate

__all__ = ["Settled", "settled"]

CHUNK = 2**13  # units at a time
FEW, MANY = 32, 256  # of more units than many, a few are tried first


class Stage(NamedTuple):
    """One try.

    Attributes:
        count: of points on each side.
        share: of the unit's size, the distance of the points.
        size: told from the sizes of the number and of the value.
    """

    count: int
    share: float
    size: Callable[[Any, Any], Any]


STAGES = (
    Stage(3, SHARE / 3, lambda x, y: np.maximum(np.maximum(x, 1), y)),  # polynomials
    Stage(8, SHARE / 4, lambda x, y: 1.0),  # noqa: ARG005 - functions without singularities
    Stage(8, SHARE / 28, lambda x, y: np.maximum(x, TINY)),  # noqa: ARG005 - those with one at 0
    Stage(8, SHARE / 28, lambda x, y: 1.0),  # noqa: ARG005 - those with one elsewhere
)


class Settled(NamedTuple):
    """Per unit: the slope, its bound, the distance of the points it comes from, and whether it is known."""

    values: Any
    bounds: Any
    steps: Any
    known: Any


def settled(evaluate: Evaluate, x: Any, center: Any, *, noise: float) -> Settled:
    """Returns the derivatives of what is smooth around its point.

    Args:
        evaluate: gives the units named by `which` at points (K, P), as (K, P, 1).
        x: (P,), float64.
        center: (P,), the values at x.
        noise: the rounding of a value, in units of its last place.
    """
    found = Settled(*(np.zeros(x.size) for _ in range(3)), np.zeros(x.size, bool))
    with np.errstate(all="ignore"):
        for stage in STAGES:
            rest = np.flatnonzero(~found.known)
            parts = [rest[start : start + CHUNK] for start in range(0, len(rest), CHUNK)]
            if len(rest) > MANY:  # where none of a few is settled, the others are not tried
                parts.insert(0, rest[:: len(rest) // FEW])
            for where in parts:
                one = _tried(evaluate, where, x[where], center[where], noise * EPS, stage)
                for whole, part in zip(found, one, strict=True):
                    whole[where] = part
                if len(where) < len(rest) and not one.known.any():
                    break
    return found


def _tried(  # noqa: PLR0913 - units, and what is known of them
    evaluate: Evaluate, where: Any, x: Any, center: Any, noise: float, stage: Stage
) -> Settled:
    """What one try tells of some units.

    Its bound is no estimate of truncation alone: next to a jump of the function or of one of its
    derivatives, wherever that is, the error is no larger than 1.7 times what is said here.
    """
    count, weights = stage.count, _weights(stage.count)
    size = abs(x)
    h = np.broadcast_to(stage.share * stage.size(size, abs(center)), size.shape)
    steps = weights.numbers * h
    steps += size
    steps -= size  # so that x lies exactly between its neighbours
    points = np.empty((2, *steps.shape))
    np.add(x, steps, out=points[0])
    np.subtract(x, steps, out=points[1])
    values = evaluate(points.reshape(2 * count, -1), where).reshape(points.shape)
    peak = np.maximum(np.abs(values, out=points).max((0, 1)), abs(center))
    high, low = values
    slopes = np.subtract(high, low, out=points[0])
    slopes /= steps
    value, apart = weights.slopes @ slopes
    bends = np.subtract(high, center, out=points[1])
    bends += np.subtract(low, center, out=steps)
    kink = (weights.bends @ bends) / h
    bound = count**2 * abs(apart) + abs(kink) / 2 + weights.noise * noise * peak / h + 4 * EPS * abs(value)
    enough = np.maximum(ACCURATE * abs(value), 64 * EPS * abs(center) / np.maximum(size, 1))
    return Settled(value, bound, h, bound <= enough)


class _Weights(NamedTuple):
    """For points x + kh and x - kh.

    Attributes:
        numbers: k, as a column.
        slopes: two rows, of (f(x + kh) - f(x - kh)) / kh: the derivative, and how much another order gives.
        bends: of (f(x + kh) - 2 f(x) + f(x - kh)) / h: what stays as h vanishes, the change of slope on a
            kink at x.
        noise: what becomes of rounding in the derivative.
    """

    numbers: Any
    slopes: Any
    bends: Any
    noise: float


@cache
def _weights(count: int) -> _Weights:
    numbers = np.arange(1.0, count + 1)
    best, lower = (_slope(count, order) for order in (count, count - 1))
    bends = np.array(
        [(-1.0) ** k / (factorial(count - k) * factorial(count + k)) for k in range(1, count + 1)]
    )
    bends /= bends @ numbers
    return _Weights(
        numbers[:, None], np.stack([best, best - lower]), bends, 2 * float(np.linalg.norm(best / numbers))
    )


def _slope(count: int, order: int) -> Any:
    """The weights that leave an error of h to the power of 2 `order`."""
    found = np.zeros(count)
    for k in range(1, order + 1):
        share = factorial(order) ** 2 / (factorial(order - k) * factorial(order + k))
        found[k - 1] = share if k % 2 else -share
    return found
