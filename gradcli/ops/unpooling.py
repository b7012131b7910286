"""Elements of planes by their place: what maximum pools send gradients through, and max_unpool.

A place is a flat index into the spatial dims; axes in front of them are a batch.
"""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.pooling import as_window
from gradcli.ops.record import Record, composite, linear
from gradcli.ops.shapes import Shape, size_text

__all__: list[str] = []

FAMILY = "pooling"
SOURCE = "PyTorch reference, torch.nn.functional: pooling functions"


def _flat(x: Any, sizes: Shape) -> Any:
    return x.reshape(*x.shape[: x.ndim - len(sizes)], math.prod(sizes))


def _plane_take(x: Any, index: Any, *, sizes: Shape, found: Shape) -> Any:
    plane, at = _flat(x, sizes), _flat(index, found)
    lead = np.broadcast_shapes(plane.shape[:-1], at.shape[:-1])
    plane, at = np.broadcast_to(plane, lead + plane.shape[-1:]), np.broadcast_to(at, lead + at.shape[-1:])
    return np.take_along_axis(plane, at, -1).reshape(*lead, *found)


def _rows(x: Any, index: Any, found: Shape) -> tuple[Any, Any, Shape]:
    """Values and places as rows of planes, with the axes in front."""
    values, at = _flat(x, found), _flat(index, found)
    lead = np.broadcast_shapes(values.shape[:-1], at.shape[:-1])
    count = values.shape[-1]
    return (
        np.broadcast_to(values, (*lead, count)).reshape(-1, count),
        np.broadcast_to(at, (*lead, count)).reshape(-1, count),
        lead,
    )


def _plane_put(x: Any, index: Any, *, sizes: Shape, found: Shape) -> Any:
    values, at, lead = _rows(x, index, found)
    full = np.zeros((len(values), math.prod(sizes)), x.dtype)
    np.add.at(full, (np.arange(len(values))[:, np.newaxis], at), values)  # windows may share an element
    return full.reshape(*lead, *sizes)


def _plane_set(x: Any, index: Any, *, sizes: Shape, found: Shape, name: str) -> Any:
    values, at, lead = _rows(x, index, found)
    full = np.zeros((len(values), math.prod(sizes)), x.dtype)
    np.put_along_axis(full, at, values, -1)
    return full.reshape(*lead, *sizes)


def _take_samples(s: Any) -> Any:
    return [((s.normal(2, 3, 4), s.integers(12, 2, 2, 2)), {"sizes": (3, 4), "found": (2, 2)})]


plane_take = linear(
    "plane_take",
    args=("x", "index"),
    discrete=("index",),
    node="GatherBackward0",
    numpy=_plane_take,
    transposes=(lambda m, g, index, sizes, found: m.plane_put(g, index, sizes=sizes, found=found), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, sizes, found: (*x[: len(x) - len(sizes)], *found),
    family=FAMILY,
    samples=_take_samples,
    summary="Elements of a plane by their place in it.",
    source=SOURCE,
)

plane_put = linear(
    "plane_put",
    args=("x", "index"),
    discrete=("index",),
    node="ScatterAddBackward0",
    numpy=_plane_put,
    transposes=(lambda m, g, index, sizes, found: m.plane_take(g, index, sizes=sizes, found=found), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, sizes, found: (*x[: len(x) - len(found)], *sizes),
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 2, 2), s.integers(12, 2, 2, 2)), {"sizes": (3, 4), "found": (2, 2)})],
    summary="Zeros to which elements are added at places of a plane: the transpose of plane_take.",
    source=SOURCE,
)

plane_set = linear(
    "plane_set",
    args=("x", "index"),
    discrete=("index",),
    node=lambda sizes, found, name: f"{name}Backward0",
    numpy=_plane_set,
    transposes=(lambda m, g, index, sizes, found: m.plane_take(g, index, sizes=sizes, found=found), None),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, index, *, sizes, found, name: (*x[: len(x) - len(found)], *sizes),
    family=FAMILY,
    samples=lambda s: [
        (
            (s.normal(1, 2, 2), np.array([[[0, 5], [7, 10]]])),
            {"sizes": (3, 4), "found": (2, 2), "name": "MaxUnpool2D"},
        )
    ],
    summary="Zeros with elements set at places of a plane.",
    source=SOURCE,
)


def _max_unpool(rank: int) -> Record:
    name = f"max_unpool{rank}d"

    @composite(
        name,
        args=("input", "indices"),
        faces="F",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(*F.max_pool{rank}d(ones(1, 1{', 4' * rank}), 2, return_indices=True), 2)",
        summary="Maxima put back to the places they came from, zeros elsewhere.",
    )
    def layer(
        m: Any,
        input: Any,
        indices: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        output_size: Any = None,
    ) -> Any:
        kernel = as_window(name, "kernel_size", kernel_size, rank)
        steps = kernel if stride is None else as_window(name, "stride", stride, rank)
        pad = as_window(name, "padding", padding, rank)
        found = tuple(input.shape[-rank:])
        if tuple(indices.shape) != tuple(input.shape):
            raise RuntimeFault(
                "E301",
                "Expected shape of indices to be same as that of the input tensor "
                f"({size_text(input.shape)}) but got "
                f"indices tensor with shape: {size_text(indices.shape)}",
            )
        sizes = tuple((n - 1) * s - 2 * p + k for n, s, p, k in zip(found, steps, pad, kernel, strict=True))
        if output_size is not None:
            sizes = tuple(output_size)[-rank:]
        node = f"MaxUnpool{max(rank, 2)}D"
        if rank > 1:
            return m.plane_set(input, indices, sizes=sizes, found=found, name=node)
        line = m.plane_set(
            m.as_row(input), m.as_row(indices), sizes=(1, *sizes), found=(1, *found), name=node
        )
        return m.squeeze(line, dims=(-2,), form=1)

    return layer


max_unpool1d, max_unpool2d, max_unpool3d = map(_max_unpool, (1, 2, 3))
