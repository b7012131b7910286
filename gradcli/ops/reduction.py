"""Reductions: sums, products, means, extremes over dims."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.record import composite, general, linear
from gradcli.ops.scan import products_before
from gradcli.ops.shapes import Shape, dim_from_right, dims_from_right

__all__: list[str] = []

FAMILY = "reduction"

Dims = tuple[int, ...]
SMALL = 4096  # elements; below it filling an array is cheaper than np.broadcast_to's 3 µs


def reduced(shape: Shape, dims: Dims, *, keepdim: bool) -> Shape:
    """Returns the shape that is left after a reduction over dims (negative)."""
    over = {dim % len(shape) for dim in dims}
    return tuple(1 if i in over else size for i, size in enumerate(shape) if keepdim or i not in over)


def _spread(x: Any, *, shape: Shape, dims: Dims, keepdim: bool) -> Any:
    """Undoes a reduction's shape: x repeated over `dims` to `shape`, behind any batch axes."""
    if not keepdim and dims and x.ndim:  # a single number needs no arranging, and is the usual case
        batch = x.ndim - (len(shape) - len(dims))
        over = {dim % len(shape) for dim in dims}
        inner = iter(x.shape[batch:])
        x = np.reshape(x, x.shape[:batch] + tuple(1 if i in over else next(inner) for i in range(len(shape))))
    lead = x.shape[: x.ndim - len(shape)]
    if not lead and math.prod(shape) <= SMALL:
        full = np.empty(shape, x.dtype)
        full[...] = x
        return full
    return np.broadcast_to(x, lead + shape)


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


def _reduction_samples(s: Any) -> Any:
    return [
        ((s.normal(2, 3),), {"dims": (-1,), "keepdim": False}),
        ((s.normal(2, 3),), {"dims": (-2,), "keepdim": True}),
        ((s.normal(2, 3),), {"dims": (-2, -1), "keepdim": False}),
        ((s.normal(),), {"dims": (), "keepdim": False}),
    ]


sum_dims = linear(
    "sum_dims",
    node=_name("Sum"),
    numpy=lambda x, *, dims, keepdim=False, full=False: np.add.reduce(x, axis=dims, keepdims=keepdim),
    transposes=(lambda m, g, x_shape, dims, keepdim: m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim),),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False, full=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=_reduction_samples,
    summary="Sum over dims.",
    source="DLMF 1.2(i)",
)


@composite("sum", family=FAMILY, summary="Sum of all elements, or over dims.", example="sum(x, dim=0)")
def sum_(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:  # noqa: A002
    if dtype is not None:
        input = m.cast(input, dtype=dtype)  # noqa: A001 - as above
    dims = dims_from_right(dim, len(input.shape))
    return m.apply(sum_dims, (input,), {"dims": dims, "keepdim": keepdim, "full": dim is None})


def _mean(x: Any, *, dims: Dims, keepdim: bool = False, full: bool = False) -> Any:  # noqa: ARG001 - names the node
    count = 1
    for dim in dims:
        count *= x.shape[dim]
    total = np.add.reduce(x, axis=dims, keepdims=keepdim)
    return np.true_divide(total, count)


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
    samples=_reduction_samples,
    summary="Mean over dims.",
    source="DLMF 1.2.18",
)


@composite("mean", family=FAMILY, summary="Mean of all elements, or over dims.", example="mean(x, dim=0)")
def mean(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:  # noqa: A002
    if dtype is not None:
        input = m.cast(input, dtype=dtype)  # noqa: A001 - as above
    if input.dtype.kind not in "fc":
        raise RuntimeFault(
            "E304",
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {scalar_type(input.dtype)}",
            help="convert it first: x.double().mean()",
        )
    dims = dims_from_right(dim, len(input.shape))
    return m.apply(mean_dims, (input,), {"dims": dims, "keepdim": keepdim, "full": dim is None})


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
    node=_name("Prod"),
    numpy=lambda x, *, dims, keepdim=False, full=False: np.multiply.reduce(x, axis=dims, keepdims=keepdim),
    vjps=(_prod_vjp,),
    jvps=(_prod_jvp,),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False, full=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=_reduction_samples,
    summary="Product over dims.",
    source="DLMF 1.2(i)",
)


@composite("prod", family=FAMILY, summary="Product of all elements, or over a dim.", example="prod(x, dim=0)")
def prod(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:  # noqa: A002
    if dtype is not None:
        input = m.cast(input, dtype=dtype)  # noqa: A001 - as above
    dims = dims_from_right(dim, len(input.shape))
    return m.apply(prod_dims, (input,), {"dims": dims, "keepdim": keepdim, "full": dim is None})


def _gather_dims(x: Any, *, dims: Dims) -> Any:
    """The dims moved to the right and flattened into one; no dims make one of size 1."""
    if not dims:
        return x[..., np.newaxis]
    moved = np.moveaxis(x, dims, range(-len(dims), 0))
    return np.reshape(moved, (*moved.shape[: moved.ndim - len(dims)], int(np.prod([x.shape[dim] for dim in dims]))))


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


def _max_all_vjp(m: Any, g: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    hit = m.eq(x, m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim))
    share = m.cast_like(hit, g)
    count = m.sum_dims(share, dims=dims, keepdim=keepdim)
    return m.masked(m.spread(g / count, shape=x_shape, dims=dims, keepdim=keepdim), hit)


def _max_all_jvp(m: Any, t: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    hit = m.eq(x, m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim))
    count = m.sum_dims(m.cast_like(hit, t), dims=dims, keepdim=keepdim)
    return m.sum_dims(m.masked(t, hit), dims=dims, keepdim=keepdim) / count


amax = general(
    "amax",
    node="AmaxBackward0",
    numpy=lambda x, *, dims, keepdim=False: np.maximum.reduce(x, axis=dims, keepdims=keepdim),
    complex=False,
    sympy=lambda S, x, *, dims, keepdim=False: S.reduce_max(x, dims, keepdim),
    vjps=(_max_all_vjp,),
    jvps=(_max_all_jvp,),
    promote="keep",
    infer=lambda x, *, dims, keepdim=False: reduced(x, dims, keepdim=keepdim),
    front=lambda m, input, dim=(), keepdim=False: m.apply(  # noqa: A006 - PyTorch's name
        amax, (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": keepdim}
    ),
    family=FAMILY,
    samples=_reduction_samples,
    kinks=("tied elements share the cotangent evenly",),
    summary="Largest element over dims; ties share the gradient.",
    source="PyTorch derivatives.yaml, amax",
    example="amax(x, dim=0)",
)

max_all = general(
    "max_all",
    node="MaxBackward1",
    numpy=lambda x, *, dims, keepdim=False: np.maximum.reduce(x, axis=dims, keepdims=keepdim),
    complex=False,
    sympy=lambda S, x, *, dims, keepdim=False: S.reduce_max(x, dims, keepdim),
    vjps=(_max_all_vjp,),
    jvps=(_max_all_jvp,),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim=False: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=_reduction_samples,
    kinks=("tied elements share the cotangent evenly",),
    summary="Largest of all elements; ties share the gradient.",
    source="PyTorch derivatives.yaml, max",
)


def _max_dim(x: Any, *, dim: int, keepdim: bool = False) -> tuple[Any, Any]:
    if not x.ndim:
        return np.array(x), np.zeros((), np.int64)
    at = np.expand_dims(np.argmax(x, axis=dim), dim)
    values = np.take_along_axis(x, at, dim)
    return (values, at) if keepdim else (np.squeeze(values, dim), np.squeeze(at, dim))


max_dim = general(
    "max_dim",
    outputs=("values", "indices"),
    node="MaxBackward0",
    numpy=_max_dim,
    complex=False,
    vjps=(
        lambda m, g, indices, x_shape, dim, keepdim: m.put_along(
            g, indices, shape=x_shape, dim=dim, keepdim=keepdim
        ),
    ),
    jvps=(lambda m, t, indices, dim, keepdim: (m.take_along(t, indices, dim=dim, keepdim=keepdim), None),),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dim": -1, "keepdim": False}), ((s.normal(2, 3),), {"dim": -2, "keepdim": True})],
    kinks=("of tied elements the first gets the cotangent",),
    summary="Largest elements along a dim, and where they are.",
    source="PyTorch derivatives.yaml, max.dim",
)


@composite("max", family=FAMILY, summary="Largest element: of all, along a dim (with indices), or of two tensors.",
           example="max(x)")  # fmt: skip
def max_(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:  # noqa: A002
    if other is not None or hasattr(dim, "shape"):
        return m.maximum(input, dim if other is None else other)
    if not all(input.shape) and dim is None:
        raise RuntimeFault(
            "E303",
            "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
            "the 'dim' argument.",
        )
    if dim is None:
        return m.apply(max_all, (input,), {"dims": dims_from_right(None, len(input.shape)), "keepdim": False})
    found = m.apply(max_dim, (input,), {"dim": dim_from_right(dim, len(input.shape)), "keepdim": keepdim})
    return m.named("max", ("values", "indices"), found)


def _take_along(x: Any, index: Any, *, dim: int, keepdim: bool) -> Any:
    if not x.ndim:
        return x
    at = index if keepdim else np.expand_dims(index, dim)
    found = np.take_along_axis(x, at, dim)
    return found if keepdim else np.squeeze(found, dim)


def _put_along(x: Any, index: Any, *, shape: Shape, dim: int, keepdim: bool) -> Any:
    if not shape:
        return x
    values, at = (x, index) if keepdim else (np.expand_dims(x, dim), np.expand_dims(index, dim))
    full = np.zeros(values.shape[: values.ndim - len(shape)] + shape, x.dtype)
    np.put_along_axis(full, np.broadcast_to(at, values.shape), values, dim)
    return full


take_along = linear(
    "take_along",
    args=("x", "index"),
    discrete=("index",),
    node="GatherBackward0",
    numpy=_take_along,
    transposes=(
        lambda m, g, index, x_shape, dim, keepdim: m.put_along(g, index, shape=x_shape, dim=dim, keepdim=keepdim),
        None,
    ),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.integers(3, 2)), {"dim": -1, "keepdim": False})],
    summary="One element along a dim for each index.",
    source="NumPy reference, numpy.take_along_axis",
)

put_along = linear(
    "put_along",
    args=("x", "index"),
    discrete=("index",),
    node="ScatterBackward0",
    numpy=_put_along,
    transposes=(lambda m, g, index, dim, keepdim: m.take_along(g, index, dim=dim, keepdim=keepdim), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape, dim, keepdim: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2), s.integers(3, 2)), {"shape": (2, 3), "dim": -1, "keepdim": False})],
    summary="Zeros with one element along a dim set for each index: the transpose of take_along.",
    source="NumPy reference, numpy.put_along_axis",
)


def _logsumexp(x: Any, *, dims: Dims, keepdim: bool = False) -> Any:
    top = np.maximum.reduce(x, axis=dims, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.add.reduce(np.exp(x - top), axis=dims, keepdims=True)) + top
    return total if keepdim else np.squeeze(total, dims)


logsumexp = general(
    "logsumexp",
    node="LogsumexpBackward0",
    numpy=_logsumexp,
    complex=lambda x, *, dims, keepdim=False: np.log(np.add.reduce(np.exp(x), axis=dims, keepdims=keepdim)),
    definition=lambda m, x, dims, keepdim=False: m.log(m.sum_dims(m.exp(x), dims=dims, keepdim=keepdim)),
    vjps=(
        lambda m, g, x, y, x_shape, dims, keepdim: (
            m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim)
            * m.exp(x - m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim))
        ),
    ),
    jvps=(
        lambda m, t, x, y, x_shape, dims, keepdim: m.sum_dims(
            t * m.exp(x - m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim)), dims=dims, keepdim=keepdim
        ),
    ),
    promote="float",
    infer=lambda x, *, dims, keepdim=False: reduced(x, dims, keepdim=keepdim),
    front=lambda m, input, dim=None, keepdim=False: m.apply(  # noqa: A006 - PyTorch's name
        logsumexp, (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": keepdim}
    ),
    aliases=("special.logsumexp",),
    family=FAMILY,
    samples=_reduction_samples,
    summary="Logarithm of the sum of exponentials, without overflow.",
    source="Boyd and Vandenberghe, Convex Optimization, 3.1.5",
    example="logsumexp(x, dim=-1)",
)
