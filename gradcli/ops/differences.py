"""Differences of neighbours, and sums of trapezoids under samples."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dims import numpy_names
from gradcli.ops.record import composite
from gradcli.ops.shapes import dim_from_right

__all__: list[str] = []

FAMILY = "differences"


def _part(m: Any, x: Any, dim: int, start: int, stop: int) -> Any:
    return m.slice(x, dim=dim, start=start, stop=max(stop, start), step=1)


def _neighbours(m: Any, x: Any, dim: int) -> tuple[Any, Any]:
    """All elements along a dim but the last, and all but the first."""
    size = x.shape[dim]
    return _part(m, x, dim, 0, size - 1), _part(m, x, dim, min(1, size), size)


@composite(
    "diff",
    family=FAMILY,
    summary="Differences of neighbours along a dim, n times over.",
    source="NumPy reference, numpy.diff",
    example="diff(x)",
)
@numpy_names
def diff(m: Any, input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    rank = len(input.shape)
    if not rank:
        raise RuntimeFault("E301", "diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeFault("E303", f"order must be non-negative but got {n}")
    at = dim_from_right(dim, rank)
    parts = [part for part in (prepend, input, append) if part is not None]
    x = m.cat(*parts, dim=at) if len(parts) > 1 else input
    if not n:
        return m.view_as_self(x)
    for _ in range(min(n, x.shape[at])):
        before, after = _neighbours(m, x, at)
        x = m.logical_xor(after, before) if x.dtype.kind == "b" else after - before
    return x


def _steps(m: Any, y: Any, x: Any, dim: int, name: str) -> Any:
    """The distances between the sample points x, shaped to broadcast with y."""
    if len(x.shape) == 1:
        if x.shape[0] != y.shape[dim]:
            raise RuntimeFault("E301", f"{name}: There must be one `x` value for each sample point")
        shape = [1] * len(y.shape)
        shape[dim] = x.shape[0]
        x = m.reshape(x, shape=tuple(shape), rank=1)
    elif len(x.shape) < len(y.shape):
        x = m.reshape(x, shape=(1,) * (len(y.shape) - len(x.shape)) + tuple(x.shape), rank=len(x.shape))
    before, after = _neighbours(m, x, dim)
    return after - before


@composite(
    "trapezoid",
    faces="torch",
    aliases=("trapz",),
    family=FAMILY,
    summary="Area under samples y along a dim, at points x or at distance dx.",
    source="DLMF 3.5.1",
    example="trapezoid(x)",
)
def trapezoid(m: Any, y: Any, x: Any = None, *, dx: Any = 1, dim: int = -1) -> Any:
    if not len(y.shape):
        raise RuntimeFault("E301", "trapezoid: y must have at least one dimension")
    at = dim_from_right(dim, len(y.shape))
    if not y.shape[at]:
        return m.sum_dims(y, dims=(at,), keepdim=False)
    if x is None:
        ends = m.select_at(y, dim=at, index=0) + m.select_at(y, dim=at, index=-1)
        return (m.sum_dims(y, dims=(at,), keepdim=False) - ends * 0.5) * dx
    before, after = _neighbours(m, y, at)
    return m.sum_dims((before + after) * _steps(m, y, x, at, "trapezoid"), dims=(at,), keepdim=False) / 2


@composite(
    "cumulative_trapezoid",
    faces="torch",
    family=FAMILY,
    summary="Areas under samples y from the first up to each, at points x or at distance dx.",
    source="DLMF 3.5.1",
    example="cumulative_trapezoid(x)",
)
def cumulative_trapezoid(m: Any, y: Any, x: Any = None, *, dx: Any = 1, dim: int = -1) -> Any:
    if not len(y.shape):
        raise RuntimeFault("E301", "cumulative_trapezoid: y must have at least one dimension")
    at = dim_from_right(dim, len(y.shape))
    before, after = _neighbours(m, y, at)
    if x is None:
        return m.cumsum((before + after) * (dx / 2), dim=at, reverse=False)
    areas = (before + after) * _steps(m, y, x, at, "cumulative_trapezoid")
    return m.cumsum(areas, dim=at, reverse=False) / 2
