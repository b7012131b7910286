"""Norms of vectors and matrices, distances, and scaling to a norm."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dims import Dims, check_float, in_dtype, numpy_names, reduced
from gradcli.ops.record import composite, general
from gradcli.ops.shapes import Shape, dim_from_right, dims_from_right, size_text

__all__ = ["norm_of", "norm_partial"]

FAMILY = "norm"

_NOT_AT_ZERO = "at 0 the derivative is 0, where the norm has none"


def norm_of(x: Any, size: Any, dims: Dims, keepdim: Any, order: float) -> Any:
    """Returns the p-norm of x over dims, for `size` = |x|; p = order may be 0, negative or infinite."""
    if order == 2:
        return np.sqrt(np.add.reduce(x * x, axis=dims, keepdims=keepdim))
    if order == 1:
        return np.add.reduce(size, axis=dims, keepdims=keepdim)
    if order == 0:
        return np.add.reduce(x != 0, axis=dims, keepdims=keepdim, dtype=x.dtype)
    if math.isinf(order):
        return (np.maximum if order > 0 else np.minimum).reduce(size, axis=dims, keepdims=keepdim)
    return np.power(np.add.reduce(np.power(size, order), axis=dims, keepdims=keepdim), 1 / order)


def norm_partial(m: Any, x: Any, y: Any, shape: Shape, dims: Dims, keepdim: bool, order: float) -> Any:
    """Returns the derivative of y, the p-norm of x over dims, in each element of x; 0 where it has none."""
    if order == 0:
        return m.zeros_like(x)
    if order == 1:
        return m.sign(x)
    whole = m.spread(y, shape=shape, dims=dims, keepdim=keepdim)
    if math.isinf(order):
        hit = m.eq(m.abs(x), whole)
        count = m.sum_dims(m.cast_like(hit, x), dims=dims, keepdim=keepdim)
        return m.masked(m.sign(x) / m.spread(count, shape=shape, dims=dims, keepdim=keepdim), hit)
    nonzero = m.ne(whole, 0)
    share = x / m.where(nonzero, whole, 1)
    if order == 2:
        return m.masked(share, nonzero)
    if order < 1:  # |x|^(p-1) is infinite at 0
        nonzero = m.logical_and(nonzero, m.ne(x, 0))
        share = m.where(nonzero, share, 1)
    return m.masked(m.sign(x) * m.pow_scalar(m.abs(share), exponent=order - 1), nonzero)


def _vector_definition(m: Any, x: Any, dims: Dims, keepdim: bool, order: float, form: str) -> Any:
    if math.isinf(order):
        return (m.amax if order > 0 else m.amin)(m.abs(x), dims=dims, keepdim=keepdim)
    if order == 0:
        return m.sum_dims(m.where(m.ne(x, 0), m.ones_like(x), 0), dims=dims, keepdim=keepdim)
    powers = m.sum_dims(m.pow_scalar(m.abs(x), exponent=order), dims=dims, keepdim=keepdim)
    return m.pow_scalar(powers, exponent=1 / order)


def _vector_samples(s: Any) -> Any:
    return [
        ((s.normal(2, 3),), {"dims": dims, "keepdim": keepdim, "order": order, "form": "Vector"})
        for order, dims, keepdim in (
            (2.0, (-1,), False),
            (2.0, (-2, -1), True),
            (1.0, (-2,), True),
            (3.0, (-2, -1), False),
            (math.inf, (-1,), False),
            (-math.inf, (-1,), False),
            (0.5, (-2, -1), False),
            (-1.0, (-1,), False),
        )
    ]


def _vector_vjp(
    m: Any, g: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool, order: float
) -> Any:
    if order == 0:  # PyTorch says here that there is no gradient, not that it is zero
        return None
    partial = norm_partial(m, x, y, x_shape, dims, keepdim, order)
    return m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim) * partial


norm_dims = general(
    "norm_dims",
    node=lambda form, **_: "NormBackward1" if form == "Norm" else "LinalgVectorNormBackward0",
    numpy=lambda x, *, dims, keepdim, order, form: norm_of(x, np.abs(x), dims, keepdim, order),
    complex=lambda x, *, dims, keepdim, order, form: norm_of(
        x, np.where(x.real < 0, -x, x), dims, keepdim, order
    ),
    definition=_vector_definition,
    vjps=(_vector_vjp,),
    jvps=(
        lambda m, t, x, y, x_shape, dims, keepdim, order: m.sum_dims(
            t * norm_partial(m, x, y, x_shape, dims, keepdim, order), dims=dims, keepdim=keepdim
        ),
    ),
    promote="keep",
    faces="",
    infer=lambda x, *, dims, keepdim, order, form: reduced(x, dims, keepdim=keepdim),
    family=FAMILY,
    samples=_vector_samples,
    kinks=(_NOT_AT_ZERO, "of the largest elements for p = inf each gets an even share"),
    summary="The p-norm over dims.",
    source="Golub and Van Loan, Matrix Computations, 2.2.1",
)


def _vector(m: Any, x: Any, order: Any, dim: Any, keepdim: bool, dtype: Any, form: str = "Vector") -> Any:
    if not isinstance(order, (int, float)):
        raise TypeFault(
            "E303",
            f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(order).__name__}",
        )
    check_float(x, "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {}")
    shape = tuple(x.shape)
    dims = dims_from_right(dim, len(shape))
    if not all(shape) and (order < 0 or math.isinf(order)):
        _check_identity(shape, order, dims, whole=dim is None)
    params = {"dims": dims, "keepdim": keepdim, "order": float(order), "form": form}
    return m.apply(norm_dims, (in_dtype(m, x, dtype),), params)


def _check_identity(shape: Shape, order: float, dims: Dims, *, whole: bool) -> None:
    """Raises PyTorch's error if nothing is left to take a largest element of."""
    stem = f"linalg.vector_norm cannot compute the {order:g} norm on"
    if whole:
        raise RuntimeFault("E303", f"{stem} an empty tensor because the operation does not have an identity")
    for dim in dims:
        if not shape[dim]:
            raise RuntimeFault(
                "E303",
                # PyTorch's own spacing.
                f"{stem} the dimension {dim + len(shape)}because this dimension is empty and the operation "
                "does not have an identity",
            )


@composite(
    "vector_norm",
    faces="linalg",
    family=FAMILY,
    summary="The p-norm of all elements, or over dims.",
    source="Golub and Van Loan, Matrix Computations, 2.2.1",
    example="linalg.vector_norm(x, 3)",
)
def vector_norm(
    m: Any, x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    return _vector(m, x, ord, dim, keepdim, dtype)


def _matrix(m: Any, x: Any, order: Any, dim: Any, keepdim: bool, dtype: Any) -> Any:
    shape = tuple(x.shape)
    if len(shape) < 2:
        raise RuntimeFault("E301", "linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    dims = tuple(dim_from_right(one, len(shape)) for one in dim)
    if len(dims) != 2 or dims[0] == dims[1]:
        same = "dims must be different. Got " if len(dims) == 2 else "dim must be a 2-tuple. Got "
        raise RuntimeFault("E302", f"linalg.matrix_norm: {same}{size_text(dim)}")
    if order == "fro":
        return _vector(m, x, 2, dims, keepdim, dtype)
    known = {1, 2, math.inf, "nuc"}
    if (order if isinstance(order, str) else abs(order)) not in known:
        text = order if isinstance(order, str) else f"{order:g}"
        raise RuntimeFault(
            "E303", f"linalg.matrix_norm: Order {text} not supported.", help="'fro', 'nuc', 1, 2 or inf"
        )
    check_float(x, "linalg.matrix_norm: Expected a floating point or complex tensor as input. Got {}")
    x = in_dtype(m, x, dtype)
    if order == "nuc" or abs(order) == 2:
        return _spectral(m, x, order, dims, keepdim)
    total, extreme = dims if abs(order) == 1 else dims[::-1]
    sums = m.sum_dims(m.abs(x), dims=(total,), keepdim=keepdim)
    left = (
        extreme if keepdim or extreme > total else extreme + 1
    )  # counted from the right, where one dim is gone
    return (m.amax if order > 0 else m.amin)(sums, dims=(left,), keepdim=keepdim)


def _spectral(m: Any, x: Any, order: Any, dims: Dims, keepdim: bool) -> Any:
    """Norms by singular values: their sum, the largest, or for order -2 the smallest."""
    values = m.svdvals(m.movedim(x, dims, (-2, -1)))
    if order == "nuc":
        found = m.sum_dims(values, dims=(-1,), keepdim=False)
    else:
        found = (m.amax if order > 0 else m.amin)(values, dims=(-1,), keepdim=False)
    return (
        m.reshape(found, shape=reduced(tuple(x.shape), dims, keepdim=True), rank=len(found.shape))
        if keepdim
        else found
    )


@composite(
    "matrix_norm",
    faces="linalg",
    family=FAMILY,
    source="Golub and Van Loan, Matrix Computations, 2.3.1",
    summary="A norm of matrices: 'fro', 'nuc', or the operator norm for 1, 2, inf.",
    example="linalg.matrix_norm(x, 1)",
)
def matrix_norm(
    m: Any,
    A: Any,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    return _matrix(m, A, ord, dim, keepdim, dtype)


@composite(
    "linalg_norm",
    faces="",
    aliases=("linalg.norm",),
    family=FAMILY,
    example="linalg.norm(x)",
    summary="A norm of a vector or of matrices, by ord and dim.",
    source="Golub and Van Loan, Matrix Computations, 2.2 and 2.3",
)
def linalg_norm(
    m: Any, A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    dims = (dim,) if isinstance(dim, int) else dim
    if dims is not None and len(dims) not in {1, 2}:
        raise RuntimeFault(
            "E302", f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {size_text(dims)}"
        )
    if ord is None:
        return _vector(m, A, 2, dim, keepdim, dtype)
    if isinstance(ord, str) or (len(dims) if dims is not None else len(A.shape)) == 2:
        return _matrix(m, A, ord, (-2, -1) if dims is None else dims, keepdim, dtype)
    if dims is None and len(A.shape) != 1:
        raise RuntimeFault(
            "E301",
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
            f"{len(A.shape)}D.",
        )
    return _vector(m, A, ord, dim, keepdim, dtype)


@composite(
    "norm",
    family=FAMILY,
    summary="The p-norm of all elements, or over dims.",
    example="norm(x)",
    source="Golub and Van Loan, Matrix Computations, 2.2.1",
)
def norm(
    m: Any, input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    if isinstance(p, str) and p != "fro":
        return _matrix(m, input, p, (-2, -1) if dim is None else dim, keepdim, dtype)
    return _vector(m, input, 2 if p == "fro" or p is None else p, dim, keepdim, dtype)


@numpy_names
def _unit(m: Any, input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    length = _vector(m, input, p, dim, True, None)
    return input / m.expand(m.clamp_min(length, min=eps), shape=tuple(input.shape), rank=len(input.shape))


normalize = composite(
    "normalize",
    faces="F",
    family=FAMILY,
    summary="x over its p-norm along a dim, which is at least eps.",
    source="PyTorch reference, nn.functional.normalize",
    example="F.normalize(x, dim=0)",
)(_unit)
