"""Functions of whole matrices: the exponential, norms, condition numbers, Vandermonde matrices."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, N803, N806, PLR0913, PLR0917, PLR2004

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.operands import check_floating, check_matrix, check_square
from gradcli.ops.record import composite, general
from gradcli.ops.shapes import dim_from_right

__all__: list[str] = []

FAMILY = "linalg"


def _matrix_exp(a: Any) -> Any:
    if not a.size:
        return np.array(a)
    from scipy.linalg import expm  # SciPy takes longer to load than most programs run

    return expm(a).astype(a.dtype, copy=False)


def _derivative(m: Any, a: Any, t: Any) -> Any:
    """exp([[A, T], [0, A]]) holds the derivative of exp(A) along T in its upper right block."""
    count = a.shape[-1]
    top = m.cat(a, t, dim=-1)
    bottom = m.cat(m.zeros_like(t), a, dim=-1)
    whole = m.matrix_exp(m.cat(top, bottom, dim=-2))
    right = m.slice(whole, dim=-1, start=count, stop=2 * count, step=1)
    return m.slice(right, dim=-2, start=0, stop=count, step=1)


def _exp_front(m: Any, A: Any) -> Any:
    check_floating("linalg.matrix_exp", A)
    check_square("linalg.matrix_exp", A)
    return m.apply(matrix_exp, (A,), {})


matrix_exp = general(
    "matrix_exp",
    args=("a",),
    node="LinalgMatrixExpBackward0",
    numpy=_matrix_exp,
    vjps=(lambda m, g, a: _derivative(m, m.mT(a), g),),
    jvps=(lambda m, t, a: _derivative(m, a, t),),
    promote="same",
    infer=lambda a: a,
    front=_exp_front,
    faces="torch method linalg",
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 3),), {}), ((s.normal(2, 2, 2),), {})],
    summary="Exponential of a square matrix.",
    source="Higham, Functions of Matrices, 10.2 and (3.16)",
    example="matrix_exp(x)",
)


def _norm_over(m: Any, x: Any, order: Any, rows: int, columns: int, keepdim: bool) -> Any:
    """The matrix norm over two dims (negative)."""
    if order == "fro":
        return m.vector_norm(x, 2, (rows, columns), keepdim)
    if order in ("nuc", 2, -2):
        rank = len(x.shape)
        rest = [dim for dim in range(-rank, 0) if dim not in (rows, columns)]
        values = m.svdvals(m.permute(x, dims=(*rest, rows, columns)))
        if order == "nuc":
            found = m.sum_dims(values, dims=(-1,), keepdim=False)
        else:
            found = (m.amax if order == 2 else m.amin)(values, dims=(-1,), keepdim=False)
        if not keepdim:
            return found
        kept = tuple(1 if dim - rank in (rows, columns) else size for dim, size in enumerate(x.shape))
        return m.reshape(found, shape=kept, rank=rank - 2)
    summed, other = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = m.vector_norm(x, 1, (summed,), keepdim)
    if not keepdim and other < summed:
        other += 1
    return (m.amax if order > 0 else m.amin)(sums, dims=(other,), keepdim=keepdim)


@composite(
    "matrix_norm",
    args=("A",),
    faces="linalg",
    family=FAMILY,
    example="linalg.matrix_norm(x, 'nuc')",
    source="Golub and Van Loan, 2.3",
    summary="Norm of a matrix: 'fro', 'nuc', 2 and -2 (singular values), 1, -1, inf and -inf (sums).",
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
    name = "linalg.matrix_norm"
    if dtype is not None:
        A = m.to(A, dtype)
    check_floating(name, A)
    check_matrix(name, A)
    if ord not in ("fro", "nuc") and (isinstance(ord, str) or abs(ord) not in (1, 2, math.inf)):
        raise RuntimeFault(
            "E303", f"{name}: Order {ord} not supported.", help="write 'fro', 'nuc', 2, 1 or inf"
        )
    rows, columns = (dim_from_right(one, len(A.shape)) for one in dim)
    if rows == columns:
        raise RuntimeFault("E302", f"{name}: dims must be different. Got ({dim[0]}, {dim[1]})")
    return _norm_over(m, A, ord, rows, columns, keepdim)


@composite(
    "linalg_norm",
    args=("A",),
    faces="",
    aliases=("linalg.norm",),
    family=FAMILY,
    example="linalg.norm(x)",
    source="Golub and Van Loan, 2.2 and 2.3",
    summary="Vector norm, or matrix norm where two dims and an order are given.",
)
def linalg_norm(
    m: Any,
    A: Any,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    rank = len(A.shape)
    dims = (dim,) if isinstance(dim, int) else dim
    if ord is not None and (isinstance(ord, str) or dims is not None):
        if dims is not None and len(dims) not in (1, 2):
            raise RuntimeFault(
                "E303", f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dims)}"
            )
    elif ord is not None and rank not in (1, 2):
        raise RuntimeFault(
            "E303",
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {rank}D.",
        )
    matrix = ord is not None and (isinstance(ord, str) or (len(dims) == 2 if dims is not None else rank == 2))
    if matrix:
        return matrix_norm.front(m, A, ord, (-2, -1) if dims is None else dims, keepdim, dtype=dtype)  # type: ignore[misc]
    return m.vector_norm(A, 2 if ord is None else ord, dims, keepdim, dtype=dtype)


@composite(
    "cond",
    args=("A",),
    faces="linalg",
    family=FAMILY,
    example="linalg.cond(x + eye(2))",
    source="Golub and Van Loan, 2.6.2",
    summary="Condition number of a matrix with respect to a norm.",
)
def cond(m: Any, A: Any, p: Any = None) -> Any:
    check_floating("linalg.cond", A)
    check_matrix("linalg.cond", A)
    if p is None or p in (2, -2):
        values = m.svdvals(A)
        count = values.shape[-1]
        ends = [m.slice(values, dim=-1, start=at, stop=at + 1, step=1) for at in (0, count - 1)]
        return m.squeeze_last(ends[1] / ends[0] if p == -2 else ends[0] / ends[1])
    check_square("linalg.cond", A)
    if p == "nuc":
        values = m.svdvals(A)
        inverse = m.sum_dims(m.reciprocal(values), dims=(-1,), keepdim=False)
        return m.sum_dims(values, dims=(-1,), keepdim=False) * inverse
    return matrix_norm.front(m, A, p) * matrix_norm.front(m, m.inv_lenient(A), p)  # type: ignore[misc] # they have one


@composite(
    "vander",
    args=("x",),
    faces="linalg",
    family=FAMILY,
    example="linalg.vander(ones(3))",
    source="Golub and Van Loan, 4.6",
    summary="Vandermonde matrix: the powers 0 to N - 1 of each element, in rows.",
)
def vander(m: Any, x: Any, *, N: int | None = None) -> Any:
    x = x if len(x.shape) else m.reshape(x, shape=(1,), rank=0)
    count = x.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeFault("E303", "N must be greater than 1.")
    wide = m.spread(m.unsqueeze_last(x), shape=(*x.shape, count - 1), dims=(-1,), keepdim=True)
    ones = m.array(np.ones((*x.shape, 1)), like=x)
    return m.cat(ones, m.cumprod(wide, dim=-1), dim=-1)
