"""Shapes: the same elements under other sizes, and dims of size 1 repeated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.broadcasting import expand_shape
from gradcli.ops.layout import is_contiguous, viewable
from gradcli.ops.record import Record, composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, flat_sizes, infer_size, size_text

__all__ = ["PROPERTIES", "expand_shape"]

FAMILY = "shape"

PROPERTIES = ("T", "mT", "H", "mH")  # methods that Python spells without brackets


def _reshape(x: Any, *, shape: Shape, rank: int) -> Any:
    return np.reshape(x, x.shape[: x.ndim - rank] + shape)


def _asked(input: Any, shape: tuple[Any, ...]) -> Shape:  # noqa: A002 - PyTorch's name
    return infer_size(flat_sizes(shape), math.prod(input.shape))


def _reshape_front(m: Any, input: Any, *shape: Any, **named: Any) -> Any:  # noqa: A002 - PyTorch's name
    if not shape and "shape" not in named:
        raise TypeFault(
            "E303", 'reshape() missing 1 required positional arguments: "shape"', help="write x.reshape(2, 3)"
        )
    sizes = _asked(input, shape or (named["shape"],))
    params = {"shape": sizes, "rank": len(input.shape)}
    if viewable(input, sizes):
        return m.apply(reshape, (input,), params)
    return m.apply(unsafe_view, (m.compact(input),), params)


reshape = linear(
    "reshape",
    node="ViewBackward0",
    numpy=_reshape,
    transposes=(lambda m, g, x_shape, shape: m.reshape(g, shape=x_shape, rank=len(shape)),),
    front=_reshape_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"shape": (3, 2), "rank": 2}),
        ((s.normal(2, 3),), {"shape": (6,), "rank": 2}),
    ],
    infer=lambda x, *, shape, rank: shape,
    summary="The elements in row-major order under another shape.",
    source="NumPy reference, numpy.reshape",
    example="reshape(x, (4,))",
)

unsafe_view = linear(
    "unsafe_view",
    node="UnsafeViewBackward0",
    numpy=_reshape,
    transposes=(lambda m, g, x_shape, shape: m.reshape(g, shape=x_shape, rank=len(shape)),),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"shape": (3, 2), "rank": 2})],
    infer=lambda x, *, shape, rank: shape,
    summary="A fresh copy under another shape; no view, as nothing else holds its memory.",
    source="PyTorch derivatives.yaml, _unsafe_view",
)


@composite(
    "view",
    faces="method",
    family=FAMILY,
    summary="The elements under another shape, in the same memory.",
    source="PyTorch reference, Tensor.view",
    example="x.view(4)",
)
def view(m: Any, input: Any, *shape: Any) -> Any:  # noqa: A002 - PyTorch's name
    if not shape:
        raise TypeFault(
            "E303", "view() received an invalid combination of arguments", help="write x.view(2, 3)"
        )
    if len(shape) == 1 and not isinstance(shape[0], (int, tuple, list)):
        raise TypeFault("E303", "view() takes sizes, not a dtype", help="x.to(dtype) converts the elements")
    sizes = _asked(input, shape)
    if not viewable(input, sizes):
        raise RuntimeFault(
            "E301",
            "view size is not compatible with input tensor's size and stride (at least one dimension "
            "spans across two "
            "contiguous subspaces). Use .reshape(...) instead.",
            help="write .reshape(...), which copies where it has to, or .contiguous() first",
        )
    return m.apply(reshape, (input,), {"shape": sizes, "rank": len(input.shape)})


@composite(
    "view_as",
    faces="method",
    family=FAMILY,
    summary="The elements under the shape of another tensor, in the same memory.",
    source="PyTorch reference, Tensor.view_as",
    example="x.view_as(ones(4))",
)
def view_as(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.view(input, tuple(other.shape))


@composite(
    "reshape_as",
    faces="method",
    family=FAMILY,
    summary="The elements under the shape of another tensor.",
    source="PyTorch reference, Tensor.reshape_as",
    example="x.reshape_as(ones(4))",
)
def reshape_as(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _reshape_front(m, input, tuple(other.shape))


@composite(
    "ravel",
    family=FAMILY,
    summary="All elements in a row, in row-major order.",
    source="PyTorch reference, torch.ravel",
    example="ravel(x)",
)
def ravel(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.view(input if is_contiguous(input) else m.compact(input), -1)


@composite(
    "flatten",
    family=FAMILY,
    summary="The dims from start_dim to end_dim made one.",
    source="PyTorch reference, torch.flatten",
    example="flatten(x)",
)
def flatten(m: Any, input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    start, end = (dim_from_right(dim, len(shape)) + len(shape) for dim in (start_dim, end_dim))
    if not shape:
        return _reshape_front(m, input, (1,))
    if start > end:
        raise RuntimeFault("E302", "flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end:
        return input
    return _reshape_front(m, input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@composite(
    "unflatten",
    family=FAMILY,
    summary="A dim split into several.",
    source="PyTorch reference, torch.unflatten",
    example="unflatten(x, 1, (2, 1))",
)
def unflatten(m: Any, input: Any, dim: int, sizes: Any) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    at = dim_from_right(dim, len(shape)) + len(shape)
    wanted = flat_sizes((tuple(sizes),))
    known = math.prod(size for size in wanted if size != -1)
    if -1 in wanted and known and shape[at] % known == 0:
        wanted = tuple(shape[at] // known if size == -1 else size for size in wanted)
    if math.prod(wanted) != shape[at]:
        raise RuntimeFault(
            "E301",
            f"unflatten: Provided sizes {size_text(wanted)} don't multiply up to the size of dim {at} "
            f"({shape[at]}) "
            "in the input tensor",
        )
    return m.view(input, (*shape[:at], *wanted, *shape[at + 1 :]))


def _squeeze_front(m: Any, input: Any, dim: Any = None) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    asked = range(-len(shape), 0) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    dims = (
        tuple(dict.fromkeys(dim_from_right(one, len(shape)) for one in asked))
        if shape or dim is not None
        else ()
    )
    form = 0 if dim is None else 2 if isinstance(dim, (tuple, list)) else 1
    return m.apply(
        squeeze, (input,), {"dims": tuple(d for d in dims if shape and shape[d] == 1), "form": form}
    )


squeeze = linear(
    "squeeze",
    node=lambda dims, form: f"SqueezeBackward{form}",
    numpy=lambda x, *, dims, form: np.squeeze(x, dims),
    transposes=(lambda m, g, x_shape, dims: m.reshape(g, shape=x_shape, rank=len(x_shape) - len(dims)),),
    front=_squeeze_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(1, 3, 1),), {"dims": (-3, -1), "form": 0}),
        ((s.normal(2, 1),), {"dims": (-1,), "form": 1}),
    ],
    summary="Dims of size 1 left out: all, or those named.",
    source="NumPy reference, numpy.squeeze",
    example="squeeze(unsqueeze(x, 0))",
)

unsqueeze: Record = linear(
    "unsqueeze",
    node="UnsqueezeBackward0",
    numpy=lambda x, *, dim: np.expand_dims(x, dim),
    transposes=(lambda m, g, dim: m.squeeze(g, dims=(dim,), form=1),),
    front=lambda m, input, dim: m.apply(  # noqa: A006 - PyTorch's name
        unsqueeze, (input,), {"dim": dim_from_right(dim, len(input.shape) + 1)}
    ),
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dim": -2}), ((s.normal(2),), {"dim": -2})],
    summary="A dim of size 1 put in.",
    source="NumPy reference, numpy.expand_dims",
    example="unsqueeze(x, 0)",
)
