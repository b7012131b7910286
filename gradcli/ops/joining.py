"""Joining tensors, along a dim they have or along a new one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault
from gradcli.ops.record import Record, composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["sequence"]

FAMILY = "joining"


def sequence(name: str, tensors: Any) -> tuple[Any, ...]:
    """Returns the tensors of a list argument.

    Raises:
        TypeFault: it is no list, or something in it is no tensor.
    """
    if not isinstance(tensors, (list, tuple)):
        kind = "Tensor" if hasattr(tensors, "shape") else type(tensors).__name__
        raise TypeFault(
            "E303",
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {kind}",
            help=f"write {name}([a, b])",
        )
    for number, tensor in enumerate(tensors):
        if not hasattr(tensor, "shape"):
            raise TypeFault(
                "E303",
                f"expected Tensor as element {number} in argument 0, but got {type(tensor).__name__}",
                help="tensor(...) makes a number a tensor",
            )
    return tuple(tensors)


def _cat_transpose(m: Any, g: Any, i: int, shapes: Sequence[Shape], dim: int) -> Any:
    own = tuple(shapes[i])
    if own == (0,) and max(map(len, shapes)) > 1:  # PyTorch's one exception, below
        return m.zeros(own, g)
    start = sum([shape[dim] for shape in shapes[:i] if len(shape) >= -dim])
    return m.slice(g, dim=dim, start=start, stop=start + own[dim], step=1)


def _cat(*tensors: Any, dim: int) -> Any:
    rank = max(tensor.ndim for tensor in tensors)
    return np.concatenate([tensor for tensor in tensors if tensor.ndim == rank], axis=dim)


def _cat_infer(*shapes: Shape, dim: int) -> Shape:
    shapes = tuple(shape for shape in shapes if shape != (0,)) or shapes
    first = list(shapes[0])
    for number, shape in enumerate(shapes[1:], 1):
        if len(shape) != len(first):
            raise RuntimeFault(
                "E301", f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
            )
        for i, (a, b) in enumerate(zip(first, shape, strict=True)):
            if a != b and i != len(first) + dim:
                raise RuntimeFault(
                    "E301",
                    f"Sizes of tensors must match except in dimension {len(first) + dim}. Expected size "
                    f"{a} but got "
                    f"size {b} for tensor number {number} in the list.",
                )
    first[dim] = sum(shape[dim] for shape in shapes)
    return tuple(first)


def _cat_front(m: Any, tensors: Any, dim: int = 0) -> Any:
    tensors = sequence("cat", tensors)
    if not tensors:
        raise ValueFault("E303", "torch.cat(): expected a non-empty list of Tensors")
    # PyTorch's one exception: an empty vector joins anything.
    kept = [tensor for tensor in tensors if tuple(tensor.shape) != (0,)] or tensors
    for number, tensor in enumerate(kept):
        if not len(tensor.shape):
            raise RuntimeFault(
                "E301",
                f"zero-dimensional tensor (at position {number}) cannot be concatenated",
                help="stack([a, b]) joins scalars",
            )
    at = dim_from_right(dim, len(kept[0].shape))
    return m.apply(cat, tensors, {"dim": at})


cat = linear(
    "cat",
    args=("*tensors",),
    node="CatBackward0",
    numpy=_cat,
    transposes=(_cat_transpose,),
    infer=_cat_infer,
    front=_cat_front,
    grows=True,
    faces="torch",
    aliases=("concat", "concatenate"),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.normal(2, 1)), {"dim": -1}),
        ((s.normal(2, 3), s.normal(1, 3)), {"dim": -2}),
    ],
    summary="Tensors joined along a dim.",
    source="NumPy reference, numpy.concatenate",
    example="cat([x, x], dim=0)",
)


def _stack_infer(*shapes: Shape, dim: int) -> Shape:
    for number, shape in enumerate(shapes[1:], 1):
        if shape != shapes[0]:
            raise RuntimeFault(
                "E301",
                f"stack expects each tensor to be equal size, but got {size_text(shapes[0])} at entry 0 and "
                f"{size_text(shape)} at entry {number}",
                help="cat joins tensors of different sizes along a dim they have",
            )
    at = len(shapes[0]) + 1 + dim
    return (*shapes[0][:at], len(shapes), *shapes[0][at:])


def _stack_front(m: Any, tensors: Any, dim: int = 0) -> Any:
    found = sequence("stack", tensors)
    if not found:
        raise RuntimeFault("E303", "stack expects a non-empty TensorList")
    return m.apply(stack, found, {"dim": dim_from_right(dim, len(found[0].shape) + 1)})


stack = linear(
    "stack",
    args=("*tensors",),
    node="StackBackward0",
    numpy=lambda *tensors, dim: np.stack(tensors, axis=dim),
    transposes=(lambda m, g, i, dim: m.select_at(g, dim=dim, index=i),),
    infer=_stack_infer,
    front=_stack_front,
    faces="torch",
    grows=True,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.normal(2, 3)), {"dim": -3}),
        ((s.normal(), s.normal()), {"dim": -1}),
    ],
    summary="Tensors of one shape joined along a new dim.",
    source="NumPy reference, numpy.stack",
    example="stack([x, x], dim=0)",
)


def _atleast(rank: int, each: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def front(m: Any, *tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
            return tuple(each(m, tensor) for tensor in tensors[0])
        return each(m, tensors[0]) if len(tensors) == 1 else tuple(each(m, tensor) for tensor in tensors)

    front.__name__ = f"atleast_{rank}d"
    return front


def _one(m: Any, x: Any) -> Any:
    return x if len(x.shape) else m.reshape(x, shape=(1,), rank=0)


def _two(m: Any, x: Any) -> Any:
    rank = len(x.shape)
    return m.reshape(x, shape=(1, 1), rank=0) if not rank else m.unsqueeze(x, dim=-2) if rank == 1 else x


def _three(m: Any, x: Any) -> Any:
    rank = len(x.shape)
    if not rank:
        return m.reshape(x, shape=(1, 1, 1), rank=0)
    return x if rank > 2 else m.unsqueeze(_two(m, x), dim=-1)  # noqa: PLR2004 - a number of dims


def _at_least_record(rank: int, each: Callable[[Any, Any], Any]) -> Record:
    name = f"atleast_{rank}d"
    return composite(
        name,
        faces="torch",
        family=FAMILY,
        summary=f"Dims of size 1 added until there are {rank}.",
        source=f"NumPy reference, numpy.{name}",
        example=f"{name}(x)",
    )(_atleast(rank, each))


atleast_1d = _at_least_record(1, _one)
atleast_2d = _at_least_record(2, _two)
atleast_3d = _at_least_record(3, _three)


@composite(
    "hstack",
    faces="torch",
    family=FAMILY,
    summary="Tensors joined side by side: along dim 1, vectors along dim 0.",
    source="NumPy reference, numpy.hstack",
    example="hstack([x, x])",
)
def hstack(m: Any, tensors: Any) -> Any:
    found = [_one(m, tensor) for tensor in sequence("hstack", tensors)]
    if not found:
        raise RuntimeFault("E303", "hstack expects a non-empty TensorList")
    return _cat_front(m, found, 0 if len(found[0].shape) == 1 else 1)


@composite(
    "vstack",
    faces="torch",
    aliases=("row_stack",),
    family=FAMILY,
    summary="Tensors joined one below the other; vectors are rows.",
    source="NumPy reference, numpy.vstack",
    example="vstack([x, x])",
)
def vstack(m: Any, tensors: Any) -> Any:
    found = [_two(m, tensor) for tensor in sequence("vstack", tensors)]
    if not found:
        raise RuntimeFault("E303", "vstack expects a non-empty TensorList")
    return _cat_front(m, found, 0)


@composite(
    "dstack",
    faces="torch",
    family=FAMILY,
    summary="Tensors joined along dim 2.",
    source="NumPy reference, numpy.dstack",
    example="dstack([x, x])",
)
def dstack(m: Any, tensors: Any) -> Any:
    found = [_three(m, tensor) for tensor in sequence("dstack", tensors)]
    if not found:
        raise RuntimeFault("E303", "dstack expects a non-empty TensorList")
    return _cat_front(m, found, 2)


@composite(
    "column_stack",
    faces="torch",
    family=FAMILY,
    summary="Tensors joined side by side; vectors are columns.",
    source="NumPy reference, numpy.column_stack",
    example="column_stack([x, x])",
)
def column_stack(m: Any, tensors: Any) -> Any:
    found = sequence("column_stack", tensors)
    if not found:
        raise RuntimeFault("E303", "column_stack expects a non-empty TensorList")
    columns = [
        t if len(t.shape) > 1 else m.reshape(t, shape=(math.prod(t.shape), 1), rank=len(t.shape))
        for t in found
    ]
    return _cat_front(m, columns, 1)


def _rectangle(shape: Shape) -> tuple[int, int]:
    return (1, math.prod(shape)) if len(shape) < 2 else (shape[0], shape[1])  # noqa: PLR2004 - a number of dims


def _block_diag(*tensors: Any, ranks: tuple[int, ...]) -> Any:
    batch = tensors[0].shape[: tensors[0].ndim - ranks[0]]
    sizes = [
        _rectangle(tensor.shape[tensor.ndim - rank :]) for tensor, rank in zip(tensors, ranks, strict=True)
    ]
    full = np.zeros(
        (*batch, sum(rows for rows, _ in sizes), sum(columns for _, columns in sizes)), tensors[0].dtype
    )
    row = column = 0
    for tensor, (rows, columns) in zip(tensors, sizes, strict=True):
        full[..., row : row + rows, column : column + columns] = np.reshape(tensor, (*batch, rows, columns))
        row, column = row + rows, column + columns
    return full


def _block_diag_transpose(m: Any, g: Any, i: int, shapes: Sequence[Shape]) -> Any:
    sizes = [_rectangle(shape) for shape in shapes]
    row, column = (sum(size[axis] for size in sizes[:i]) for axis in (0, 1))
    rows, columns = sizes[i]
    block = m.slice(g, dim=-2, start=row, stop=row + rows, step=1)
    block = m.slice(block, dim=-1, start=column, stop=column + columns, step=1)
    return m.reshape(block, shape=tuple(shapes[i]), rank=2)


def _block_diag_front(m: Any, *tensors: Any) -> Any:
    for number, tensor in enumerate(tensors):
        if len(tensor.shape) > 2:  # noqa: PLR2004 - a number of dims
            raise RuntimeFault(
                "E301",
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. "
                f"Input {number} has {len(tensor.shape)} dimensions",
            )
    return m.apply(block_diag, tensors, {"ranks": tuple(len(tensor.shape) for tensor in tensors)})


block_diag = linear(
    "block_diag",
    args=("*tensors",),
    node="BlockDiagBackward0",
    numpy=_block_diag,
    transposes=(_block_diag_transpose,),
    infer=lambda *shapes, ranks: tuple(sum(_rectangle(shape)[axis] for shape in shapes) for axis in (0, 1)),
    front=_block_diag_front,
    grows=True,
    faces="torch",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2), s.normal()), {"ranks": (2, 1, 0)})],
    summary="A matrix with the given matrices along its diagonal and zeros elsewhere.",
    source="SciPy reference, scipy.linalg.block_diag",
    example="block_diag(x, x)",
)
