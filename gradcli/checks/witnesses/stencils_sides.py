"""One-sided derivatives, for points on a kink or at the edge of a domain, and the noise of a function."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.stencils import EPS, SHARE

if TYPE_CHECKING:
    from gradcli.checks.witnesses.stencils import Evaluate

__all__ = ["Side", "differ", "kinked", "noise_of", "one_sided", "only"]

LEVELS = 28  # halvings
COLUMNS = 4  # of the table of extrapolations
LEAST = 16  # spacings of floats at the point that a step has at least
GROWS = 1.2  # per halving: a slope without limit (a square root's grows by 1.41)
JUMPS = 1.95  # per halving: the function itself jumps
APART = (1.3 * 2.0**-30, 1.1 * 2.0**-36)  # distances of the points from which noise is told
ALIKE = 16  # two tellings that differ by less are of the same noise
MANY = 8  # units whose noise tells what is usual
DROWNED = 1e-4  # noise of this share of the values
SEEN = 8  # times its rounding: a slope that is there
NEIGHBOURS = 7  # points from which noise is told


class Side(NamedTuple):
    """One-sided derivatives (P, M).

    Attributes:
        values: inf where they grow without end, nan where there is none.
        bounds: inf where nothing is known.
        broken: bool, where there is none: the function jumps, has no value there or grows without end.
    """

    values: Any
    bounds: Any
    broken: Any


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
        visible = abs(late) > SEEN * np.take_along_axis(rounding, last[None, :, None] + 7, 0)
        jumps = (growth >= JUMPS).all(0) & visible.all(0)
        broken = endless | jumps | ~np.isfinite(np.take_along_axis(values, last[None, :, None] + 7, 0)[0])
        value = np.where(broken & ~endless, np.nan, value)
        return Side(value, np.where(broken, np.inf, bound), broken)


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
    return left.broken | right.broken | (known & apart)


def kinked(  # noqa: PLR0913 - a problem, and what is known of its rounding
    evaluate: Evaluate, x: Any, center: Any, doubtful: Any, *, noise: float = 4.0, absolute: Any = 0.0
) -> Any:
    """Returns which of the doubtful units and outputs (P, M) are kinks or edges."""
    found = np.zeros(doubtful.shape, bool)
    some = np.flatnonzero(doubtful.any(1))
    if len(some):
        extra = np.broadcast_to(absolute, center.shape)[some]
        left, right = (
            one_sided(only(evaluate, some), x[some], center[some], sign, noise=noise, absolute=extra)
            for sign in (-1, 1)
        )
        found[some] = differ(left, right) & doubtful[some]
    return found


def only(evaluate: Evaluate, places: Any) -> Evaluate:
    """The functions of some units alone."""
    return lambda points, which: evaluate(points, places[which])


def noise_of(evaluate: Evaluate, x: Any, scale: float = 0.0, distances: tuple[float, ...] = APART) -> Any:
    """Returns the size of the rounding in values of a black box, (P, M): a few standard deviations.

    Values at neighbours so near that a smooth function is a line: what differences of high order leave
    is noise (Moré and Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011)). Noise that
    drowns the values, or `scale` if they are differences of larger ones, is inf.
    """
    size = np.where(x == 0, 1.0, abs(x))
    least = np.full((), np.inf)
    offsets = np.arange(NEIGHBOURS)[:, None] - NEIGHBOURS // 2
    with np.errstate(all="ignore"):
        for (
            share
        ) in distances:  # a kink among the neighbours looks like noise, but shrinks with their distance
            apart = np.maximum(share * np.minimum(size, 1.0), 4 * np.spacing(abs(x)))
            values = evaluate(x + offsets * apart, np.arange(len(x)))
            level, table = np.zeros(values.shape[1:]), values
            for order in range(1, NEIGHBOURS - 1):
                table = table[1:] - table[:-1]
                if order >= 3:  # noqa: PLR2004 - lower orders still see the function
                    weight = math.factorial(order) ** 2 / math.factorial(2 * order)
                    level = np.maximum(level, np.sqrt(weight * (table**2).mean(0)))
            alike = (level < ALIKE * least) & (least < ALIKE * level)
            least = np.where(alike, np.maximum(least, level), np.minimum(least, level))
        size_of = np.maximum(abs(values).max(0), scale)
        usual = np.median(least[np.isfinite(least)] / size_of[np.isfinite(least)]) if len(x) >= MANY else 0.0
        least = np.maximum(least, usual * size_of)
    drowned = least > DROWNED * size_of  # what looks like noise may be the function, too quick to be seen
    return np.where(drowned, np.inf, np.where(np.isfinite(least), 6 * least, 0.0)) + EPS * size_of
