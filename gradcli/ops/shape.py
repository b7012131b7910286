"""Shapes: the same elements in another arrangement."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.record import linear
from gradcli.ops.shapes import Shape, dim_from_right, flat_sizes, infer_size, size_text

__all__: list[str] = []

FAMILY = "shape"


def _lead(x: Any, rank: int) -> Shape:
    """The batch axes in front of the `rank` axes that a record knows of."""
    return x.shape[: x.ndim - rank]  # type: ignore[no-any-return] # a shape


def _reshape(x: Any, *, shape: Shape, rank: int) -> Any:
    return np.reshape(x, _lead(x, rank) + shape)


def _reshape_front(m: Any, input: Any, *shape: Any) -> Any:  # noqa: A002 - PyTorch's name
    sizes = infer_size(flat_sizes(shape), math.prod(input.shape))
    return m.apply(reshape, (input,), {"shape": sizes, "rank": len(input.shape)})


reshape = linear(
    "reshape",
    node="ViewBackward0",
    numpy=_reshape,
    transposes=(lambda m, g, x_shape, shape: m.reshape(g, shape=x_shape, rank=len(shape)),),
    front=_reshape_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"shape": (3, 2), "rank": 2}), ((s.normal(2, 3),), {"shape": (6,), "rank": 2})],
    aliases=("Tensor.view",),
    infer=lambda x, *, shape, rank: shape,
    summary="The elements in row-major order under another shape.",
    source="NumPy reference, numpy.reshape",
    example="reshape(x, (4,))",
)


def _expand(x: Any, *, shape: Shape, rank: int) -> Any:
    lead = _lead(x, rank)
    full = lead + shape
    inner = lead + (1,) * (len(shape) - rank) + x.shape[x.ndim - rank :]
    return np.broadcast_to(np.reshape(x, inner), full)


def expand_shape(x: Shape, sizes: Shape) -> Shape:
    """Returns the sizes asked for with each -1 replaced by the size that x has there.

    Raises:
        RuntimeFault: PyTorch's messages for sizes that do not fit.
    """
    lead = len(sizes) - len(x)
    if lead < 0:
        raise RuntimeFault(
            "E301",
            f"expand(torch.FloatTensor{{{size_text(x)}}}, size={size_text(sizes)}): the number of sizes provided "
            f"({len(sizes)}) must be greater or equal to the number of dimensions in the tensor ({len(x)})",
        )
    found = []
    for i, size in enumerate(sizes):
        own = x[i - lead] if i >= lead else 1
        if size == -1 and i < lead:
            raise RuntimeFault(
                "E301",
                f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}",
            )
        if size not in (-1, own) and own != 1:
            raise RuntimeFault(
                "E301",
                f"The expanded size of the tensor ({size}) must match the existing size ({own}) at non-singleton "
                f"dimension {i}.  Target sizes: {size_text(sizes)}.  Tensor sizes: {size_text(x)}",
            )
        found.append(own if size == -1 else size)
    return tuple(found)


def _expand_front(m: Any, input: Any, *size: Any) -> Any:  # noqa: A002 - PyTorch's name
    shape = expand_shape(tuple(input.shape), flat_sizes(size))
    return m.apply(expand, (input,), {"shape": shape, "rank": len(input.shape)})


expand = linear(
    "expand",
    node="ExpandBackward0",
    numpy=_expand,
    transposes=(lambda m, g, x_shape, shape: m.sum_to(g, shape=x_shape, rank=len(shape)),),
    front=_expand_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(1, 3),), {"shape": (4, 2, 3), "rank": 2}), ((s.normal(),), {"shape": (2,), "rank": 0})],
    faces="method",
    aliases=("broadcast_to", "Tensor.broadcast_to"),
    infer=lambda x, *, shape, rank: shape,
    summary="Dims of size 1 repeated to a larger shape, without copying.",
    source="NumPy reference, broadcasting",
    example="x.expand(3, 2, 2)",
)


def _sum_to(x: Any, *, shape: Shape, rank: int) -> Any:
    lead, batch = rank - len(shape), x.ndim - rank
    over = tuple(range(batch, batch + lead)) + tuple(
        batch + lead + i for i, size in enumerate(shape) if size == 1 and x.shape[batch + lead + i] != 1
    )
    summed = np.add.reduce(x, axis=over, keepdims=True) if over else x
    return np.reshape(summed, x.shape[:batch] + shape)


sum_to = linear(
    "sum_to",
    node="SumBackward1",
    numpy=_sum_to,
    transposes=(lambda m, g, x_shape, shape: m.expand(g, shape=x_shape, rank=len(shape)),),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(4, 2, 3),), {"shape": (1, 3), "rank": 3}), ((s.normal(2, 3),), {"shape": (), "rank": 2})],
    infer=lambda x, *, shape, rank: shape,
    summary="The sum over what broadcasting from `shape` added: the transpose of expand.",
    source="NumPy reference, broadcasting",
)


def _transpose(x: Any, *, dims: tuple[int, int]) -> Any:
    return np.swapaxes(x, *dims)


def _transpose_front(m: Any, input: Any, dim0: int, dim1: int) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    dims = (dim_from_right(dim0, rank), dim_from_right(dim1, rank))
    return m.apply(transpose, (input,), {"dims": dims}) if rank else m.view_as_self(input)


transpose = linear(
    "transpose",
    node="TransposeBackward0",
    numpy=_transpose,
    transposes=(lambda m, g, dims: m.transpose(g, dims=dims),),
    front=_transpose_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3, 4),), {"dims": (-1, -3)})],
    aliases=("swapaxes", "swapdims", "Tensor.swapaxes", "Tensor.swapdims"),
    summary="Two dims exchanged.",
    source="NumPy reference, numpy.swapaxes",
    example="transpose(x, 0, 1)",
)

view_as_self = linear(
    "view_as_self",
    node="AliasBackward0",
    numpy=lambda x: x[...],
    transposes=(lambda m, g: g,),
    promote="keep",
    view=True,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    summary="The tensor itself under a node of its own.",
    source="PyTorch derivatives.yaml, alias",
)

clone = linear(
    "clone",
    node="CloneBackward0",
    numpy=np.array,
    transposes=(lambda m, g: g,),
    promote="keep",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    front=lambda m, input, *, memory_format=None: m.apply(clone, (input,), {}),  # noqa: A006, ARG005
    summary="A copy with memory of its own.",
    source="PyTorch derivatives.yaml, clone",
    example="clone(x)",
)

copy = linear(
    "copy",
    args=("a", "b"),
    node="CopyBackwards",
    numpy=lambda a, b: np.array(np.broadcast_to(b, np.shape(a)), a.dtype),
    transposes=(lambda m, g: m.zeros_like(g), lambda m, g: g),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(3)), {})],
    summary="What a becomes when b is copied into it.",
    source="PyTorch derivatives.yaml, copy",
)

cast = linear(
    "cast",
    node="ToCopyBackward0",
    numpy=lambda x, *, dtype: x.astype(dtype),
    # The engine casts a cotangent to its input's dtype.
    transposes=(lambda m, g: g,),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dtype": np.dtype(np.float64)})],
    summary="The elements in another dtype.",
    source="PyTorch derivatives.yaml, _to_copy",
)
