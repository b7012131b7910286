"""Products over dims, and dims laid out as one."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.ops.dims import Dims, numpy_names, reduced, reduction_samples, totalled
from gradcli.ops.record import composite, general, linear
from gradcli.ops.scan import products_before
from gradcli.ops.shapes import Shape, dims_from_right

__all__: list[str] = []

FAMILY = "reduction"


def _prod_others(m: Any, x: Any, x_shape: Shape, dims: Dims) -> Any:
    """For each element the product of the others along `dims`, exact where some are zero."""
    flat, count = m.gather_dims(x, dims=dims), math.prod(x_shape[dim] for dim in dims)
    others = products_before(m, flat, count, reverse=False) * products_before(m, flat, count, reverse=True)
    return m.scatter_dims(others, shape=x_shape, dims=dims)


def _prod_vjp(m: Any, g: Any, x: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    others = _prod_others(m, x, x_shape, dims)
    return m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim) * others


def _prod_jvp(m: Any, t: Any, x: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    others = _prod_others(m, x, x_shape, dims)
    return m.sum_dims(t * others, dims=dims, keepdim=keepdim)


prod_dims = general(
    "prod_dims",
    node=lambda full=False, **_: f"ProdBackward{0 if full else 1}",
    numpy=lambda x, *, dims, keepdim=False, full=False: np.multiply.reduce(x, axis=dims, keepdims=keepdim),
    vjps=(_prod_vjp,),
    jvps=(_prod_jvp,),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False, full=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=reduction_samples,
    summary="Product over dims.",
    source="DLMF 1.2(i)",
)


@composite(
    "prod",
    family=FAMILY,
    summary="Product of all elements, or over a dim.",
    source="DLMF 1.2(i)",
    example="prod(x, dim=0)",
)
@numpy_names
def prod(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    x = totalled(m, input, dtype)
    dims = dims_from_right(dim, len(x.shape))
    return m.apply(prod_dims, (x,), {"dims": dims, "keepdim": keepdim, "full": dim is None})


def _gather_dims(x: Any, *, dims: Dims) -> Any:
    """The dims moved to the right and flattened into one; no dims make one of size 1."""
    if not dims:
        return x[..., np.newaxis]
    moved = np.moveaxis(x, dims, range(-len(dims), 0))
    return np.reshape(
        moved, (*moved.shape[: moved.ndim - len(dims)], math.prod(x.shape[dim] for dim in dims))
    )


def _scatter_dims(x: Any, *, shape: Shape, dims: Dims) -> Any:
    if not dims:
        return x[..., 0]
    sizes = tuple(shape[dim] for dim in dims)
    return np.moveaxis(np.reshape(x, x.shape[:-1] + sizes), range(-len(dims), 0), dims)


gather_dims = linear(
    "gather_dims",
    node="ViewBackward0",
    numpy=_gather_dims,
    transposes=(lambda m, g, x_shape, dims: m.scatter_dims(g, shape=x_shape, dims=dims),),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3, 4),), {"dims": (-3, -1)}), ((s.normal(3),), {"dims": ()})],
    summary="Dims moved to the right and laid out as one.",
    source="NumPy reference, numpy.moveaxis",
)

scatter_dims = linear(
    "scatter_dims",
    node="ViewBackward0",
    numpy=_scatter_dims,
    transposes=(lambda m, g, dims: m.gather_dims(g, dims=dims),),
    promote="keep",
    faces="",
    infer=lambda x, *, shape, dims: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 8),), {"shape": (2, 3, 4), "dims": (-3, -1)})],
    summary="Undoes gather_dims.",
    source="NumPy reference, numpy.moveaxis",
)
