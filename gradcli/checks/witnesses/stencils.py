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

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["EPS", "UNKNOWN", "Slopes", "slopes"]

UNKNOWN = 1e200  # a bound that says nothing; not inf, which times zero is nan
EPS = float(np.finfo(np.float64).eps)
SHARE = 0.7390851332151607  # of the size, for the first step; no round number, or periods line up with steps
STRAIGHT = np.array([[1.0], [0.37], [1 / 32]])  # steps by which a straight line is known
CERTAIN = 1e-12  # and how well the smallest must see it
LEVELS = 9  # halvings of a ladder
COLUMNS = 5  # of the table of extrapolations: up to order 10
SMOOTH = 4  # levels that must be smooth at the end of a ladder
POOR = 1e-8  # relative bound above which more is tried if rounding is not what limits it
LIMITED = 4  # times its rounding: a bound below that is not improved by smaller steps
CHANCE = 1e-3  # what one more extrapolation may gain at the most
ACCURATE = 1e-12  # relative bound at which no further ladder is tried
NOISY = 1e-9  # relative bound at which steps larger than the number are not tried
DESCENTS = (LEVELS, LEVELS, LEVELS, 10 * LEVELS)  # halvings to further ladders; the last one for x = 0
TINY = 1e-60  # steps so small that their powers underflow tell nothing
SHRINKS = 0.75  # a bend that shrinks by this much when the step is halved is curvature
BEND = 1e-7  # a change of slope below this share of the slope is no kink: rounding looks alike

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
    state.straight(everything, np.maximum(big, 32 * floor))
    for top in (tall, small):
        where = state.open()
        state.straight(where[top[where] != big[where]], np.maximum(top, 32 * floor))
    state.ladder(state.open(), np.maximum(small, floor * 2**LEVELS))
    for top, enough in ((big, ACCURATE), (8 * big, NOISY)):
        where = state.open(enough)
        where = where[~state.rough[where].any(1) & (top > 2 * small)[where]]
        state.ladder(where, np.maximum(top, floor * 2**LEVELS), coarse=True)
    top = small
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
        self.rough = np.ones(center.shape, bool)  # uneven at the smallest step so far
        self.bend = np.zeros(center.shape)  # the last change of slope that was larger than rounding
        self.improving = np.ones(center.shape, bool)  # smaller steps promise more

    def open(self, enough: float = ACCURATE) -> Any:
        """The units that are not accurate yet."""
        values, bounds = self.found.values, self.found.bounds
        poor = ~(bounds <= enough * abs(values)) | self.rough
        return np.flatnonzero(poor.any(1))

    def uneven(self) -> Any:
        """The units that only smaller steps can settle."""
        values, bounds = self.found.values, self.found.bounds
        poor = ~(bounds <= ACCURATE * abs(values)) & self.improving
        return np.flatnonzero((poor | self.rough).any(1))

    def differences(self, where: Any, steps: Any) -> tuple[Any, Any, Any, Any]:
        """Slope, bend and the rounding of either, (K, P, M), at steps (K, P), and the steps taken."""
        x, center = self.x[where], self.center[where]
        up, down = x + steps, x - steps
        values = self.evaluate(np.concatenate([up, down]), where)
        high, low = values[: len(steps)], values[len(steps) :]
        right, left = (up - x)[..., None], (x - down)[..., None]
        bend = (high - center) / right - (center - low) / left
        slope = (high - low) / (right + left) - bend * ((right - left) / (right + left))
        rounding = (self.noise * np.maximum(abs(high), abs(low)) + self.absolute[where]) / right
        return slope, bend, rounding, right[..., 0]

    def straight(self, where: Any, top: Any) -> None:
        """Settles units whose function is a straight line over a whole neighbourhood."""
        if not len(where):
            return
        slope, bend, rounding, steps = self.differences(where, top[where] * STRAIGHT)
        even = (abs(bend) <= 3 * rounding).all(0) & np.isfinite(slope).all(0)
        even &= (abs(slope - slope[0]) <= 2 * (rounding + rounding[0])).all(0)
        bound = rounding[0] + 2 * EPS * abs(slope[0])
        even &= rounding[-1] <= CERTAIN * abs(slope[0])
        even |= (slope == 0).all(0) & (bend == 0).all(0)
        self.rough[where] &= ~even
        self.improving[where] &= ~even
        self.keep(where, np.where(even, slope[0], np.nan), np.where(even, bound, np.inf), steps[0])

    def keep(self, where: Any, values: Any, bounds: Any, steps: Any) -> None:
        """Takes what is better than before, and does not contradict what smaller steps have said."""
        found = self.found
        better = bounds < found.bounds[where]
        apart = abs(values - found.values[where]) > bounds + found.bounds[where]
        better &= ~(apart & (steps > found.steps[where])[:, None])
        found.values[where] = np.where(better, values, found.values[where])
        found.bounds[where] = np.where(better, bounds, found.bounds[where])
        found.steps[where] = np.where(better.any(1), steps, found.steps[where])

    def ladder(self, where: Any, top: Any, *, coarse: bool = False) -> None:
        """A table of extrapolations from halved steps; `coarse` ones are larger than those before."""
        if not len(where):
            return
        steps = top[where] * 2.0 ** -np.arange(LEVELS)[:, None]
        slope, bend, rounding, steps = self.differences(where, steps)
        first = self._smooth_from(where, abs(bend), np.maximum(BEND * abs(slope), 8 * rounding))
        value, bound, level, sure = _extrapolated(slope, rounding, first)
        rough = first > LEVELS - SMOOTH
        self.rough[where] &= rough
        if not coarse:
            self.improving[where] = (bound > LIMITED * sure) & (bound > POOR * abs(value))
        bound = np.where(rough, np.inf, bound)
        self.keep(where, value, bound, np.take_along_axis(steps, level.max(1)[None], 0)[0])

    def _smooth_from(self, where: Any, bends: Any, threshold: Any) -> Any:
        """The level from which on a ladder is smooth: the bend shrinks with the step, or is not seen.

        A level at which rounding hides a bend as large as the last one that was seen tells nothing.
        """
        seen, first = self.bend[where], np.zeros(bends.shape[1:], np.int64)
        uneven, before = self.rough[where], np.zeros(bends.shape[1:])
        for level, (bend, least) in enumerate(zip(bends, threshold, strict=True)):
            visible = ~(bend <= least)  # also where something is not finite
            hidden = ~visible & (least > seen / 2) & (seen > 0)
            uneven = np.where(hidden, uneven, visible & ~(bend <= SHRINKS * before))
            seen = np.where(visible & np.isfinite(bend), bend, seen)
            first = np.where(uneven, level + 1, first)
            before = bend
        self.bend[where] = seen
        return first


def _extrapolated(slope: Any, rounding: Any, first: Any) -> tuple[Any, ...]:
    """The best entry of the table over the levels from `first` on: value, bound, level and rounding.

    An entry that contradicts the smallest steps is no candidate, however well its neighbours agree.
    """
    entries = list(_table(slope, rounding, first))
    near = _best([[part[-4:] for part in entry] for entry in entries])
    return _best([(v, np.where(abs(v - near[0]) > b + near[1], np.inf, b), *rest) for v, b, *rest in entries])


def _best(entries: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """Of columns (value, bound, ...) of the table what stands where the bound is smallest."""
    kept: list[Any] = []
    for column in entries:
        place = column[1].argmin(0)[None]
        found = [np.take_along_axis(part, place, 0)[0] for part in column]
        better = found[1] < kept[1] if kept else np.ones(found[1].shape, bool)
        kept = [np.where(better, new, old) for new, old in zip(found, kept or found, strict=True)]
    return tuple(kept)


def _table(slope: Any, rounding: Any, first: Any) -> Iterator[tuple[Any, ...]]:
    """The columns of the table: extrapolations, their bounds, the smallest level in each, its rounding."""
    base = np.arange(len(slope)).reshape(-1, 1, 1)
    column, gain, before = slope, rounding, None
    for order in range(1, COLUMNS + 1):
        factor = 4.0**order - 1
        following = column[1:] + (column[1:] - column[:-1]) / factor
        gain = gain[1:] * (1 + 1 / factor) + gain[:-1] / factor
        error = abs(following - column[1:])
        error[0] = np.maximum(error[0], abs(following[0] - column[0]))
        error[1:] = np.maximum(error[1:], abs(following[1:] - following[:-1]))
        if before is not None:  # an agreement that comes all at once is chance
            error = np.maximum(error, CHANCE * np.maximum(before[1:], before[:-1]))
        bound = error + gain + 2 * EPS * abs(following)
        usable = (base[: len(following)] >= first) & np.isfinite(bound)
        level = np.broadcast_to(base[order:], following.shape)
        yield following, np.where(usable, bound, np.inf), level, gain + 2 * EPS * abs(following)
        column, before = following, error
