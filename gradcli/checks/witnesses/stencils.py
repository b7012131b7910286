"""The derivative of many functions of one number at once, by central differences, with error bounds.

Each unit is a number and a function of it with one or more outputs. Steps are halved along a ladder,
Richardson's extrapolation in h**2 combines neighbouring ones, and the entry of the table with the
smallest bound is kept: what its neighbours say about truncation, plus what rounding can do to it.
The ladder starts at the size of the number, is tried again at size 1, and goes on downwards where the
function was not smooth or not finite on the way. What stays uneven down to the last step is a kink.

Sources: Ridders, Advances in Engineering Software 4 (1982); Moré and Wild, Estimating derivatives of
noisy simulations (2012).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["EPS", "UNKNOWN", "Slopes", "slopes"]

UNKNOWN = 1e200  # a bound that says nothing; not inf, which times zero is nan
EPS = float(np.finfo(np.float64).eps)
SHARE = 0.7390851332151607  # of the size, for the first step; no round number, or periods line up with steps
PLAIN = np.array([[1.0], [0.37], [1 / 32]])  # steps by which a straight line or a parabola is known
CERTAIN = 1e-12  # and how well the smallest must see it
LEVELS = 10  # halvings of a ladder
WIDE = 4  # times the size, for the first step of a ladder: entire functions are told best far out
COLUMNS = 6  # of the table of extrapolations: up to order 12
SMOOTH = 4  # levels that must be smooth at the end of a ladder
DESCENTS = (
    LEVELS - COLUMNS,
    LEVELS,
    LEVELS,
    LEVELS,
    8 * LEVELS,
)  # halvings to further ladders; the last for x = 0
POOR = 1e-12  # relative bound above which more is tried if rounding is not what limits it
LIMITED = 4  # times its rounding: a bound below that is not improved by smaller steps
PESSIMISM = 0.1  # share of a bound that the error is likely to be
GAINS = 16  # the least by which an extrapolation's error shrinks when its steps are halved
CHANCE = 1e-3  # what one more extrapolation may gain at the most
ACCURATE = 1e-12  # relative bound at which no further ladder is tried
NOISY = 1e-9  # relative bound at which steps larger than the number are not tried
TINY = 1e-60  # steps so small that their powers underflow tell nothing
BEYOND = 2  # levels after a kink that has long been there that still feel it
SEEN = 8  # times its rounding: a bend that is there
SHRINKS = 0.75  # a bend that shrinks by this much when the step is halved is curvature
BEND = 1e-7  # a change of slope below this share of the slope is no kink: rounding looks alike

CHUNK = 1250  # derivatives found at a time: their table stays in the cache
LEVEL_OF = np.concatenate([np.arange(order, LEVELS) for order in range(1, COLUMNS + 1)])  # the table's rows

Evaluate = Callable[[Any, Any], Any]  # (points (K, P), which (P,)) -> values (K, P, M)


class Slopes(NamedTuple):
    """Derivatives of P units with M outputs each.

    Attributes:
        values, bounds: (P, M); nan and inf where there is none.
        kinked: (P, M), where left and right differ, the function jumps, or a side does not exist.
        steps: (P,), the step that served each unit best; 0 where none did.
    """

    values: Any
    bounds: Any
    kinked: Any
    steps: Any


def slopes(  # noqa: PLR0913 - a problem, and what is known of its rounding
    evaluate: Evaluate,
    x: Any,
    center: Any,
    *,
    noise: float = 1.0,
    absolute: Any = 0.0,
    least: Any = 0.0,
) -> Slopes:
    """Returns the derivatives at `x`, found by evaluation alone.

    Args:
        evaluate: gives the units named by `which` at points (K, P), all K at once.
        x: (P,), float64.
        center: (P, M), the values at x.
        noise: the rounding of a value, in units of its last place.
        absolute: what is to be added to that; a number or (P, M).
        least: (P,) or a number: steps stay above this (x itself is not known any better).
    """
    with np.errstate(all="ignore"):
        search = _Search(evaluate, x, center, noise * EPS, np.broadcast_to(absolute, center.shape))
        return _searched(search, np.broadcast_to(least, x.shape))


def _searched(state: _Search, least: Any) -> Slopes:
    x, center, found = state.x, state.center, state.found
    units, outputs = center.shape
    if not units or not outputs:
        return found
    size = np.where(x == 0, 1.0, np.maximum(abs(x), TINY))
    small, big = SHARE * np.minimum(size, 1), SHARE * np.maximum(size, 1)
    floor = np.maximum(16 * np.spacing(abs(x)), 4 * least)
    everything = np.arange(units)
    tall = np.where(np.isfinite(center).all(1), np.maximum(SHARE * abs(center).max(1), big), big)
    state.plain(everything, np.maximum(big, 32 * floor))
    where = state.open()
    state.plain(where[(tall != big)[where]], np.maximum(tall, 32 * floor))
    state.ladder(state.open(), np.maximum(WIDE * small, floor * 2**LEVELS))
    for top, enough in ((big, ACCURATE), (8 * big, NOISY)):
        where = state.open(enough)
        known = (~state.rough & np.isfinite(found.bounds)).all(1)
        where = where[(known & (top > 2 * small))[where]]
        state.ladder(where, np.maximum(top, floor * 2**LEVELS), coarse=True)
    top = WIDE * small
    lowest = floor * 2.0 ** (LEVELS - 1)
    for drop in DESCENTS:
        where = state.uneven()
        where = where[top[where] > 2 * lowest[where]]
        top = top * 2.0**-drop
        state.ladder(where, np.maximum(top, lowest))
    found.kinked[...] = state.rough
    return found


class _Search:
    """What is known so far, per unit and output."""

    def __init__(self, evaluate: Evaluate, x: Any, center: Any, noise: float, absolute: Any) -> None:
        self.evaluate, self.x, self.center, self.noise, self.absolute = evaluate, x, center, noise, absolute
        self.found = Slopes(
            np.full(center.shape, np.nan),
            np.full(center.shape, np.inf),
            np.zeros(center.shape, bool),
            np.zeros(len(x)),
        )
        self.least = 64 * EPS * abs(center) / np.maximum(abs(x), 1)[:, None]
        self.rough = np.ones(center.shape, bool)  # uneven at the smallest step so far
        self.bend = np.zeros(center.shape)  # the last change of slope that was larger than rounding
        self.improving = np.ones(center.shape, bool)  # smaller steps promise more

    def open(self, share: float = ACCURATE) -> Any:
        """The units that are not accurate yet."""
        return np.flatnonzero((self.poor(share) | self.rough).any(1))

    def uneven(self) -> Any:
        """The units that only smaller steps can settle."""
        return np.flatnonzero((self.poor(ACCURATE) & self.improving | self.rough).any(1))

    def poor(self, share: float) -> Any:
        """Where the bound is no small share of the slope, nor near to what rounding leaves at size 1."""
        return ~(self.found.bounds <= np.maximum(share * abs(self.found.values), self.least))

    def differences(self, where: Any, steps: Any) -> tuple[Any, Any, Any, Any]:
        """Slope, bend and the rounding of either, (K, P, M), at steps (K, P), and the steps taken."""
        x, center = self.x[where], self.center[where]
        steps = (abs(x) + steps) - abs(x)  # so that x lies exactly between its neighbours
        up, down = x + steps, x - steps
        values = self.evaluate(np.concatenate([up, down]), where)
        high, low = values[: len(steps)], values[len(steps) :]
        right, left = (up - x)[..., None], (x - down)[..., None]
        bend = (high - center) / right - (center - low) / left
        slope = (high - low) / (right + left) - bend * ((right - left) / (right + left))
        rounding = (self.noise * np.maximum(abs(high), abs(low)) + self.absolute[where]) / right
        return slope, bend, rounding, right[..., 0]

    def plain(self, where: Any, top: Any) -> None:
        """Settles units whose function is a straight line or a parabola over a whole neighbourhood."""
        if not len(where):
            return
        slope, bend, rounding, steps = self.differences(where, top[where] * PLAIN)
        even = np.isfinite(slope).all(0)
        for i in (1, 2):
            even &= abs(slope[i] - slope[0]) <= 2 * (rounding[i] + rounding[0])
            even &= abs(bend[i] - PLAIN[i] * bend[0]) <= 4 * rounding[i]
        bound = rounding[0] + 2 * EPS * abs(slope[0])
        even &= rounding[-1] <= CERTAIN * abs(slope[0])
        even |= (slope == 0).all(0) & (bend == 0).all(0)
        self.rough[where] &= ~even
        self.improving[where] &= ~even
        self.keep(where, np.where(even, slope[0], np.nan), np.where(even, bound, np.inf), steps[0])

    def keep(self, where: Any, values: Any, bounds: Any, steps: Any) -> None:
        """Takes what is better than before, and does not contradict what smaller steps have said."""
        found = self.found
        apart = abs(values - found.values[where]) > bounds + found.bounds[where]
        smaller = (steps < found.steps[where])[:, None]
        better = np.where(apart, smaller, bounds < found.bounds[where])
        found.values[where] = np.where(better, values, found.values[where])
        found.bounds[where] = np.where(better, bounds, found.bounds[where])
        found.steps[where] = np.where(better.any(1), steps, found.steps[where])

    def ladder(self, where: Any, top: Any, *, coarse: bool = False) -> None:
        """Tables of extrapolations from halved steps; `coarse` ones are larger than those before."""
        chunk = max(1, CHUNK // self.center.shape[1])
        for start in range(0, len(where), chunk):
            self._ladder(where[start : start + chunk], top, coarse=coarse)

    def _ladder(self, where: Any, top: Any, *, coarse: bool) -> None:
        steps = top[where] * 2.0 ** -np.arange(LEVELS)[:, None]
        slope, bend, rounding, steps = self.differences(where, steps)
        first = self._smooth_from(where, abs(bend), BEND * abs(slope), SEEN * rounding)
        value, bound, level, sure = _extrapolated(slope, rounding, steps, first)
        rough = first > LEVELS - SMOOTH + BEYOND
        self.rough[where] &= rough
        if not coarse:
            self.improving[where] = ~((bound <= LIMITED * sure) | (bound <= POOR * abs(value)))
        bound = np.where(rough, np.inf, bound)
        self.keep(where, value, bound, np.take_along_axis(steps, level.max(1)[None], 0)[0])

    def _smooth_from(self, where: Any, bends: Any, small: Any, noise: Any) -> Any:
        """The level from which on a ladder is smooth: the bend shrinks with the step, or is small.

        A level at which rounding hides a bend as large as the last one that was seen tells nothing.
        """
        bent = self.rough[where] & (self.bend[where] > 0)
        seen, first = self.bend[where], np.zeros(bends.shape[1:], np.int64)
        uneven, before = self.rough[where], np.where(seen > 0, seen, np.inf)
        for level in range(LEVELS):
            bend = bends[level]
            visible = ~(bend <= np.maximum(small[level], noise[level]))  # also where something is not finite
            hidden = ~visible & (noise[level] > seen / 2) & (seen > 0)
            uneven = np.where(hidden, uneven, visible & ~(bend <= SHRINKS * before))
            seen = np.where(visible & np.isfinite(bend), bend, seen)
            first[uneven] = level + 1
            before = bend
        self.bend[where] = seen
        return np.where(bent & (first > 0), first + BEYOND, first)


def _extrapolated(slope: Any, rounding: Any, steps: Any, first: Any) -> tuple[Any, ...]:
    """The best entry of the table over the levels from `first` on: value, bound, level and rounding.

    An entry that is further from the slopes of the smallest steps than these are from each other is no
    candidate, however well its neighbours agree.
    """
    shape = first.shape
    slope, rounding, first = slope.reshape(LEVELS, -1), rounding.reshape(LEVELS, -1), first.ravel()
    squares = np.broadcast_to((steps**2)[..., None], (LEVELS, *shape)).reshape(LEVELS, -1)
    value, error = _table(np.where(np.arange(LEVELS)[:, None] >= first, slope, np.nan), squares)
    gain = 1.5 * np.maximum(rounding[1:], rounding[:-1])[LEVEL_OF - 1]
    merit = np.fmin(PESSIMISM * error + 2 * gain, np.inf)
    bound = error + gain
    allowed = abs(slope[-3:] - slope[-4:-1]) + 2 * rounding[-3:]
    highest = np.fmin.reduce(slope[-3:] + allowed)
    lowest = np.fmax.reduce(slope[-3:] - allowed)
    np.copyto(merit, np.inf, where=(value - bound > highest) | (value + bound < lowest))
    rows, columns = merit.argmin(0), np.arange(merit.shape[1])
    value, bound, gain = value[rows, columns], bound[rows, columns], gain[rows, columns]
    rounded = 2 * EPS * abs(value)
    bound = np.where(np.isfinite(bound), bound + rounded, np.inf)
    return tuple(part.reshape(shape) for part in (value, bound, LEVEL_OF[rows], gain + rounded))


def _table(column: Any, squares: Any) -> tuple[Any, Any]:
    """All extrapolations, one column after the other, and what their neighbours say of their error.

    The steps are near to halves of each other only: they are multiples of the spacing of floats at x.
    """
    value = np.empty((len(LEVEL_OF), *column.shape[1:]))
    error = np.empty_like(value)
    before, start = None, 0
    for order in range(1, COLUMNS + 1):
        stop = start + LEVELS - order
        following, wrong = value[start:stop], error[start:stop]
        np.subtract(column[1:], column[:-1], out=wrong)
        wrong /= squares[:-order] / squares[order:] - 1
        np.add(column[1:], wrong, out=following)
        np.abs(wrong, out=wrong)
        beside = abs(following[1:] - following[:-1]) / GAINS
        wrong[0] *= GAINS
        np.maximum(wrong[1:], np.where(np.isnan(beside), GAINS * wrong[1:], beside), out=wrong[1:])
        if before is not None:  # an agreement that comes all at once is chance
            np.maximum(wrong, CHANCE * before[1:], out=wrong)
        column, before, start = following, wrong, stop
    return value, error
