"""The witnesses on a Python function over NumPy arrays: differences, and a complex step where it takes one.

Nothing is known of the function. All perturbations go in one call where it turns out to treat a leading
axis as a batch, and rows that turn out not to meet are perturbed at once.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.testimony import Testimony, Words
from gradcli.checks.witnesses.complexstep_chain import steps_at
from gradcli.checks.witnesses.differences_jacobian import by_slopes
from gradcli.checks.witnesses.stencils import EPS, UNKNOWN
from gradcli.checks.witnesses.stencils_sides import noise_of
from gradcli.checks.witnesses.structure_axes import independent_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.checks.sample import Sample
    from gradcli.checks.witnesses.stencils import Evaluate

__all__ = ["Heard", "complex_step", "examine"]

NEIGHBOURS = 4  # at which the complex step is told again, for its rounding
PROBED = 3  # members of the batch by which a function is found to treat its first axis as one
FINE, COARSE = (2.0**-30, 2.0**-36), (2.0**-14, 2.0**-10)  # relative steps: float32 sees the latter alone
SEEN = 8  # times its rounding: a change that is there
LOOKED = 16  # elements that are moved so
APART = (1.3 * 2.0**-13, 1.1 * 2.0**-16)  # distances of points from which noise of float32 is told
SINGLE = 2.0**-23  # its relative spacing
ROWS = 8  # elements from which it is worth while to look for rows that do not meet


class Heard(NamedTuple):
    """What differences say of a function.

    Attributes:
        testimony: per argument.
        kinked: per argument a bool array of its shape: elements on a kink or an edge.
        single: whether the function seems to compute in float32.
    """

    testimony: Testimony
    kinked: tuple[Any, ...]
    single: bool = False


def examine(function: Callable[..., Any], point: Sequence[Any], cotangent: Any, sample: Sample) -> Heard:
    """Returns the derivative of <cotangent, function(*point)> by the sampled elements of each argument.

    Args:
        function: takes float64 arrays in this order, and returns a number or an array.
        point: the arrays.
        cotangent: of the result's shape.
        sample: per argument the flat indices that are looked at.
    """
    arrays = [np.asarray(x, np.float64) for x in point]
    words, kinked = [], []
    with np.errstate(all="ignore"):
        functions = [_Moved(function, arrays, position) for position in range(len(arrays))]
        single = any(moved.seems_single() for moved in functions)
        for moved, places in zip(functions, sample, strict=True):
            moved.is_single = single
            found, on_kink = _one(moved, np.asarray(cotangent, float).ravel(), places)
            words.append(found)
            kinked.append(on_kink)
    return Heard(Testimony("fd", tuple(words)), tuple(kinked), single)


def _one(moved: _Moved, g: Any, places: Any) -> tuple[Words, Any]:
    """Differences for one argument."""
    x, center = moved.x, moved.center
    everything = len(places) == x.size
    if everything and x.size >= ROWS and center.size > 1:
        inside, outside = independent_rows(moved.at, x, center, [moved.shape])
    else:
        inside, outside = np.asarray(places)[None], np.arange(center.size)[None]
    values, bounds = np.full(x.size, np.nan), np.full(x.size, np.inf)
    kinked = np.zeros(x.size, bool)
    if inside.size:
        found = by_slopes(moved.at, x, center, inside, outside, absolute=moved.noise)
        weights = g[outside][:, :, None]
        values[inside] = np.matmul(found.values, weights)[:, :, 0]
        size = np.matmul(abs(found.values), abs(weights))[:, :, 0]
        bounds[inside] = np.matmul(found.bounds, abs(weights))[:, :, 0] + 4 * EPS * size
        kinked[inside] = np.matmul(found.kinked, (weights != 0).astype(float))[:, :, 0] > 0
    spoke = np.isfinite(values) & (bounds < UNKNOWN / 1e100) & ~kinked
    values, bounds = np.where(spoke, values, np.nan), np.where(spoke, bounds, np.inf)
    return Words(*(part.reshape(x.shape) for part in (values, bounds, spoke))), kinked.reshape(x.shape)


class _Moved:
    """A function of one of its arguments, for stacks of values."""

    def __init__(self, function: Callable[..., Any], arrays: Sequence[Any], position: int) -> None:
        self.function, self.arrays, self.position = function, list(arrays), position
        self.x = self.arrays[position]
        self.is_single = False
        value = np.asarray(function(*(array.copy() for array in arrays)))
        self.shape, self.center = value.shape, value.astype(np.float64).ravel()
        self.dtype = value.dtype
        self.batches = self._takes_batches()

    def at(self, stack: Any) -> Any:
        """The results (K, M)."""
        if self.batches:
            found = self._batch(stack)
            if found is not None and np.array_equal(found[-1], self._single(stack[-1]), equal_nan=True):
                return found
            self.batches = False
        return np.stack([self._single(one) for one in stack])

    def noise(self, evaluate: Evaluate, x: Any) -> Any:
        """The rounding of the function, as `noise_of`; at least that of float32 where it computes so."""
        size = np.where(x == 0, 1.0, abs(x))
        here, far = evaluate(x + np.array([[0.0], [COARSE[0]]]) * size, np.arange(len(x)))
        found = noise_of(evaluate, x, abs(far))
        if not self.is_single:
            return found
        rounded = SINGLE * (abs(here) + abs(far - here) / COARSE[0])  # of the value, and of the argument
        return np.maximum(np.maximum(found, rounded), noise_of(evaluate, x, abs(far), distances=APART))

    def seems_single(self) -> bool:
        """Returns whether the result is float32, or steps that float64 would show change nothing."""
        if self.dtype == np.float32:
            return True
        steps = np.array([*FINE, *COARSE, *(-step for step in COARSE)])
        for place in np.unique(np.linspace(0, self.x.size - 1, min(LOOKED, self.x.size)).astype(int)):
            stack = np.stack([self.x] * len(steps))
            stack.reshape(len(steps), -1)[:, place] += (abs(self.x.flat[place]) or 1.0) * steps
            found = self.at(stack)
            near, up, down = np.split(found, [len(FINE), len(FINE) + len(COARSE)])
            both = (up != self.center) & (down != self.center)  # no jump
            slope = np.where(both, abs(up - down), 0) / (2 * np.array(COARSE)[:, None])  # without curvature
            expected = slope.max(0) * np.array(FINE)[:, None]
            if ((near == self.center) & (expected > SEEN * EPS * abs(self.center))).any():
                return True
        return False

    def _single(self, x: Any) -> Any:
        found = self._value(x)
        if found is None or found.size != self.center.size:
            return np.full(self.center.shape, np.nan)
        return found.ravel()

    def _batch(self, stack: Any) -> Any:
        found = self._value(stack)
        if found is None or found.shape != (len(stack), *self.shape):
            return None
        return found.reshape(len(stack), -1)

    def _value(self, x: Any) -> Any | None:
        """What the function gives; None where it fails."""
        arguments = [array.copy() for array in self.arrays]
        arguments[self.position] = x.copy()
        try:
            return np.asarray(self.function(*arguments), np.float64)
        except Exception:  # noqa: BLE001 - whatever it does outside of its domain, or with another shape
            return None

    def _takes_batches(self) -> bool:
        """Whether results for a stack are those for its members, to the last bit."""
        random = np.random.default_rng(0)
        stack = self.x * (1 + 0.1 * random.standard_normal((PROBED, *self.x.shape)))
        found = self._batch(stack)
        return found is not None and np.array_equal(
            found, np.stack([self._single(one) for one in stack]), equal_nan=True
        )


def complex_step(
    function: Callable[..., Any], point: Sequence[Any], cotangent: Any, sample: Sample, fd: Testimony
) -> Testimony:
    """Returns the derivatives by complex steps; silence unless they meet those of differences, `fd`.

    A function that is not analytic, or drops imaginary parts, gives other numbers; nothing else tells.
    """
    arrays = [np.asarray(x, np.float64) for x in point]
    g = np.asarray(cotangent, np.float64)
    words = []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a function that drops imaginary parts is warned of that by NumPy
        for position, (places, known) in enumerate(zip(sample, fd.words, strict=True)):
            x: Any = arrays[position]
            values, bounds = np.full(x.size, np.nan), np.full(x.size, np.inf)
            for place in places:
                found = _stepped(function, arrays, position, int(place), g)
                if found is None:
                    return Testimony("complex", (), "the function does not take complex numbers")
                values[place], bounds[place] = found
            values, bounds = (part.reshape(x.shape) for part in (values, bounds))
            apart = known.spoke & ~(abs(values - known.values) <= 3 * (known.bounds + bounds))
            heard = np.isin(np.arange(x.size).reshape(x.shape), places)
            if np.any(apart & heard):
                return Testimony(
                    "complex", (), "the function is not analytic: complex steps and differences differ"
                )
            spoke = heard & known.spoke
            words.append(Words(np.where(spoke, values, np.nan), np.where(spoke, bounds, np.inf), spoke))
    return Testimony("complex", tuple(words))


def _stepped(
    function: Callable[..., Any], arrays: Sequence[Any], position: int, place: int, g: Any
) -> tuple[float, float] | None:
    """The derivative by one element, and how much it changes when the arguments are rounded differently."""
    random, step = np.random.default_rng(place), float(steps_at(arrays[position].flat[place]))
    told = []
    for run in range(NEIGHBOURS + 1):
        size = EPS if run else 0.0
        moved = [
            np.array(x * (1 + size * random.choice([-1.0, 1.0], x.shape)), np.complex128) for x in arrays
        ]
        moved[position].reshape(-1)[place] += step * 1j
        try:
            found = np.asarray(function(*moved))
        except Exception:  # noqa: BLE001 - whatever a function does with complex numbers
            return None
        if found.dtype.kind != "c" or found.shape != g.shape:
            return None
        told.append(float(np.sum(np.where(g == 0, 0, found.imag / step * g))))
    first, others = told[0], np.array(told[1:])
    return first, 4 * math.sqrt(float(((others - first) ** 2).mean())) + 8 * EPS * abs(first)
