"""Which elements along one dim each element of a result reads, and with what weight.

Average pools and interpolation are such maps along each spatial dim in turn; maximum pools read the
same elements and keep the largest. A `Tap` says how, in plain numbers; `taps` gives the arrays.
"""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR0913

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["CUBIC", "Tap", "ceil_windows", "scale_of", "taps"]

CUBIC = -0.75  # PyTorch's parameter of cubic convolution (Keys 1981 has -0.5)


class Tap(NamedTuple):
    """One dim: `kind` says how the `target` elements of the result read the `size` elements that there are.

    `numbers` are (kernel, stride, dilation, pad, counted) for "window", counted being 1 where padding counts
    in the mean ("sum" is the same without the mean); empty for "adaptive"; (scale, aligned) for the
    interpolations, where scale is in input elements per output element.
    """

    kind: str
    size: int
    target: int
    numbers: tuple[float, ...] = ()


def ceil_windows(size: int, kernel: int, stride: int, dilation: int, pad: int, ceil: bool) -> int:
    """Returns how many windows a pool has; with `ceil` the last may reach over the end, not start there."""
    span = size + 2 * pad - dilation * (kernel - 1) - 1
    found = (-(-span // stride) if ceil else span // stride) + 1
    if ceil and (found - 1) * stride >= size + pad:
        found -= 1
    return found


def taps(tap: Tap) -> tuple[Any, Any]:
    """Returns (index, weight), both (target, taps); a weight of 0 is an element that is not there."""
    return _KINDS[tap.kind](tap)


def _window(tap: Tap) -> tuple[Any, Any]:
    kernel, stride, dilation, pad, counted = map(int, tap.numbers)
    start = np.arange(tap.target)[:, np.newaxis] * stride - pad
    index = start + np.arange(kernel) * dilation
    inside = (index >= 0) & (index < tap.size)
    reach = np.minimum(start + kernel, tap.size + pad) - start
    count = reach if counted else np.maximum(np.add.reduce(inside, axis=1, keepdims=True), 1)
    return np.where(inside, index, 0), inside / count


def _sum(tap: Tap) -> tuple[Any, Any]:
    index, weight = _window(tap)
    return index, (weight != 0) * 1.0


def _adaptive(tap: Tap) -> tuple[Any, Any]:
    at = np.arange(tap.target)
    start = at * tap.size // max(tap.target, 1)
    stop = -(-(at + 1) * tap.size // max(tap.target, 1))
    width = int(np.max(stop - start, initial=0))
    index = start[:, np.newaxis] + np.arange(width)
    inside = index < stop[:, np.newaxis]
    return np.where(inside, index, 0), inside / (stop - start)[:, np.newaxis]


def _nearest(tap: Tap) -> tuple[Any, Any]:
    # In single precision, as in PyTorch: it decides which side of an element boundary a position is.
    scale, exact = np.float32(tap.numbers[0]), tap.numbers[1]
    at = np.arange(tap.target, dtype=np.float32)
    source = np.floor((at + np.float32(0.5)) * scale if exact else at * scale).astype(np.int64)
    index = np.minimum(source, tap.size - 1)[:, np.newaxis]
    return index, np.ones(index.shape)


def _positions(tap: Tap) -> Any:
    scale, aligned = tap.numbers
    at = np.arange(tap.target)
    return at * scale if aligned else (at + 0.5) * scale - 0.5


def _linear(tap: Tap) -> tuple[Any, Any]:
    source = np.maximum(_positions(tap), 0)
    low = np.minimum(np.floor(source).astype(np.int64), tap.size - 1)
    high = np.minimum(low + 1, tap.size - 1)
    part = np.clip(source - low, 0, 1)
    return np.stack((low, high), -1), np.stack((1 - part, part), -1)


def _cubic(tap: Tap) -> tuple[Any, Any]:
    source = _positions(tap)
    low = np.floor(source).astype(np.int64)
    part = source - low

    def near(t: Any) -> Any:
        return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1

    def far(t: Any) -> Any:
        return ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC

    weights = (far(part + 1), near(part), near(1 - part), far(2 - part))
    index = np.clip(low[:, np.newaxis] + np.arange(-1, 3), 0, tap.size - 1)
    return index, np.stack(weights, -1)


_KINDS = {
    "window": _window,
    "sum": _sum,
    "adaptive": _adaptive,
    "nearest": _nearest,
    "linear": _linear,
    "cubic": _cubic,
}


def scale_of(size: int, target: int, factor: float | None, aligned: bool) -> float:
    """Returns input elements per output element, from a scale factor where one was given."""
    if aligned:
        return (size - 1) / (target - 1) if target > 1 else 0.0
    return 1 / factor if factor else size / max(target, 1)
