"""Triangular and orthogonal factors: Cholesky and QR."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, A006, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.kink import Kink
from gradcli.ops.linalg import batch_note
from gradcli.ops.operands import check_floating, check_matrix, check_square
from gradcli.ops.record import composite, general
from gradcli.ops.triangular import lower_part

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "linalg"


def _minor(a: Any, *, upper: bool) -> tuple[int, int]:
    """Which matrix of a stack is not positive definite, and the order of its first minor that is not."""
    for number, matrix in enumerate(np.reshape(a, (-1, *a.shape[-2:]))):
        for order in range(1, matrix.shape[0] + 1):
            try:
                np.linalg.cholesky(matrix[:order, :order], upper=upper)
            except np.linalg.LinAlgError:
                return number, order
    return 0, a.shape[-1]


def _cholesky(a: Any, *, upper: bool, name: str) -> Any:
    try:
        return np.linalg.cholesky(a, upper=upper)
    except np.linalg.LinAlgError:
        number, order = _minor(a, upper=upper)
        raise RuntimeFault(
            "E305",
            f"{name}: {batch_note(a.shape, number)}The factorization could not be completed because the "
            "input is not "
            f"positive-definite (the leading minor of order {order} is not positive-definite).",
            help="a matrix of the form A A^T + c I with c > 0 is positive-definite",
        ) from None


def _cholesky_vjp(m: Any, g: Any, y: Any, upper: bool) -> Any:
    """A symmetric matrix: A is taken to be moved symmetrically (Murray 2016, equation 10)."""
    factor, cotangent = (m.mT(y), m.mT(g)) if upper else (y, g)
    half = lower_part(m, m.matmul_batched(m.mT(factor), cotangent), 0.5) / 2
    middle = half + m.mT(half)
    left = m.solve_triangle(m.mT(factor), middle, upper=True, left=True, unit=False)
    return m.solve_triangle(factor, left, upper=False, left=False, unit=False)


def _cholesky_jvp(m: Any, t: Any, y: Any, upper: bool) -> Any:
    factor = m.mT(y) if upper else y
    change = (t + m.mT(t)) / 2
    inner = m.solve_triangle(factor, change, upper=False, left=True, unit=False)
    inner = m.solve_triangle(m.mT(factor), inner, upper=True, left=False, unit=False)
    found = m.matmul_batched(factor, lower_part(m, inner, 0.5))
    return m.mT(found) if upper else found


def _factored(m: Any, a: Any, upper: bool, name: str) -> Any:
    check_floating(name, a)
    check_square(name, a)
    return m.apply(cholesky, (a,), {"upper": upper, "name": name})


cholesky = general(
    "cholesky",
    args=("a",),
    node=lambda upper, name: (
        "LinalgCholeskyExBackward0" if name.startswith("linalg") else "CholeskyBackward0"
    ),
    numpy=_cholesky,
    complex=False,
    sympy=lambda S, a, *, upper, name: _symbolic_cholesky(S, a, upper),
    vjps=(_cholesky_vjp,),
    jvps=(_cholesky_jvp,),
    promote="same",
    infer=lambda a, *, upper, name: a,
    front=lambda m, input, upper=False: _factored(m, input, upper, "cholesky"),
    family=FAMILY,
    samples=lambda s: [
        ((s.spd(3),), {"upper": False, "name": "linalg.cholesky"}),
        ((s.spd(3),), {"upper": True, "name": "linalg.cholesky"}),
    ],
    kinks=("one triangle is read, and the gradient is that of a symmetric matrix",),
    summary="Triangular factor L of a positive definite matrix L L^T (or U^T U).",
    source="Murray, Differentiation of the Cholesky decomposition (2016)",
    example="cholesky(x + eye(2))",
)


@composite(
    "linalg_cholesky",
    args=("A",),
    faces="",
    aliases=("linalg.cholesky",),
    family=FAMILY,
    example="linalg.cholesky(x + eye(2))",
    source="Murray (2016)",
    summary="Triangular factor L of a positive definite matrix L L^T (or U^T U).",
)
def linalg_cholesky(m: Any, A: Any, *, upper: bool = False) -> Any:
    return _factored(m, A, upper, "linalg.cholesky")


def _symbolic_cholesky(S: Any, a: Any, upper: bool) -> Any:
    found = S.cholesky(S.symmetric(a, upper))
    return np.swapaxes(found, -1, -2) if upper else found


def _qr_shapes(a: Shape, mode: str) -> tuple[Shape, Shape]:
    lead, (rows, columns) = a[:-2], a[-2:]
    inner = rows if mode == "complete" else min(rows, columns)
    return ((0,) if mode == "r" else (*lead, rows, inner)), (*lead, inner, columns)


def _qr(a: Any, *, mode: Any) -> tuple[Any, Any]:
    if mode == "r":
        return np.zeros(0, a.dtype), np.linalg.qr(a, mode="r")
    q, r = np.linalg.qr(a, mode=mode)
    return q, r


def _qr_guard(mode: str, shape: Shape) -> None:
    if mode == "r":
        raise RuntimeFault(
            "E407",
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
            "linalg.qr(A, "
            "mode='reduced') if you are going to differentiate through linalg.qr.",
        )
    if mode == "complete" and shape[-2] > shape[-1]:
        raise RuntimeFault(
            "E407",
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
            help="write mode='reduced'",
        )


def _columns(m: Any, x: Any, start: int, stop: int) -> Any:
    return m.slice(x, dim=-1, start=start, stop=stop, step=1)


def _qr_vjp(m: Any, gs: Any, q: Any, r: Any, a_shape: Shape, mode: str) -> Any:
    """Of a wide matrix [A1 A2] the left square block is factored, and R2 = Q^T A2 with A2 = Q R2."""
    _qr_guard(mode, a_shape)
    gq, gr = gs
    rows, columns = a_shape[-2:]
    if rows >= columns:
        return _qr_vjp_tall(m, gq, gr, q, r)
    r1, r2 = _columns(m, r, 0, rows), _columns(m, r, rows, columns)
    gr1, gr2 = _columns(m, gr, 0, rows), _columns(m, gr, rows, columns)
    gq = gq + m.matmul_batched(q, m.matmul_batched(r2, m.mT(gr2)))
    return m.cat(_qr_vjp_tall(m, gq, gr1, q, r1), m.matmul_batched(q, gr2), dim=-1)


def _qr_vjp_tall(m: Any, gq: Any, gr: Any, q: Any, r: Any) -> Any:
    """(gQ + Q sym(R gR^T - gQ^T Q)) R^-T, sym copying the lower triangle to the upper."""
    inner = m.matmul_batched(r, m.mT(gr)) - m.matmul_batched(m.mT(gq), q)
    lower = lower_part(m, inner, 0.5)
    total = gq + m.matmul_batched(q, lower + m.mT(lower))
    return m.solve_triangle(m.mT(r), total, upper=False, left=False, unit=False)


def _qr_jvp(m: Any, t: Any, q: Any, r: Any, a_shape: Shape, mode: str) -> tuple[Any, Any]:
    _qr_guard(mode, a_shape)
    rows, columns = a_shape[-2:]
    inner = min(rows, columns)
    change = m.solve_triangle(
        _columns(m, r, 0, inner), _columns(m, t, 0, inner), upper=True, left=False, unit=False
    )
    seen = m.matmul_batched(m.mT(q), change)
    lower = lower_part(m, seen, 0)
    turn = lower - m.mT(lower)
    dq = change + m.matmul_batched(q, turn - seen)
    return dq, m.matmul_batched(m.mT(q), t) - m.matmul_batched(turn, r)


def _qr_front(m: Any, A: Any, mode: str = "reduced") -> Any:
    check_floating("linalg.qr", A)
    check_matrix("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeFault(
            "E303",
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or "
            "'complete'",
        )
    return m.named("linalg_qr", ("Q", "R"), m.apply(linalg_qr, (A,), {"mode": mode}))


linalg_qr = general(
    "linalg_qr",
    args=("a",),
    outputs=("q", "r"),
    node="LinalgQrBackward0",
    numpy=_qr,
    complex=False,
    sympy=lambda S, a, *, mode: S.qr(a, mode),
    vjps=(_qr_vjp,),
    jvps=(_qr_jvp,),
    promote="same",
    infer=_qr_shapes,
    front=_qr_front,
    faces="",
    aliases=("linalg.qr",),
    family=FAMILY,
    samples=lambda s: [
        ((s.regular(3),), {"mode": "reduced"}),
        ((s.normal(4, 2),), {"mode": "reduced"}),
        ((s.normal(2, 4),), {"mode": "complete"}),
    ],
    kinks=(Kink("where R is singular there is no derivative: nan or inf", "none"),),
    summary="Orthogonal Q and upper triangular R with A = Q R.",
    source=(
        "Walter, Lehmann and Lamour, On evaluating higher-order derivatives of the QR decomposition (2012)"
    ),
    example="linalg.qr(x + eye(2))[1]",
)


@composite(
    "qr",
    args=("input",),
    family=FAMILY,
    example="qr(x + eye(2))[1]",
    source="Golub and Van Loan, 5.2",
    summary="Orthogonal Q and upper triangular R with A = Q R, as linalg.qr.",
)
def qr(m: Any, input: Any, some: bool = True) -> Any:
    found = _qr_front(m, input, "reduced" if some else "complete")
    return m.named("qr", ("Q", "R"), found)
