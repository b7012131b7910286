"""Triangular systems, and systems whose Cholesky factor is known."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: ARG001, PLR0913, PLR2004

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.operands import check_matrix, check_square
from gradcli.ops.record import composite, general
from gradcli.ops.shapes import Shape, broadcast

__all__ = ["lower_part", "upper_part"]

FAMILY = "linalg"

NOTHING = 1e-18  # relative; elements as small are zeros that a difference has moved


def lower_part(m: Any, x: Any, diagonal: float = 1) -> Any:
    """Returns the lower triangle of square matrices, their diagonal times a factor."""
    count = x.shape[-1]
    return x * m.array(np.tril(np.ones((count, count)), -1) + diagonal * np.eye(count), like=x)


def upper_part(m: Any, x: Any, diagonal: float = 1) -> Any:
    """Returns the upper triangle of square matrices, their diagonal times a factor."""
    count = x.shape[-1]
    return x * m.array(np.triu(np.ones((count, count)), 1) + diagonal * np.eye(count), like=x)


def _substitute(a: Any, b: Any, *, upper: bool, left: bool, unit: bool) -> Any:
    """Row by row, whole batches at a time; a zero on the diagonal gives inf or nan, as in PyTorch."""
    if not left:
        flipped = _substitute(
            np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2), upper=not upper, left=True, unit=unit
        )
        return np.swapaxes(flipped, -1, -2)
    count = a.shape[-1]
    x = np.empty((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), np.result_type(a, b))
    for i in reversed(range(count)) if upper else range(count):
        done = slice(i + 1, None) if upper else slice(None, i)
        row = b[..., i, :] - np.matmul(a[..., i : i + 1, done], x[..., done, :])[..., 0, :]
        x[..., i, :] = row if unit else row / a[..., i, i, np.newaxis]
    return x


def _quiet(a: Any, b: Any, *, upper: bool, left: bool = True, unit: bool = False) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return _substitute(a, b, upper=upper, left=left, unit=unit)


def _part(m: Any, x: Any, upper: bool, unit: bool) -> Any:
    return (upper_part if upper else lower_part)(m, x, 0 if unit else 1)


def _triangle_vjp(m: Any, g: Any, a: Any, y: Any, upper: bool, left: bool, unit: bool) -> Any:
    right = m.solve_triangle(m.mT(a), g, upper=not upper, left=left, unit=unit)
    found = m.matmul_batched(right, m.mT(y)) if left else m.matmul_batched(m.mT(y), right)
    return -_part(m, found, upper, unit)


def _triangle_jvp(m: Any, t: Any, a: Any, y: Any, upper: bool, left: bool, unit: bool) -> Any:
    change = _part(m, t, upper, unit)
    moved = m.matmul_batched(change, y) if left else m.matmul_batched(y, change)
    return -m.solve_triangle(a, moved, upper=upper, left=left, unit=unit)


solve_triangle = general(
    "solve_triangle",
    args=("a", "b"),
    node="LinalgSolveTriangularBackward0",
    numpy=_quiet,
    sympy=lambda S, a, b, *, upper, left=True, unit=False: _substitute(
        a, b, upper=upper, left=left, unit=unit
    ),
    vjps=(
        _triangle_vjp,
        lambda m, g, a, upper, left, unit: m.solve_triangle(
            m.mT(a), g, upper=not upper, left=left, unit=unit
        ),
    ),
    jvps=(
        _triangle_jvp,
        lambda m, t, a, upper, left, unit: m.solve_triangle(a, t, upper=upper, left=left, unit=unit),
    ),
    promote="same",
    faces="",
    infer=lambda a, b, **_: (*broadcast(a[:-2], b[:-2]), *b[-2:]),
    family=FAMILY,
    samples=lambda s: [
        ((s.regular(3), s.normal(3, 2)), {"upper": True, "left": True, "unit": False}),
        ((s.regular(3), s.normal(2, 3)), {"upper": False, "left": False, "unit": True}),
    ],
    summary="Solution X of A X = B or X A = B by substitution, A being triangular.",
    source="Giles (2008), 2.3.1; Golub and Van Loan, 3.1",
)


def _check_system(name: str, a: Any, b: Any, left: bool) -> None:
    check_square(name, a)
    check_matrix(name, b, "B")
    if a.shape[-1] != b.shape[-2 if left else -1]:
        raise RuntimeFault(
            "E301",
            f"{name}: Incompatible shapes of A and B for the equation {'AX' if left else 'XA'} = B "
            f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})",
        )


@composite(
    "solve_triangular",
    args=("A", "B"),
    faces="linalg",
    family=FAMILY,
    example="linalg.solve_triangular(x, x, upper=True)",
    source="Golub and Van Loan, 3.1",
    summary="Solution X of A X = B, or of X A = B, where A is triangular.",
)
def solve_triangular(
    m: Any,
    A: Any,
    B: Any,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Any:
    _check_system("linalg.solve_triangular", A, B, left)
    return m.solve_triangle(A, B, upper=upper, left=left, unit=unitriangular)


@composite(
    "triangular_solve",
    args=("b", "A"),
    family=FAMILY,
    example="triangular_solve(x, x)[0]",
    source="Golub and Van Loan, 3.1",
    summary="Solution X of A X = b where A is triangular, and a copy of A.",
)
def triangular_solve(
    m: Any,
    b: Any,
    A: Any,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> Any:
    _check_system("triangular_solve", A, b, left=True)
    a, up = (m.mT(A), not upper) if transpose else (A, upper)
    found = m.solve_triangle(a, b, upper=up, left=True, unit=unitriangular)
    return m.named("triangular_solve", ("solution", "cloned_coefficient"), (found, m.clone(A)))


def _cholesky_solve(b: Any, a: Any, *, upper: bool) -> Any:
    factor = np.swapaxes(a, -1, -2) if upper else a
    half = _quiet(factor, b, upper=False)
    return _quiet(np.swapaxes(factor, -1, -2), half, upper=True)


def _gram(S: Any, a: Any, upper: bool) -> Any:
    """L L^T (or U^T U): of all of the factor where it is triangular, as its gradient has it."""
    numbers = S.floats(a)
    triangle = np.triu if upper else np.tril
    beside = np.abs(numbers - triangle(numbers)).max(initial=0)  # no more than the step of a difference
    factor = a if beside <= NOTHING * np.abs(numbers).max(initial=0) else triangle(a)
    turned = np.swapaxes(factor, -1, -2)
    return np.matmul(turned, factor) if upper else np.matmul(factor, turned)


def _gram_vjp(m: Any, product: Any, factor: Any, upper: bool) -> Any:
    """The cotangent of a Cholesky factor, given that of A = L L^T (or U^T U)."""
    both = product + m.mT(product)
    return m.matmul_batched(factor, both) if upper else m.matmul_batched(both, factor)


def _gram_change(m: Any, t: Any, factor: Any, upper: bool) -> Any:
    """The change of A = L L^T (or U^T U) with its factor."""
    moved = m.matmul_batched(m.mT(factor), t) if upper else m.matmul_batched(factor, m.mT(t))
    return moved + m.mT(moved)


solve_cholesky = general(
    "solve_cholesky",
    args=("b", "a"),
    node="CholeskySolveBackward0",
    numpy=_cholesky_solve,
    sympy=lambda S, b, a, *, upper: S.solve(_gram(S, a, upper), b),
    vjps=(
        lambda m, g, a, upper: m.solve_cholesky(g, a, upper=upper),
        lambda m, g, a, y, upper: _gram_vjp(
            m, -m.matmul_batched(m.solve_cholesky(g, a, upper=upper), m.mT(y)), a, upper
        ),
    ),
    jvps=(
        lambda m, t, a, upper: m.solve_cholesky(t, a, upper=upper),
        lambda m, t, a, y, upper: (
            -m.solve_cholesky(m.matmul_batched(_gram_change(m, t, a, upper), y), a, upper=upper)
        ),
    ),
    promote="same",
    faces="",
    infer=lambda b, a, *, upper: (*broadcast(b[:-2], a[:-2]), *b[-2:]),
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 2), _factor(s)), {"upper": False})],
    summary="Solution X of L L^T X = B (of U^T U X = B) from the triangular factor.",
    source="Golub and Van Loan, 4.2.3",
)


def _factor(s: Any) -> Any:
    return np.linalg.cholesky(s.spd(3))


@composite(
    "cholesky_solve",
    args=("B", "L"),
    family=FAMILY,
    example="cholesky_solve(x, linalg.cholesky(x + eye(2)))",
    source="Golub and Van Loan, 4.2.3",
    summary="Solution X of A X = B from the Cholesky factor of A.",
)
def cholesky_solve(m: Any, B: Any, L: Any, upper: bool = False) -> Any:
    for name, value in (("b", B), ("u", L)):
        if len(value.shape) < 2:
            raise RuntimeFault(
                "E301",
                f"{name} should have at least 2 dimensions, but has {len(value.shape)} dimensions instead",
            )
    if L.shape[-1] != L.shape[-2]:
        check_square("cholesky_solve", L)
    if L.shape[-1] != B.shape[-2]:
        raise RuntimeFault(
            "E301",
            f"Incompatible matrix sizes for cholesky_solve: each A matrix is {L.shape[-1]} by "
            f"{L.shape[-1]} but each "
            f"b matrix is {B.shape[-2]} by {B.shape[-1]}",
        )
    return m.solve_cholesky(B, L, upper=upper)


def _cholesky_inverse_front(m: Any, L: Any, upper: bool = False) -> Any:
    check_square("cholesky_inverse", L)
    return m.apply(cholesky_inverse, (L,), {"upper": upper})


def _inverse_shape(a: Shape, *, upper: bool) -> Shape:
    return a


def _cholesky_inverse(a: Any, *, upper: bool) -> Any:
    return _cholesky_solve(np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape), a, upper=upper)


cholesky_inverse = general(
    "cholesky_inverse",
    args=("a",),
    node="CholeskyInverseBackward0",
    numpy=_cholesky_inverse,
    sympy=lambda S, a, *, upper: S.inv(_gram(S, a, upper)),
    vjps=(lambda m, g, a, y, upper: _gram_vjp(m, -m.matmul_batched(y, m.matmul_batched(g, y)), a, upper),),
    jvps=(lambda m, t, a, y, upper: -m.matmul_batched(y, m.matmul_batched(_gram_change(m, t, a, upper), y)),),
    promote="same",
    infer=_inverse_shape,
    front=_cholesky_inverse_front,
    family=FAMILY,
    samples=lambda s: [((_factor(s),), {"upper": False})],
    summary="Inverse of A from its Cholesky factor.",
    source="Golub and Van Loan, 4.2.3",
    example="cholesky_inverse(linalg.cholesky(x + eye(2)))",
)
