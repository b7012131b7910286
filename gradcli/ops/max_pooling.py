"""Maximum pools, plain and adaptive, with the places they came from."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.pooling import (
    as_window,
    check_adaptive,
    check_window,
    check_windows,
    in_plane,
    pool_input,
    targets,
)
from gradcli.ops.record import Record, composite, general
from gradcli.ops.taps import Tap, ceil_windows, taps

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

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


def _max_pool(x: Any, *, plan: tuple[Tap, ...], name: str) -> tuple[Any, Any]:
    rank = len(plan)
    index, inside = _windows(plan)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    found = tuple(tap.target for tap in plan)
    values = np.where(inside, x[(..., *index)], x.dtype.type(lowest)).reshape(
        *x.shape[: x.ndim - rank], *found, -1
    )
    flat = index[0]
    for dim in range(1, rank):
        flat = flat * plan[dim].size + index[dim]
    flat = np.broadcast_to(flat, inside.shape).reshape(*found, -1)
    # Of equal elements the first that is there: an element of -inf beats the padding.
    best = np.argmax(
        np.where(
            inside.reshape(*found, -1) & (values == np.max(values, -1, keepdims=True, initial=lowest))
            | np.isnan(values),
            1,
            0,
        ),
        axis=-1,
    )[..., np.newaxis]
    places = np.take_along_axis(np.broadcast_to(flat, values.shape), best, -1)[..., 0]
    return np.take_along_axis(values, best, -1)[..., 0], places


def _max_pool_symbols(S: Any, x: Any, plan: tuple[Tap, ...], name: str) -> tuple[Any, Any]:
    rank = len(plan)
    numbers = S.floats(x)
    found, places = _max_pool(numbers, plan=plan, name=name)
    lead = x.shape[: x.ndim - rank]
    index, inside = _windows(plan)
    largest = inside & (numbers[(..., *index)] == found[(..., *(np.newaxis,) * rank)])
    tied = np.add.reduce(largest, axis=tuple(range(-rank, 0))) > 1
    flat = np.reshape(x, (*lead, -1))
    picked = np.take_along_axis(flat, places.reshape(*lead, -1), -1).reshape(places.shape)
    S.tied(picked, tied)
    return picked, places


def _sizes(plan: tuple[Tap, ...]) -> Shape:
    return tuple(tap.size for tap in plan)


def _found(plan: tuple[Tap, ...]) -> Shape:
    return tuple(tap.target for tap in plan)


_PLAN = (Tap("window", 5, 3, (2, 2, 1, 1, 1)), Tap("adaptive", 5, 3))

max_pool = general(
    "max_pool",
    outputs=("y", "places"),
    node=lambda plan, name: f"{name}Backward0",
    numpy=_max_pool,
    complex=False,
    sympy=lambda S, x, *, plan, name: _max_pool_symbols(S, x, plan, name),
    vjps=(lambda m, g, places, plan: m.plane_put(g, places, sizes=_sizes(plan), found=_found(plan)),),
    jvps=(
        lambda m, t, places, plan: (m.plane_take(t, places, sizes=_sizes(plan), found=_found(plan)), None),
    ),
    promote="keep",
    infer=lambda x, *, plan, name: ((*x[: len(x) - len(plan)], *_found(plan)),) * 2,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.distinct(2, 5, 5),), {"plan": _PLAN, "name": "MaxPool2DWithIndices"})],
    kinks=("of tied elements the first gets the cotangent",),
    summary="Largest element of each window, and its place in the plane.",
    source=SOURCE,
)


def _finish(m: Any, found: Any, return_indices: bool) -> Any:
    return tuple(found) if return_indices else found[0]


def _max_pool_layer(rank: int, dims: str) -> Record:
    name = f"max_pool{rank}d"

    @composite(
        name,
        args=("input",),
        faces="F torch",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 4' * rank}), 2)",
        summary=f"Largest element of each window over {dims}.",
    )
    def layer(
        m: Any,
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        kernel = as_window(name, "kernel_size", kernel_size, rank)
        steps = kernel if stride is None or stride in ((), []) else as_window(name, "stride", stride, rank)
        pad, gaps = as_window(name, "padding", padding, rank), as_window(name, "dilation", dilation, rank)
        check_window(kernel, steps, pad, gaps)
        pool_input(name, input, rank)
        sizes = tuple(input.shape[-rank:])
        found = tuple(
            ceil_windows(n, k, s, d, p, ceil_mode)
            for n, k, s, d, p in zip(sizes, kernel, steps, gaps, pad, strict=True)
        )
        check_windows(input, found)
        plan = tuple(
            Tap("window", n, o, (k, s, d, p, 0))
            for n, o, k, s, d, p in zip(sizes, found, kernel, steps, gaps, pad, strict=True)
        )
        if rank == 1:
            plan = (Tap("window", 1, 1, (1, 1, 1, 0, 0)), *plan)
        node = f"MaxPool{max(rank, 2)}DWithIndices"
        return _finish(
            m, in_plane(m, input, rank, lambda x: m.max_pool(x, plan=plan, name=node)), return_indices
        )

    return layer


def _with_indices(record: Record) -> Record:
    """The same pool under PyTorch's second name, which always gives the places too."""
    name = record.name + "_with_indices"

    @composite(
        name,
        args=("input",),
        faces="F",
        family=FAMILY,
        source=SOURCE,
        example=record.example.replace(record.name, name),
        summary="Largest element of each window, and its place in the input.",
    )
    def layer(m: Any, *args: Any, **named: Any) -> Any:
        return record.front(m, *args, **(named | {"return_indices": True}))  # type: ignore[misc] # it has one

    return layer


def _adaptive_max_pool(rank: int, dims: str) -> Record:
    name = f"adaptive_max_pool{rank}d"

    @composite(
        name,
        args=("input",),
        faces="F torch" if rank == 1 else "F",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 4' * rank}), 2)",
        summary=f"Largest elements of as many windows over {dims} as the result is to have.",
    )
    def layer(m: Any, input: Any, output_size: Any, return_indices: bool = False) -> Any:
        check_adaptive(name, input, rank)
        sizes = tuple(input.shape[-rank:])
        plan = tuple(
            Tap("adaptive", n, o) for n, o in zip(sizes, targets(name, output_size, sizes), strict=True)
        )
        if rank == 1:
            plan = (Tap("adaptive", 1, 1), *plan)
        node = f"AdaptiveMaxPool{max(rank, 2)}D"
        return _finish(
            m, in_plane(m, input, rank, lambda x: m.max_pool(x, plan=plan, name=node)), return_indices
        )

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
