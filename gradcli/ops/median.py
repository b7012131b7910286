"""Medians, with and without nan."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0124, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dims import along, check_nonempty, numpy_names
from gradcli.ops.kink import Kink
from gradcli.ops.order import ranking
from gradcli.ops.picking import picking
from gradcli.ops.record import Record, composite, general
from gradcli.ops.refusals import check_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "order"


def _place(x: Any, dim: int, *, skip_nan: bool) -> tuple[Any, Any]:
    """The place of the lower median along a dim among the sorted (1 wide), and the order that sorts."""
    order = ranking(x, dim)
    nans = np.add.reduce(x != x, axis=dim, keepdims=True)
    size = x.shape[dim]
    if skip_nan:
        place = np.maximum(size - nans - 1, 0) // 2
    else:  # a nan is the median: the first of them, which sorting puts at the end
        place = np.where(nans > 0, size - nans, (size - 1) // 2)
    return place, order


def _along(skip_nan: bool) -> Callable[[Any, int], Any]:
    """The place of the lower median along a dim."""

    def median(x: Any, dim: int) -> Any:
        place, order = _place(x, dim, skip_nan=skip_nan)
        return np.take_along_axis(order, place, dim)

    return median


def _median_all(skip_nan: bool) -> Callable[..., Any]:
    def median(x: Any, *, rank: int) -> Any:
        flat = np.reshape(x, (*x.shape[: x.ndim - rank], -1))
        if not flat.shape[-1]:
            return np.full(flat.shape[:-1], np.nan, x.dtype)
        place, order = _place(flat, -1, skip_nan=skip_nan)
        return np.take_along_axis(flat, np.take_along_axis(order, place, -1), -1)[..., 0]

    return median


def _shares(m: Any, x: Any, y: Any, x_shape: Shape) -> tuple[Any, Any]:
    """Where x is the median (a nan among nans too), and in how many places."""
    dims = tuple(range(-len(x_shape), 0))
    middle = m.spread(y, shape=x_shape, dims=dims, keepdim=False)
    hit = m.logical_or(m.eq(x, middle), m.logical_and(m.ne(x, x), m.ne(middle, middle)))
    return hit, m.sum_dims(m.cast_like(hit, y), dims=dims, keepdim=False)


def _all_vjp(m: Any, g: Any, x: Any, y: Any, x_shape: Shape) -> Any:
    hit, count = _shares(m, x, y, x_shape)
    return m.masked(
        m.spread(g / count, shape=x_shape, dims=tuple(range(-len(x_shape), 0)), keepdim=False), hit
    )


def _all_jvp(m: Any, t: Any, x: Any, y: Any, x_shape: Shape) -> Any:
    hit, count = _shares(m, x, y, x_shape)
    return m.sum_dims(m.masked(t, hit), dims=tuple(range(-len(x_shape), 0)), keepdim=False) / count


def _of_all(name: str, *, skip_nan: bool, **facts: Any) -> Record:
    return general(
        name,
        numpy=_median_all(skip_nan),
        complex=False,
        vjps=(_all_vjp,),
        jvps=(_all_jvp,),
        promote="keep",
        faces="",
        infer=lambda x, *, rank: (),
        family=FAMILY,
        samples=lambda s: [((s.distinct(2, 3),), {"rank": 2}), ((s.distinct(4),), {"rank": 1})],
        kinks=(Kink("tied elements share the cotangent evenly", "even"),),
        **facts,
    )


median_all = _of_all(
    "median_all",
    skip_nan=False,
    node="MedianBackward0",
    summary="Lower median of all elements.",
    source="PyTorch derivatives.yaml, median",
)
nanmedian_all = _of_all(
    "nanmedian_all",
    skip_nan=True,
    node="NanmedianBackward0",
    source="PyTorch derivatives.yaml, nanmedian",
    summary="Lower median of all elements that are not nan.",
)
median_dim = picking(
    "median_dim",
    _along(skip_nan=False),
    tied="the one in the middle",
    family=FAMILY,
    faces="",
    node="MedianBackward1",
    summary="Lower medians along a dim.",
    source="PyTorch derivatives.yaml, median.dim",
)
nanmedian_dim = picking(
    "nanmedian_dim",
    _along(skip_nan=True),
    tied="the one in the middle",
    family=FAMILY,
    faces="",
    node="NanmedianBackward1",
    source="PyTorch derivatives.yaml, nanmedian.dim",
    summary="Lower medians along a dim of what is not nan.",
)


def _medians(m: Any, name: str, records: tuple[Record, Record], x: Any, dim: Any, keepdim: bool) -> Any:
    shape = tuple(x.shape)
    if x.dtype.kind == "b":
        check_kind(name, x.dtype, [])
    if dim is None:
        return m.apply(records[0], (x,), {"rank": len(shape)})
    at = along(name, dim, len(shape))
    if at is not None:
        check_nonempty(name, shape, at)
    return m.named(name, ("values", "indices"), m.apply(records[1], (x,), {"dim": at, "keepdim": keepdim}))


@composite(
    "median",
    family=FAMILY,
    summary="Median: of all elements, or along a dim with indices; the lower of two.",
    source="PyTorch reference, torch.median",
    example="median(x)",
)
@numpy_names
def median(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return _medians(m, "median", (median_all, median_dim), input, dim, keepdim)


@composite(
    "nanmedian",
    family=FAMILY,
    summary="Median that leaves nan out.",
    source="PyTorch reference, torch.nanmedian",
    example="nanmedian(x)",
)
@numpy_names
def nanmedian(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return _medians(m, "nanmedian", (nanmedian_all, nanmedian_dim), input, dim, keepdim)
