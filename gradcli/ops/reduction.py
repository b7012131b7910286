"""Reductions: sums and means over dims, with and without nan."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0124

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.ops.dims import Dims, check_float, in_dtype, numpy_names, reduced, reduction_samples, totalled
from gradcli.ops.record import composite, general, linear
from gradcli.ops.shapes import Shape, dims_from_right
from gradcli.ops.sums import summed

__all__ = ["spread_view"]

FAMILY = "reduction"

SMALL = 4096  # elements; below it filling an array is cheaper than np.broadcast_to's 3 µs


def _spread(x: Any, *, shape: Shape, dims: Dims, keepdim: bool) -> Any:
    """Undoes a reduction's shape: x repeated over `dims` to `shape`, behind any batch axes."""
    x = _arranged(x, shape, dims, keepdim)
    if x.ndim <= len(shape) and math.prod(shape) <= SMALL:
        full = np.empty(shape, x.dtype)
        full[...] = x
        return full
    return spread_view(x, shape=shape, dims=dims, keepdim=True)


def _arranged(x: Any, shape: Shape, dims: Dims, keepdim: bool) -> Any:
    if keepdim or not dims or not x.ndim:  # a single number needs no arranging, and is the usual case
        return x
    batch = x.ndim - (len(shape) - len(dims))
    over = {dim % len(shape) for dim in dims}
    inner = iter(x.shape[batch:])
    return np.reshape(x, x.shape[:batch] + tuple(1 if i in over else next(inner) for i in range(len(shape))))


def spread_view(x: Any, *, shape: Shape, dims: Dims, keepdim: bool) -> Any:
    """Returns what the record gives as a view of x."""
    x = _arranged(x, shape, dims, keepdim)
    return np.broadcast_to(x, x.shape[: max(x.ndim - len(shape), 0)] + tuple(shape))


spread = linear(
    "spread",
    node="ExpandBackward0",
    numpy=_spread,
    transposes=(lambda m, g, dims, keepdim: m.sum_dims(g, dims=dims, keepdim=keepdim),),
    promote="keep",
    faces="",
    infer=lambda x, *, shape, dims, keepdim: shape,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2),), {"shape": (2, 3), "dims": (-1,), "keepdim": False}),
        ((s.normal(),), {"shape": (2, 3), "dims": (-2, -1), "keepdim": False}),
        ((s.normal(2, 1),), {"shape": (2, 3), "dims": (-1,), "keepdim": True}),
    ],
    summary="A reduced tensor repeated over the dims that were reduced: the transpose of sum.",
    source="NumPy reference, broadcasting",
)


def _name(stem: str) -> Any:
    """PyTorch's node names: 0 for a full reduction, 1 over dims."""
    return lambda full=False, **_: f"{stem}Backward{0 if full else 1}"


# The parameters of a reduction over everything, by rank: made once, because that is the usual one.
WHOLE = [{"dims": tuple(range(-rank, 0)), "keepdim": False, "full": True} for rank in range(9)]


def _params(rank: int, dim: Any, keepdim: Any) -> dict[str, Any]:
    if dim is None and keepdim is False and rank < len(WHOLE):
        return WHOLE[rank]
    return {"dims": dims_from_right(dim, rank), "keepdim": keepdim, "full": dim is None}


sum_dims = linear(
    "sum_dims",
    node=_name("Sum"),
    numpy=lambda x, *, dims, keepdim=False, full=False: summed(x, dims, keepdims=keepdim),
    transposes=(lambda m, g, x_shape, dims, keepdim: m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim),),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False, full=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=reduction_samples,
    summary="Sum over dims.",
    source="DLMF 1.2(i)",
)


@composite(
    "sum",
    family=FAMILY,
    summary="Sum of all elements, or over dims.",
    source="DLMF 1.2(i)",
    example="sum(x, dim=0)",
)
@numpy_names
def sum_(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    x = totalled(m, input, dtype)
    return m.apply(sum_dims, (x,), _params(x.ndim, dim, keepdim))


def _mean(x: Any, *, dims: Dims, keepdim: Any = False, full: bool = False) -> Any:
    count = 1
    for dim in dims:
        count *= x.shape[dim]
    # By the operator: of a total that is one number np.true_divide would take 0.5 µs.
    return summed(x, dims, keepdims=keepdim) / count


mean_dims = linear(
    "mean_dims",
    node=_name("Mean"),
    numpy=_mean,
    transposes=(
        lambda m, g, x_shape, dims, keepdim: m.spread(
            g / m.count(x_shape, dims), shape=x_shape, dims=dims, keepdim=keepdim
        ),
    ),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False, full=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=reduction_samples,
    summary="Mean over dims.",
    source="DLMF 1.2.18",
)


@composite(
    "mean",
    family=FAMILY,
    summary="Mean of all elements, or over dims.",
    source="DLMF 1.2.18",
    example="mean(x, dim=0)",
)
@numpy_names
def mean(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    x = in_dtype(m, input, dtype)
    if x.dtype.kind not in "fc":
        check_float(
            x,
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex "
            "dtype. Got: {}",
        )
    return m.apply(mean_dims, (x,), _params(x.ndim, dim, keepdim))


nansum_dims = general(
    "nansum_dims",
    node="NansumBackward0",
    numpy=lambda x, *, dims, keepdim=False: np.add.reduce(
        np.where(x == x, x, 0), axis=dims, keepdims=keepdim
    ),
    definition=lambda m, x, dims, keepdim=False: m.sum_dims(x, dims=dims, keepdim=keepdim),
    vjps=(
        lambda m, g, x, x_shape, dims, keepdim: m.masked(
            m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim), m.eq(x, x)
        ),
    ),
    jvps=(lambda m, t, x, dims, keepdim: m.sum_dims(m.masked(t, m.eq(x, x)), dims=dims, keepdim=keepdim),),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=reduction_samples,
    summary="Sum over dims of what is not nan.",
    source="NumPy reference, numpy.nansum",
)


@composite(
    "nansum",
    family=FAMILY,
    summary="Sum that leaves nan out.",
    source="NumPy reference, numpy.nansum",
    example="nansum(x, dim=0)",
)
@numpy_names
def nansum(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    x = totalled(m, input, dtype)
    dims = dims_from_right(dim, len(x.shape))
    return m.apply(nansum_dims if x.dtype.kind == "f" else sum_dims, (x,), {"dims": dims, "keepdim": keepdim})


@composite(
    "nanmean",
    family=FAMILY,
    summary="Mean that leaves nan out.",
    source="NumPy reference, numpy.nanmean",
    example="nanmean(x, dim=0)",
)
@numpy_names
def nanmean(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    check_float(input, "nanmean(): expected input to have floating point or complex dtype but got {}")
    present = m.cast(m.eq(input, input), dtype=input.dtype if dtype is None else dtype)
    dims = dims_from_right(dim, len(input.shape))
    count = m.sum_dims(present, dims=dims, keepdim=keepdim)
    return nansum.front(m, input, dim, keepdim, dtype=dtype) / count  # type: ignore[misc] # a composite has a front
