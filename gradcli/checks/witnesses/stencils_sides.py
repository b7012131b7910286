"""One-sided derivatives, for points on a kink or at the edge of a domain, and the noise of a function."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.stencils import EPS, SHARE

if TYPE_CHECKING:
    from gradcli.checks.witnesses.stencils import Evaluate

__all__ = ["Side", "differ", "noise_of", "one_sided"]

LEVELS = 28  # halvings
COLUMNS = 4  # of the table of extrapolations
LEAST = 16  # spacings of floats at the point that a step has at least
GROWS = 1.2  # per halving: a slope without limit (a square root's grows by 1.41)
JUMPS = 1.95  # per halving: the function itself jumps
NEIGHBOURS = 7  # points from which noise is told


class Side(NamedTuple):
    """One-sided derivatives (P, M) with bounds; inf where they grow without end, nan where there is none."""

    values: Any
    bounds: Any


def one_sided(  # noqa: PLR0913 - a problem, and what is known of its rounding
    evaluate: Evaluate, x: Any, center: Any, sign: int, *, noise: float = 4.0, absolute: Any = 0.0
) -> Side:
    """Returns the derivatives to the right (`sign` 1) or to the left (-1); arguments as for `slopes`."""
    size = np.where(x == 0, 1.0, np.minimum(abs(x), 1.0))
    least = LEAST * np.spacing(abs(x))
    steps = np.maximum(SHARE * size, 2**8 * least) * 2.0 ** -np.arange(LEVELS)[:, None]
    with np.errstate(all="ignore"):
        points = x + sign * steps
        values = evaluate(points, np.arange(len(x)))
        taken = (points - x)[..., None]
        slope = (values - center) / taken
        slope[steps < least] = np.nan
        rounding = (noise * EPS * np.maximum(abs(values), abs(center)) + absolute) / abs(taken)
        value, bound = _extrapolated(slope, rounding)
        last = np.maximum((steps >= least).sum(0) - 8, 0)
        late = np.take_along_axis(slope, last[None, :, None] + np.arange(8)[:, None, None], 0)
        growth = abs(late[1:]) / abs(late[:-1])
        endless = (growth >= GROWS).all(0) & (growth < JUMPS).all(0) & (bound > 0.01 * abs(value))
        endless |= np.isinf(late).all(0)
        value = np.where(endless, np.copysign(np.inf, late[-1]), value)
        lost = ~endless & ((growth >= JUMPS).all(0) | ~np.isfinite(bound))
        return Side(np.where(lost, np.nan, value), np.where(lost | endless, np.inf, bound))


def _extrapolated(slope: Any, rounding: Any) -> tuple[Any, Any]:
    """The entry of the table in powers of h with the smallest bound."""
    value, bound = np.full(slope.shape[1:], np.nan), np.full(slope.shape[1:], np.inf)
    column, gain = slope, rounding
    for order in range(1, COLUMNS + 1):
        factor = 2.0**order - 1
        following = column[1:] + (column[1:] - column[:-1]) / factor
        gain = gain[1:] * (1 + 1 / factor) + gain[:-1] / factor
        error = abs(following - column[1:])
        error[1:] = np.maximum(error[1:], abs(following[1:] - following[:-1]))
        error[0] = np.maximum(error[0], abs(following[0] - column[0]))
        error = error + gain + 2 * EPS * abs(following)
        error = np.where(np.isfinite(error), error, np.inf)
        best = error.argmin(0)[None]
        smallest = np.take_along_axis(error, best, 0)[0]
        better = smallest < bound
        value = np.where(better, np.take_along_axis(following, best, 0)[0], value)
        bound = np.where(better, smallest, bound)
        column = following
    return value, bound


def differ(left: Side, right: Side) -> Any:
    """Whether the sides show a kink, a jump or an edge, and not only that nothing is known."""
    with np.errstate(all="ignore"):
        known = np.isfinite(left.bounds) & np.isfinite(right.bounds)
        apart = abs(left.values - right.values) > left.bounds + right.bounds
    return ~known | apart


def noise_of(evaluate: Evaluate, x: Any) -> Any:
    """Returns the size of the rounding in values of a black box, (P, M): a few standard deviations.

    Values at neighbours so near that a smooth function is a line: what differences of high order leave
    is noise (Moré and Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011)).
    """
    size = np.where(x == 0, 1.0, abs(x))
    apart = np.maximum(2.0**-30 * np.minimum(size, 1.0), 4 * np.spacing(abs(x)))
    offsets = np.arange(NEIGHBOURS)[:, None] - NEIGHBOURS // 2
    with np.errstate(all="ignore"):
        table = evaluate(x + offsets * apart * 1.3, np.arange(len(x)))
        largest = np.zeros(table.shape[1:])
        least = np.full(table.shape[1:], np.inf)
        for order in range(1, NEIGHBOURS - 1):
            table = table[1:] - table[:-1]
            if order >= 3:  # noqa: PLR2004 - lower orders still see the function
                share = math.factorial(order) ** 2 / math.factorial(2 * order)
                level = np.sqrt(share * (table**2).mean(0))
                least = np.minimum(least, level)
                largest = np.maximum(largest, level)
    return np.where(np.isfinite(least), 6 * least, 0.0)
