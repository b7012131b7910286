"""The derivative of many functions of one number at once, by central differences, with error bounds.

Each unit is a number and a function of it with one or more outputs. Three fixed sums over evenly spaced
points tell its slope: the slope itself to high order, how far the next lower order is from it, and the
change of slope that stays when curvature is taken out. The last two and rounding make the bound: next to a
jump of the function or of one of its derivatives, wherever that is, the error is no larger than 1.7 times
what they say. A point that is not in line with the others shows what repeats itself from one to the next.
Distances of several sizes are tried, and what has the smallest bound is kept; what stays uneven down to
the smallest is a kink.

Source: Moré and Wild, Estimating derivatives of noisy simulations (2012); for the sums `stencils_weights`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.stencils_weights import ASIDE, weights

__all__ = ["EPS", "EVALUATIONS", "POINTS", "SHARE", "UNKNOWN", "Slopes", "slopes"]

UNKNOWN = 1e200  # a bound that says nothing; not inf, which times zero is nan
EPS = float(np.finfo(np.float64).eps)
SHARE = 0.7390851332151607  # no round number, or periods line up with steps
FINE = 28  # distances of SHARE / FINE of its size tell a function with a singularity at that size
FINEST = 1024  # the same of a function that few points shall tell
EXPONENT = 52  # where it begins among the bits of a float
ACCURATE = 1e-12  # relative bound at which nothing more is tried
QUICK = 1e-10  # the same where a few points have to do
NOISY = 1e-9  # relative bound above which distances larger than the number are tried
LIMITED = 4  # times its rounding: a bound below that is not improved by smaller distances
SEEN = 2  # times its rounding: a change of slope that is there
SHRINKS = 0.75  # a change of slope that becomes smaller than this share of the last one does not stay
BEND = 1e-7  # a change below this share of the slope is no kink, but part of the bound
VAGUE = 1e-3  # of value by number: a bound above that, and above all slopes, tells nothing
TINY = 1e-60  # distances so small that their powers underflow tell nothing
APART = 16  # from one distance to the next smaller one, where no size is the right one
DESCENTS = 14  # of them: beyond, everything beside 0 is a kink
POINTS = 18  # at which a function is evaluated at once
EVALUATIONS = 44  # of most functions: three distances

CHUNK = 2**13  # units at a time
FEW, MANY = 32, 3000  # of more units than many, a few are tried first

Evaluate = Callable[[Any, Any], Any]  # (points (K, P), which (P,)) -> values (K, P, M)


class Slopes(NamedTuple):
    """Derivatives of P units with M outputs each.

    Attributes:
        values, bounds: (P, M); nan and inf where there is none.
        kinked: (P, M), where left and right differ, the function jumps, or a side does not exist.
        steps: (P,), the distance that served each unit best; 0 where none did.
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
    quick: bool = False,
) -> Slopes:
    """Returns the derivatives at `x`, found by evaluation alone.

    Args:
        evaluate: gives the units named by `which` at points (K, P), all K at once.
        x: (P,), float64.
        center: (P, M), the values at x.
        noise: the rounding of a value, in units of its last place.
        absolute: what is to be added to that; a number or (P, M).
        quick: only what few points tell at once counts, to a relative bound of QUICK; `kinked` elsewhere.
    """
    search = _Search(evaluate, x, center, noise * EPS, np.broadcast_to(absolute, center.shape), quick=quick)
    with np.errstate(all="ignore"):
        if center.size:
            search.coarsely()
        if len(search.open) and not quick:
            search.finely()
    return search.found


class _Told(NamedTuple):
    """What one distance tells: (P, M), but for `steps`.

    Attributes:
        values, bounds: the slopes.
        sure: the part of the bounds that rounding makes.
        kink: the change of slope at x, as it seems.
        hidden: how large that may be by rounding.
        rise: the slope that the function gains by its curvature on the way to the last point.
        steps: (P,), the distances as they were taken.
    """

    values: Any
    bounds: Any
    sure: Any
    kink: Any
    hidden: Any
    rise: Any
    steps: Any


class _Search:
    """What is known so far, per unit and output."""

    def __init__(  # noqa: PLR0913 - as of `slopes`
        self, evaluate: Evaluate, x: Any, center: Any, noise: float, absolute: Any, *, quick: bool
    ) -> None:
        self.evaluate, self.x, self.center, self.noise, self.absolute = evaluate, x, center, noise, absolute
        self.quick = quick
        self.size = np.where(x == 0, 1.0, np.maximum(abs(x), TINY))
        self.found = Slopes(
            np.full(center.shape, np.nan),
            np.full(center.shape, np.inf),
            np.ones(center.shape, bool),  # uneven at the smallest distance so far
            np.zeros(len(x)),
        )
        self.open = np.arange(len(x))  # units that are not settled
        self.least = 64 * EPS * abs(center) / np.maximum(abs(x), 1)[:, None]
        self.bend = np.zeros(center.shape)  # the last change of slope that was larger than rounding
        self.smallest = np.full((len(x), 1), np.inf)
        self.improving = np.ones(center.shape, bool)  # smaller distances promise more
        self.settled = np.zeros(len(x), bool)

    def coarsely(self) -> None:
        """Tries distances that suit most functions."""
        for count, h in self.quick_distances() if self.quick else self.distances():
            if len(self.open) > MANY:  # where none of a few is settled, the others are not tried
                few = self.open[:: len(self.open) // FEW]
                if not self.tried(count, few, h, only=True):
                    continue
            self.stage(count, h, self.open)
            if not len(self.open):
                return

    def distances(self) -> Iterator[tuple[int, Any]]:
        """Numbers of points to a side, and their distances (P,)."""
        heights = np.where(np.isfinite(self.center), abs(self.center), 0).max(1)
        ones = np.ones(len(self.x))
        yield 3, SHARE / 3 * np.maximum(np.maximum(self.size, 1), heights)  # polynomials
        yield 8, SHARE / 4 * ones  # functions without singularities
        yield 8, SHARE / FINE * self.size  # those with one at 0
        yield 8, SHARE / FINE * ones  # those with one elsewhere

    def quick_distances(self) -> Iterator[tuple[int, Any]]:
        """Few and small ones, beyond which nothing of a function that is not known can hide."""
        yield 3, np.full(len(self.x), SHARE / FINEST)
        yield 5, np.full(len(self.x), SHARE / FINE)  # those that are large beside their slope
        yield 5, SHARE / FINE * np.minimum(self.size, 1)

    def finely(self) -> None:
        """Goes on with what noise or unevenness has left open; leaves no bound where that stays."""
        bounds, slopes = self.found.bounds[self.open], self.found.values[self.open]
        noisy = ~(bounds <= np.maximum(NOISY * abs(slopes), self.least[self.open])).all(1)
        self.stage(8, SHARE * np.maximum(self.size, 1), self.open[noisy])
        h, floor = SHARE / FINE * np.minimum(self.size, 1), 16 * np.spacing(abs(self.x))
        for _ in range(DESCENTS):
            uneven = (self.improving | self.found.kinked)[self.open].any(1)
            some = self.open[uneven & (h > floor)[self.open]]
            if not len(some):
                break
            h = np.maximum(h / APART, floor)
            self.stage(8, h, some)
        # A kink at x shows at each distance: none is new where it was no part of a bound farther out.
        self.found.kinked[self.found.bounds <= BEND * abs(self.found.values)] = False
        vague = VAGUE * np.maximum(abs(self.center), 1) / np.maximum(abs(self.x), 1)[:, None]
        largest = np.fmax.reduce(abs(self.found.values), axis=1, keepdims=True)
        self.found.kinked[self.found.bounds > np.fmax(largest, vague)] = True  # nothing is told of it
        self.found.bounds[self.found.kinked] = np.inf

    def stage(self, count: int, h: Any, where: Any) -> None:
        """Tries a distance (P,) for some units."""
        size = max(1, CHUNK // self.center.shape[1])
        for start in range(0, len(where), size):
            self.tried(count, where[start : start + size], h)
        self.open = self.open[~self.settled[self.open]]

    def tried(self, count: int, where: Any, distances: Any, *, only: bool = False) -> bool:
        """Returns whether one distance settles any of some units, and notes what it tells (not `only`)."""
        told = self._told(count, where, distances[where])
        if self.quick:
            mild = told.rise * told.steps[:, None] <= abs(self.center[where])
            enough = told.bounds <= QUICK * np.maximum(abs(told.values), np.where(mild, told.rise, 0))
        else:
            # A center out of line is a needle, however small its neighbours are beside it: 1/x at 1e-200.
            seen = np.fmax.reduce(abs(told.values), axis=1, keepdims=True)
            least = np.where(told.kink <= np.fmax(told.hidden, BEND * seen), self.least[where], 0.0)
            enough = told.bounds <= np.maximum(ACCURATE * abs(told.values), least)
        enough = enough.all(1)
        if only:
            return bool(enough.any())
        self.settled[where] = enough
        if self.quick or (enough.all() and not self.found.steps[where].any()):
            now = where[enough]
            self.found.kinked[now] = False
            self.found.values[now], self.found.bounds[now] = told.values[enough], told.bounds[enough]
            self.found.steps[now] = told.steps[enough]
        else:
            self._note(where, told, enough[:, None])
        return bool(enough.any())

    def _told(self, count: int, where: Any, h: Any) -> _Told:
        """What one distance tells of some units."""
        sums, flat = weights(count), (count + 1, -1)
        x, center = self.x[where], self.center[where]
        size = abs(x)
        top = size + count * h
        h = (top + h) - top  # its multiples are exact, but where they need another exponent than x
        steps = sums.numbers * h
        steps += size
        steps -= size
        points = np.empty((2, *steps.shape))
        np.add(x, steps, out=points[0])
        np.subtract(x, steps, out=points[1])
        values = self.evaluate(points.reshape(2 * count + 2, -1), where).reshape(*points.shape, -1)
        inexact = EPS * top * (top.view(np.int64) >> EXPONENT > size.view(np.int64) >> EXPONENT)
        astray = abs(steps[-1] - ASIDE * h) + inexact
        width = np.subtract(points[0], points[1], out=steps)
        peak = np.maximum(abs(values).max((0, 1)), abs(center))
        high, low = values
        slope = high - low
        slope /= width[..., None]
        value, apart, aside = (sums.slopes @ slope.reshape(flat)).reshape(3, *center.shape)
        bent = abs(slope[count - 1] - value)
        bends = np.subtract(high, center, out=slope)
        bends += low - center
        rise = abs(bends[count - 1]) / (count * h)[:, None]
        bent += rise
        bent /= h[:, None]
        kink, beside = abs((sums.bends @ bends.reshape(flat)).reshape(2, *center.shape)) / h[:, None]
        rounding = (self.noise * peak + self.absolute[where]) / h[:, None]
        if self.quick:  # what repeats itself may hide from one of them
            aside = np.maximum(abs(aside), beside)
        aside = abs(aside) - SEEN * sums.aside * rounding - bent * astray[:, None]
        sure = sums.noise * rounding + 4 * EPS * abs(value)
        bound = count**2 * abs(apart) + kink / 2 + np.maximum(aside, 0) + bent * inexact[:, None] + sure
        hidden = SEEN * sums.unevenness * rounding
        return _Told(value, np.fmin(bound, np.inf), sure, kink, hidden, rise, h)  # no nan

    def _note(self, where: Any, told: _Told, settled: Any) -> None:
        """Keeps what is told of units beside what is known of them."""
        self._even(where, told)
        self.found.kinked[where] &= ~settled
        best, smaller = self.found.bounds[where], (told.steps < self.found.steps[where])[:, None]
        passed = smaller & (told.bounds > best) & (best <= NOISY * abs(self.found.values[where]))
        self.improving[where] = ~(told.bounds <= LIMITED * told.sure) & ~passed
        self._keep(where, told.values, told.bounds, told.steps)

    def _even(self, where: Any, told: _Told) -> None:
        """Notes whether the function is even at a distance, if it is the smallest so far.

        A change of slope that shrinks with the distance is curvature, or a kink that is left behind. Where
        rounding hides one as large as the last that was seen nothing is told.
        """
        h, kink, seen = told.steps[:, None], told.kink, self.bend[where]
        smaller = h < self.smallest[where]
        self.smallest[where] = np.minimum(h, self.smallest[where])
        visible = ~(kink <= np.maximum(told.hidden, BEND * abs(told.values)))
        telling = smaller & (visible | (told.hidden <= seen / 2) | (seen == 0))
        rough = self.found.kinked
        rough[where] = np.where(telling, visible & ~(kink <= SHRINKS * seen), rough[where])
        self.bend[where] = np.where(telling & visible & np.isfinite(kink), kink, seen)

    def _keep(self, where: Any, values: Any, bounds: Any, steps: Any) -> None:
        """Takes what is better than before, and does not contradict what smaller steps have said."""
        found = self.found
        apart = abs(values - found.values[where]) > bounds + found.bounds[where]
        smaller = (steps < found.steps[where])[:, None]
        better = np.where(apart, smaller, bounds < found.bounds[where])
        found.values[where] = np.where(better, values, found.values[where])
        found.bounds[where] = np.where(better, bounds, found.bounds[where])
        found.steps[where] = np.where(better.any(1), steps, found.steps[where])
