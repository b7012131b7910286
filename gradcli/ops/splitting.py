"""Splitting a tensor along a dim; the parts are views."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from gradcli.diagnostics import IndexFault, LimitFault, RuntimeFault, TypeFault
from gradcli.ops.layout import along
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import dim_from_right, size_text

__all__: list[str] = []

FAMILY = "splitting"

MAX_PARTS = 10**6  # each part is a tensor

Sizes = tuple[int, ...]


def _parts(x: Any, *, sizes: Sizes, dim: int, even: bool) -> tuple[Any, ...]:  # noqa: ARG001 - part of the signature
    found, start = [], 0
    for size in sizes:
        found.append(x[along(dim, slice(start, start + size))])
        start += size
    return tuple(found)


def _many(gs: Any) -> tuple[Any, ...]:
    # The engine hands a node with one output its cotangent alone.
    return gs if isinstance(gs, tuple) else (gs,)


split_sizes = linear(
    "split_sizes",
    outputs=("*",),
    node=lambda sizes, dim, even: "SplitBackward0" if even else "SplitWithSizesBackward0",
    numpy=_parts,
    transposes=(lambda m, gs, dim: m.cat(*_many(gs), dim=dim),),
    promote="keep",
    view=True,
    faces="",
    infer=lambda x, *, sizes, dim, even: tuple(
        (*x[: len(x) + dim], n, *x[len(x) + dim + 1 :]) for n in sizes
    ),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 5),), {"sizes": (2, 3), "dim": -1, "even": False}),
        ((s.normal(3, 2),), {"sizes": (2, 1), "dim": -2, "even": True}),
    ],
    summary="Views of consecutive parts along a dim.",
    source="NumPy reference, numpy.split",
)


def _check_parts(count: int) -> None:
    if count > MAX_PARTS:
        raise LimitFault(
            "E601", f"{count} parts are too many; the limit is {MAX_PARTS}", help="split into fewer parts"
        )


def _place(input: Any, dim: int, name: str) -> tuple[int, int]:  # noqa: A002 - PyTorch's name
    if not len(input.shape):
        raise RuntimeFault("E302", f"{name} expects at least a 1-dimensional tensor")
    at = dim_from_right(dim, len(input.shape))
    return at, input.shape[at]


@composite(
    "split",
    family=FAMILY,
    summary="Parts of a size, or of given sizes, along a dim; views.",
    source="PyTorch reference, torch.split",
    example="split(x, 1)",
)
def split(
    m: Any, tensor: Any, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None
) -> Any:
    asked = split_size_or_sections if split_size is None else split_size
    if isinstance(asked, (tuple, list)):
        return split_with_sizes_(m, tensor, tuple(asked), dim)
    at, size = _place(tensor, dim, "split")
    if not isinstance(asked, int):
        raise TypeFault("E303", f"split(): argument 'split_size' must be int, not {type(asked).__name__}")
    if asked < 0:
        raise RuntimeFault("E303", f"split expects split_size be non-negative, but got split_size={asked}")
    if asked == 0 and size:
        raise RuntimeFault(
            "E303", f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}"
        )
    _check_parts(size // (asked or 1))
    sizes = tuple(min(asked, size - start) for start in range(0, size, asked or 1)) or (size,)
    return m.apply(split_sizes, (tensor,), {"sizes": sizes, "dim": at, "even": True})


def split_with_sizes_(m: Any, tensor: Any, sizes: Sizes, dim: int) -> Any:
    """Returns the views of parts of the given sizes, which must fill the dim."""
    at, size = _place(tensor, dim, "split")
    if any(one < 0 for one in sizes):
        raise RuntimeFault(
            "E303",
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={size_text(sizes)}",
        )
    if sum(sizes) != size:
        raise RuntimeFault(
            "E303",
            f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at "
            f"dimension {dim}), "
            f"but got split_sizes={size_text(sizes)}",
        )
    return m.apply(split_sizes, (tensor,), {"sizes": sizes, "dim": at, "even": False})


@composite(
    "split_with_sizes",
    family=FAMILY,
    summary="Parts of given sizes along a dim; views.",
    source="PyTorch reference, torch.split_with_sizes",
    example="split_with_sizes(x, [1, 1])",
)
def split_with_sizes(m: Any, input: Any, split_sizes: Any, dim: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    return split_with_sizes_(m, input, tuple(split_sizes), dim)


@composite(
    "chunk",
    family=FAMILY,
    summary="At most `chunks` parts of equal size along a dim, the last perhaps smaller; views.",
    source="PyTorch reference, torch.chunk",
    example="chunk(x, 2)",
)
def chunk(m: Any, input: Any, chunks: int, dim: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    if not len(input.shape):
        raise RuntimeFault("E302", "chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeFault("E303", f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = _place(input, dim, "chunk")[1]
    if not size:
        _check_parts(chunks)
    each = math.ceil(size / chunks)
    return split_with_sizes_(m, input, (0,) * chunks, dim) if not each else split.front(m, input, each, dim)  # type: ignore[misc] # a composite has a front


def _cuts(name: str, asked: Any, size: int) -> list[tuple[int, int]]:
    """Where the parts begin and end, for a number of parts or for the places of the cuts."""
    if hasattr(asked, "tolist"):
        asked = asked.tolist()
    if isinstance(asked, int):
        if asked <= 0:
            raise RuntimeFault("E303", f"number of sections must be larger than 0, got {asked}")
        _check_parts(asked)
        each, more = divmod(size, asked)
        starts = [i * each + min(i, more) for i in range(asked + 1)]
        return list(pairwise(starts))
    if not isinstance(asked, (tuple, list)):
        raise TypeFault("E303", f"{name}(): argument 'indices_or_sections' must be int or tuple of ints")
    bounds = [0, *[min(max(at + size if at < 0 else at, 0), size) for at in asked], size]
    return [(a, max(a, b)) for a, b in pairwise(bounds)]


def _tensor_split(m: Any, input: Any, asked: Any, dim: int, name: str) -> tuple[Any, ...]:  # noqa: A002 - PyTorch's name
    at, size = _place(input, dim, name)
    return tuple(m.slice(input, dim=at, start=a, stop=b, step=1) for a, b in _cuts(name, asked, size))


@composite(
    "tensor_split",
    family=FAMILY,
    summary="A number of parts along a dim, or the parts between given places; views.",
    source="NumPy reference, numpy.array_split",
    example="tensor_split(x, 2)",
)
def tensor_split(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: Any = None,
) -> Any:
    asked = next((one for one in (indices_or_sections, indices, sections) if one is not None), None)
    if not len(input.shape):
        raise RuntimeFault(
            "E302", "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    return _tensor_split(m, input, asked, dim, "tensor_split")


def _np_split(m: Any, input: Any, asked: Any, name: str, *, rank: int, dim: int) -> Any:  # noqa: A002, PLR0913 - PyTorch's name
    have = len(input.shape)
    if have < rank:
        raise RuntimeFault(
            "E302",
            f"torch.{name} requires a tensor with at least {rank} dimension, but got a tensor "
            f"with {have} dimensions!",
        )
    if isinstance(asked, int) and asked > 0 and input.shape[dim] % asked:
        raise RuntimeFault(
            "E303",
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
            f"{input.shape[dim]} is not divisible by the split_size {asked}!",
        )
    return _tensor_split(m, input, asked, dim, name)


@composite(
    "hsplit",
    family=FAMILY,
    summary="Parts side by side: along dim 1, of vectors along dim 0.",
    source="NumPy reference, numpy.hsplit",
    example="hsplit(x, 2)",
)
def hsplit(m: Any, input: Any, indices_or_sections: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _np_split(m, input, indices_or_sections, "hsplit", rank=1, dim=0 if len(input.shape) == 1 else 1)


@composite(
    "vsplit",
    family=FAMILY,
    summary="Parts one below the other: along dim 0.",
    source="NumPy reference, numpy.vsplit",
    example="vsplit(x, 2)",
)
def vsplit(m: Any, input: Any, indices_or_sections: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _np_split(m, input, indices_or_sections, "vsplit", rank=2, dim=0)


@composite(
    "dsplit",
    family=FAMILY,
    summary="Parts along dim 2.",
    source="NumPy reference, numpy.dsplit",
    example="dsplit(ones(2, 2, 2), 2)",
)
def dsplit(m: Any, input: Any, indices_or_sections: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _np_split(m, input, indices_or_sections, "dsplit", rank=3, dim=2)


unbind_dim = linear(
    "unbind_dim",
    outputs=("*",),
    node="UnbindBackward0",
    numpy=lambda x, *, dim: tuple([x[along(dim, i)] for i in range(x.shape[dim])]),
    transposes=(lambda m, gs, dim: m.stack(*_many(gs), dim=dim),),
    promote="keep",
    view=True,
    faces="",
    infer=lambda x, *, dim: ((*x[: len(x) + dim], *x[len(x) + dim + 1 :]),) * x[dim],
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dim": -1}), ((s.normal(3, 2),), {"dim": -2})],
    summary="Views of the slices along a dim.",
    source="PyTorch reference, torch.unbind",
)


@composite(
    "unbind",
    family=FAMILY,
    summary="The slices along a dim, which is dropped; views.",
    source="PyTorch reference, torch.unbind",
    example="unbind(x, 0)",
)
def unbind(m: Any, input: Any, dim: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    if not len(input.shape):
        raise IndexFault("E302", "Dimension specified as 0 but tensor has no dimensions")
    at = dim_from_right(dim, len(input.shape))
    _check_parts(input.shape[at])
    return m.unbind_dim(input, dim=at)
