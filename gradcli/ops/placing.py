"""Advanced indexing made definite: which dims index tensors and masks stand for, and values put there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault, TypeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import memory
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["positions", "put_at", "taken_shape"]

FAMILY = "indexing"

Dims = tuple[int, ...]


def positions(shape: Shape, indices: Sequence[Any]) -> tuple[Dims, list[Any]]:
    """Returns the dims (from the right) that are indexed, and an integer index for each.

    Args:
        shape: of the tensor that is indexed.
        indices: per dim a tensor or array of integers, or None; a mask stands for as many dims as it has.

    Raises:
        IndexFault: PyTorch's messages for masks and indices that do not fit.
    """
    dims: list[int] = []
    found: list[Any] = []
    at = 0
    for index in indices:
        array = None if index is None else memory(index)
        if array is None:
            at += 1
        elif array.dtype.kind == "b" or array.dtype == np.uint8:
            _check_mask(shape, array, at)
            dims += range(at, at + array.ndim)
            found += np.nonzero(array)
            at += array.ndim
        else:
            _check_kind(shape, array, at)
            dims.append(at)
            found.append(index)
            at += 1
    if at > len(shape):
        raise IndexFault("E302", f"too many indices for tensor of dimension {len(shape)}")
    try:
        if len(found) > 1:
            np.broadcast_shapes(*[index.shape for index in found])
    except ValueError:
        sizes = ", ".join(size_text(index.shape) for index in found)
        raise IndexFault(
            "E302",
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {sizes}",
            help="index tensors are read together, element by element; x[i][:, j] takes rows i and columns j",
        ) from None
    _check_bounds(shape, dims, found)
    return tuple(dim - len(shape) for dim in dims), found


def _check_mask(shape: Shape, mask: Any, at: int) -> None:
    if at + mask.ndim > len(shape):
        raise IndexFault("E302", f"too many indices for tensor of dimension {len(shape)}")
    for i, size in enumerate(mask.shape):
        if size != shape[at + i]:
            raise IndexFault(
                "E302",
                f"The shape of the mask {size_text(mask.shape)} at index {i} does not match the shape of "
                "the indexed "
                f"tensor {size_text(shape)} at index {at + i}",
            )


def _check_kind(shape: Shape, index: Any, at: int) -> None:
    if index.dtype.kind != "i" or index.dtype.itemsize < 4:  # noqa: PLR2004 - int32 and int64
        raise IndexFault(
            "E302",
            "tensors used as indices must be long, int, byte or bool tensors",
            help="convert it with .long(), or compare it to make a mask",
        )
    if at >= len(shape):
        raise IndexFault("E302", f"too many indices for tensor of dimension {len(shape)}")


def _check_bounds(shape: Shape, dims: Sequence[int], indices: Sequence[Any]) -> None:
    # PyTorch's message counts the index tensors, not the dims, and names the first index that is out.
    for number, (dim, index) in enumerate(zip(dims, indices, strict=True)):
        array, size = memory(index), shape[dim]
        if array.size and (array.min() < -size or array.max() >= size):
            wrong = int(array[(array < -size) | (array >= size)][0])
            raise IndexFault(
                "E302", f"index {wrong} is out of bounds for dimension {number} with size {size}"
            )


def taken_shape(shape: Shape, indices: Sequence[Shape], dims: Dims) -> Shape:
    """Returns the shape of what index tensors of given shapes on dims take from a tensor."""
    common = np.broadcast_shapes(*indices)
    rest = [size for i, size in enumerate(shape) if i - len(shape) not in dims]
    # Index dims side by side leave their dims where they stood, others put them first.
    first = len(shape) + dims[0] if dims == tuple(range(dims[0], dims[0] + len(dims))) else 0
    return (*rest[:first], *common, *rest[first:])


def _put(x: Any, value: Any, *indices: Any, dims: Dims, rank: int, accumulate: bool, value_rank: int) -> Any:  # noqa: PLR0913 - PyTorch's signature
    """Puts values into x at the index tensors; batch axes of both stand in front of their ranks."""
    batch = max(x.ndim - rank, value.ndim - value_rank)
    inner = taken_shape(x.shape[x.ndim - rank :], [index.shape for index in indices], dims)
    lead = np.broadcast_shapes(x.shape[: x.ndim - rank], value.shape[: value.ndim - value_rank])
    full = np.array(np.broadcast_to(x, lead + x.shape[x.ndim - rank :]))
    own = value.shape[value.ndim - value_rank :]
    own = own[max(len(own) - len(inner), 0) :]  # PyTorch drops leading ones
    filler = (1,) * (len(inner) - len(own)) if batch else ()
    value = np.reshape(value, value.shape[: value.ndim - value_rank] + filler + own)
    key: list[Any] = [slice(None)] * rank
    for dim, index in zip(dims, indices, strict=True):
        key[dim] = index
    key = [slice(None)] * batch + key
    separated = dims != tuple(range(dims[0], dims[0] + len(dims)))
    if batch and separated:
        count = len(np.broadcast_shapes(*[index.shape for index in indices]))
        value = np.moveaxis(value, range(batch, batch + count), range(count))
    if accumulate:
        np.add.at(full, tuple(key), value)
    else:
        full[tuple(key)] = value
    return full


def _put_rule_x(m: Any, g: Any, indices: Any, dims: Dims, rank: int, accumulate: bool) -> Any:  # noqa: PLR0913 - PyTorch's signature
    if accumulate:
        return g
    return m.index_put_at(g, m.zeros((), g), *indices, dims=dims, rank=rank, accumulate=False, value_rank=0)


def _put_rule_value(m: Any, g: Any, indices: Any, value_shape: Shape, dims: Dims, rank: int) -> Any:  # noqa: PLR0913 - PyTorch's signature
    found = m.index(g, *indices, dims=dims, rank=rank)
    extra = len(value_shape) - len(
        taken_shape(tuple(g.shape[len(g.shape) - rank :]), [tuple(index.shape) for index in indices], dims)
    )
    if extra > 0:
        inner = tuple(found.shape[len(found.shape) - (len(value_shape) - extra) :])
        found = m.reshape(found, shape=(1,) * extra + inner, rank=len(inner))
    return found


index_put_at = linear(
    "index_put_at",
    args=("x", "value", "*indices"),
    discrete=("indices",),
    node="IndexPutBackward0",
    numpy=_put,
    transposes=(_put_rule_x, _put_rule_value, None),
    promote="keep",
    faces="",
    infer=lambda x, value, *indices, dims, rank, accumulate, value_rank: x,
    family=FAMILY,
    samples=lambda s: [
        (
            (s.normal(3, 4), s.normal(2, 4), np.array([0, 2])),
            {"dims": (-2,), "rank": 2, "accumulate": False, "value_rank": 2},
        ),
        (
            (s.normal(3, 2, 4), s.normal(5, 2), s.integers(3, 5), s.integers(4, 5)),
            {"dims": (-3, -1), "rank": 3, "accumulate": True, "value_rank": 2},
        ),
    ],
    summary="A tensor with values put, or added, at index tensors along some dims.",
    source="NumPy reference, advanced indexing",
)


def put_at(m: Any, x: Any, indices: Sequence[Any], value: Any, *, accumulate: bool = False) -> Any:
    """Returns x with values at the places that index tensors and masks name.

    Raises:
        IndexFault: an index does not fit.
        RuntimeFault: the values do not broadcast to the places, or have another dtype.
    """
    shape = tuple(x.shape)
    dims, found = positions(shape, indices)
    if not hasattr(value, "shape"):
        value = m.array(value, x)
    wanted = taken_shape(shape, [tuple(index.shape) for index in found], dims) if dims else shape
    own = tuple(value.shape)
    kept = own[max(len(own) - len(wanted), 0) :]
    if any(size != 1 for size in own[: len(own) - len(kept)]) or any(
        size not in (1, there) for size, there in zip(reversed(kept), reversed(wanted), strict=False)
    ):
        raise RuntimeFault(
            "E301",
            f"shape mismatch: value tensor of shape {size_text(own)} cannot be broadcast to indexing "
            "result of shape "
            f"{size_text(wanted)}",
        )
    if np.dtype(value.dtype) != np.dtype(x.dtype):
        # One value under one mask is a masked fill, which converts.
        masked = len(indices) == 1 and memory(indices[0]).dtype.kind == "b" and memory(value).size == 1
        if not masked:
            raise RuntimeFault(
                "E304",
                f"Index put requires the source and destination dtypes match, got {scalar_type(x.dtype)} "
                "for the "
                f"destination and {scalar_type(value.dtype)} for the source.",
                help="convert the values first: value.to(x.dtype)",
            )
        value = m.cast(value, dtype=x.dtype)
    params = {"dims": dims, "rank": len(shape), "accumulate": accumulate, "value_rank": len(own)}
    return m.apply(index_put_at, (x, value, *found), params)


@composite(
    "index_put",
    inplace=True,
    family=FAMILY,
    summary="The tensor with values put, or added, at index tensors.",
    source="PyTorch reference, Tensor.index_put_",
    example="index_put(x, (tensor([0]),), tensor(5.0))",
)
def index_put(m: Any, input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    if not isinstance(indices, (tuple, list)):
        raise TypeFault(
            "E303", "index_put_(): argument 'indices' (position 1) must be tuple of Tensors, not Tensor"
        )
    if len(indices) > len(input.shape):
        rank = len(input.shape)
        raise IndexFault("E302", f"too many indices for tensor of dimension {rank} (got {len(indices)})")
    return put_at(m, input, indices, values, accumulate=accumulate)
