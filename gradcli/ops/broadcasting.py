"""Broadcasting: dims of size 1 repeated without copying, and the sums that undo it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.copying import as_dtype
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import lead
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, broadcast_all, flat_sizes, size_text
from gradcli.ops.sums import summed

__all__ = ["expand_shape"]

FAMILY = "shape"


def _expand(x: Any, *, shape: Shape, rank: int | None = None) -> Any:
    rank = x.ndim if rank is None else rank  # for x that just broadcasts
    batch = lead(x, rank)
    full = batch + shape
    inner = batch + (1,) * (len(shape) - rank) + x.shape[x.ndim - rank :]
    shown = np.reshape(x, inner)
    # Nothing repeated: the view stays writable, which np.broadcast_to's never is.
    return shown if inner == full else np.broadcast_to(shown, full)


def expand_shape(x: Shape, sizes: Shape, kind: str = "Float") -> Shape:
    """Returns the sizes asked for with each -1 replaced by the size that x has there.

    `kind` is the name that messages have for the dtype.

    Raises:
        RuntimeFault: PyTorch's messages for sizes that do not fit.
    """
    lead = len(sizes) - len(x)
    if lead < 0:
        raise RuntimeFault(
            "E301",
            f"expand(torch.{kind}Tensor{{{size_text(x)}}}, size={size_text(sizes)}): the number of sizes "
            "provided "
            f"({len(sizes)}) must be greater or equal to the number of dimensions in the tensor ({len(x)})",
        )
    found = []
    for i, size in reversed(list(enumerate(sizes))):  # PyTorch looks at the last dim first
        own = x[i - lead] if i >= lead else 1
        if size == -1 and i < lead:
            raise RuntimeFault(
                "E301",
                "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension "
                f"{i}",
            )
        if size not in (-1, own) and own != 1:
            raise RuntimeFault(
                "E301",
                f"The expanded size of the tensor ({size}) must match the existing size ({own}) at "
                "non-singleton "
                f"dimension {i}.  Target sizes: {size_text(sizes)}.  Tensor sizes: {size_text(x)}",
            )
        found.append(own if size == -1 else size)
    return tuple(reversed(found))


def _expand_front(m: Any, input: Any, *size: Any) -> Any:  # noqa: A002 - PyTorch's name
    shape = expand_shape(tuple(input.shape), flat_sizes(size), scalar_type(as_dtype(input.dtype)))
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
    samples=lambda s: [
        ((s.normal(1, 3),), {"shape": (4, 2, 3), "rank": 2}),
        ((s.normal(),), {"shape": (2,), "rank": 0}),
    ],
    faces="method",
    grows=True,  # what is computed with the view will take the memory
    infer=lambda x, *, shape, rank=None: shape,
    summary="Dims of size 1 repeated to a larger shape, without copying.",
    source="NumPy reference, broadcasting",
    example="x.expand(3, 2, 2)",
)


def _sum_to(x: Any, *, shape: Shape, rank: int) -> Any:
    lead, batch = rank - len(shape), x.ndim - rank
    over = tuple(range(batch, batch + lead)) + tuple(
        batch + lead + i for i, size in enumerate(shape) if size == 1 and x.shape[batch + lead + i] != 1
    )
    return np.reshape(summed(x, over, keepdims=True) if over else x, x.shape[:batch] + shape)


sum_to = linear(
    "sum_to",
    node="SumBackward1",
    numpy=_sum_to,
    transposes=(lambda m, g, x_shape, shape: m.expand(g, shape=x_shape, rank=len(shape)),),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(4, 2, 3),), {"shape": (1, 3), "rank": 3}),
        ((s.normal(2, 3),), {"shape": (), "rank": 2}),
    ],
    infer=lambda x, *, shape, rank: shape,
    summary="The sum over what broadcasting from `shape` added: the transpose of expand.",
    source="NumPy reference, broadcasting",
)


@composite(
    "broadcast_to",
    family=FAMILY,
    summary="Dims of size 1 repeated to a larger shape, without copying.",
    source="NumPy reference, numpy.broadcast_to",
    example="broadcast_to(x, (3, 2, 2))",
)
def broadcast_to(m: Any, input: Any, *size: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _expand_front(m, input, *size)


@composite(
    "expand_as",
    faces="method",
    family=FAMILY,
    summary="Dims of size 1 repeated to the shape of another tensor.",
    source="PyTorch reference, Tensor.expand_as",
    example="x.expand_as(ones(3, 2, 2))",
)
def expand_as(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _expand_front(m, input, tuple(other.shape))


@composite(
    "broadcast_tensors",
    faces="torch",
    family=FAMILY,
    summary="Tensors expanded to the shape they broadcast to.",
    source="NumPy reference, numpy.broadcast_arrays",
    example="broadcast_tensors(x, ones(3, 1, 1))",
)
def broadcast_tensors(m: Any, *tensors: Any) -> tuple[Any, ...]:
    found = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    shape = broadcast_all([tuple(tensor.shape) for tensor in found])
    return tuple(_expand_front(m, tensor, shape) for tensor in found)
