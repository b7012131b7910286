"""Indexing: parts of a tensor by position, slice, index tensor or mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.layout import along
from gradcli.ops.placing import taken_shape
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

FAMILY = "indexing"


def _put(shape: Shape, rank: int, key: tuple[Any, ...], x: Any) -> Any:
    full = np.zeros(x.shape[: x.ndim - rank] + shape, x.dtype)
    full[key] = x
    return full


# Named apart from PyTorch's function because `m.select(mask, value)` is a partial derivative's.
select_at = linear(
    "select_at",
    node="SelectBackward0",
    numpy=lambda x, *, dim, index: x[along(dim, index)],
    transposes=(lambda m, g, x_shape, dim, index: m.select_put(g, shape=x_shape, dim=dim, index=index),),
    promote="keep",
    view=True,
    faces="",
    infer=lambda x, *, dim, index: x[: len(x) + dim] + x[len(x) + dim + 1 :],
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"dim": -1, "index": 1}),
        ((s.normal(2, 3),), {"dim": -2, "index": -1}),
    ],
    summary="The slice at one index of a dim.",
    source="NumPy reference, basic indexing",
)

select_put = linear(
    "select_put",
    node="SelectBackward0",
    numpy=lambda x, *, shape, dim, index: _put(shape, len(shape) - 1, along(dim, index), x),
    transposes=(lambda m, g, dim, index: m.select_at(g, dim=dim, index=index),),
    promote="keep",
    faces="",
    infer=lambda x, *, shape, dim, index: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2),), {"shape": (2, 3), "dim": -1, "index": 1})],
    summary="Zeros with the slice at one index set: the transpose of select.",
    source="NumPy reference, basic indexing",
)

slice_ = linear(
    "slice",
    node="SliceBackward0",
    numpy=lambda x, *, dim, start, stop, step: x[along(dim, slice(start, stop, step))],
    transposes=(
        lambda m, g, x_shape, dim, start, stop, step: m.slice_put(
            g, shape=x_shape, dim=dim, start=start, stop=stop, step=step
        ),
    ),
    promote="keep",
    view=True,
    faces="",
    infer=lambda x, *, dim, start, stop, step: (
        *x[: len(x) + dim],
        len(range(start, stop, step)),
        *x[len(x) + dim + 1 :],
    ),
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 5),), {"dim": -1, "start": 1, "stop": 5, "step": 2})],
    summary="A range of a dim; start, stop and step are within bounds.",
    source="NumPy reference, basic indexing",
)

slice_put = linear(
    "slice_put",
    node="SliceBackward0",
    numpy=lambda x, *, shape, dim, start, stop, step: _put(
        shape, len(shape), along(dim, slice(start, stop, step)), x
    ),
    transposes=(lambda m, g, dim, start, stop, step: m.slice(g, dim=dim, start=start, stop=stop, step=step),),
    promote="keep",
    faces="",
    infer=lambda x, *, shape, dim, start, stop, step: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 2),), {"shape": (2, 5), "dim": -1, "start": 1, "stop": 5, "step": 2})],
    summary="Zeros with a range of a dim set: the transpose of slice.",
    source="NumPy reference, basic indexing",
)


def _index(x: Any, *indices: Any, dims: tuple[int, ...], rank: int) -> Any:
    return x[_key(dims, indices, rank)] if x.ndim == rank else _stacked(x, indices, dims, rank)


def _key(dims: tuple[int, ...], indices: Sequence[Any], rank: int) -> tuple[Any, ...]:
    key: list[Any] = [slice(None)] * rank
    for dim, index in zip(dims, indices, strict=True):
        key[dim] = index
    return tuple(key)


def _stacked(x: Any, indices: Sequence[Any], dims: tuple[int, ...], rank: int) -> Any:
    """The same over batch axes, which NumPy puts behind separated index dims: put them in front again."""
    batch = x.ndim - rank
    found = x[(*(slice(None),) * batch, *_key(dims, indices, rank))]
    if _adjacent(dims):
        return found
    count = np.broadcast(*indices).ndim
    return np.moveaxis(found, range(count), range(batch, batch + count))


def _adjacent(dims: tuple[int, ...]) -> bool:
    return dims == tuple(range(dims[0], dims[0] + len(dims)))


def _index_put(g: Any, *indices: Any, shape: Shape, dims: tuple[int, ...], rank: int) -> Any:
    inner = np.broadcast(*indices).ndim + len(shape) - len(dims)
    batch = g.ndim - inner
    full = np.zeros(g.shape[:batch] + shape, g.dtype)
    key = (*(slice(None),) * batch, *_key(dims, indices, rank))
    if batch and not _adjacent(dims):
        count = np.broadcast(*indices).ndim
        g = np.moveaxis(g, range(batch, batch + count), range(count))
    np.add.at(full, key, g)  # adds up where an index repeats
    return full


index = linear(
    "index",
    args=("x", "*indices"),
    discrete=("indices",),
    node="IndexBackward0",
    numpy=_index,
    transposes=(
        lambda m, g, indices, x_shape, dims, rank: m.index_put_zero(
            g, *indices, shape=x_shape, dims=dims, rank=rank
        ),
        None,
    ),
    promote="keep",
    grows=True,
    infer=lambda x, *indices, dims, rank: taken_shape(x, indices, dims),
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(3, 4), s.integers(3, 5)), {"dims": (-2,), "rank": 2}),
        ((s.normal(3, 2, 4), s.integers(3, 5), s.integers(4, 5)), {"dims": (-3, -1), "rank": 3}),
    ],
    summary="Elements at index tensors along some dims, as NumPy's advanced indexing.",
    source="NumPy reference, advanced indexing",
)

index_put_zero = linear(
    "index_put_zero",
    args=("x", "*indices"),
    discrete=("indices",),
    node="IndexPutBackward0",
    numpy=_index_put,
    transposes=(lambda m, g, indices, dims, rank: m.index(g, *indices, dims=dims, rank=rank), None),
    promote="keep",
    faces="",
    infer=lambda x, *indices, shape, dims, rank: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(5, 4), s.integers(3, 5)), {"shape": (3, 4), "dims": (-2,), "rank": 2})],
    summary="Zeros to which elements are added at index tensors: the transpose of index.",
    source="NumPy reference, numpy.ufunc.at",
)


def _select_front(m: Any, input: Any, dim: int, index: int) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    if not shape:
        raise IndexFault("E302", "select() cannot be applied to a 0-dim tensor.")
    at = dim_from_right(dim, len(shape))
    index, size = int(index), shape[at]
    if not -size <= index < size:
        raise IndexFault(
            "E302",
            f"select(): index {index} out of range for tensor of size {size_text(shape)} at dimension {dim}",
        )
    return m.select_at(input, dim=at, index=index)


select = composite(
    "select",
    family=FAMILY,
    summary="The slice at one index of a dim, which is dropped; a view.",
    source="PyTorch reference, torch.select",
    example="select(x, 0, 1)",
)(_select_front)


@composite(
    "narrow",
    family=FAMILY,
    summary="The part of a dim from `start`, of a length; a view.",
    source="PyTorch reference, torch.narrow",
    example="narrow(x, 0, 1, 1)",
)
def narrow(m: Any, input: Any, dim: int, start: Any, length: int) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    if not shape:
        raise RuntimeFault("E302", "narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeFault("E303", "narrow(): length must be non-negative.")
    at = dim_from_right(dim, len(shape))
    start, size = int(start), shape[at]
    if not -size <= start <= size:
        raise IndexFault(
            "E302", f"start out of range (expected to be in range of [{-size}, {size}], but got {start})"
        )
    start = start + size if start < 0 else start
    if start + length > size:
        raise RuntimeFault("E302", f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return m.slice(input, dim=at, start=start, stop=start + length, step=1)
