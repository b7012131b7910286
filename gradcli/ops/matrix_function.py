"""Functions of whole matrices: the exponential, condition numbers, Vandermonde matrices."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR2004

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.operands import check_floating, check_matrix, check_square
from gradcli.ops.record import composite, general

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
    sympy=lambda S, a: S.expm(a),
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
    return m.matrix_norm(A, p) * m.matrix_norm(m.inv_lenient(A), p)


@composite(
    "linalg_vander",
    args=("x",),
    faces="",
    aliases=("linalg.vander",),
    family=FAMILY,
    example="linalg.vander(ones(3))",
    source="Golub and Van Loan, 4.6",
    summary="Vandermonde matrix: the powers 0 to N - 1 of each element, in rows.",
)
def linalg_vander(m: Any, x: Any, *, N: int | None = None) -> Any:
    x = x if len(x.shape) else m.reshape(x, shape=(1,), rank=0)
    count = x.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeFault("E303", "N must be greater than 1.")
    wide = m.spread(m.unsqueeze_last(x), shape=(*x.shape, count - 1), dims=(-1,), keepdim=True)
    ones = m.array(np.ones((*x.shape, 1)), like=x)
    return m.cat(ones, m.cumprod(wide, dim=-1), dim=-1)
