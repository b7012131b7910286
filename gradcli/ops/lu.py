"""LU factors with row exchanges, A = P L U, and systems solved by them."""

# PyTorch's names and signatures, and formulas that name all they are given:

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.kink import Kink
from gradcli.ops.operands import check_floating, check_matrix, check_square
from gradcli.ops.record import composite, general
from gradcli.ops.triangular import lower_part, upper_part

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "linalg"
SOURCE = (
    "Golub and Van Loan, Matrix Computations, 3.4; Walter and Lehmann, Algorithmic differentiation (2010)"
)


def _factor(a: Any) -> tuple[Any, Any]:
    """L below the diagonal and U on and above it, and LAPACK's row exchanges, counted from 1."""
    rows, columns = a.shape[-2:]
    factors, pivots = np.array(a), np.empty((*a.shape[:-2], min(rows, columns)), np.int32)
    lead = a.shape[:-2]
    for k in range(min(rows, columns)):
        best = np.argmax(np.abs(factors[..., k:, k]), axis=-1) + k
        pivots[..., k] = best + 1
        at = (*np.indices(lead, sparse=True), best)
        chosen, here = factors[at].copy(), factors[..., k, :].copy()
        factors[at], factors[..., k, :] = here, chosen
        pivot = factors[..., k, k, np.newaxis]
        # A column of zeros has nothing to eliminate: LAPACK leaves it.
        factors[..., k + 1 :, k] /= np.where(pivot == 0, 1, pivot)
        factors[..., k + 1 :, k + 1 :] -= (
            factors[..., k + 1 :, k, np.newaxis] * factors[..., k, np.newaxis, k + 1 :]
        )
    return factors, pivots


def _pivot_matrix(pivots: Any, *, count: int) -> Any:
    """P of A = P L U, from the row exchanges."""
    lead = pivots.shape[:-1]
    order = np.broadcast_to(np.arange(count), (*lead, count)).copy()
    for k in range(pivots.shape[-1]):
        at = (*np.indices(lead, sparse=True), pivots[..., k].astype(np.int64) - 1)
        chosen, here = order[at].copy(), order[..., k].copy()
        order[at], order[..., k] = here, chosen
    # Row k of L U is row order[k] of A: column k of P has its one there.
    return np.swapaxes(order[..., np.newaxis] == np.arange(count), -1, -2)


pivot_matrix = general(
    "pivot_matrix",
    args=("pivots",),
    discrete=("pivots",),
    node="",
    numpy=_pivot_matrix,
    vjps=(None,),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((np.array([3, 3, 3], np.int32),), {"count": 3})],
    summary="The permutation, as a mask, that row exchanges amount to.",
    source="Golub and Van Loan, 3.4.1",
)


def _part(m: Any, x: Any, rows: int, columns: int) -> Any:
    """The first rows and columns of a matrix."""
    for dim, count in ((-2, rows), (-1, columns)):
        if x.shape[dim] != count:
            x = m.slice(x, dim=dim, start=0, stop=count, step=1)
    return x


def _rest(m: Any, x: Any, dim: int, start: int) -> Any:
    return m.slice(x, dim=dim, start=start, stop=x.shape[dim], step=1)


def _unpack(m: Any, factors: Any) -> tuple[Any, Any]:
    """L, with its ones, and U from the matrix that holds both."""
    rows, columns = factors.shape[-2:]
    inner = min(rows, columns)
    eye = m.array(np.eye(rows, inner), like=factors)
    lower = _part(m, factors, rows, inner) * m.array(np.tril(np.ones((rows, inner)), -1), like=factors) + eye
    return lower, _part(m, factors, inner, columns) * m.array(
        np.triu(np.ones((inner, columns))), like=factors
    )


def _square_vjp(m: Any, gl: Any, gu: Any, l: Any, u: Any) -> Any:
    """L^-T (tril(L^T gL, -1) + triu(gU U^T)) U^-T: the cotangent of P^T A."""
    inner = lower_part(m, m.matmul_batched(m.mT(l), gl), 0) + upper_part(m, m.matmul_batched(gu, m.mT(u)))
    left = m.solve_triangle(m.mT(l), inner, upper=True, left=True, unit=True)
    return m.solve_triangle(m.mT(u), left, upper=False, left=False, unit=False)


def _plu_vjp(m: Any, gl: Any, gu: Any, l: Any, u: Any, p: Any) -> Any:  # noqa: PLR0913 - the factors and their cotangents
    """Of a wide matrix U2 = L^-1 A2, of a tall one L2 = A2 U^-1, beside the square part."""
    rows, columns = l.shape[-2], u.shape[-1]
    if columns > rows:
        beside = m.solve_triangle(m.mT(l), _rest(m, gu, -1, rows), upper=True, left=True, unit=True)
        gl = gl - m.matmul_batched(beside, m.mT(_rest(m, u, -1, rows)))
        found = _square_vjp(m, gl, _part(m, gu, rows, rows), l, _part(m, u, rows, rows))
        found = m.cat(found, beside, dim=-1)
    elif rows > columns:
        below = m.solve_triangle(m.mT(u), _rest(m, gl, -2, columns), upper=False, left=False, unit=False)
        gu = gu - m.matmul_batched(m.mT(_rest(m, l, -2, columns)), below)
        found = _square_vjp(m, _part(m, gl, columns, columns), gu, _part(m, l, columns, columns), u)
        found = m.cat(found, below, dim=-2)
    else:
        found = _square_vjp(m, gl, gu, l, u)
    return m.matmul_batched(p, found)


def _plu_jvp(m: Any, t: Any, l: Any, u: Any, p: Any) -> tuple[Any, Any]:
    """With X = L^-1 P^T dA U^-1: dL = L tril(X, -1) and dU = triu(X) U; the rest follows from A2 = L U2."""
    rows, columns = l.shape[-2], u.shape[-1]
    inner = min(rows, columns)
    turned = m.matmul_batched(m.mT(p), t)
    l1, u1 = _part(m, l, inner, inner), _part(m, u, inner, inner)
    middle = m.solve_triangle(l1, _part(m, turned, inner, inner), upper=False, left=True, unit=True)
    middle = m.solve_triangle(u1, middle, upper=True, left=False, unit=False)
    dl = m.matmul_batched(l1, lower_part(m, middle, 0))
    du = m.matmul_batched(upper_part(m, middle), u1)
    if columns > rows:
        beside = _rest(m, turned, -1, rows) - m.matmul_batched(dl, _rest(m, u, -1, rows))
        du = m.cat(du, m.solve_triangle(l1, beside, upper=False, left=True, unit=True), dim=-1)
    elif rows > columns:
        below = _rest(m, turned, -2, columns) - m.matmul_batched(_rest(m, l, -2, columns), du)
        dl = m.cat(dl, m.solve_triangle(u1, below, upper=True, left=False, unit=False), dim=-2)
    return dl, du


def _permutation(m: Any, pivots: Any, count: int, like: Any) -> Any:
    return m.cast_like(m.pivot_matrix(pivots, count=count), like)


def _split(m: Any, g: Any) -> tuple[Any, Any]:
    """The cotangents of L and U that one of the matrix that holds both stands for."""
    rows, columns = g.shape[-2:]
    inner = min(rows, columns)
    lower = _part(m, g, rows, inner) * m.array(np.tril(np.ones((rows, inner)), -1), like=g)
    return lower, _part(m, g, inner, columns) * m.array(np.triu(np.ones((inner, columns))), like=g)


def _factor_vjp(m: Any, g: Any, factors: Any, pivots: Any, a_shape: Shape) -> Any:
    gl, gu = _split(m, g)
    return _plu_vjp(m, gl, gu, *_unpack(m, factors), _permutation(m, pivots, a_shape[-2], g))


def _joined(m: Any, l: Any, u: Any) -> Any:
    """L below the diagonal and U above it in one matrix."""
    rows, columns = l.shape[-2], u.shape[-1]
    if rows > columns:
        return l + m.cat(u, m.zeros_like(_rest(m, l, -2, columns)), dim=-2)
    if columns > rows:
        return u + m.cat(l, m.zeros_like(_rest(m, u, -1, rows)), dim=-1)
    return l + u


def _factor_jvp(m: Any, t: Any, factors: Any, pivots: Any, a_shape: Shape) -> tuple[Any, Any]:
    p = _permutation(m, pivots, a_shape[-2], t)
    return _joined(m, *_plu_jvp(m, t, *_unpack(m, factors), p)), None


def _samples(s: Any) -> Any:
    return [((s.regular(3),), {}), ((s.normal(2, 4),), {}), ((s.normal(4, 2),), {})]


def _check(name: str, a: Any) -> None:
    check_floating(name, a)
    check_matrix(name, a)


def _lu_factor_front(m: Any, A: Any, *, pivot: bool = True) -> Any:
    del pivot  # without row exchanges is for GPUs
    _check("linalg.lu_factor", A)
    return m.named("linalg_lu_factor", ("LU", "pivots"), m.apply(lu_factor, (A,), {}))


lu_factor = general(
    "lu_factor",
    args=("a",),
    outputs=("factors", "pivots"),
    node="LinalgLuFactorExBackward0",
    numpy=_factor,
    complex=False,
    vjps=(_factor_vjp,),
    jvps=(_factor_jvp,),
    promote="same",
    infer=lambda a: (a, (*a[:-2], min(a[-2:]))),
    front=_lu_factor_front,
    faces="linalg",
    family=FAMILY,
    samples=_samples,
    kinks=(Kink("of a singular matrix the derivative is nan", "none"),),
    summary="LU factors in one matrix, and the row exchanges.",
    source=SOURCE,
    example="linalg.lu_factor(x + eye(2))[0]",
)


def _lu(a: Any) -> tuple[Any, Any, Any]:
    from gradcli.ops.algebra import NUMPY  # it imports the catalog, which imports this

    factors, pivots = _factor(a)
    lower, upper = _unpack(NUMPY, factors)
    return pivots, lower, upper


lu_factors = general(
    "lu_factors",
    args=("a",),
    outputs=("pivots", "l", "u"),
    node="LinalgLuBackward0",
    numpy=_lu,
    complex=False,
    vjps=(
        lambda m, gs, pivots, l, u, a_shape: _plu_vjp(
            m, gs[0], gs[1], l, u, _permutation(m, pivots, a_shape[-2], gs[0])
        ),
    ),
    jvps=(
        lambda m, t, pivots, l, u, a_shape: (
            None,
            *_plu_jvp(m, t, l, u, _permutation(m, pivots, a_shape[-2], t)),
        ),
    ),
    promote="same",
    faces="",
    family=FAMILY,
    samples=_samples,
    kinks=(Kink("of a singular matrix the derivative is nan", "none"),),
    summary="The row exchanges, and the factors L and U.",
    source=SOURCE,
)


@composite(
    "lu",
    args=("A",),
    faces="linalg",
    family=FAMILY,
    example="linalg.lu(x + eye(2))[2]",
    source=SOURCE,
    summary="P, L and U with A = P L U.",
)
def lu(m: Any, A: Any, *, pivot: bool = True) -> Any:
    del pivot
    _check("linalg.lu", A)
    pivots, lower, upper = m.lu_factors(A)
    p = _permutation(m, pivots, A.shape[-2], A)
    return m.named("linalg_lu", ("P", "L", "U"), (p, lower, upper))


@composite(
    "torch_lu",
    args=("A",),
    faces="",
    aliases=("lu", "Tensor.lu"),
    family=FAMILY,
    example="lu(x + eye(2))[0]",
    source=SOURCE,
    summary="LU factors in one matrix, and the row exchanges, as linalg.lu_factor.",
)
def torch_lu(m: Any, A: Any, pivot: bool = True, get_infos: bool = False) -> Any:
    del pivot
    factors, pivots = _lu_factor_front(m, A)
    return (factors, pivots, m.array(np.zeros(A.shape[:-2]), like=pivots)) if get_infos else (factors, pivots)


@composite(
    "lu_unpack",
    args=("LU_data", "LU_pivots"),
    faces="torch",
    family=FAMILY,
    example="lu_unpack(*linalg.lu_factor(x + eye(2)))[2]",
    source=SOURCE,
    summary="P, L and U from the matrix that holds L and U, and the row exchanges.",
)
def lu_unpack(
    m: Any, LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    nothing = m.array(np.zeros(0), like=LU_data)
    p = _permutation(m, LU_pivots, LU_data.shape[-2], LU_data) if unpack_pivots else nothing
    return m.named(
        "lu_unpack", ("P", "L", "U"), (p, *(_unpack(m, LU_data) if unpack_data else (nothing, nothing)))
    )


def _solved(m: Any, factors: Any, p: Any, b: Any, left: bool, adjoint: bool) -> Any:  # noqa: PLR0913 - one call site
    """A^-1 B, B A^-1, or the same with A^T, by substitution."""
    if not left:
        return m.mT(_solved(m, factors, p, m.mT(b), left=True, adjoint=not adjoint))
    if adjoint:
        half = m.solve_triangle(m.mT(factors), b, upper=False, left=True, unit=False)
        return m.matmul_batched(p, m.solve_triangle(m.mT(factors), half, upper=True, left=True, unit=True))
    half = m.solve_triangle(factors, m.matmul_batched(m.mT(p), b), upper=False, left=True, unit=True)
    return m.solve_triangle(factors, half, upper=True, left=True, unit=False)


@composite(
    "linalg_lu_solve",
    args=("LU", "pivots", "B"),
    faces="",
    aliases=("linalg.lu_solve",),
    family=FAMILY,
    example="linalg.lu_solve(*linalg.lu_factor(x + eye(2)), x)",
    source=SOURCE,
    summary="Solution X of A X = B (or X A = B, or with A^T) from the LU factors of A.",
)
def linalg_lu_solve(  # noqa: PLR0913 - PyTorch's signature
    m: Any, LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False
) -> Any:
    check_square("torch.linalg.lu_solve", LU)
    return _solved(m, LU, _permutation(m, pivots, LU.shape[-1], LU), B, left, adjoint)


@composite(
    "lu_solve",
    args=("b", "LU_data", "LU_pivots"),
    family=FAMILY,
    example="lu_solve(x, *linalg.lu_factor(x + eye(2)))",
    source=SOURCE,
    summary="Solution X of A X = b from the LU factors of A, as linalg.lu_solve.",
)
def lu_solve(m: Any, b: Any, LU_data: Any, LU_pivots: Any) -> Any:
    return linalg_lu_solve.front(m, LU_data, LU_pivots, b)  # type: ignore[misc] # it has one
