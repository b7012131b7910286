"""Maximum pools, plain and adaptive, with the places they came from, and max_unpool."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.pooling import (
    as_window,
    check_adaptive,
    check_window,
    check_windows,
    in_plane,
    pool_input,
    targets,
)
from gradcli.ops.record import Record, composite, general, linear
from gradcli.ops.shapes import Shape, size_text
from gradcli.ops.taps import Tap, ceil_windows, taps

__all__: list[str] = []

FAMILY = "pooling"
SOURCE = "PyTorch reference, torch.nn.functional: pooling functions"


def _windows(plan: tuple[Tap, ...]) -> tuple[list[Any], Any]:
    """Per dim the index of every element of every window, and which are there: (*windows, *kernel)."""
    rank = len(plan)
    index, inside = [], np.ones((1,) * 2 * rank, bool)
    for dim, tap in enumerate(plan):
        at, weight = taps(tap)
        shape = [1] * 2 * rank
        shape[dim], shape[rank + dim] = at.shape
        index.append(at.reshape(shape))
        inside = inside & (weight != 0).reshape(shape)
    return index, inside


def _max_pool(x: Any, *, plan: tuple[Tap, ...], name: str) -> tuple[Any, Any]:  # noqa: ARG001 - names the node
    rank = len(plan)
    index, inside = _windows(plan)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    found = tuple(tap.target for tap in plan)
    values = np.where(inside, x[(..., *index)], x.dtype.type(lowest)).reshape(*x.shape[: x.ndim - rank], *found, -1)
    flat = index[0]
    for dim in range(1, rank):
        flat = flat * plan[dim].size + index[dim]
    flat = np.broadcast_to(flat, inside.shape).reshape(*found, -1)
    # Of equal elements the first that is there: an element of -inf beats the padding.
    best = np.argmax(np.where(inside.reshape(*found, -1) & (values == np.max(values, -1, keepdims=True, initial=lowest))
                              | np.isnan(values), 1, 0), axis=-1)[..., np.newaxis]  # fmt: skip
    places = np.take_along_axis(np.broadcast_to(flat, values.shape), best, -1)[..., 0]
    return np.take_along_axis(values, best, -1)[..., 0], places


def _sizes(plan: tuple[Tap, ...]) -> Shape:
    return tuple(tap.size for tap in plan)


def _found(plan: tuple[Tap, ...]) -> Shape:
    return tuple(tap.target for tap in plan)


_PLAN = (Tap("window", 5, 3, (2, 2, 1, 1, 1)), Tap("adaptive", 5, 3))

max_pool = general(
    "max_pool",
    outputs=("y", "places"),
    node=lambda plan, name: f"{name}Backward0",  # noqa: ARG005 - one of the parameters
    numpy=_max_pool,
    complex=False,
    vjps=(lambda m, g, places, plan: m.plane_put(g, places, sizes=_sizes(plan), found=_found(plan)),),
    jvps=(lambda m, t, places, plan: (m.plane_take(t, places, sizes=_sizes(plan), found=_found(plan)), None),),
    promote="keep",
    infer=lambda x, *, plan, name: ((*x[: len(x) - len(plan)], *_found(plan)),) * 2,  # noqa: ARG005 - as above
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.distinct(2, 5, 5),), {"plan": _PLAN, "name": ""})],
    kinks=("of tied elements the first gets the cotangent",),
    summary="Largest element of each window, and its place in the plane.",
    source=SOURCE,
)


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


def _plane_set(x: Any, index: Any, *, sizes: Shape, found: Shape, name: str) -> Any:  # noqa: ARG001 - names the node
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
    infer=lambda x, index, *, sizes, found: (*x[: len(x) - len(sizes)], *found),  # noqa: ARG005 - indices add no shape
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
    infer=lambda x, index, *, sizes, found: (*x[: len(x) - len(found)], *sizes),  # noqa: ARG005 - as above
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 2, 2), s.integers(12, 2, 2, 2)), {"sizes": (3, 4), "found": (2, 2)})],
    summary="Zeros to which elements are added at places of a plane: the transpose of plane_take.",
    source=SOURCE,
)

plane_set = linear(
    "plane_set",
    args=("x", "index"),
    discrete=("index",),
    node=lambda sizes, found, name: f"{name}Backward0",  # noqa: ARG005 - one of the parameters
    numpy=_plane_set,
    transposes=(lambda m, g, index, sizes, found: m.plane_take(g, index, sizes=sizes, found=found), None),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, index, *, sizes, found, name: (*x[: len(x) - len(found)], *sizes),  # noqa: ARG005 - as above
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(1, 2, 2), np.array([[[0, 5], [7, 10]]])), {"sizes": (3, 4), "found": (2, 2), "name": ""})
    ],
    summary="Zeros with elements set at places of a plane.",
    source=SOURCE,
)


def _finish(m: Any, found: Any, return_indices: bool) -> Any:
    return tuple(found) if return_indices else found[0]


def _max_pool_layer(rank: int, dims: str) -> Record:
    name = f"max_pool{rank}d"

    @composite(name, args=("input",), faces="F torch", family=FAMILY, source=SOURCE,
               example=f"F.{name}(ones(1, 1{', 4' * rank}), 2)",
               summary=f"Largest element of each window over {dims}.")  # fmt: skip
    def layer(  # noqa: PLR0913 - PyTorch's signature
        m: Any, input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,  # noqa: A002
        ceil_mode: bool = False, return_indices: bool = False,
    ) -> Any:  # fmt: skip
        kernel = as_window(name, "kernel_size", kernel_size, rank)
        steps = kernel if stride is None or stride == () or stride == [] else as_window(name, "stride", stride, rank)
        pad, gaps = as_window(name, "padding", padding, rank), as_window(name, "dilation", dilation, rank)
        check_window(kernel, steps, pad, gaps)
        pool_input(name, input, rank)
        sizes = tuple(input.shape[-rank:])
        found = tuple(
            ceil_windows(n, k, s, d, p, ceil_mode) for n, k, s, d, p in zip(sizes, kernel, steps, gaps, pad, strict=True)
        )
        check_windows(input, found)
        plan = tuple(
            Tap("window", n, o, (k, s, d, p, 0))
            for n, o, k, s, d, p in zip(sizes, found, kernel, steps, gaps, pad, strict=True)
        )
        if rank == 1:
            plan = (Tap("window", 1, 1, (1, 1, 1, 0, 0)), *plan)
        node = f"MaxPool{max(rank, 2)}DWithIndices"
        return _finish(m, in_plane(m, input, rank, lambda x: m.max_pool(x, plan=plan, name=node)), return_indices)

    return layer


def _with_indices(record: Record) -> Record:
    """The same pool under PyTorch's second name, which always gives the places too."""
    name = record.name + "_with_indices"

    @composite(name, args=("input",), faces="F", family=FAMILY, source=SOURCE, example=record.example.replace(record.name, name),
               summary="Largest element of each window, and its place in the input.")  # fmt: skip
    def layer(m: Any, *args: Any, **named: Any) -> Any:
        return record.front(m, *args, **(named | {"return_indices": True}))  # type: ignore[misc] # it has one

    return layer


def _adaptive_max_pool(rank: int, dims: str) -> Record:
    name = f"adaptive_max_pool{rank}d"

    @composite(name, args=("input",), faces="F torch" if rank == 1 else "F", family=FAMILY, source=SOURCE,
               example=f"F.{name}(ones(1, 1{', 4' * rank}), 2)",
               summary=f"Largest elements of as many windows over {dims} as the result is to have.")  # fmt: skip
    def layer(m: Any, input: Any, output_size: Any, return_indices: bool = False) -> Any:  # noqa: A002 - PyTorch's name
        check_adaptive(name, input, rank)
        sizes = tuple(input.shape[-rank:])
        plan = tuple(Tap("adaptive", n, o) for n, o in zip(sizes, targets(name, output_size, sizes), strict=True))
        if rank == 1:
            plan = (Tap("adaptive", 1, 1), *plan)
        node = f"AdaptiveMaxPool{max(rank, 2)}D"
        return _finish(m, in_plane(m, input, rank, lambda x: m.max_pool(x, plan=plan, name=node)), return_indices)

    return layer


max_pool1d, max_pool2d, max_pool3d = (
    _max_pool_layer(1, "one dim"),
    _max_pool_layer(2, "two dims"),
    _max_pool_layer(3, "three dims"),
)
adaptive_max_pool1d = _adaptive_max_pool(1, "one dim")
adaptive_max_pool2d = _adaptive_max_pool(2, "two dims")
adaptive_max_pool3d = _adaptive_max_pool(3, "three dims")
max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = map(
    _with_indices, (max_pool1d, max_pool2d, max_pool3d)
)


def _max_unpool(rank: int) -> Record:
    name = f"max_unpool{rank}d"

    @composite(name, args=("input", "indices"), faces="F", family=FAMILY, source=SOURCE,
               example=f"F.{name}(*F.max_pool{rank}d(ones(1, 1{', 4' * rank}), 2, return_indices=True), 2)",
               summary="Maxima put back to the places they came from, zeros elsewhere.")  # fmt: skip
    def layer(  # noqa: PLR0913 - PyTorch's signature
        m: Any, input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None  # noqa: A002
    ) -> Any:
        kernel = as_window(name, "kernel_size", kernel_size, rank)
        steps = kernel if stride is None else as_window(name, "stride", stride, rank)
        pad = as_window(name, "padding", padding, rank)
        found = tuple(input.shape[-rank:])
        if tuple(indices.shape) != tuple(input.shape):
            raise RuntimeFault(
                "E301",
                f"Expected shape of indices to be same as that of the input tensor ({size_text(input.shape)}) but got "
                f"indices tensor with shape: {size_text(indices.shape)}",
            )
        sizes = tuple((n - 1) * s - 2 * p + k for n, s, p, k in zip(found, steps, pad, kernel, strict=True))
        if output_size is not None:
            sizes = tuple(output_size)[-rank:]
        params = {"sizes": sizes, "found": found, "name": f"MaxUnpool{max(rank, 2)}D"}
        return m.plane_set(input, indices, **params)

    return layer


max_unpool1d, max_unpool2d, max_unpool3d = map(_max_unpool, (1, 2, 3))
