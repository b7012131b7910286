"""Largest and smallest elements: over dims, with ties sharing the gradient, and along a dim, with indices."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.dims import (
    Dims,
    along,
    check_nonempty,
    numpy_names,
    reduced,
    reduction_samples,
)
from gradcli.ops.kink import Kink
from gradcli.ops.picking import picking
from gradcli.ops.record import Record, composite, general
from gradcli.ops.shapes import Shape, dims_from_right

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

FAMILY = "extremum"


def _hits(m: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    return m.eq(x, m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim))


def _gathered(m: Any, t: Any, hit: Any, dims: Dims, keepdim: bool) -> Any:
    count = m.sum_dims(m.cast_like(hit, t), dims=dims, keepdim=keepdim)
    return m.sum_dims(m.masked(t, hit), dims=dims, keepdim=keepdim) / count


def _over_dims(m: Any, g: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    # Nothing equals a nan: 0 of 0 elements share, which is nan everywhere, as in PyTorch.
    share = m.cast_like(_hits(m, x, y, x_shape, dims, keepdim), g)
    count = m.sum_dims(share, dims=dims, keepdim=keepdim)
    return m.spread(g / count, shape=x_shape, dims=dims, keepdim=keepdim) * share


def _over_dims_jvp(m: Any, t: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    return _gathered(m, t, _hits(m, x, y, x_shape, dims, keepdim), dims, keepdim)


def _of_all(m: Any, g: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    # nan is the extremum of what it is among: the cotangent goes to the nans.
    hit = m.logical_or(_hits(m, x, y, x_shape, dims, keepdim), m.ne(x, x))
    count = m.sum_dims(m.cast_like(hit, g), dims=dims, keepdim=keepdim)
    return m.masked(m.spread(g / count, shape=x_shape, dims=dims, keepdim=keepdim), hit)


def _front(name: str, record: Callable[[], Record]) -> Callable[..., Any]:
    @numpy_names
    def front(m: Any, input: Any, dim: Any = (), keepdim: bool = False) -> Any:
        dims = dims_from_right(dim, len(input.shape))
        check_nonempty(name, tuple(input.shape), None if dim is None or dim == () else dims)
        return m.apply(record(), (input,), {"dims": dims, "keepdim": keepdim})

    return front


def _reducer(ufunc: Any) -> Callable[..., Any]:
    return lambda x, *, dims, keepdim=False: ufunc.reduce(x, axis=dims, keepdims=keepdim)


def _record(name: str, ufunc: Any, symbolic: str, vjp: Any, **facts: Any) -> Record:
    def sympy(S: Any, x: Any, *, dims: Dims, keepdim: bool = False) -> Any:
        return (S.reduce_max if symbolic == "max" else S.reduce_min)(x, dims, keepdim)

    return general(
        name,
        numpy=_reducer(ufunc),
        complex=False,
        sympy=sympy,
        vjps=(vjp,),
        jvps=(_over_dims_jvp,),
        promote="keep",
        infer=lambda x, *, dims, keepdim=False: reduced(x, dims, keepdim=keepdim),
        family=FAMILY,
        samples=reduction_samples,
        kinks=(Kink("tied elements share the cotangent evenly", "even"),),
        **facts,
    )


amax: Record = _record(
    "amax",
    np.maximum,
    "max",
    _over_dims,
    node="AmaxBackward0",
    front=_front("amax", lambda: amax),
    summary="Largest element over dims; ties share the gradient.",
    source="PyTorch derivatives.yaml, amax",
    example="amax(x, dim=0)",
)

amin: Record = _record(
    "amin",
    np.minimum,
    "min",
    _over_dims,
    node="AminBackward0",
    front=_front("amin", lambda: amin),
    summary="Smallest element over dims; ties share the gradient.",
    source="PyTorch derivatives.yaml, amin",
    example="amin(x, dim=0)",
)

max_all = _record(
    "max_all",
    np.maximum,
    "max",
    _of_all,
    node="MaxBackward1",
    faces="",
    summary="Largest of all elements; ties share the gradient.",
    source="PyTorch derivatives.yaml, max",
)

min_all = _record(
    "min_all",
    np.minimum,
    "min",
    _of_all,
    node="MinBackward1",
    faces="",
    summary="Smallest of all elements; ties share the gradient.",
    source="PyTorch derivatives.yaml, min",
)


def _first(argument: Any) -> Callable[[Any, int], Any]:
    """The first place of the extremum along a dim."""
    return lambda x, dim: np.expand_dims(argument(x, axis=dim), dim)


max_dim = picking(
    "max_dim",
    _first(np.argmax),
    tied="the first",
    family=FAMILY,
    faces="",
    node="MaxBackward0",
    summary="Largest elements along a dim, and where they are.",
    source="PyTorch derivatives.yaml, max.dim",
)

min_dim = picking(
    "min_dim",
    _first(np.argmin),
    tied="the first",
    family=FAMILY,
    faces="",
    node="MinBackward0",
    summary="Smallest elements along a dim, and where they are.",
    source="PyTorch derivatives.yaml, min.dim",
)


def _extremum(m: Any, name: str, records: tuple[Record, Record], x: Any, dim: Any, keepdim: bool) -> Any:
    shape = tuple(x.shape)
    if dim is None:
        check_nonempty(name, shape, None)
        return m.apply(records[0], (x,), {"dims": dims_from_right(None, len(shape)), "keepdim": False})
    at = along(name, dim, len(shape))
    if at is not None:
        check_nonempty(name, shape, at)
    found = m.apply(records[1], (x,), {"dim": at, "keepdim": keepdim})
    return m.named(name, ("values", "indices"), found)


@composite(
    "max",
    family=FAMILY,
    summary="Largest element: of all, along a dim (with indices), or of two tensors.",
    source="PyTorch reference, torch.max",
    example="max(x)",
)
@numpy_names
def max_(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    if other is not None or hasattr(dim, "shape"):
        return m.maximum(input, dim if other is None else other)
    return _extremum(m, "max", (max_all, max_dim), input, dim, keepdim)


@composite(
    "min",
    family=FAMILY,
    summary="Smallest element: of all, along a dim (with indices), or of two tensors.",
    source="PyTorch reference, torch.min",
    example="min(x)",
)
@numpy_names
def min_(m: Any, input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    if other is not None or hasattr(dim, "shape"):
        return m.minimum(input, dim if other is None else other)
    return _extremum(m, "min", (min_all, min_dim), input, dim, keepdim)


def _aminmax_vjp(
    m: Any, gs: Any, x: Any, low: Any, high: Any, x_shape: Shape, dims: Dims, keepdim: bool
) -> Any:
    return _over_dims(m, gs[0], x, low, x_shape, dims, keepdim) + _over_dims(
        m, gs[1], x, high, x_shape, dims, keepdim
    )


def _aminmax_jvp(
    m: Any, t: Any, x: Any, low: Any, high: Any, x_shape: Shape, dims: Dims, keepdim: bool
) -> Any:
    return tuple(_over_dims_jvp(m, t, x, end, x_shape, dims, keepdim) for end in (low, high))


@numpy_names
def _aminmax_front(m: Any, input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    shape = tuple(input.shape)
    at = None if dim is None else along("aminmax", dim, len(shape))
    if not all(shape) and at is None:
        raise RuntimeFault(
            "E303",
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.",
        )
    if at is not None and not shape[at]:
        raise IndexFault("E303", f"aminmax: Expected reduction dim {at + len(shape)} to have non-zero size.")
    dims = tuple(range(-len(shape), 0)) if at is None else (at,)
    return m.named("aminmax", ("min", "max"), m.apply(aminmax, (input,), {"dims": dims, "keepdim": keepdim}))


aminmax = general(
    "aminmax",
    outputs=("low", "high"),
    node="AminmaxBackward0",
    numpy=lambda x, *, dims, keepdim=False: (
        np.minimum.reduce(x, axis=dims, keepdims=keepdim),
        np.maximum.reduce(x, axis=dims, keepdims=keepdim),
    ),
    complex=False,
    sympy=lambda S, x, *, dims, keepdim=False: (
        S.reduce_min(x, dims, keepdim),
        S.reduce_max(x, dims, keepdim),
    ),
    vjps=(_aminmax_vjp,),
    jvps=(_aminmax_jvp,),
    promote="keep",
    front=_aminmax_front,
    family=FAMILY,
    samples=reduction_samples,
    kinks=(Kink("tied elements share the cotangent evenly", "even"),),
    summary="Smallest and largest element, of all or along a dim.",
    source="PyTorch derivatives.yaml, aminmax",
    example="aminmax(x)",
)
