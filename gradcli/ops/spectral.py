"""Eigenvalues of symmetric matrices and singular values, with their vectors.

Vectors are free up to sign; only functions that do not depend on it have a gradient. Where values
coincide, a cotangent that asks for the vectors meets 1/0, as in PyTorch; one that does not is unharmed.
"""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.operands import check_floating, check_matrix, check_square
from gradcli.ops.record import composite, general
from gradcli.ops.singular_values import decomposed

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "linalg"


def _eye(m: Any, x: Any, size: int) -> Any:
    return m.array(np.eye(size), like=x)


def _rows(m: Any, s: Any) -> Any:
    """A vector of values as one row, to scale or compare columns with."""
    return m.as_row(s)


def _quotient(m: Any, x: Any, y: Any) -> Any:
    """X / y, and 0 where x is 0: what nobody asks for is not divided by a gap of zero."""
    asked = m.ne(x, 0)
    return m.masked(x / m.where(asked, y, 1), asked)


def _differences(m: Any, s: Any) -> Any:
    """s_j - s_i at (i, j)."""
    return _rows(m, s) - m.unsqueeze_last(s)


def _off_diagonal(m: Any, x: Any) -> Any:
    return x * (1 - _eye(m, x, x.shape[-1]))


def _diagonal(m: Any, x: Any) -> Any:
    return m.sum_dims(x * _eye(m, x, x.shape[-1]), dims=(-1,), keepdim=False)


def _eigh_vjp(m: Any, gs: Any, values: Any, vectors: Any) -> Any:
    """V (diag(gL) + (V^T gV) / (L_j - L_i)) V^T."""
    turned = _off_diagonal(m, m.matmul_batched(m.mT(vectors), gs[1]))
    inner = _quotient(m, turned, _differences(m, values)) + m.unsqueeze_last(gs[0]) * _eye(
        m, turned, turned.shape[-1]
    )
    return m.matmul_batched(vectors, m.matmul_batched(inner, m.mT(vectors)))


def _eigh_jvp(m: Any, t: Any, values: Any, vectors: Any) -> tuple[Any, Any]:
    inner = m.matmul_batched(m.mT(vectors), m.matmul_batched(t, vectors))
    turn = _quotient(m, _off_diagonal(m, inner), _differences(m, values))
    return _diagonal(m, inner), m.matmul_batched(vectors, turn)


linalg_eigh = general(
    "linalg_eigh",
    args=("a",),
    outputs=("values", "vectors"),
    node="LinalgEighBackward0",
    numpy=lambda a, *, uplo: tuple(np.linalg.eigh(a, UPLO=uplo)),
    complex=False,
    sympy=lambda S, a, *, uplo: S.eigh(a, uplo),
    vjps=(_eigh_vjp,),
    jvps=(_eigh_jvp,),
    promote="same",
    infer=lambda a, *, uplo: (a[:-1], a),
    front=lambda m, A, UPLO="L": m.named(
        "linalg_eigh", ("eigenvalues", "eigenvectors"), _eigen(m, A, UPLO, "eigh")
    ),
    faces="",
    aliases=("linalg.eigh",),
    family=FAMILY,
    samples=lambda s: [((s.spd(3),), {"uplo": "L"}), ((s.spd(2),), {"uplo": "U"})],
    kinks=("one triangle is read, and the gradient is that of a symmetric matrix",),
    summary="Eigenvalues, ascending, and eigenvectors of a symmetric matrix.",
    source="Giles (2008), 3.1",
    example="linalg.eigh(x + diag(arange(2.)))[0]",
)


def _eigen(m: Any, a: Any, uplo: str, name: str) -> Any:
    check_floating(f"linalg.{name}", a)
    check_square(f"linalg.{name}", a)
    if uplo not in ("L", "U"):
        raise RuntimeFault("E303", f"Expected UPLO argument to be 'L' or 'U', but got {uplo}")
    return m.apply(linalg_eigh, (a,), {"uplo": uplo})


@composite(
    "eigvalsh",
    args=("A",),
    faces="linalg",
    family=FAMILY,
    example="linalg.eigvalsh(x + eye(2))",
    source="Giles (2008), 3.1",
    summary="Eigenvalues of a symmetric matrix, ascending.",
)
def eigvalsh(m: Any, A: Any, UPLO: str = "L") -> Any:
    return _eigen(m, A, UPLO, "eigvalsh")[0]


def _svd(a: Any, *, full: bool) -> tuple[Any, Any, Any]:
    u, s, vh = decomposed(a, full_matrices=full)
    return u, s, vh


def _svd_shapes(a: Shape, *, full: bool) -> tuple[Shape, Shape, Shape]:
    lead, (rows, columns) = a[:-2], a[-2:]
    inner = min(rows, columns)
    return (
        (*lead, rows, rows if full else inner),
        (*lead, inner),
        (*lead, columns if full else inner, columns),
    )


def _first(m: Any, x: Any, dim: int, count: int) -> Any:
    """The first rows or columns; the rest of a full basis has no derivative of its own."""
    return x if x.shape[dim] == count else m.slice(x, dim=dim, start=0, stop=count, step=1)


def _squared_gaps(m: Any, s: Any) -> Any:
    """s_j^2 - s_i^2 at (i, j), as a product so that close values do not cancel."""
    return _differences(m, s) * (_rows(m, s) + m.unsqueeze_last(s))


def _svd_vjp(m: Any, gs: Any, u: Any, s: Any, vh: Any, a_shape: Shape) -> Any:
    """U (skew(U^T gU)/E S + S skew(V^T gV)/E + diag(gS)) V^T, and what lies outside of U and V."""
    rows, columns = a_shape[-2:]
    inner = min(rows, columns)
    u, gu = _first(m, u, -1, inner), _first(m, gs[0], -1, inner)
    vh, gvh = _first(m, vh, -2, inner), _first(m, gs[2], -2, inner)
    gaps = _squared_gaps(m, s)
    left, right = m.matmul_batched(m.mT(u), gu), m.matmul_batched(vh, m.mT(gvh))
    middle = (
        _quotient(m, left - m.mT(left), gaps) * _rows(m, s)
        + m.unsqueeze_last(s) * _quotient(m, right - m.mT(right), gaps)
        + m.unsqueeze_last(gs[1]) * _eye(m, s, inner)
    )
    total = m.matmul_batched(u, m.matmul_batched(middle, vh))
    if rows > inner:
        beside = gu - m.matmul_batched(u, left)
        total = total + m.matmul_batched(_quotient(m, beside, _rows(m, s)), vh)
    if columns > inner:
        beside = gvh - m.matmul_batched(m.mT(right), vh)
        total = total + m.matmul_batched(u, _quotient(m, beside, m.unsqueeze_last(s)))
    return total


def _svd_jvp(m: Any, t: Any, u: Any, s: Any, vh: Any, a_shape: Shape) -> tuple[Any, Any, Any]:
    rows, columns = a_shape[-2:]
    inner = min(rows, columns)
    basis, rest = _first(m, u, -1, inner), _first(m, vh, -2, inner)
    change = m.matmul_batched(m.mT(basis), m.matmul_batched(t, m.mT(rest)))
    gaps = _squared_gaps(m, s)
    scaled, flipped = change * _rows(m, s), m.unsqueeze_last(s) * change
    du = m.matmul_batched(basis, _quotient(m, _off_diagonal(m, scaled + m.mT(scaled)), gaps))
    dv = m.matmul_batched(m.mT(rest), _quotient(m, _off_diagonal(m, flipped + m.mT(flipped)), gaps))
    if rows > inner:
        seen = m.matmul_batched(t, m.mT(rest))
        du = du + _quotient(m, seen - m.matmul_batched(basis, change), _rows(m, s))
    if columns > inner:
        seen = m.matmul_batched(m.mT(t), basis)
        dv = dv + _quotient(m, seen - m.matmul_batched(m.mT(rest), m.mT(change)), _rows(m, s))
    return _completed(m, u, basis, du), _diagonal(m, change), m.mT(_completed(m, m.mT(vh), m.mT(rest), dv))


def _completed(m: Any, full: Any, basis: Any, change: Any) -> Any:
    """The further columns of a full basis turn with the first so that all stay orthogonal."""
    count, inner = full.shape[-1], basis.shape[-1]
    if count == inner:
        return change
    others = m.slice(full, dim=-1, start=inner, stop=count, step=1)
    return m.cat(change, -m.matmul_batched(basis, m.matmul_batched(m.mT(change), others)), dim=-1)


def _svd_front(m: Any, A: Any, full_matrices: bool = True, *, driver: Any = None) -> Any:
    check_floating("linalg.svd", A)
    check_matrix("linalg.svd", A)
    return m.named("linalg_svd", ("U", "S", "Vh"), m.apply(svd, (A,), {"full": bool(full_matrices)}))


svd = general(
    "svd",
    args=("a",),
    outputs=("u", "s", "vh"),
    node="LinalgSvdBackward0",
    numpy=_svd,
    complex=False,
    sympy=lambda S, a, *, full: S.svd(a, full),
    vjps=(_svd_vjp,),
    jvps=(_svd_jvp,),
    promote="same",
    infer=_svd_shapes,
    front=_svd_front,
    faces="linalg",
    family=FAMILY,
    samples=lambda s: [
        ((s.regular(3),), {"full": False}),
        ((s.normal(4, 2),), {"full": False}),
        ((s.normal(2, 3),), {"full": False}),
    ],
    summary="Singular value decomposition A = U diag(S) Vh.",
    source="Townsend, Differentiating the singular value decomposition (2016)",
    example="linalg.svd(x + diag(arange(2.)))[1]",
)


@composite(
    "torch_svd",
    args=("input",),
    faces="",
    aliases=("svd", "Tensor.svd"),
    family=FAMILY,
    example="svd(x + diag(arange(2.)))[1]",
    source="Townsend (2016)",
    summary="Singular value decomposition A = U diag(S) V^T, with V instead of Vh.",
)
def torch_svd(m: Any, input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    u, s, vh = _svd_front(m, input, not some)
    if compute_uv:
        return m.named("svd", ("U", "S", "V"), (u, s, m.mT(vh)))
    sizes = [(*input.shape[:-2], size, size) for size in input.shape[-2:]]
    zeros = [m.array(np.zeros(size), like=input) for size in sizes]
    return m.named("svd", ("U", "S", "V"), (zeros[0], s, zeros[1]))


@composite(
    "svdvals",
    args=("A",),
    faces="linalg",
    family=FAMILY,
    example="linalg.svdvals(x + diag(arange(2.)))",
    source="Giles (2008), 3.2",
    summary="Singular values of a matrix, descending.",
)
def svdvals(m: Any, A: Any, *, driver: Any = None) -> Any:
    check_floating("linalg.svdvals", A)
    check_matrix("linalg.svdvals", A)
    return m.apply(svd, (A,), {"full": False})[1]
