"""Shapes and dims: broadcasting, normalisation from the right, and PyTorch's messages about them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import IndexFault, RuntimeFault, TypeFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Shape",
    "broadcast",
    "broadcast_all",
    "dim_from_right",
    "dims_from_right",
    "flat_sizes",
    "size_text",
]

Shape = tuple[int, ...]


def size_text(shape: Iterable[int]) -> str:
    """Returns a shape as PyTorch's messages write it: `[2, 3]`."""
    return "[" + ", ".join(map(str, shape)) + "]"


def broadcast(a: Shape, b: Shape) -> Shape:
    """Returns the shape that two shapes broadcast to.

    Raises:
        RuntimeFault: PyTorch's message, naming the rightmost dimension that does not fit.
    """
    if a == b:
        return a
    rank = max(len(a), len(b))
    left, right = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    for dim in reversed(range(rank)):
        if left[dim] != right[dim] and left[dim] != 1 and right[dim] != 1:
            raise RuntimeFault(
                "E301",
                f"The size of tensor a ({left[dim]}) must match the size of tensor b ({right[dim]}) "
                f"at non-singleton dimension {dim}",
                notes=(f"the shapes are {size_text(a)} and {size_text(b)}",),
                help="sizes must be equal or 1, counted from the right; "
                "reshape or unsqueeze one side, or transpose it with .T",
            )
    return tuple(r if l == 1 else l for l, r in zip(left, right, strict=True))


def broadcast_all(shapes: Sequence[Shape]) -> Shape:
    """Returns the shape that all shapes broadcast to; raises as `broadcast` does."""
    result: Shape = ()
    for shape in shapes:
        result = broadcast(result, shape)
    return result


def dim_from_right(dim: Any, rank: int) -> int:
    """Returns `dim` counted from the right (negative); a 0-dim tensor accepts 0 and -1.

    Raises:
        IndexFault: the dim is out of range, in PyTorch's words.
        TypeFault: it is not an integer.
    """
    if not isinstance(dim, int):
        raise TypeFault(
            "E303", f"dim must be an integer, but got {type(dim).__name__}", help="write dim=0 or dim=-1"
        )
    span = max(rank, 1)
    if not -span <= dim < span:
        raise IndexFault(
            "E302",
            f"Dimension out of range (expected to be in range of [{-span}, {span - 1}], but got {dim})",
            help=f"a tensor with {rank} dimension{'s' * (rank != 1)} has dims "
            + (f"0 to {rank - 1} or -1 to {-rank}" if rank else "0 or -1 only"),
        )
    return dim - span if dim >= 0 else dim


def dims_from_right(dim: Any, rank: int) -> tuple[int, ...]:
    """Returns the dims a reduction runs over, each from the right; None and () mean all.

    Raises:
        RuntimeFault: a dim is named twice.
    """
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(-rank, 0))
    if isinstance(dim, (tuple, list)):
        found = tuple(dim_from_right(one, rank) for one in dim)
        for one in found:
            if found.count(one) > 1:
                raise RuntimeFault(
                    "E302", f"dim {one % max(rank, 1)} appears multiple times in the list of dims"
                )
        return found if rank else ()
    found = (dim_from_right(dim, rank),)
    return found if rank else ()


def flat_sizes(sizes: Sequence[Any]) -> tuple[int, ...]:
    """Returns sizes given as `f(2, 3)`, `f((2, 3))` or `f([2, 3])` as one tuple.

    Raises:
        TypeFault: a size is not an integer.
    """
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = sizes[0]
    for size in sizes:
        if not isinstance(size, int) or isinstance(size, bool):
            raise TypeFault(
                "E303", f"sizes must be integers, but got {type(size).__name__}", help="write (2, 3)"
            )
    return tuple(sizes)


def infer_size(sizes: Shape, count: int) -> Shape:
    """Returns the shape `reshape` is asked for with its -1 filled in.

    Raises:
        RuntimeFault: PyTorch's messages for impossible shapes.
    """
    if sizes.count(-1) > 1:
        raise RuntimeFault("E301", "only one dimension can be inferred")
    for at, size in enumerate(sizes):
        if size < -1:
            raise RuntimeFault(
                "E301", f"invalid shape dimension {size} at index {at} of shape {size_text(sizes)}"
            )
    known = math.prod(size for size in sizes if size != -1)
    if -1 in sizes:
        if known == 0 and count == 0:
            raise RuntimeFault(
                "E301",
                f"cannot reshape tensor of 0 elements into shape {size_text(sizes)} because the unspecified "
                "dimension size -1 can be any value and is ambiguous",
            )
        if known and count % known == 0:
            return tuple(count // known if size == -1 else size for size in sizes)
    elif known == count:
        return sizes
    raise RuntimeFault(
        "E301",
        f"shape '{size_text(sizes)}' is invalid for input of size {count}",
        help=f"the sizes must multiply to {count}; one of them may be -1",
    )
