"""Parts of a tensor replaced by another: a slice, a range, a diagonal, places in row-major order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import along, memory
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, size_text

__all__: list[str] = []

FAMILY = "scattering"

SRC_SIZE = "expected src to have a size equal to the slice of self. src size = {}, slice size = {}"


def _check_size(src: Any, wanted: Shape) -> None:
    if tuple(src.shape) != wanted:
        raise RuntimeFault("E301", SRC_SIZE.format(size_text(src.shape), size_text(wanted)))


def _select_scatter(x: Any, src: Any, *, dim: int, index: int) -> Any:
    full = np.array(x)
    full[along(dim, index)] = src
    return full


select_scatter = linear(
    "select_scatter_dim",
    args=("x", "src"),
    node="SelectScatterBackward0",
    numpy=_select_scatter,
    transposes=(
        lambda m, g, src_shape, dim, index: m.select_scatter_dim(
            g, m.zeros(src_shape, g), dim=dim, index=index
        ),
        lambda m, g, dim, index: m.select_at(g, dim=dim, index=index),
    ),
    faces="",
    promote="keep",
    infer=lambda x, src, *, dim, index: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 4), s.normal(4)), {"dim": -2, "index": 1})],
    summary="The tensor with the slice at one index replaced.",
    source="PyTorch derivatives.yaml, select_scatter",
)


@composite(
    "select_scatter",
    family=FAMILY,
    summary="The tensor with the slice at one index of a dim replaced.",
    source="PyTorch derivatives.yaml, select_scatter",
    example="select_scatter(x, zeros(2), 0, 1)",
)
def select_scatter_(m: Any, input: Any, src: Any, dim: int, index: int) -> Any:  # noqa: A002 - PyTorch's name
    at, shape = dim_from_right(dim, len(input.shape)), tuple(input.shape)
    place = len(shape) + at
    if not -shape[at] <= index < shape[at]:
        raise IndexFault(
            "E302",
            f"select(): index {index} out of range for tensor of size {size_text(shape)} at dimension {dim}",
        )
    _check_size(src, (*shape[:place], *shape[place + 1 :]))
    return m.apply(select_scatter, (input, src), {"dim": at, "index": index})


def _slice_scatter(x: Any, src: Any, *, dim: int, start: int, stop: int, step: int) -> Any:  # noqa: PLR0913 - PyTorch's signature
    full = np.array(x)
    full[along(dim, slice(start, stop, step))] = src
    return full


slice_scatter = linear(
    "slice_scatter_dim",
    args=("x", "src"),
    node="SliceScatterBackward0",
    numpy=_slice_scatter,
    transposes=(
        lambda m, g, src_shape, dim, start, stop, step: m.slice_scatter_dim(
            g, m.zeros(src_shape, g), dim=dim, start=start, stop=stop, step=step
        ),
        lambda m, g, dim, start, stop, step: m.slice(g, dim=dim, start=start, stop=stop, step=step),
    ),
    faces="",
    promote="keep",
    infer=lambda x, src, *, dim, start, stop, step: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 5), s.normal(3, 2)), {"dim": -1, "start": 1, "stop": 5, "step": 2})],
    summary="The tensor with a range of a dim replaced.",
    source="PyTorch derivatives.yaml, slice_scatter",
)


@composite(
    "slice_scatter",
    family=FAMILY,
    summary="The tensor with a range of a dim replaced.",
    source="PyTorch derivatives.yaml, slice_scatter",
    example="slice_scatter(x, zeros(1, 2), 0, 1)",
)
def slice_scatter_(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    src: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Any:
    at, shape = dim_from_right(dim, len(input.shape)), tuple(input.shape)
    if step < 1:
        raise RuntimeFault("E303", "slice step must be positive")
    begin, stop, _ = slice(start, end, step).indices(shape[at])
    stop, place = max(stop, begin), len(shape) + at
    _check_size(src, (*shape[:place], len(range(begin, stop, step)), *shape[place + 1 :]))
    return m.apply(slice_scatter, (input, src), {"dim": at, "start": begin, "stop": stop, "step": step})


def _diagonal_scatter(x: Any, src: Any, *, offset: int, dim1: int, dim2: int) -> Any:
    from gradcli.ops.diagonals import diagonal  # only its view is needed

    full = np.array(x)
    diagonal.numpy(full, offset=offset, dim1=dim1, dim2=dim2)[...] = src  # type: ignore[misc] # it has one
    return full


diagonal_scatter = linear(
    "diagonal_scatter_dims",
    args=("x", "src"),
    node="DiagonalScatterBackward0",
    numpy=_diagonal_scatter,
    transposes=(
        lambda m, g, src_shape, offset, dim1, dim2: m.diagonal_scatter_dims(
            g, m.zeros(src_shape, g), offset=offset, dim1=dim1, dim2=dim2
        ),
        lambda m, g, offset, dim1, dim2: m.diagonal(g, offset=offset, dim1=dim1, dim2=dim2),
    ),
    faces="",
    promote="keep",
    infer=lambda x, src, *, offset, dim1, dim2: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 4), s.normal(3)), {"offset": 1, "dim1": -2, "dim2": -1})],
    summary="The tensor with a diagonal replaced.",
    source="PyTorch derivatives.yaml, diagonal_scatter",
)


@composite(
    "diagonal_scatter",
    family=FAMILY,
    summary="The tensor with a diagonal replaced.",
    source="PyTorch derivatives.yaml, diagonal_scatter",
    example="diagonal_scatter(x, zeros(2))",
)
def diagonal_scatter_(m: Any, input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:  # noqa: A002, PLR0913 - PyTorch's name
    from gradcli.ops.diagonals import diagonal  # as above

    rank = len(input.shape)
    params = {"offset": offset, "dim1": dim_from_right(dim1, rank), "dim2": dim_from_right(dim2, rank)}
    assert diagonal.infer is not None  # noqa: S101 - known by construction
    _check_size(src, diagonal.infer(tuple(input.shape), **params))
    return m.apply(diagonal_scatter, (input, src), params)


def _put(x: Any, source: Any, index: Any, *, rank: int, accumulate: bool) -> Any:
    flat = np.array(np.reshape(x, (*x.shape[: x.ndim - rank], -1)))
    values = np.reshape(source, (*source.shape[: source.ndim - index.ndim], -1))
    if accumulate:
        np.add.at(flat, along(-1, np.ravel(index)), values)
    else:
        flat[..., np.ravel(index)] = values
    return np.reshape(flat, x.shape)


put = linear(
    "put_flat",
    args=("x", "source", "index"),
    discrete=("index",),
    node="PutBackward0",
    numpy=_put,
    transposes=(
        lambda m, g, index, source_shape, rank, accumulate: (
            g if accumulate else m.put_flat(g, m.zeros(source_shape, g), index, rank=rank, accumulate=False)
        ),
        lambda m, g, index, rank: m.take(g, index, rank=rank),
        None,
    ),
    promote="keep",
    faces="",
    infer=lambda x, source, index, *, rank, accumulate: x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(3, 4), s.normal(2), np.array([5, 0])), {"rank": 2, "accumulate": False}),
        ((s.normal(3, 4), s.normal(3), np.array([5, 0, 5])), {"rank": 2, "accumulate": True}),
    ],
    summary="The tensor with elements put at places in row-major order.",
    source="PyTorch derivatives.yaml, put",
)


@composite(
    "put",
    faces="method",
    aliases=("Tensor.put_",),
    inplace=True,
    family=FAMILY,
    summary="The tensor with elements of another put, or added, at places in row-major order.",
    source="PyTorch derivatives.yaml, put",
    example="x.put(tensor([1]), tensor([5.0]))",
)
def put_(m: Any, input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    array, count, size = memory(index), math.prod(source.shape), math.prod(input.shape)
    if array.dtype != np.int64:
        raise RuntimeFault(
            "E304", f"put_(): Expected a long tensor for index, but got {scalar_type(array.dtype)}"
        )
    if array.size != count:
        raise IndexFault(
            "E301",
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{count}, index.numel() = {array.size}",
        )
    if memory(input).dtype != memory(source).dtype:
        raise RuntimeFault(
            "E304",
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{scalar_type(memory(input).dtype)} and source.dtype = {scalar_type(memory(source).dtype)}",
        )
    if array.size and not (-size <= int(array.min()) and int(array.max()) < size):
        worst = int(array.max()) if int(array.max()) >= size else int(array.min())
        raise IndexFault(
            "E302", f"out of range: tried to access index {worst} on a tensor of {size} elements."
        )
    if tuple(source.shape) != tuple(index.shape):
        source = m.reshape(source, shape=tuple(index.shape), rank=len(source.shape))
    return m.apply(put, (input, source, index), {"rank": len(input.shape), "accumulate": accumulate})
