"""Whole slices put, added or filled at indices along a dim."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import memory
from gradcli.ops.record import composite, linear
from gradcli.ops.scattering import base
from gradcli.ops.shapes import dim_from_right, size_text

__all__ = ["vector_place"]

FAMILY = "scattering"


def vector_place(name: str, input: Any, dim: int, index: Any, source: Any) -> tuple[int, Any]:  # noqa: A002 - PyTorch's name
    """Returns the dim from the right, and the index as a vector, for slices of `source` put along a dim.

    Raises:
        IndexFault, RuntimeFault: shapes, dtypes or indices do not fit, in PyTorch's words.
    """
    at = dim_from_right(dim, len(input.shape))
    array = memory(index)
    if array.dtype.kind != "i" or array.dtype.itemsize < 4:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E304", f"{name}(): Expected dtype int32/int64 for index but got: {scalar_type(array.dtype)}"
        )
    if array.ndim > 1:
        raise IndexFault(
            "E301",
            f"{name}(): Index is supposed to be a vector, but got dim: {array.ndim} with type: "
            f"{scalar_type(array.dtype)} and size: {size_text(array.shape)}",
        )
    count = source.shape[at] if len(source.shape) else 1
    if array.size != count:
        kind = IndexFault if name == "index_copy_" else RuntimeFault
        raise kind(
            "E301",
            f"{name}(): Number of indices ({array.size}) should be equal to source.size(dim): ({count}), "
            f"for dim: {dim}"
            if name != "index_copy_"
            else f"{name}(): Number of indices ({array.size}) should be equal to source.size(dim) ({count})",
        )
    if memory(input).dtype != memory(source).dtype:
        own, other = scalar_type(memory(input).dtype), scalar_type(memory(source).dtype)
        raise RuntimeFault(
            "E304",
            f"{name}(): self ({own}) and source ({other}) must have the same scalar type"
            if name != "index_copy_"
            else f"{name}(): self and source expected to have the same dtype, but got "
            f"(self) {own} and (source) {other}",
        )
    size = input.shape[at] if len(input.shape) else 1
    for extreme in (int(array.min()), int(array.max())) if array.size else ():
        if not 0 <= extreme < size:
            where = f"index {extreme} is out of bounds for dimension {len(input.shape) + at} with size {size}"
            raise (
                IndexFault("E302", f"{name}(): {where}")
                if name == "index_copy_"
                else RuntimeFault("E302", where)
            )
    return at, index if array.ndim else np.reshape(array, 1)


def _key(dim: int, index: Any) -> tuple[Any, ...]:
    return (..., index, *(slice(None),) * (-dim - 1))


def _index_add(x: Any, source: Any, index: Any, *, dim: int, rank: int, alpha: Any) -> Any:  # noqa: PLR0913 - PyTorch's signature
    if not rank:
        return x + alpha * np.reshape(source, x.shape)
    full = base(x, source, rank)
    np.add.at(full, _key(dim, index), source if alpha == 1 else source * alpha)
    return full


index_add = linear(
    "index_add_dim",
    args=("x", "source", "index"),
    discrete=("index",),
    node="IndexAddBackward0",
    numpy=_index_add,
    transposes=(
        lambda m, g: g,
        lambda m, g, index, dim, alpha: m.index_select_dim(g, index, dim=dim) * alpha,
        None,
    ),
    promote="keep",
    faces="",
    infer=lambda x, source, index, *, dim, rank, alpha: x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(3, 4), s.normal(3, 2), s.integers(4, 2)), {"dim": -1, "rank": 2, "alpha": 2})
    ],
    summary="The tensor with slices added at indices along a dim.",
    source="PyTorch derivatives.yaml, index_add",
)


@composite(
    "index_add",
    inplace=True,
    family=FAMILY,
    summary="The tensor with slices of another added at indices along a dim.",
    source="PyTorch derivatives.yaml, index_add",
    example="index_add(x, 0, tensor([1, 1]), x)",
)
def index_add_(m: Any, input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Any:  # noqa: A002, PLR0913 - PyTorch's name
    at, places = vector_place("index_add_", input, dim, index, source)
    return m.apply(index_add, (input, source, places), {"dim": at, "rank": len(input.shape), "alpha": alpha})


def _index_copy(x: Any, source: Any, index: Any, *, dim: int, rank: int) -> Any:
    if not rank:
        return np.array(np.reshape(source, x.shape)) if index.size else np.array(x)
    full = base(x, source, rank)
    full[_key(dim, index)] = source
    return full


index_copy = linear(
    "index_copy_dim",
    args=("x", "source", "index"),
    discrete=("index",),
    node="IndexCopyBackward0",
    numpy=_index_copy,
    transposes=(
        lambda m, g, index, source_shape, dim, rank: m.index_copy_dim(
            g, m.zeros(source_shape, g), index, dim=dim, rank=rank
        ),
        lambda m, g, index, dim: m.index_select_dim(g, index, dim=dim),
        None,
    ),
    promote="keep",
    faces="",
    infer=lambda x, source, index, *, dim, rank: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 4), s.normal(2, 4), np.array([2, 0])), {"dim": -2, "rank": 2})],
    summary="The tensor with slices put at indices along a dim.",
    source="PyTorch derivatives.yaml, index_copy",
)


@composite(
    "index_copy",
    inplace=True,
    family=FAMILY,
    summary="The tensor with slices of another put at indices along a dim.",
    source="PyTorch derivatives.yaml, index_copy",
    example="index_copy(x, 0, tensor([1, 0]), x)",
)
def index_copy_(m: Any, input: Any, dim: int, index: Any, source: Any) -> Any:  # noqa: A002 - PyTorch's name
    at, places = vector_place("index_copy_", input, dim, index, source)
    return m.apply(index_copy, (input, source, places), {"dim": at, "rank": len(input.shape)})


def _index_fill(x: Any, value: Any, index: Any, *, dim: int, rank: int, form: int) -> Any:  # noqa: ARG001, PLR0913 - part of the signature
    value = np.asarray(value)
    if not rank:
        return np.array(np.broadcast_to(value, x.shape), x.dtype) if index.size else np.array(x)
    lead = np.broadcast_shapes(x.shape[: x.ndim - rank], value.shape)
    full = np.array(np.broadcast_to(x, lead + x.shape[x.ndim - rank :]))
    full[_key(dim, index)] = np.reshape(value, value.shape + (1,) * rank)
    return full


index_fill = linear(
    "index_fill_dim",
    args=("x", "value", "index"),
    discrete=("index",),
    node=lambda dim, rank, form: f"IndexFillBackward{form}",
    numpy=_index_fill,
    transposes=(
        lambda m, g, index, dim, rank, form: m.index_fill_dim(g, 0, index, dim=dim, rank=rank, form=form),
        lambda m, g, index, x_shape, dim: m.sum_dims(
            m.index_select_dim(g, index, dim=dim), dims=tuple(range(-len(x_shape), 0)), keepdim=False
        ),
        None,
    ),
    promote="keep",
    faces="",
    infer=lambda x, value, index, *, dim, rank, form: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 4), s.normal(), np.array([2, 0])), {"dim": -2, "rank": 2, "form": 1})],
    summary="The tensor with one value at indices along a dim.",
    source="PyTorch derivatives.yaml, index_fill",
)


@composite(
    "index_fill",
    inplace=True,
    family=FAMILY,
    summary="The tensor with one value at indices along a dim.",
    source="PyTorch derivatives.yaml, index_fill",
    example="index_fill(x, 0, tensor([1]), 5.0)",
)
def index_fill_(m: Any, input: Any, dim: int, index: Any, value: Any) -> Any:  # noqa: A002 - PyTorch's name
    form, array = int(hasattr(value, "shape")), memory(index)
    at = dim_from_right(dim, len(input.shape))
    if array.dtype != np.int64:
        raise IndexFault("E304", "index_fill_(): Expected dtype int64 for index.")
    if form and len(value.shape):
        raise RuntimeFault(
            "E301",
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{len(value.shape)} dimension(s).",
        )
    size = input.shape[at] if len(input.shape) else 1
    for extreme in (int(array.min()), int(array.max())) if array.size else ():
        if not -size <= extreme < size:
            raise IndexFault(
                "E302",
                f"index {extreme} is out of bounds for dimension {len(input.shape) + at} with size {size}",
            )
    places = np.unique(array % max(size, 1))  # each place counts once in the value's gradient
    return m.apply(index_fill, (input, value, places), {"dim": at, "rank": len(input.shape), "form": form})
