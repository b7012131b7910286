"""Which dims of an operation are a batch: rows that do not look at each other, found and proven by probing.

Rows that are independent can be perturbed all at once: softmax over the last dim of a thousand rows of
ten needs ten perturbations and not ten thousand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["independent_rows"]

PROBES = (0.4, 1e-3)  # sizes of the changes, relative to the tensor's; and nan, where it passes through

Evaluate = Callable[[Any], Any]  # (K, *shape) -> (K, M)


def independent_rows(
    evaluate: Evaluate, x: Any, center: Any, outputs: Sequence[tuple[int, ...]]
) -> tuple[Any, Any]:
    """Returns flat positions (R, E) in the argument and (R, M') in the results: row r meets only row r.

    Args:
        evaluate: the operation for a stack of values of this argument.
        x: the argument.
        center: its results in one vector (M,).
        outputs: their shapes.
    """
    taken: list[tuple[int, tuple[int, ...]]] = []
    for axis in range(x.ndim):
        if x.shape[axis] > 1:
            for match in _matches(axis, x.shape, outputs):
                used = any(b in {pair[k] for _, pair in taken} for k, b in enumerate(match))
                if not used and _proven(evaluate, x, center, outputs, axis, match):
                    taken.append((axis, match))
                    break
    axes = [axis for axis, _ in taken]
    inside = _rows(np.arange(x.size).reshape(x.shape), axes)
    parts, start = [], 0
    for k, shape in enumerate(outputs):
        size = math.prod(shape)
        parts.append(_rows(np.arange(start, start + size).reshape(shape), [match[k] for _, match in taken]))
        start += size
    return inside, np.concatenate(parts, 1) if parts else np.zeros((len(inside), 0), np.int64)


def _rows(places: Any, axes: Sequence[int]) -> Any:
    rest = [axis for axis in range(places.ndim) if axis not in axes]
    rows = math.prod(places.shape[axis] for axis in axes)
    return places.transpose([*axes, *rest]).reshape(rows, math.prod(places.shape[axis] for axis in rest))


def _matches(
    axis: int, shape: tuple[int, ...], outputs: Sequence[tuple[int, ...]]
) -> Iterator[tuple[int, ...]]:
    """The dims of each result that may be the same as a dim of the argument, the likeliest first."""
    size, seen = shape[axis], set()
    likely = [
        tuple(axis for _ in outputs),
        tuple(axis - len(shape) + len(output) for output in outputs),
        *(tuple(b for _ in outputs) for b in range(max((len(output) for output in outputs), default=0))),
    ]
    for match in likely:
        if match not in seen and all(
            0 <= b < len(output) and output[b] == size for b, output in zip(match, outputs, strict=True)
        ):
            seen.add(match)
            yield match


def _proven(  # noqa: PLR0913 - an operation, and the pair of dims in question
    evaluate: Evaluate,
    x: Any,
    center: Any,
    outputs: Sequence[tuple[int, ...]],
    axis: int,
    match: tuple[int, ...],
) -> bool:
    """Whether changes of some rows leave all other rows as they were.

    Each two rows differ in a bit of their numbers; rows with that bit are changed and those without it
    watched, then the other way round: a row that depends on any other is caught.
    """
    count = x.shape[axis]
    numbers = np.arange(count)
    bits = (numbers >> np.arange((count - 1).bit_length())[:, None]) & 1
    patterns = np.concatenate([bits, 1 - bits]).astype(bool)
    random = np.random.default_rng(x.size)
    scale = float(np.max(abs(x[np.isfinite(x)]), initial=0.0)) or 1.0
    noise = scale * random.standard_normal(x.shape)
    changed = np.moveaxis(
        np.broadcast_to(patterns[:, :, None], (*patterns.shape, x.size // count)), 1, 1
    ).reshape(len(patterns), count, *(n for d, n in enumerate(x.shape) if d != axis))
    changed = np.moveaxis(changed, 1, axis + 1)
    seen = 0
    for probe in (*PROBES, math.nan):
        found = evaluate(np.where(changed, x + probe * noise, x))
        for pattern, one in zip(patterns, found, strict=True):
            if not math.isnan(probe) and not np.isfinite(one).any():
                break  # outside the domain
            if not _unchanged(one, center, outputs, match, ~pattern):
                return math.isnan(probe) and seen > 0 and bool(np.isnan(one).all())
        else:
            seen += 1
    return seen > 0


def _unchanged(
    found: Any, center: Any, outputs: Sequence[tuple[int, ...]], match: tuple[int, ...], rows: Any
) -> bool:
    start = 0
    for shape, axis in zip(outputs, match, strict=True):
        size = math.prod(shape)
        one, other = (
            np.compress(rows, part[start : start + size].reshape(shape), axis) for part in (found, center)
        )
        if not np.array_equal(one, other, equal_nan=True) and not np.allclose(
            one, other, rtol=1e-14, atol=0, equal_nan=True
        ):
            return False
        start += size
    return True
