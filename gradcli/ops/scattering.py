"""Scattering: elements put, or added, at the places that index tensors name."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.gathering import check_index, check_range, corner, open_mesh, rowed
from gradcli.ops.layout import memory
from gradcli.ops.record import linear
from gradcli.ops.shapes import dim_from_right, size_text

__all__ = ["base", "matched"]

FAMILY = "scattering"


def base(x: Any, src: Any, rank: int) -> Any:
    """Returns a copy of x (of `rank` dims), with the batch axes of x and src in front."""
    lead = np.broadcast_shapes(x.shape[: x.ndim - rank], src.shape[: src.ndim - rank])
    return np.array(np.broadcast_to(x, lead + x.shape[x.ndim - rank :]))


def _scatter(x: Any, src: Any, index: Any, *, dim: int, rank: int) -> Any:
    if not rank:
        return np.array(np.broadcast_to(src, np.broadcast_shapes(x.shape, src.shape)))
    full = base(x, src, rank)
    inner = index.shape[index.ndim - rank :]
    np.put_along_axis(corner(full, inner, dim), rowed(index, rank, full.ndim), src, dim)
    return full


def _scatter_add(x: Any, src: Any, index: Any, *, dim: int, rank: int) -> Any:
    if not rank:
        return x + src
    full = base(x, src, rank)
    shape = full.shape[: full.ndim - rank] + index.shape[index.ndim - rank :]
    np.add.at(
        full,
        open_mesh(np.broadcast_to(rowed(index, rank, full.ndim), shape), dim),
        np.broadcast_to(src, shape),
    )
    return full


def matched(m: Any, name: str, input: Any, dim: int, index: Any, src: Any) -> tuple[int, Any]:  # noqa: A002, PLR0913 - PyTorch's name
    """Returns the dim from the right, and the part of src that the index covers.

    Raises:
        RuntimeFault: shapes, dtypes or indices do not fit, in PyTorch's words.
    """
    shape, wanted, given = tuple(input.shape), tuple(index.shape), tuple(src.shape)
    at = dim_from_right(dim, len(shape))
    check_index(name, index)
    if memory(input).dtype != memory(src).dtype:
        raise RuntimeFault("E304", f"{name}(): Expected self.dtype to be equal to src.dtype")
    if max(len(wanted), 1) != max(len(shape), 1):
        raise RuntimeFault("E301", "Index tensor must have the same number of dimensions as self tensor")
    if max(len(wanted), 1) != max(len(given), 1):
        raise RuntimeFault("E301", "Index tensor must have the same number of dimensions as src tensor")
    if len(wanted) == len(shape) == len(given):
        for i, size in enumerate(wanted):
            if size > given[i] or (i - len(shape) != at and size > shape[i]):
                raise RuntimeFault(
                    "E301",
                    f"Expected index {size_text(wanted)} to be no larger than self {size_text(shape)} "
                    "apart from "
                    f"dimension {len(shape) + at} and to be no larger size than src {size_text(given)}",
                )
    check_range(index, shape[at] if shape else 1, len(shape) + at if shape else 0)
    if len(given) != len(shape):
        src = m.reshape(src, shape=shape and (math.prod(given),), rank=len(given))
    for i, size in enumerate(wanted):
        if len(given) == len(wanted) and size != given[i]:
            src = m.slice(src, dim=i - len(wanted), start=0, stop=size, step=1)
    return at, src


def _index(index: Any, rank: int) -> Any:
    """The index with as many dims as the tensor: a vector of one beside a 0-dim tensor, and the reverse."""
    return index if len(index.shape) == rank else np.reshape(memory(index), (1,) * rank)


def _scatter_front(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    dim: int,
    index: Any,
    src: Any = None,
    *,
    value: Any = None,
    reduce: Any = None,
) -> Any:
    filling = value if src is None else src
    rank = len(input.shape)
    if reduce is not None:
        if not hasattr(filling, "shape"):
            filling = m.expand(m.array(filling, input), shape=tuple(index.shape), rank=0)
        names = {"add": "sum", "multiply": "prod"}
        if reduce not in names:
            raise RuntimeFault("E303", "reduce argument must be either add or multiply.")
        return m.scatter_reduce(input, dim, index, filling, names[reduce])
    if not math.prod(index.shape):
        return m.clone(input)
    if hasattr(filling, "shape"):
        at, filling = matched(m, "scatter", input, dim, index, filling)
        return m.apply(scatter, (input, filling, _index(index, rank)), {"dim": at, "rank": rank, "form": 0})
    constant = m.expand(m.array(filling, input), shape=tuple(index.shape), rank=0)
    at, constant = matched(m, "scatter", input, dim, index, constant)
    return m.apply(scatter, (input, constant, _index(index, rank)), {"dim": at, "rank": rank, "form": 1})


def _scatter_samples(s: Any) -> Any:
    index = np.array([[0, 2, 1], [2, 0, 0]])
    return [((s.normal(3, 4), s.normal(2, 3), index), {"dim": -2, "rank": 2})]


scatter = linear(
    "scatter",
    args=("x", "src", "index"),
    discrete=("index",),
    node=lambda dim, rank, form=0: f"ScatterBackward{form}",
    numpy=lambda x, src, index, *, dim, rank, form=0: _scatter(x, src, index, dim=dim, rank=rank),
    transposes=(
        lambda m, g, index, src_shape, dim, rank: m.scatter(
            g, m.zeros(src_shape, g), index, dim=dim, rank=rank
        ),
        lambda m, g, index, dim, rank: m.gather(g, index, dim=dim, rank=rank),
        None,
    ),
    front=_scatter_front,
    promote="keep",
    inplace=True,
    infer=lambda x, src, index, *, dim, rank, form=0: x,
    family=FAMILY,
    samples=_scatter_samples,
    summary="The tensor with elements of another put at indices along a dim.",
    source="PyTorch derivatives.yaml, scatter",
    example="scatter(x, 1, tensor([[0], [1]]), 5.0)",
)


def _scatter_add_front(m: Any, input: Any, dim: int, index: Any, src: Any) -> Any:  # noqa: A002 - PyTorch's name
    if not math.prod(index.shape):
        return m.clone(input)
    at, src = matched(m, "scatter", input, dim, index, src)
    rank = len(input.shape)
    return m.apply(scatter_add, (input, src, _index(index, rank)), {"dim": at, "rank": rank})


scatter_add = linear(
    "scatter_add",
    args=("x", "src", "index"),
    discrete=("index",),
    node="ScatterAddBackward0",
    numpy=_scatter_add,
    transposes=(
        lambda m, g: g,
        lambda m, g, index, dim, rank: m.gather(g, index, dim=dim, rank=rank),
        None,
    ),
    front=_scatter_add_front,
    promote="keep",
    inplace=True,
    infer=lambda x, src, index, *, dim, rank: x,
    family=FAMILY,
    samples=_scatter_samples,
    summary="The tensor with elements of another added at indices along a dim.",
    source="PyTorch derivatives.yaml, scatter_add",
    example="scatter_add(x, 1, tensor([[0], [1]]), x)",
)
