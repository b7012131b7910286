"""Joining and splitting tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.record import linear
from gradcli.ops.shapes import Shape, dim_from_right

__all__: list[str] = []

FAMILY = "joining"


def _cat_transpose(m: Any, g: Any, i: int, shapes: Sequence[Shape], dim: int) -> Any:
    start = sum(shape[dim] for shape in shapes[:i])
    return m.slice(g, dim=dim, start=start, stop=start + shapes[i][dim], step=1)


def _cat_infer(*shapes: Shape, dim: int) -> Shape:
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
                    f"Sizes of tensors must match except in dimension {len(first) + dim}. Expected size {a} but got "
                    f"size {b} for tensor number {number} in the list.",
                )
    first[dim] = sum(shape[dim] for shape in shapes)
    return tuple(first)


def _cat_front(m: Any, tensors: Any, dim: int = 0) -> Any:
    if not isinstance(tensors, (list, tuple)):
        raise TypeFault("E303", "cat(): argument 'tensors' must be tuple of Tensors", help="write cat([a, b])")
    if not tensors:
        raise RuntimeFault("E303", "torch.cat(): expected a non-empty list of Tensors")
    # PyTorch's one exception: an empty vector joins anything.
    kept = [t for t in tensors if tuple(t.shape) != (0,)] or tensors[:1]
    if any(not len(t.shape) for t in kept):
        raise RuntimeFault(
            "E301", "zero-dimensional tensor (at position 0) cannot be concatenated", help="stack([a, b]) joins scalars"
        )
    return m.apply(cat, tuple(kept), {"dim": dim_from_right(dim, len(kept[0].shape))})


cat = linear(
    "cat",
    args=("*tensors",),
    node="CatBackward0",
    numpy=lambda *tensors, dim: np.concatenate(tensors, axis=dim),
    transposes=(_cat_transpose,),
    infer=_cat_infer,
    front=_cat_front,
    faces="torch",
    aliases=("concat", "concatenate"),
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 1)), {"dim": -1}), ((s.normal(2, 3), s.normal(1, 3)), {"dim": -2})],
    summary="Tensors joined along a dim.",
    source="NumPy reference, numpy.concatenate",
    example="cat([x, x], dim=0)",
)
