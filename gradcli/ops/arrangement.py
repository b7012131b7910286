"""Arrangements: elements repeated, and grids and combinations made of vectors."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.joining import sequence
from gradcli.ops.layout import memory
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, flat_sizes

__all__: list[str] = []

FAMILY = "arrangement"


def _repeat(x: Any, *, repeats: Shape, rank: int) -> Any:
    batch = x.shape[: x.ndim - rank]
    inner = batch + (1,) * (len(repeats) - rank) + x.shape[x.ndim - rank :]
    return np.tile(np.reshape(x, inner), (1,) * len(batch) + repeats)


def _folded(m: Any, g: Any, x_shape: Shape, repeats: Shape) -> Any:
    """The sum over the copies: each dim as (copies, size), the copies summed."""
    sizes = (1,) * (len(repeats) - len(x_shape)) + tuple(x_shape)
    pairs = tuple(itertools.chain.from_iterable(zip(repeats, sizes, strict=True)))
    apart = m.reshape(g, shape=pairs, rank=len(repeats))
    summed = m.sum_dims(apart, dims=tuple(range(-len(pairs), 0, 2)), keepdim=False)
    return m.reshape(summed, shape=tuple(x_shape), rank=len(repeats))


def _repeat_front(m: Any, input: Any, *repeats: Any, **named: Any) -> Any:  # noqa: A002 - PyTorch's name
    asked = flat_sizes(repeats or (named.get("repeats", ()),))
    if len(asked) < len(input.shape):
        raise RuntimeFault(
            "E301",
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        )
    shape = (1,) * (len(asked) - len(input.shape)) + tuple(input.shape)
    for times, size in zip(asked, shape, strict=True):
        if times < 0:
            sizes = [times * size for times, size in zip(asked, shape, strict=True)]
            raise RuntimeFault(
                "E301", f"Trying to create tensor with negative dimension {times * size}: {sizes}"
            )
    return m.apply(repeat, (input,), {"repeats": asked, "rank": len(input.shape)})


repeat = linear(
    "repeat",
    node="RepeatBackward0",
    numpy=_repeat,
    transposes=(_folded,),
    front=_repeat_front,
    promote="keep",
    grows=True,
    faces="method",
    infer=lambda x, *, repeats, rank: tuple(
        times * size for times, size in zip(repeats, (1,) * (len(repeats) - len(x)) + tuple(x), strict=True)
    ),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"repeats": (2, 1, 3), "rank": 2}),
        ((s.normal(3),), {"repeats": (2,), "rank": 1}),
    ],
    summary="The tensor repeated along its dims.",
    source="NumPy reference, numpy.tile",
    example="x.repeat(2, 1)",
)


@composite(
    "tile",
    family=FAMILY,
    summary="The tensor repeated along its last dims.",
    source="NumPy reference, numpy.tile",
    example="tile(x, (2,))",
)
def tile(m: Any, input: Any, *dims: Any, **named: Any) -> Any:  # noqa: A002 - PyTorch's name
    asked = flat_sizes(dims or (named.get("dims", ()),))
    return _repeat_front(m, input, (1,) * (len(input.shape) - len(asked)) + asked)


@composite(
    "repeat_interleave",
    family=FAMILY,
    summary="Each element repeated in its place, along a dim or of all.",
    source="NumPy reference, numpy.repeat",
    example="repeat_interleave(x, 2, dim=0)",
)
def repeat_interleave(  # noqa: C901 - one branch per form
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    repeats: Any = None,
    dim: Any = None,
    *,
    output_size: Any = None,  # noqa: ARG001 - PyTorch's name
) -> Any:
    if repeats is None:  # of counts alone: the index that they stand for
        counts = memory(input)
        return m.array(np.repeat(np.arange(counts.size), counts), input)
    if isinstance(repeats, (list, tuple)):
        repeats = np.array(repeats)
    counts = memory(repeats)
    if dim is None:
        input, dim = m.ravel(input), 0  # noqa: A001 - PyTorch's name
    if not len(input.shape):
        input = m.reshape(input, shape=(1,), rank=0)  # noqa: A001 - PyTorch's name
    at = dim_from_right(dim, len(input.shape))
    size = input.shape[at]
    if isinstance(counts, int):
        if counts < 0:
            raise RuntimeFault("E303", "Repeats must be non-negative")
        shape = tuple(input.shape)
        put = len(shape) + at + 1
        wide = m.expand(
            m.unsqueeze(input, dim=at), shape=(*shape[:put], counts, *shape[put:]), rank=len(shape) + 1
        )
        return m.reshape(
            m.clone(wide), shape=(*shape[: put - 1], size * counts, *shape[put:]), rank=len(shape) + 1
        )
    if counts.dtype.kind not in "iu":
        raise NotImplementedFault(
            "E304",
            f"\"repeat_interleave_cpu\" not implemented for '{scalar_type(counts.dtype)}'",
            help="give whole numbers",
        )
    if counts.ndim > 1:
        raise RuntimeFault("E303", "repeats must be 0-dim or 1-dim tensor")
    if counts.ndim and counts.size not in (1, size):
        raise RuntimeFault(
            "E303",
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {counts.size} "
            "and "
            f"input.size({len(input.shape) + at}) = {size}",
        )
    if counts.size and counts.min() < 0:
        raise RuntimeFault("E303", "repeats can not be negative")
    total = int(counts.sum()) * (1 if counts.size == size else size)
    m.expand(m.array(0, input), shape=(total,), rank=0)  # asks the budget, and takes no memory
    return m.index_select(input, at, np.repeat(np.arange(size), counts))


@composite(
    "meshgrid",
    faces="torch",
    family=FAMILY,
    summary="Coordinate grids made of vectors.",
    source="NumPy reference, numpy.meshgrid",
    example="meshgrid(tensor([1.0, 2.0]), tensor([3.0, 4.0]))",
)
def meshgrid(m: Any, *tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    found = list(
        sequence(
            "meshgrid", tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
        )
    )
    if not found:
        raise RuntimeFault("E303", "meshgrid expects a non-empty TensorList")
    for tensor in found:
        if len(tensor.shape) > 1:
            raise RuntimeFault(
                "E301",
                f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {len(tensor.shape)}D",
            )
    if indexing not in ("ij", "xy"):
        raise RuntimeFault(
            "E303",
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}',
        )
    swapped = indexing == "xy" and len(found) > 1
    if swapped:
        found[:2] = found[1::-1]
    shape = tuple(math.prod(tensor.shape) for tensor in found)
    grids = []
    for i, tensor in enumerate(found):
        line = m.reshape(
            tensor, shape=(1,) * i + (shape[i],) + (1,) * (len(shape) - i - 1), rank=len(tensor.shape)
        )
        grids.append(m.expand(line, shape=shape, rank=len(shape)))
    if swapped:
        grids[:2] = grids[1::-1]
    return tuple(grids)


@composite(
    "cartesian_prod",
    faces="torch",
    family=FAMILY,
    summary="All tuples of elements of vectors, as rows.",
    source="Python library reference, itertools.product",
    example="cartesian_prod(tensor([1.0, 2.0]), tensor([3.0, 4.0]))",
)
def cartesian_prod(m: Any, *tensors: Any) -> Any:
    found = sequence(
        "cartesian_prod",
        tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors,
    )
    for tensor in found:
        if len(tensor.shape) != 1:
            raise RuntimeFault("E301", "Expect a 1D vector, but got shape " + str(list(tensor.shape)))
    if len(found) == 1:
        return found[0]
    grids = meshgrid.front(m, *found)  # type: ignore[misc] # a composite has a front
    return m.stack(
        *[m.unsafe_view(m.compact(grid), shape=(math.prod(grid.shape),), rank=len(found)) for grid in grids],
        dim=-1,
    )


@composite(
    "combinations",
    faces="torch",
    family=FAMILY,
    summary="All combinations of r elements of a vector, as rows.",
    source="Python library reference, itertools.combinations",
    example="combinations(tensor([1.0, 2.0, 3.0]))",
)
def combinations(m: Any, input: Any, r: int = 2, with_replacement: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    if len(input.shape) != 1:
        raise RuntimeFault("E301", "Expect a 1D vector, but got shape " + str(list(input.shape)))
    if r < 0:
        raise RuntimeFault("E303", f"Expect a non-negative number, but got {r}")
    if r == 0:
        return m.zeros((0,), input)
    grids = meshgrid.front(m, *[input] * r)  # type: ignore[misc] # a composite has a front
    size = input.shape[0]
    places = np.indices((size,) * r)
    mask = np.ones((size,) * r, bool)
    for before, after in itertools.pairwise(places):
        mask &= before <= after if with_replacement else before < after
    return m.stack(*[m.masked_select(grid, mask) for grid in grids], dim=-1)
