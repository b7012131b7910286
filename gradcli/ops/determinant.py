"""Determinants, with derivatives that are right for singular matrices too."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, N806

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.ops.operands import check_floating, check_square
from gradcli.ops.record import composite, general

__all__ = ["cofactors"]

FAMILY = "linalg"

ILL = 1e10  # past this condition number the singular values give the cofactors, else the inverse does


def _others(values: Any) -> Any:
    """For each value along the last dim the product of the others, exact where some are zero."""
    ones = np.ones((*values.shape[:-1], 1), values.dtype)
    before = np.multiply.accumulate(np.concatenate((ones, values[..., :-1]), -1), axis=-1)
    after = np.multiply.accumulate(np.concatenate((ones, values[..., :0:-1]), -1), axis=-1)[..., ::-1]
    return before * after


def cofactors(a: Any) -> Any:
    """Returns the matrices of cofactors: the derivative of det, det(A) A^-T where A is regular.

    By A = U S V^T they are det(U) det(V) U cof(S) V^T, and cof(S) is diagonal: no division.
    """
    if a.shape[-1] == 0:
        return np.zeros_like(a)
    if np.iscomplexobj(a):  # the complex step: singular values are not analytic
        return _regular_cofactors(a)
    with np.errstate(all="ignore"):
        if np.all(np.linalg.cond(a, 1) < ILL):
            return _regular_cofactors(a)
    finite = np.isfinite(a).all((-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(finite, a, 0))  # of nan it does not converge
    sign = (np.linalg.det(u) * np.linalg.det(vh))[..., np.newaxis, np.newaxis]
    return np.where(finite, np.matmul(sign * u * _others(s)[..., np.newaxis, :], vh), np.nan).astype(a.dtype)


def _regular_cofactors(a: Any) -> Any:
    return np.linalg.det(a)[..., np.newaxis, np.newaxis] * np.swapaxes(np.linalg.inv(a), -1, -2)


def _cofactor_vjp(m: Any, g: Any, a: Any, y: Any, a_shape: Any) -> Any:
    """Two forms, each on matrices where it is well-defined: by the inverse, and by singular values."""
    eye = m.array(np.eye(a_shape[-1]), like=a)
    spread = m.array(np.diag(np.arange(1.0, a_shape[-1] + 1)), like=a)
    regular = m.well_conditioned(a)
    found = _cofactor_vjp_regular(m, g, m.where(regular, a, eye), m.where(regular, y, eye))
    return m.where(regular, found, _cofactor_vjp_singular(m, g, m.where(regular, spread, a), a_shape[-1]))


def _cofactor_vjp_regular(m: Any, g: Any, a: Any, y: Any) -> Any:
    """With B = A^-T: d cof = <B, dA> cof - cof dA^T B."""
    b = m.mT(m.inv(a))
    total = m.sum_dims(g * y, dims=(-2, -1), keepdim=True)
    return b * total - m.matmul_batched(b, m.matmul_batched(m.mT(g), y))


def _cofactor_vjp_singular(m: Any, g: Any, a: Any, count: int) -> Any:
    """In the frame of the singular vectors, where every minor of S is a product of singular values.

    For E = U^T dA V: d cof_ii = sum over k != i of p_ik E_kk and d cof_ij = -p_ij E_ji, p_ij being the
    product of the singular values but i and j.
    """
    u, s, vh = m.svd(a, full=False)
    sign = m.unsqueeze_last(m.unsqueeze_last(m.det(u) * m.det(vh)))
    h = m.matmul_batched(m.mT(u), m.matmul_batched(g, m.mT(vh)))
    off = m.array(1 - np.eye(count), like=a)
    # p_ij: the prod over a row of copies of s, with ones at i and j.
    keep = np.ones((count, count, count))
    at = np.arange(count)
    keep[at, :, at] = keep[:, at, at] = 0
    rows = m.spread(s, shape=(*a.shape[:-2], count, count, count), dims=(-3, -2), keepdim=False)
    kept = m.array(keep, like=a)
    p = m.prod_dims(rows * kept + (1 - kept), dims=(-1,), keepdim=False) * off
    eye = m.array(np.eye(count), like=a)
    diagonal = m.sum_dims(h * eye, dims=(-1,), keepdim=False)
    inner = eye * m.unsqueeze_last(m.mv(p, diagonal)) - m.mT(p * h)
    return sign * m.matmul_batched(u, m.matmul_batched(inner, vh))


def _cofactor_jvp(m: Any, t: Any, a: Any, y: Any, a_shape: Any) -> Any:
    # The derivative of cof, the Hessian of det, is symmetric: jvp and vjp are one map.
    return _cofactor_vjp(m, t, a, y, a_shape)


def _well_conditioned(a: Any) -> Any:
    with np.errstate(all="ignore"):
        if np.iscomplexobj(a):
            return np.ones((*a.shape[:-2], 1, 1), bool)
        return (np.linalg.cond(a, 1) < ILL)[..., np.newaxis, np.newaxis]


well_conditioned = general(
    "well_conditioned",
    args=("a",),
    node="",
    numpy=_well_conditioned,
    sympy=lambda S, a: _well_conditioned(S.floats(a)),
    vjps=(None,),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.regular(3),), {})],
    summary="Which matrices of a stack are far from singular, as a mask of shape (..., 1, 1).",
    source="Golub and Van Loan, Matrix Computations, 2.6.2",
)

cofactor = general(
    "cofactor",
    args=("a",),
    node="LinalgCofactorBackward0",
    numpy=cofactors,
    sympy=lambda S, a: _adjugates(S, a),  # noqa: PLW0108 - it is defined below
    vjps=(_cofactor_vjp,),
    jvps=(_cofactor_jvp,),
    promote="same",
    faces="",
    infer=lambda a: a,
    family=FAMILY,
    samples=lambda s: [((s.regular(3),), {}), ((s.regular(2, 4),), {})],
    summary="Matrix of cofactors: the derivative of the determinant.",
    source="Golub and Van Loan, 2.1.4; Stewart, On the adjugate matrix (1998)",
)


def _adjugates(S: Any, a: Any) -> Any:
    """Signed minors, one determinant for each element."""
    count = a.shape[-1]
    rows = [
        [
            np.asarray(S.det(np.delete(np.delete(a, i, -2), j, -1))) * (-1) ** (i + j)
            if count > 1
            else np.ones(a.shape[:-2], dtype=object)
            for j in range(count)
        ]
        for i in range(count)
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def _check(name: str, a: Any) -> None:
    check_floating(name, a)
    check_square(name, a)


def _det_front(m: Any, A: Any = None, **named: Any) -> Any:
    A = named.get("input") if A is None else A
    _check("linalg.det", A)
    return m.apply(det, (A,), {})


det = general(
    "det",
    args=("a",),
    node="LinalgDetBackward0",
    numpy=np.linalg.det,
    sympy=lambda S, a: S.det(a),
    vjps=(lambda m, g, a: m.unsqueeze_last(m.unsqueeze_last(g)) * m.cofactor(a),),
    jvps=(lambda m, t, a: m.sum_dims(m.cofactor(a) * t, dims=(-2, -1), keepdim=False),),
    promote="same",
    infer=lambda a: a[:-2],
    front=_det_front,
    faces="torch method linalg",
    family=FAMILY,
    samples=lambda s: [((s.regular(3),), {}), ((s.regular(2, 4),), {})],
    summary="Determinant of a matrix; its derivative, the cofactors, is right for singular matrices too.",
    source="Giles (2008), 2.2.4; Magnus and Neudecker, Matrix Differential Calculus, 8.3",
    example="det(x + 2*eye(2))",
)


def _slogdet_complex(a: Any) -> Any:
    found = np.linalg.det(a)
    return np.sign(found.real), np.log(found * found) / 2


def _slogdet_front(m: Any, A: Any = None, **named: Any) -> Any:
    A = named.get("input") if A is None else A
    _check("linalg.slogdet", A)
    return m.named("linalg_slogdet", ("sign", "logabsdet"), m.apply(slogdet, (A,), {}))


slogdet = general(
    "slogdet",
    args=("a",),
    outputs=("sign", "logabsdet"),
    node="LinalgSlogdetBackward0",
    numpy=lambda a: tuple(np.linalg.slogdet(a)),
    complex=_slogdet_complex,
    sympy=lambda S, a: _slogdet_symbols(S, a),  # noqa: PLW0108 - it is defined below
    vjps=(lambda m, gs, a: m.unsqueeze_last(m.unsqueeze_last(gs[1])) * m.mT(m.inv_lenient(a)),),
    jvps=(lambda m, t, a: (None, m.sum_dims(m.mT(m.inv_lenient(a)) * t, dims=(-2, -1), keepdim=False)),),
    promote="same",
    front=_slogdet_front,
    infer=lambda a: (a[:-2], a[:-2]),
    faces="torch method linalg",
    family=FAMILY,
    samples=lambda s: [((s.regular(3),), {}), ((s.regular(2, 4),), {})],
    summary="Sign and logarithm of the absolute value of the determinant.",
    source="Giles (2008), 2.2.4",
    example="slogdet(x + 2*eye(2))[1]",
)


def _slogdet_symbols(S: Any, a: Any) -> Any:
    found = np.asarray(S.det(a), dtype=object)
    sign, size = np.empty_like(found), np.empty_like(found)
    for at, value in np.ndenumerate(found):
        sign[at] = 1 if value > 0 else -1
        size[at] = S.log(value if value > 0 else -value)
    return sign, size


@composite(
    "logdet",
    args=("a",),
    family=FAMILY,
    example="logdet(x + 2*eye(2))",
    source="Giles (2008), 2.2.4",
    summary="Logarithm of the determinant; nan where it is negative.",
)
def logdet(m: Any, input: Any) -> Any:
    _check("logdet", input)
    sign, size = m.apply(slogdet, (input,), {})
    return m.where(m.lt(sign, 0), m.array(np.nan, like=size), size)
