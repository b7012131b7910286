"""The kernels of normalisation layers: groups brought to mean 0 and variance 1, scaled and shifted."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: ARG001, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.record import general

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.dims import Dims
    from gradcli.ops.shapes import Shape

__all__ = ["fixed_norm", "group_statistics_norm"]

FAMILY = "normalization"

# `shape`: the input's. `groups`: the shape under which whole `dims` are normalised together.
# `places`: the shape under which scale and shift, of `affine_rank` dims, broadcast with the input.


def _scaled(y: Any, affine: Sequence[Any], places: Shape, affine_rank: int) -> Any:
    for part, combine in zip(affine, (np.multiply, np.add), strict=False):
        y = combine(y, np.reshape(part, part.shape[: part.ndim - affine_rank] + places))
    return y


def _forward(
    x: Any,
    *affine: Any,
    shape: Shape,
    groups: Shape,
    dims: Dims,
    places: Shape,
    affine_rank: int,
    eps: float,
    kind: str,
) -> Any:
    lead = x.shape[: x.ndim - len(shape)]
    grouped = np.reshape(x, lead + groups)
    count = max(math.prod(groups[dim] for dim in dims), 1)
    moved = grouped - np.true_divide(np.add.reduce(grouped, axis=dims, keepdims=True), count)
    variance = np.true_divide(np.add.reduce(moved * moved, axis=dims, keepdims=True), count)
    return _scaled(np.reshape(moved / np.sqrt(variance + eps), lead + shape), affine, places, affine_rank)


def _standardized(m: Any, x: Any, shape: Shape, groups: Shape, dims: Dims, eps: float) -> tuple[Any, Any]:
    """The input, grouped, at mean 0 and variance 1, and the inverse of its standard deviation."""
    moved = m.reshape(x, shape=groups, rank=len(shape))
    moved = moved - m.mean_dims(moved, dims=dims, keepdim=True)
    inverse = 1 / m.sqrt(m.mean_dims(moved * moved, dims=dims, keepdim=True) + eps)
    return moved * inverse, inverse


def _plain(
    m: Any,
    x: Any,
    *affine: Any,
    shape: Shape,
    groups: Shape,
    dims: Dims,
    places: Shape,
    affine_rank: int,
    eps: float,
    kind: str,
) -> Any:
    y = m.reshape(_standardized(m, x, shape, groups, dims, eps)[0], shape=shape, rank=len(groups))
    if affine:
        y = y * m.reshape(affine[0], shape=places, rank=affine_rank)
    return y + m.reshape(affine[1], shape=places, rank=affine_rank) if len(affine) > 1 else y


def _project(m: Any, g: Any, x: Any, shape: Shape, groups: Shape, dims: Dims, eps: float) -> Any:
    """The Jacobian of standardising, which is symmetric, applied to g."""
    units, inverse = _standardized(m, x, shape, groups, dims, eps)
    g = m.reshape(g, shape=groups, rank=len(shape))
    along = m.mean_dims(g * units, dims=dims, keepdim=True)
    projected = inverse * (g - m.mean_dims(g, dims=dims, keepdim=True) - units * along)
    return m.reshape(projected, shape=shape, rank=len(groups))


def _input_vjp(
    m: Any,
    g: Any,
    x: Any,
    affine: Sequence[Any],
    shape: Shape,
    groups: Shape,
    dims: Dims,
    places: Shape,
    affine_rank: int,
    eps: float,
) -> Any:
    if affine:
        g = g * m.reshape(affine[0], shape=places, rank=affine_rank)
    return _project(m, g, x, shape, groups, dims, eps)


def _input_jvp(
    m: Any,
    t: Any,
    x: Any,
    affine: Sequence[Any],
    shape: Shape,
    groups: Shape,
    dims: Dims,
    places: Shape,
    affine_rank: int,
    eps: float,
) -> Any:
    moved = _project(m, t, x, shape, groups, dims, eps)
    return moved * m.reshape(affine[0], shape=places, rank=affine_rank) if affine else moved


def _gathered(m: Any, g: Any, places: Shape, shape: Shape) -> Any:
    """A cotangent of the result summed to the shape of scale or shift."""
    over = tuple(dim for dim in range(-len(places), 0) if places[dim] == 1)
    return m.reshape(m.sum_dims(g, dims=over, keepdim=True), shape=shape, rank=len(places))


def _affine_vjp(
    m: Any,
    g: Any,
    x: Any,
    i: int,
    shapes: Sequence[Shape],
    shape: Shape,
    groups: Shape,
    dims: Dims,
    places: Shape,
    eps: float,
) -> Any:
    if i == 1:
        units, _ = _standardized(m, x, shape, groups, dims, eps)
        g = g * m.reshape(units, shape=shape, rank=len(groups))
    return _gathered(m, g, places, tuple(shapes[i]))


def _affine_jvp(
    m: Any,
    t: Any,
    x: Any,
    i: int,
    shape: Shape,
    groups: Shape,
    dims: Dims,
    places: Shape,
    affine_rank: int,
    eps: float,
) -> Any:
    t = m.reshape(t, shape=places, rank=affine_rank)
    units, _ = _standardized(m, x, shape, groups, dims, eps)
    units = m.reshape(units, shape=shape, rank=len(groups))
    return t * units if i == 1 else t + m.zeros_like(units)


def _samples(s: Any) -> Any:
    layer = {
        "shape": (2, 3),
        "groups": (2, 3),
        "dims": (-1,),
        "places": (1, 3),
        "affine_rank": 1,
        "eps": 1e-5,
    }
    group = {
        "shape": (2, 4, 3),
        "groups": (2, 2, 6),
        "dims": (-1,),
        "places": (1, 4, 1),
        "affine_rank": 1,
        "eps": 1e-5,
    }
    return [
        ((s.normal(2, 3),), layer | {"kind": "Layer"}),
        ((s.normal(2, 3), s.normal(3), s.normal(3)), layer | {"kind": "Layer"}),
        ((s.normal(2, 4, 3), s.normal(4), s.normal(4)), group | {"kind": "Group"}),
    ]


group_statistics_norm = general(
    "group_statistics_norm",
    args=("x", "*affine"),
    node=lambda kind, **_: f"Native{kind}NormBackward0",
    numpy=_forward,
    definition=_plain,
    vjps=(_input_vjp, _affine_vjp),
    jvps=(_input_jvp, _affine_jvp),
    infer=lambda x, *affine, **params: x,
    faces="",
    family=FAMILY,
    samples=_samples,
    summary="Groups of elements at mean 0 and variance 1, times a scale, plus a shift.",
    source="Ioffe and Szegedy, Batch Normalization (2015), algorithm 1",
)


def _fixed(x: Any, center: Any, variance: Any, *affine: Any, places: Shape, eps: float) -> Any:
    lead = [part.shape[: part.ndim - 1] + places for part in (center, variance)]
    moved = (x - np.reshape(center, lead[0])) / np.sqrt(np.reshape(variance, lead[1]) + eps)
    return _scaled(moved, affine, places, 1)


def _fixed_units(m: Any, x: Any, center: Any, variance: Any, places: Shape, eps: float) -> tuple[Any, Any]:
    inverse = 1 / m.sqrt(m.reshape(variance, shape=places, rank=1) + eps)
    return (x - m.reshape(center, shape=places, rank=1)) * inverse, inverse


def _fixed_input(m: Any, g: Any, variance: Any, affine: Sequence[Any], places: Shape, eps: float) -> Any:
    slope = 1 / m.sqrt(m.reshape(variance, shape=places, rank=1) + eps)
    return g * (slope * m.reshape(affine[0], shape=places, rank=1) if affine else slope)


def _fixed_affine(
    m: Any,
    g: Any,
    x: Any,
    center: Any,
    variance: Any,
    i: int,
    shapes: Sequence[Shape],
    places: Shape,
    eps: float,
) -> Any:
    if i == 3:
        g = g * _fixed_units(m, x, center, variance, places, eps)[0]
    return _gathered(m, g, places, tuple(shapes[i]))


def _fixed_affine_jvp(
    m: Any, t: Any, x: Any, center: Any, variance: Any, i: int, places: Shape, eps: float
) -> Any:
    t = m.reshape(t, shape=places, rank=1)
    return t * _fixed_units(m, x, center, variance, places, eps)[0] if i == 3 else t + m.zeros_like(x)


def _fixed_plain(m: Any, x: Any, center: Any, variance: Any, *affine: Any, places: Shape, eps: float) -> Any:
    y = _fixed_units(m, x, center, variance, places, eps)[0]
    if affine:
        y = y * m.reshape(affine[0], shape=places, rank=1)
    return y + m.reshape(affine[1], shape=places, rank=1) if len(affine) > 1 else y


fixed_norm = general(
    "fixed_norm",
    args=("x", "center", "variance", "*affine"),
    node="NativeBatchNormBackward0",
    numpy=_fixed,
    definition=_fixed_plain,
    vjps=(_fixed_input, None, None, _fixed_affine),
    jvps=(
        _fixed_input,
        None,
        None,
        _fixed_affine_jvp,
    ),
    infer=lambda x, *others, **params: x,
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.normal(3), s.positive(3)), {"places": (1, 3), "eps": 1e-5}),
        (
            (s.normal(2, 3), s.normal(3), s.positive(3), s.normal(3), s.normal(3)),
            {"places": (1, 3), "eps": 1e-5},
        ),
    ],
    summary="Normalisation by a mean and a variance that are given.",
    source="Ioffe and Szegedy, Batch Normalization (2015), algorithm 2",
)
