"""Gathering: elements picked by index tensors along a dim, or by their place in row-major order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import along, memory
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, size_text

__all__ = ["check_index", "check_range", "corner", "open_mesh", "rowed"]

FAMILY = "gathering"


def check_index(name: str, index: Any) -> None:
    """Returns if an argument is a tensor of whole numbers that index.

    Raises:
        RuntimeFault: it has another dtype.
    """
    if memory(index).dtype.kind != "i" or memory(index).dtype.itemsize < 4:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E304", f"{name}(): Expected dtype int32/int64 for index", help="convert the index with .long()"
        )


def check_range(index: Any, size: int, dim: int) -> None:
    """Returns if all indices are from 0 to size - 1.

    Raises:
        RuntimeFault: one is not.
    """
    array = memory(index)
    if array.size:
        for extreme in (int(array.min()), int(array.max())):
            if not 0 <= extreme < size:
                raise RuntimeFault(
                    "E302", f"index {extreme} is out of bounds for dimension {dim} with size {size}"
                )


def corner(x: Any, shape: Shape, dim: int) -> Any:
    """Returns the part of an array with the sizes of `shape` in all dims but `dim`; batch axes stay."""
    if tuple(x.shape[x.ndim - len(shape) :]) == tuple(shape):
        return x
    key = tuple(slice(None) if i - len(shape) == dim else slice(size) for i, size in enumerate(shape))
    return x[(..., *key)]


def rowed(index: Any, rank: int, ndim: int) -> Any:
    """Returns an index of `rank` dims with ones in front, to stand beside an array of `ndim`."""
    return np.reshape(index, (1,) * (ndim - rank) + index.shape) if index.ndim < ndim else index


def open_mesh(index: Any, dim: int) -> tuple[Any, ...]:
    """Returns the key that stands for `index` along a dim and for each place itself along the others."""
    places = [
        np.arange(size).reshape((-1,) + (1,) * (index.ndim - i - 1)) for i, size in enumerate(index.shape)
    ]
    places[index.ndim + dim] = index
    return tuple(places)


def _gather(x: Any, index: Any, *, dim: int, rank: int) -> Any:
    if not rank:
        return np.array(x)
    inner = index.shape[index.ndim - rank :]
    return np.take_along_axis(corner(x, inner, dim), rowed(index, rank, x.ndim), dim)


def _gather_put(g: Any, index: Any, *, shape: Shape, dim: int) -> Any:
    if not shape:
        return np.array(g)
    full = np.zeros(g.shape[: g.ndim - len(shape)] + shape, g.dtype)
    np.add.at(full, open_mesh(np.broadcast_to(rowed(index, len(shape), g.ndim), g.shape), dim), g)
    return full


def _gather_front(m: Any, input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:  # noqa: A002, ARG001 - PyTorch's name
    shape, wanted = tuple(input.shape), tuple(index.shape)
    at = dim_from_right(dim, len(shape))
    if not math.prod(wanted):  # PyTorch takes an empty index of any rank and dtype
        return m.reshape(m.slice(m.ravel(input), dim=-1, start=0, stop=0, step=1), shape=wanted, rank=1)
    check_index("gather", index)
    if max(len(wanted), 1) != max(len(shape), 1):
        raise RuntimeFault("E301", "Index tensor must have the same number of dimensions as input tensor")
    if len(wanted) != len(shape):  # a 0-dim tensor beside a vector of one
        found = _gather_front(
            m, m.reshape(input, shape=(1,), rank=len(shape)), 0, np.reshape(memory(index), 1)
        )
        return m.reshape(found, shape=wanted, rank=1)
    for i, size in enumerate(wanted):
        if i - len(shape) != at and size > shape[i]:
            raise RuntimeFault(
                "E301",
                f"Size does not match at dimension {i} expected index {size_text(wanted)} to be no larger "
                "than self "
                f"{size_text(shape)} apart from dimension {len(shape) + at}",
            )
    check_range(index, shape[at] if shape else 1, len(shape) + at)
    return m.apply(gather, (input, index), {"dim": at, "rank": len(shape)})


gather = linear(
    "gather",
    args=("x", "index"),
    discrete=("index",),
    node="GatherBackward0",
    numpy=_gather,
    transposes=(lambda m, g, index, x_shape, dim: m.gather_put(g, index, shape=x_shape, dim=dim), None),
    front=_gather_front,
    promote="keep",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(3, 4), s.integers(3, 2, 4)), {"dim": -2, "rank": 2}),
        ((s.normal(3, 4), s.integers(4, 2, 5)), {"dim": -1, "rank": 2}),
    ],
    summary="For each index the element at that place along a dim.",
    source="NumPy reference, numpy.take_along_axis",
    example="gather(x, 1, tensor([[0], [1]]))",
)

gather_put = linear(
    "gather_put",
    args=("x", "index"),
    discrete=("index",),
    node="ScatterAddBackward0",
    numpy=_gather_put,
    transposes=(lambda m, g, index, shape, dim: m.gather(g, index, dim=dim, rank=len(shape)), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape, dim: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 4), s.integers(3, 2, 4)), {"shape": (3, 4), "dim": -2})],
    summary="Zeros to which each element is added at its index along a dim: the transpose of gather.",
    source="NumPy reference, numpy.ufunc.at",
)


@composite(
    "take_along_dim",
    family=FAMILY,
    summary="As gather, with index and tensor broadcast; without a dim of all elements.",
    source="NumPy reference, numpy.take_along_axis",
    example="take_along_dim(x, tensor([[0], [1]]), dim=1)",
)
def take_along_dim(m: Any, input: Any, indices: Any, dim: int | None = None) -> Any:  # noqa: A002 - PyTorch's name
    if dim is None:
        return _gather_front(m, m.view(m.contiguous(input), -1), 0, m.view(m.contiguous(indices), -1))
    if len(input.shape) != len(indices.shape):
        raise RuntimeFault(
            "E301",
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{len(input.shape)} dimensions for input, and {len(indices.shape)} dimensions for indices",
        )
    at = dim_from_right(dim, len(input.shape))
    place = len(input.shape) + at

    def without(shape: Any) -> Shape:
        return (*shape[:place], 1, *shape[place + 1 :])

    common = np.broadcast_shapes(without(tuple(input.shape)), without(tuple(indices.shape)))

    def spread(size: int) -> Shape:
        return (*common[:place], size, *common[place + 1 :])

    # Unlike gather it takes indices modulo the size.
    index = np.broadcast_to(memory(indices) % max(input.shape[place], 1), spread(indices.shape[place]))
    return _gather_front(
        m, m.expand(input, shape=spread(input.shape[place]), rank=len(input.shape)), dim, index
    )


def _index_select(x: Any, index: Any, *, dim: int) -> Any:
    return np.take(x, index, axis=dim) if x.ndim else np.array(x)


def _index_select_put(g: Any, index: Any, *, shape: Shape, dim: int) -> Any:
    if not shape:
        return np.add.reduce(g, axis=-1) if g.ndim else g
    full = np.zeros(g.shape[: g.ndim - len(shape)] + shape, g.dtype)
    np.add.at(full, (..., index, *(slice(None),) * (-dim - 1)), g)
    return full


def vector_index(name: str, index: Any) -> Any:
    """Returns an index of one dim; a 0-dim one counts as one.

    Raises:
        IndexFault: it has more dims.
    """
    check_index(name, index)
    if len(index.shape) > 1:
        raise IndexFault("E301", f"{name}(): Index is supposed to be a vector")
    return np.reshape(index, 1) if not len(index.shape) and isinstance(index, np.ndarray) else index


def _index_select_front(m: Any, input: Any, dim: int, index: Any) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    at = dim_from_right(dim, len(shape))
    index = vector_index("index_select", index)
    if not len(index.shape):
        index = m.reshape(index, shape=(1,), rank=0)
    array, size = memory(index), shape[at] if shape else 1
    if array.size and not (int(array.min()) >= 0 and int(array.max()) < size):
        advice = f"the indices run from 0 to {size - 1}"
        if at % max(len(shape), 1):  # another kernel than that of the first dim
            wrong = next(one for one in array.ravel().tolist() if not 0 <= one < size)
            raise RuntimeFault(
                "E302", f"INDICES element is out of DATA bounds, id={wrong} axis_dim={size}", help=advice
            )
        raise IndexFault("E302", "index out of range in self", help=advice)
    return m.apply(index_select, (input, index), {"dim": at})


index_select = linear(
    "index_select_dim",
    args=("x", "index"),
    discrete=("index",),
    node="IndexSelectBackward0",
    numpy=_index_select,
    transposes=(lambda m, g, index, x_shape, dim: m.index_select_put(g, index, shape=x_shape, dim=dim), None),
    promote="keep",
    faces="",
    grows=True,
    infer=lambda x, index, *, dim: (*x[: len(x) + dim], index[0], *x[len(x) + dim + 1 :]) if x else x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(3, 4), s.integers(3, 5)), {"dim": -2}),
        ((s.normal(3, 4), s.integers(4, 2)), {"dim": -1}),
    ],
    summary="The slices at indices along a dim.",
    source="NumPy reference, numpy.take",
)

index_select_ = composite(
    "index_select",
    family=FAMILY,
    summary="The slices at indices along a dim.",
    source="NumPy reference, numpy.take",
    example="index_select(x, 0, tensor([1, 0, 1]))",
)(_index_select_front)

index_select_put = linear(
    "index_select_put",
    args=("x", "index"),
    discrete=("index",),
    node="IndexAddBackward0",
    numpy=_index_select_put,
    transposes=(lambda m, g, index, dim: m.index_select_dim(g, index, dim=dim), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape, dim: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(5, 4), s.integers(3, 5)), {"shape": (3, 4), "dim": -2})],
    summary="Zeros to which slices are added at indices along a dim: the transpose of index_select.",
    source="NumPy reference, numpy.ufunc.at",
)


def _flat(x: Any, rank: int) -> Any:
    return np.reshape(x, (*x.shape[: x.ndim - rank], -1))


def _flat_put(g: Any, index: Any, *, shape: Shape) -> Any:
    flat = np.reshape(g, (*g.shape[: g.ndim - index.ndim], -1))
    full = np.zeros((*flat.shape[:-1], math.prod(shape)), g.dtype)
    np.add.at(full, along(-1, np.ravel(index)), flat)
    return np.reshape(full, flat.shape[:-1] + shape)


def _take_front(m: Any, input: Any, index: Any) -> Any:  # noqa: A002 - PyTorch's name
    size = math.prod(input.shape)
    array = memory(index)
    if array.dtype != np.int64:
        raise RuntimeFault(
            "E304", f"take(): Expected a long tensor for index, but got {scalar_type(array.dtype)}"
        )
    if array.size and not size:
        raise IndexFault("E302", "take(): tried to take from an empty tensor")
    if array.size and not (-size <= int(array.min()) and int(array.max()) < size):
        raise IndexFault(
            "E302", f"out of range: tried to access index {int(array.max())} on a tensor of {size} elements."
        )
    return m.apply(take, (input, index), {"rank": len(input.shape)})


take = linear(
    "take",
    args=("x", "index"),
    discrete=("index",),
    node="TakeBackward0",
    numpy=lambda x, index, *, rank: np.take(_flat(x, rank), index, axis=-1),
    transposes=(lambda m, g, index, x_shape: m.take_put(g, index, shape=x_shape), None),
    front=_take_front,
    promote="keep",
    infer=lambda x, index, *, rank: index,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 4), s.integers(12, 2, 3)), {"rank": 2})],
    summary="The elements at places in row-major order.",
    source="NumPy reference, numpy.take",
    example="take(x, tensor([0, 3]))",
)

take_put = linear(
    "take_put",
    args=("x", "index"),
    discrete=("index",),
    node="PutBackward0",
    numpy=_flat_put,
    transposes=(lambda m, g, index, shape: m.take(g, index, rank=len(shape)), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.integers(12, 2, 3)), {"shape": (3, 4)})],
    summary="Zeros to which elements are added at places in row-major order: the transpose of take.",
    source="NumPy reference, numpy.put",
)
