"""Scattering with a reduction: sums, products, means and extremes of what meets at one place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.gathering import open_mesh, rowed
from gradcli.ops.layout import memory
from gradcli.ops.record import Record, composite, general
from gradcli.ops.scattering import base, matched
from gradcli.ops.slices import vector_place

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "scattering"

UFUNCS = {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def _start(of: Any, reduce: str) -> Any:
    """What a place begins with when its own element does not count."""
    if reduce in ("sum", "mean"):
        return of.type(0)
    if reduce == "prod":
        return of.type(1)
    low = of.kind == "f"
    if reduce == "amax":
        return of.type(-np.inf) if low else np.iinfo(of).min
    return of.type(np.inf) if low else np.iinfo(of).max


def _reduce(x: Any, src: Any, index: Any, *, dim: int, rank: int, reduce: str, include_self: bool) -> Any:  # noqa: PLR0913 - PyTorch's signature
    full = base(x, src, rank)
    if not rank:
        full, src, index, dim = (
            np.reshape(full, (*full.shape, 1)),
            np.reshape(src, (*src.shape, 1)),
            np.reshape(index, 1),
            -1,
        )
    inner = index.shape[index.ndim - max(rank, 1) :]
    shape = full.shape[: full.ndim - max(rank, 1)] + inner
    key = open_mesh(np.broadcast_to(rowed(index, max(rank, 1), full.ndim), shape), dim)
    if not include_self:
        full[key] = _start(x.dtype, reduce)
    UFUNCS[reduce].at(full, key, np.broadcast_to(src, shape))
    if reduce == "mean":
        count = np.full(full.shape, int(include_self), np.int64)
        np.add.at(count, key, 1)
        count = np.maximum(count, 1)
        full = full / count.astype(full.dtype) if full.dtype.kind == "f" else full // count
    return np.reshape(full, full.shape[:-1]) if not rank else full


def _reduce_symbols(  # noqa: PLR0913 - PyTorch's signature
    S: Any, x: Any, src: Any, index: Any, *, dim: int, rank: int, reduce: str, include_self: bool
) -> Any:
    full = np.array(x) if rank else np.reshape(x, (1,))
    src, index, dim = (src, index, dim) if rank else (np.reshape(src, (1,)), np.reshape(index, (1,)), -1)
    met: dict[Any, list[Any]] = {}
    for at in np.ndindex(*index.shape):
        place = list(at)
        place[dim] = int(index[at])
        met.setdefault(tuple(place), []).append(src[at])
    for spot, values in met.items():
        terms = [full[spot], *values] if include_self else values
        if reduce in ("sum", "mean"):
            total = np.add.reduce(np.array(terms, dtype=object))
            full[spot] = total / len(terms) if reduce == "mean" else total
        elif reduce == "prod":
            full[spot] = np.multiply.reduce(np.array(terms, dtype=object))
        else:
            full[spot] = S.Max(*terms) if reduce == "amax" else S.Min(*terms)
    return full if rank else np.reshape(full, ())


def _kept(m: Any, g: Any, index: Any, dim: int, rank: int, include_self: bool, src_shape: Shape) -> Any:  # noqa: PLR0913 - PyTorch's signature
    """The cotangent of x, zero at places whose own element does not count."""
    if include_self:
        return g
    return m.scatter(g, m.zeros(src_shape, g), index, dim=dim, rank=rank)


def _shares(  # noqa: PLR0913 - PyTorch's signature
    m: Any, g: Any, x: Any, src: Any, y: Any, index: Any, dim: int, rank: int, include_self: bool
) -> tuple[Any, Any, Any]:
    """Which elements of x and src are the extreme at their place, and each one's share of g."""
    own = m.cast_like(m.eq(x, y), g)
    own = _kept(m, own, index, dim, rank, include_self, tuple(src.shape))
    theirs = m.cast_like(m.eq(src, m.gather(y, index, dim=dim, rank=rank)), g)
    count = m.scatter_add(own, theirs, index, dim=dim, rank=rank)
    return own, theirs, g / m.where(m.eq(count, 0), m.ones_like(count), count)


def _product_x(m: Any, g: Any, x: Any, src: Any, index: Any, dim: int, rank: int) -> Any:  # noqa: PLR0913 - PyTorch's signature
    ones = m.ones_like(x)
    return g * m.apply(
        scatter_reduce, (ones, src, index), {"dim": dim, "rank": rank, "reduce": "prod", "include_self": True}
    )


def _product_src(  # noqa: PLR0913 - PyTorch's signature
    m: Any, g: Any, x: Any, src: Any, y: Any, index: Any, dim: int, rank: int, include_self: bool
) -> Any:
    # With one zero at a place the product of the others is its derivative; with two it is zero.
    params = {"dim": dim, "rank": rank}
    zero = m.eq(src, 0)
    met = m.gather(m.scatter_add(m.zeros_like(x), m.cast_like(zero, x), index, **params), index, **params)
    single = m.logical_and(zero, m.eq(met, 1))
    filled = m.where(single, m.ones_like(src), src)
    others = m.apply(
        scatter_reduce, (x, filled, index), {**params, "reduce": "prod", "include_self": include_self}
    )
    safe = m.where(zero, m.ones_like(src), src)
    return m.where(single, m.gather(g * others, index, **params), m.gather(g * y, index, **params) / safe)


def _vjp_x(  # noqa: PLR0913 - PyTorch's signature
    m: Any, g: Any, x: Any, src: Any, y: Any, index: Any, dim: int, rank: int, reduce: str, include_self: bool
) -> Any:
    if reduce == "mean":
        g = g / _counts(m, g, src, index, dim, rank, include_self)
    elif reduce == "prod":
        g = _product_x(m, g, x, src, index, dim, rank)
    elif reduce in ("amax", "amin"):
        own, _, share = _shares(m, g, x, src, y, index, dim, rank, include_self)
        return own * share
    return _kept(m, g, index, dim, rank, include_self, tuple(src.shape))


def _vjp_src(  # noqa: PLR0913 - PyTorch's signature
    m: Any, g: Any, x: Any, src: Any, y: Any, index: Any, dim: int, rank: int, reduce: str, include_self: bool
) -> Any:
    if reduce == "prod":
        return _product_src(m, g, x, src, y, index, dim, rank, include_self)
    if reduce == "mean":
        g = g / _counts(m, g, src, index, dim, rank, include_self)
    if reduce in ("sum", "mean"):
        return m.gather(g, index, dim=dim, rank=rank)
    _, theirs, share = _shares(m, g, x, src, y, index, dim, rank, include_self)
    return theirs * m.gather(share, index, dim=dim, rank=rank)


def _counts(m: Any, g: Any, src: Any, index: Any, dim: int, rank: int, include_self: bool) -> Any:  # noqa: PLR0913 - PyTorch's signature
    start = m.ones_like(g) if include_self else m.zeros_like(g)
    count = m.scatter_add(start, m.ones_like(src), index, dim=dim, rank=rank)
    return m.where(m.eq(count, 0), m.ones_like(count), count)


def _jvp_x(  # noqa: PLR0913 - PyTorch's signature
    m: Any, t: Any, x: Any, src: Any, y: Any, index: Any, dim: int, rank: int, reduce: str, include_self: bool
) -> Any:
    # The dependence on x is elementwise, so that the tangent is the vjp of the tangent.
    return _vjp_x(m, t, x, src, y, index, dim, rank, reduce, include_self)


def _jvp_src(  # noqa: PLR0913 - PyTorch's signature
    m: Any, t: Any, x: Any, src: Any, y: Any, index: Any, dim: int, rank: int, reduce: str, include_self: bool
) -> Any:
    # Each element of src moves one place only: the vjp of ones, times the tangent, summed there.
    slope = _vjp_src(m, m.ones_like(x), x, src, y, index, dim, rank, reduce, include_self)
    return m.scatter_add(m.zeros_like(x), slope * t, index, dim=dim, rank=rank)


def _samples(s: Any) -> Any:
    index = np.array([[0, 2, 1], [2, 0, 0]])
    return [
        (
            (s.distinct(3, 4), s.normal(2, 3), index),
            {"dim": -2, "rank": 2, "reduce": reduce, "include_self": include},
        )
        for reduce, include in (
            ("sum", False),
            ("mean", True),
            ("prod", True),
            ("amax", True),
            ("amin", False),
        )
    ]


def _record(name: str, node: str) -> Record:
    return general(
        name,
        args=("x", "src", "index"),
        discrete=("index",),
        node=node,
        numpy=_reduce,
        complex=False,
        sympy=_reduce_symbols,
        vjps=(_vjp_x, _vjp_src, None),
        jvps=(_jvp_x, _jvp_src, None),
        promote="keep",
        faces="",
        infer=lambda x, src, index, *, dim, rank, reduce, include_self: x,
        family=FAMILY,
        samples=_samples,
        kinks=("tied extremes at one place share the cotangent evenly",),
        summary="The tensor with elements of another reduced into it at indices along a dim.",
        source="PyTorch derivatives.yaml, scatter_reduce",
    )


scatter_reduce = _record("scatter_reduce_dim", "ScatterReduceBackward0")
index_reduce = _record("index_reduce_dim", "IndexReduceBackward0")


@composite(
    "scatter_reduce",
    inplace=True,
    family=FAMILY,
    summary="The tensor with elements of another summed, multiplied, ... into it at indices along a dim.",
    source="PyTorch derivatives.yaml, scatter_reduce",
    example='scatter_reduce(x, 1, tensor([[0], [1]]), x, "sum")',
)
def scatter_reduce_(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    dim: int,
    index: Any,
    src: Any,
    reduce: str,
    *,
    include_self: bool = True,
) -> Any:
    if reduce not in UFUNCS:
        raise RuntimeFault(
            "E303", f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    if not math.prod(index.shape):
        return m.clone(input)
    at, src = matched(m, "scatter", input, dim, index, src)
    rank = len(input.shape)
    places = index if len(index.shape) == rank else np.reshape(memory(index), (1,) * rank)
    params = {"dim": at, "rank": rank, "reduce": reduce, "include_self": include_self}
    return m.apply(scatter_reduce, (input, src, places), params)


@composite(
    "index_reduce",
    inplace=True,
    family=FAMILY,
    summary="The tensor with slices of another multiplied, averaged, ... into it at indices along a dim.",
    source="PyTorch derivatives.yaml, index_reduce",
    example='index_reduce(x, 0, tensor([1, 1]), x, "amax")',
)
def index_reduce_(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    dim: int,
    index: Any,
    source: Any,
    reduce: str,
    *,
    include_self: bool = True,
) -> Any:
    if reduce not in UFUNCS or reduce == "sum":
        raise RuntimeFault(
            "E303", f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
        )
    at, places = vector_place("index_reduce_", input, dim, index, source)
    rank = len(input.shape)
    if not rank:
        source, wide = m.reshape(source, shape=(), rank=len(source.shape)), np.zeros((), np.int64)
    else:
        column = np.reshape(memory(places), (-1,) + (1,) * (-at - 1))
        wide = np.broadcast_to(column, tuple(source.shape))
    params = {"dim": at, "rank": rank, "reduce": reduce, "include_self": include_self}
    return m.apply(index_reduce, (input, source, wide), params)
