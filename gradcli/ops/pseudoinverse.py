"""What a matrix of any rank has: pseudoinverse, rank, least squares."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.operands import check_floating, check_matrix
from gradcli.ops.record import composite, general
from gradcli.ops.singular_values import decomposed

__all__: list[str] = []

FAMILY = "linalg"


def _cutoff(sizes: Any, shape: Any, atol: Any, rtol: Any) -> Any:
    """Below it a singular value counts as zero: the larger of atol and rtol times the largest one."""
    if rtol is None:
        given = atol is not None and np.any(np.asarray(atol) > 0)
        rtol = 0.0 if given else max(shape[-2:]) * float(np.finfo(sizes.dtype).eps)
    largest = np.max(sizes, axis=-1, initial=0)
    return np.maximum(0.0 if atol is None else atol, np.asarray(rtol) * largest)[..., np.newaxis]


def _decompose(a: Any, hermitian: bool) -> tuple[Any, Any, Any]:
    """U, signed S, Vh and so that A = U S Vh."""
    if hermitian:
        values, vectors = np.linalg.eigh(a)
        return vectors, values, np.swapaxes(vectors, -1, -2)
    u, s, vh = decomposed(a, full_matrices=False)
    return u, s, vh


def _pinv(a: Any, *, atol: Any, rtol: Any, hermitian: bool) -> Any:
    if not a.size:
        return np.zeros((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype)
    u, s, vh = _decompose(a, hermitian)
    kept = np.abs(s) > _cutoff(np.abs(s), a.shape, atol, rtol)
    scale = np.where(kept, 1 / np.where(kept, s, 1), 0).astype(a.dtype)
    return np.matmul(np.swapaxes(vh, -1, -2) * scale[..., np.newaxis, :], np.swapaxes(u, -1, -2))


def _pinv_vjp(m: Any, g: Any, a: Any, y: Any) -> Any:
    """-Y^T g Y^T + (I - A Y) g^T Y Y^T + Y^T Y g^T (I - Y A), where the rank does not change."""
    yt, gt = m.mT(y), m.mT(g)
    first = m.matmul_batched(gt, m.matmul_batched(y, yt))
    second = m.matmul_batched(m.matmul_batched(yt, y), gt)
    return (
        first
        - m.matmul_batched(a, m.matmul_batched(y, first))
        + second
        - m.matmul_batched(m.matmul_batched(second, y), a)
        - m.matmul_batched(yt, m.matmul_batched(g, yt))
    )


def _pinv_jvp(m: Any, t: Any, a: Any, y: Any) -> Any:
    yt, tt = m.mT(y), m.mT(t)
    first = m.matmul_batched(m.matmul_batched(y, yt), tt)
    second = m.matmul_batched(tt, m.matmul_batched(yt, y))
    return (
        first
        - m.matmul_batched(m.matmul_batched(first, a), y)
        + second
        - m.matmul_batched(y, m.matmul_batched(a, second))
        - m.matmul_batched(y, m.matmul_batched(t, y))
    )


def _pinv_front(
    m: Any,
    A: Any,
    *rcond: Any,
    atol: Any = None,
    rtol: Any = None,
    hermitian: bool = False,
    **named: Any,
) -> Any:
    check_floating("linalg.pinv", A)
    check_matrix("linalg.pinv", A)
    rtol = rcond[0] if rcond else named.get("rcond", rtol)
    limits = [None if x is None else _plain(x) for x in (atol, rtol)]
    return m.apply(pinv, (A,), {"atol": limits[0], "rtol": limits[1], "hermitian": hermitian})


def _plain(x: Any) -> Any:
    """A tolerance as a number or array: it has no gradient."""
    return x.detach().numpy() if hasattr(x, "detach") else x


pinv = general(
    "pinv",
    args=("a",),
    node="LinalgPinvBackward0",
    numpy=_pinv,
    complex=False,
    definition=lambda m, a, **_: (
        m.matmul_batched(m.inv(m.matmul_batched(m.mT(a), a)), m.mT(a))
        if a.shape[-2] >= a.shape[-1]
        else m.matmul_batched(m.mT(a), m.inv(m.matmul_batched(a, m.mT(a))))
    ),
    vjps=(_pinv_vjp,),
    jvps=(_pinv_jvp,),
    promote="same",
    infer=lambda a, **_: (*a[:-2], a[-1], a[-2]),
    front=_pinv_front,
    faces="linalg",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(4, 2),), {"atol": None, "rtol": None, "hermitian": False}),
        ((s.normal(2, 3),), {"atol": None, "rtol": None, "hermitian": False}),
    ],
    summary="Pseudoinverse of a matrix, singular values below a tolerance taken as zero.",
    source="Golub and Pereyra, The differentiation of pseudo-inverses, SIAM J. Numer. Anal. 10 (1973), 4.12",
    example="linalg.pinv(x + eye(2))",
)


@composite(
    "pinverse",
    args=("input",),
    family=FAMILY,
    example="pinverse(x + eye(2))",
    source="Golub and Pereyra (1973)",
    summary="Pseudoinverse of a matrix, as linalg.pinv.",
)
def pinverse(m: Any, input: Any, rcond: float = 1e-15) -> Any:
    return _pinv_front(m, input, rtol=rcond)


def _rank(a: Any, *, atol: Any, rtol: Any, hermitian: bool) -> Any:
    if not a.size:
        return np.zeros(a.shape[:-2], np.int64)
    s = np.abs(np.linalg.eigvalsh(a)) if hermitian else decomposed(a, compute_uv=False)
    return np.add.reduce(s > _cutoff(s, a.shape, atol, rtol), axis=-1, dtype=np.int64)


def _rank_front(
    m: Any,
    A: Any,
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Any:
    check_matrix("linalg.matrix_rank", A)
    atol, rtol = (tol, 0.0) if tol is not None else (atol, rtol)
    limits = [None if x is None else _plain(x) for x in (atol, rtol)]
    return m.apply(matrix_rank, (A,), {"atol": limits[0], "rtol": limits[1], "hermitian": hermitian})


matrix_rank = general(
    "matrix_rank",
    args=("a",),
    node="",
    numpy=_rank,
    complex=False,
    vjps=(None,),
    promote="keep",
    front=_rank_front,
    faces="linalg",
    family=FAMILY,
    samples=lambda s: [((s.regular(3),), {"atol": None, "rtol": None, "hermitian": False})],
    summary="How many singular values are above a tolerance.",
    source="Golub and Van Loan, 5.4.1",
    example="linalg.matrix_rank(x)",
)


def _least_squares(a: Any, b: Any, *, rtol: Any, residuals: bool) -> tuple[Any, Any]:
    x = np.matmul(_pinv(a, atol=None, rtol=rtol, hermitian=False), b)
    if not residuals:
        return x, np.zeros(0, x.dtype)
    rest = np.matmul(a, x) - b
    return x, np.add.reduce(rest * rest, axis=-2)


def _least_squares_symbols(S: Any, a: Any, b: Any, residuals: bool) -> tuple[Any, Any]:
    x = S.least_squares(a, b)
    if not residuals:
        return x, np.zeros(0)
    rest = np.matmul(a, x) - b
    return x, np.add.reduce(rest * rest, axis=-2)


def _residual_pull(m: Any, g: Any, a: Any, b: Any, y: Any) -> Any:
    """The cotangent of A X - B, whose squares the residuals sum."""
    return (m.matmul_batched(a, y) - b) * m.as_row(g) * 2


def _lstsq_vjp_a(m: Any, gs: Any, a: Any, b: Any, x: Any, rtol: Any, residuals: bool) -> Any:
    inverse = m.pinv(a, atol=None, rtol=rtol, hermitian=False)
    found = _pinv_vjp(m, m.matmul_batched(gs[0], m.mT(b)), a, inverse)
    # A^T (A X - B) = 0: the residuals do not feel a change of X.
    return found + m.matmul_batched(_residual_pull(m, gs[1], a, b, x), m.mT(x)) if residuals else found


def _lstsq_vjp_b(m: Any, gs: Any, a: Any, b: Any, x: Any, rtol: Any, residuals: bool) -> Any:
    found = m.matmul_batched(m.mT(m.pinv(a, atol=None, rtol=rtol, hermitian=False)), gs[0])
    return found - _residual_pull(m, gs[1], a, b, x) if residuals else found


def _lstsq_jvp(m: Any, dx: Any, moved: Any, a: Any, b: Any, x: Any, residuals: bool) -> tuple[Any, Any]:
    if not residuals:
        return dx, None
    rest = m.matmul_batched(a, x) - b
    return dx, m.sum_dims(rest * moved * 2, dims=(-2,), keepdim=False)


def _lstsq_jvp_a(m: Any, t: Any, a: Any, b: Any, x: Any, rtol: Any, residuals: bool) -> tuple[Any, Any]:
    inverse = m.pinv(a, atol=None, rtol=rtol, hermitian=False)
    dx = m.matmul_batched(_pinv_jvp(m, t, a, inverse), b)
    return _lstsq_jvp(m, dx, m.matmul_batched(t, x), a, b, x, residuals)


def _lstsq_jvp_b(m: Any, t: Any, a: Any, b: Any, x: Any, rtol: Any, residuals: bool) -> tuple[Any, Any]:
    dx = m.matmul_batched(m.pinv(a, atol=None, rtol=rtol, hermitian=False), t)
    return _lstsq_jvp(m, dx, -t, a, b, x, residuals)


least_squares = general(
    "least_squares",
    args=("a", "b"),
    outputs=("x", "rest"),
    node="LinalgLstsqBackward0",
    numpy=_least_squares,
    complex=False,
    sympy=lambda S, a, b, *, rtol, residuals: _least_squares_symbols(S, a, b, residuals),
    vjps=(_lstsq_vjp_a, _lstsq_vjp_b),
    jvps=(_lstsq_jvp_a, _lstsq_jvp_b),
    promote="same",
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(4, 2), s.normal(4, 3)), {"rtol": None, "residuals": True}),
        ((s.normal(2, 3), s.normal(2, 1)), {"rtol": None, "residuals": False}),
    ],
    stacks=False,  # without residuals their place is of shape (0,), whatever the batch
    summary="Least squares solution of A X = B, and the sums of the squares that remain.",
    source="Golub and Pereyra (1973); Golub and Van Loan, 5.3",
)

DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


@composite(
    "lstsq",
    args=("A", "B"),
    faces="linalg",
    family=FAMILY,
    example="linalg.lstsq(x + eye(2), x)[0]",
    source="Golub and Van Loan, 5.3",
    summary="Least squares solution of A X = B, with residuals, rank and singular values.",
)
def lstsq(m: Any, A: Any, B: Any, rcond: Any = None, *, driver: Any = None) -> Any:
    name = "torch.linalg.lstsq"
    check_floating(name, A)
    for what, value, least, plural in (("input", A, 2, "s"), ("other", B, 1, "")):
        if len(value.shape) < least:
            raise RuntimeFault("E301", f"{name}: {what} must have at least {least} dimension{plural}")
    if driver is not None and driver not in DRIVERS:
        raise RuntimeFault("E303", f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    vector = len(A.shape) - 1 == len(B.shape) and tuple(A.shape[:-1]) == tuple(B.shape)
    right = m.unsqueeze_last(B) if vector else B
    if right.shape[-2] != A.shape[-2]:
        raise RuntimeFault("E301", f"{name}: input.size(-2) should match other.size(-2)")
    rows, columns = A.shape[-2:]
    rank = m.matrix_rank(A, atol=None, rtol=rcond, hermitian=False)
    told = driver in ("gels", "gelsd", "gelss") and rows > columns and bool(np.all(_plain(rank) == columns))
    solution, residuals = m.least_squares(A, right, rtol=rcond, residuals=told)
    values = (
        m.svdvals(m.array(_plain(A), like=A))
        if driver in ("gelss", "gelsd")
        else m.array(np.zeros(0), like=A)
    )
    if driver == "gels":
        rank = m.array(np.zeros(0), like=rank)
    found = (m.squeeze_last(solution) if vector else solution, residuals, rank, values)
    return m.named("linalg_lstsq", ("solution", "residuals", "rank", "singular_values"), found)
