"""Distances between vectors, and rows scaled down to a norm."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dims import Dims, check_float
from gradcli.ops.kink import Kink
from gradcli.ops.norm import norm_of, norm_partial
from gradcli.ops.record import Record, general
from gradcli.ops.shapes import Shape, broadcast, dim_from_right

__all__: list[str] = []

FAMILY = "distance"


def _all(shape: Shape) -> Dims:
    return tuple(range(-len(shape), 0))


def _dist(a: Any, b: Any, *, order: float, rank: int) -> Any:
    difference = a - b
    return norm_of(difference, np.abs(difference), tuple(range(-rank, 0)), False, order)


def _dist_partial(m: Any, a: Any, b: Any, y: Any, order: float) -> Any:
    difference = a - b
    shape = tuple(difference.shape)
    return norm_partial(m, difference, y, shape, _all(shape), False, order)


def _dist_vjp(m: Any, g: Any, a: Any, b: Any, y: Any, shapes: Any, order: float) -> Any:
    shape = broadcast(*shapes)
    return m.spread(g, shape=shape, dims=_all(shape), keepdim=False) * _dist_partial(m, a, b, y, order)


def _dist_jvp(m: Any, t: Any, a: Any, b: Any, y: Any, shapes: Any, order: float) -> Any:
    shape = broadcast(*shapes)
    return m.sum_dims(t * _dist_partial(m, a, b, y, order), dims=_all(shape), keepdim=False)


def _dist_front(m: Any, input: Any, other: Any, p: float = 2) -> Any:
    for value in (input, other):
        check_float(value, "norm(): input dtype should be either floating point or complex. Got {} instead.")
    rank = len(broadcast(tuple(input.shape), tuple(other.shape)))
    return m.apply(dist, (input, other), {"order": float(p), "rank": rank})


dist = general(
    "dist",
    args=("a", "b"),
    node="DistBackward0",
    numpy=_dist,
    complex=False,
    definition=lambda m, a, b, order, rank: m.norm_dims(
        a - b, dims=tuple(range(-rank, 0)), keepdim=False, order=order, form="Vector"
    ),
    vjps=(_dist_vjp, lambda m, g, a, b, y, shapes, order: -_dist_vjp(m, g, a, b, y, shapes, order)),
    jvps=(_dist_jvp, lambda m, t, a, b, y, shapes, order: -_dist_jvp(m, t, a, b, y, shapes, order)),
    infer=lambda a, b, *, order, rank: broadcast(a, b) and (),
    front=_dist_front,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.normal(2, 3)), {"order": p, "rank": 2}) for p in (2.0, 1.0, 3.0, math.inf)
    ],
    kinks=("at equal arguments the derivative is 0",),
    summary="The p-norm of the difference of two tensors.",
    source="Golub and Van Loan, Matrix Computations, 2.2.1",
    example="dist(x, 2 * x)",
)


def _pairs(m: Any, a: Any, b: Any) -> Any:
    return m.unsqueeze(a, dim=-2) - m.unsqueeze(b, dim=-3)


def _cdist(a: Any, b: Any, *, order: float) -> Any:
    difference = a[..., :, np.newaxis, :] - b[..., np.newaxis, :, :]
    if not difference.shape[-1]:
        return np.zeros(difference.shape[:-1], difference.dtype)
    return norm_of(difference, np.abs(difference), (-1,), False, order)


def _cdist_partial(m: Any, a: Any, b: Any, y: Any, order: float) -> Any:
    difference = _pairs(m, a, b)
    if math.isinf(order):  # here PyTorch gives each of several largest the whole cotangent
        return m.masked(m.sign(difference), m.eq(m.abs(difference), m.unsqueeze(y, dim=-1)))
    return norm_partial(m, difference, y, tuple(difference.shape), (-1,), False, order)


def _cdist_shape(a: Shape, b: Shape, *, order: float) -> Shape:
    return (*broadcast(a[:-2], b[:-2]), a[-2], b[-2])


def _cdist_front(m: Any, x1: Any, x2: Any, p: float = 2.0, compute_mode: Any = None) -> Any:
    for number, x in ((1, x1), (2, x2)):
        if len(x.shape) < 2:
            raise RuntimeFault(
                "E301", f"cdist only supports at least 2D tensors, X{number} got: {len(x.shape)}D"
            )
        check_float(x, f"cdist only supports floating-point dtypes, X{number} got: {{}}")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeFault(
            "E301",
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}",
        )
    if p < 0:
        raise RuntimeFault("E303", "cdist only supports non-negative p values")
    return m.apply(cdist, (x1, x2), {"order": float(p)})


cdist = general(
    "cdist",
    args=("a", "b"),
    node="CdistBackward0",
    numpy=_cdist,
    complex=False,
    definition=lambda m, a, b, order: m.norm_dims(
        _pairs(m, a, b), dims=(-1,), keepdim=False, order=order, form="Vector"
    ),
    vjps=(
        lambda m, g, a, b, y, order: m.sum_dims(
            m.unsqueeze(g, dim=-1) * _cdist_partial(m, a, b, y, order), dims=(-2,), keepdim=False
        ),
        lambda m, g, a, b, y, order: (
            -m.sum_dims(m.unsqueeze(g, dim=-1) * _cdist_partial(m, a, b, y, order), dims=(-3,), keepdim=False)
        ),
    ),
    jvps=(
        lambda m, t, a, b, y, order: m.sum_dims(
            m.unsqueeze(t, dim=-2) * _cdist_partial(m, a, b, y, order), dims=(-1,), keepdim=False
        ),
        lambda m, t, a, b, y, order: (
            -m.sum_dims(m.unsqueeze(t, dim=-3) * _cdist_partial(m, a, b, y, order), dims=(-1,), keepdim=False)
        ),
    ),
    infer=_cdist_shape,
    grows=True,
    front=_cdist_front,
    faces="torch",
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 2), s.normal(4, 2)), {"order": p}) for p in (2.0, 1.0, 3.0, math.inf)],
    kinks=(
        "where two rows are equal the derivative is 0",
        Kink("of tied largest differences for p = inf each gets the whole cotangent", "either"),
    ),
    summary="The p-norm distances between all rows of two matrices.",
    source="SciPy reference, scipy.spatial.distance.cdist",
    example="cdist(x, 2 * x)",
)


def _pairs_of_rows(count: int) -> tuple[Any, Any]:
    return np.triu_indices(count, 1)


def _row_differences(x: Any) -> Any:
    first, second = _pairs_of_rows(x.shape[-2])
    return x[..., first, :] - x[..., second, :]


def _pdist(x: Any, *, order: float) -> Any:
    difference = _row_differences(x)
    if not difference.shape[-1]:
        return np.zeros(difference.shape[:-1], x.dtype)
    return norm_of(difference, np.abs(difference), (-1,), False, order)


def _between(m: Any, x: Any, rows: int) -> Any:
    """The differences of all pairs of rows, or of their tangents."""
    first, second = _pairs_of_rows(rows)
    return m.index(x, first, dims=(-2,), rank=2) - m.index(x, second, dims=(-2,), rank=2)


def _pdist_vjp(m: Any, g: Any, x: Any, y: Any, x_shape: Shape, order: float) -> Any:
    first, second = _pairs_of_rows(x_shape[-2])
    difference = _between(m, x, x_shape[-2])
    moved = m.unsqueeze(g, dim=-1) * norm_partial(
        m, difference, y, tuple(difference.shape), (-1,), False, order
    )
    place = {"shape": tuple(x_shape), "dims": (-2,), "rank": 2}
    return m.index_put_zero(moved, first, **place) - m.index_put_zero(moved, second, **place)


def _pdist_jvp(m: Any, t: Any, x: Any, y: Any, x_shape: Shape, order: float) -> Any:
    difference = _between(m, x, x_shape[-2])
    partial = norm_partial(m, difference, y, tuple(difference.shape), (-1,), False, order)
    return m.sum_dims(_between(m, t, x_shape[-2]) * partial, dims=(-1,), keepdim=False)


def _pdist_front(m: Any, input: Any, p: float = 2) -> Any:
    if len(input.shape) != 2:
        raise RuntimeFault("E301", f"pdist only supports 2D tensors, got: {len(input.shape)}D")
    check_float(input, "pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeFault("E303", "pdist only supports non-negative p values")
    return m.apply(pdist, (input,), {"order": float(p)})


pdist: Record = general(
    "pdist",
    node="PdistBackward0",
    numpy=_pdist,
    complex=False,
    sympy=lambda S, x, *, order: S.norm(_row_differences(x), (-1,), order)[..., 0],
    vjps=(_pdist_vjp,),
    jvps=(_pdist_jvp,),
    infer=lambda x, *, order: (x[-2] * (x[-2] - 1) // 2,),
    grows=True,
    front=_pdist_front,
    promote="keep",
    faces="torch F",
    family=FAMILY,
    samples=lambda s: [((s.normal(4, 2),), {"order": p}) for p in (2.0, 1.0, 3.0)],
    kinks=(
        "where two rows are equal the derivative is 0",
        Kink("of tied largest differences for p = inf each gets the whole cotangent", "either"),
    ),
    summary="The p-norm distances between all pairs of rows of a matrix, the first row's first.",
    source="SciPy reference, scipy.spatial.distance.pdist",
    example="pdist(x)",
)


_NORM_EPS = 1e-7  # what PyTorch adds to a norm before it divides by it


def _renorm(x: Any, *, dims: Dims, order: float, limit: float) -> Any:
    lengths = norm_of(x, np.abs(x), dims, True, order)
    return np.where(lengths > limit, x * (limit / (lengths + _NORM_EPS)), x)


def _renorm_symbols(S: Any, x: Any, dims: Dims, order: float, limit: float) -> Any:
    lengths = S.norm(x, dims, order)
    longer = np.broadcast_to(lengths > limit, x.shape)
    return np.where(longer, x * (limit / (lengths + _NORM_EPS)), x)


def _renorm_parts(m: Any, x: Any, dims: Dims, order: float) -> tuple[Any, Any, Any]:
    length = m.norm_dims(x, dims=dims, keepdim=True, order=order, form="Vector")
    return length, 1 / (length + _NORM_EPS), norm_partial(m, x, length, tuple(x.shape), dims, True, order)


def _renorm_vjp(m: Any, g: Any, x: Any, dims: Dims, order: float, limit: float) -> Any:
    length, inverse, partial = _renorm_parts(m, x, dims, order)
    along = m.sum_dims(g * x, dims=dims, keepdim=True) * inverse * inverse
    scaled = limit * (g * inverse - along * partial)
    return m.where(m.gt(length, limit), scaled, g)


def _renorm_jvp(m: Any, t: Any, x: Any, dims: Dims, order: float, limit: float) -> Any:
    length, inverse, partial = _renorm_parts(m, x, dims, order)
    moved = m.sum_dims(t * partial, dims=dims, keepdim=True) * inverse * inverse
    return m.where(m.gt(length, limit), limit * (t * inverse - x * moved), t)


def _renorm_front(m: Any, input: Any, p: float, dim: int, maxnorm: float) -> Any:
    rank = len(input.shape)
    if p <= 0:
        raise RuntimeFault("E303", "renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeFault("E303", f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if rank < 2:
        raise RuntimeFault("E301", f"renorm: input needs at least 2 dimensions, got {rank} dimensions")
    at = dim_from_right(dim, rank)
    check_float(input, "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {}")
    dims = tuple(one for one in range(-rank, 0) if one != at)
    return m.apply(renorm, (input,), {"dims": dims, "order": float(p), "limit": float(maxnorm)})


renorm = general(
    "renorm",
    node="RenormBackward0",
    numpy=_renorm,
    complex=False,
    sympy=lambda S, x, *, dims, order, limit: _renorm_symbols(S, x, dims, order, limit),
    vjps=(_renorm_vjp,),
    jvps=(_renorm_jvp,),
    front=_renorm_front,
    promote="keep",
    inplace=True,
    infer=lambda x, *, dims, order, limit: x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(3, 4),), {"dims": (-1,), "order": p, "limit": 1.5}) for p in (2.0, 1.0, 3.0)
    ],
    summary="Slices along a dim scaled down to a largest p-norm.",
    source="PyTorch derivatives.yaml, renorm",
    example="renorm(x, 2, 0, 1)",
)
