"""Patches: the windows over the last dims that convolutions read, as a view, and its transpose.

Axes in front of the spatial ones are a batch.
"""

# PyTorch's names and signatures, and formulas that name all they are given:

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Geometry", "counts", "gather", "scatter"]


class Geometry(NamedTuple):
    """How windows lie over the spatial dims: one entry per dim, of padding a pair (before, after)."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]

    @property
    def rank(self) -> int:
        """The number of spatial dims."""
        return len(self.kernel)


def counts(sizes: Sequence[int], geometry: Geometry) -> tuple[int, ...]:
    """Returns how many windows lie along each spatial dim of the given sizes."""
    return tuple(
        max((size + sum(pad) - d * (k - 1) - 1) // s + 1, 0)
        for size, k, s, d, pad in zip(sizes, *geometry, strict=True)
    )


def _padded(x: Any, padding: Sequence[tuple[int, int]]) -> Any:
    if not any(map(any, padding)):
        return x
    lead = x.ndim - len(padding)
    shape = x.shape[:lead] + tuple(n + sum(pad) for n, pad in zip(x.shape[lead:], padding, strict=True))
    full: Any = np.zeros(shape, x.dtype)
    full[(..., *_inner(x.shape[lead:], padding))] = x
    return full


def _inner(sizes: Sequence[int], padding: Sequence[tuple[int, int]]) -> tuple[slice, ...]:
    """Where the elements lie within their padding."""
    return tuple(slice(pad[0], pad[0] + n) for n, pad in zip(sizes, padding, strict=True))


def gather(x: Any, geometry: Geometry, windows: Sequence[int] | None = None) -> Any:
    """Returns a read-only view of shape (..., *kernel, *windows): every window of x between zeros."""
    kernel, stride, dilation, padding = geometry
    lead = x.ndim - geometry.rank
    found = counts(x.shape[lead:], geometry) if windows is None else tuple(windows)
    x = _padded(x, padding)
    steps = x.strides[lead:]
    strides = (
        *x.strides[:lead],
        *(d * step for d, step in zip(dilation, steps, strict=True)),
        *(s * step for s, step in zip(stride, steps, strict=True)),
    )
    return np.lib.stride_tricks.as_strided(x, (*x.shape[:lead], *kernel, *found), strides, writeable=False)


def _offsets(geometry: Geometry, found: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """For each place in the kernel the elements that it reads, one per window."""
    kernel, stride, dilation, _ = geometry
    for place in product(*map(range, kernel)):
        rows = zip(place, dilation, stride, found, strict=True)
        yield place, tuple(slice(at * d, at * d + s * (n - 1) + 1, s) for at, d, s, n in rows)


def scatter(columns: Any, geometry: Geometry, sizes: Sequence[int]) -> Any:
    """Returns (..., *sizes) to which each element of (..., *kernel, *windows) is added: gather transposed."""
    rank = geometry.rank
    lead = columns.ndim - 2 * rank
    outer = tuple(n + sum(pad) for n, pad in zip(sizes, geometry.padding, strict=True))
    full: Any = np.zeros((*columns.shape[:lead], *outer), columns.dtype)
    if math.prod(columns.shape[lead:]):
        for place, reached in _offsets(geometry, columns.shape[lead + rank :]):
            full[(..., *reached)] += columns[(..., *place, *(slice(None),) * rank)]
    return full[(..., *_inner(sizes, geometry.padding))]
