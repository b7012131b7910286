"""The weights of evenly spaced points that stencils tell slopes by.

Source: Fornberg, Generation of finite difference formulas on arbitrarily spaced grids, Mathematics of
Computation 51 (1988), in closed form for even spacing.
"""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import Any, NamedTuple

import numpy as np

__all__ = ["ASIDE", "Weights", "weights"]

ASIDE = 0.3819660112501051  # of the distance: a point that shows what repeats itself from point to point


class Weights(NamedTuple):
    """For points x + kh and x - kh.

    Attributes:
        numbers: k, as a column; at last ASIDE, which is no whole number.
        slopes: rows, of (f(x + kh) - f(x - kh)) / 2kh: the derivative, how much another order gives, and
            how far the last of them is from where the others see it.
        bends: rows, of (f(x + kh) - 2 f(x) + f(x - kh)) / h: what stays as h vanishes, the change of slope on
            a kink at x; and how far the last of them is from where the others see it.
        noise, aside, unevenness: what becomes of rounding in the first and the last row, and in the bends.
    """

    numbers: Any
    slopes: Any
    bends: Any
    noise: float
    aside: float
    unevenness: float


@cache
def weights(count: int) -> Weights:
    """Returns the weights of so many points to each side, and one between them."""
    numbers = np.arange(1.0, count + 1)
    best, lower = (_slope(count, order) for order in (count, count - 1))
    squares = numbers**2
    seen = [np.prod([(ASIDE**2 - j) / (k - j) for j in squares if j != k]) for k in squares]
    bends = np.array(
        [(-1.0) ** k / (factorial(count - k) * factorial(count + k)) for k in range(1, count + 1)]
    )
    bends /= bends @ numbers
    even = [share * ASIDE**2 / k for share, k in zip(seen, squares, strict=True)]  # it vanishes at x
    rows = np.column_stack([np.stack([best, best - lower, seen]), [0.0, 0.0, -1.0]])
    distances = np.append(numbers, ASIDE)
    return Weights(
        distances[:, None],
        rows,
        np.column_stack([np.stack([bends, even]), [0.0, -1.0]]),
        float(np.linalg.norm(best / numbers)),
        float(np.linalg.norm(rows[2] / distances)),
        float(np.linalg.norm(bends)),
    )


def _slope(count: int, order: int) -> Any:
    """The weights that leave an error of h to the power of 2 `order`."""
    found = np.zeros(count)
    for k in range(1, order + 1):
        share = 2 * factorial(order) ** 2 / (factorial(order - k) * factorial(order + k))
        found[k - 1] = share if k % 2 else -share
    return found
