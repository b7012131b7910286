"""Linear systems and inverses."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: N806, PLR2004

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.operands import check_floating, check_matrix, check_square
from gradcli.ops.record import Record, composite, general
from gradcli.ops.shapes import Shape, broadcast, size_text

__all__ = ["batch_note", "first_singular"]

FAMILY = "linalg"


def first_singular(a: Any) -> tuple[int, int]:
    """Returns which matrix of a stack is singular, and its first zero pivot, counted from 1."""
    for number, matrix in enumerate(np.reshape(a, (-1, *a.shape[-2:]))):
        pivot = _zero_pivot(np.array(matrix))
        if pivot:
            return number, pivot
    return 0, a.shape[-1]


def _zero_pivot(a: Any) -> int:
    """The first zero pivot of Gaussian elimination, counted from 1, or 0: for a message alone."""
    for k in range(len(a)):
        best = k + int(np.argmax(np.abs(a[k:, k])))
        a[[k, best]] = a[[best, k]]
        if a[k, k] == 0:
            return k + 1
        a[k + 1 :, k:] -= np.outer(a[k + 1 :, k] / a[k, k], a[k, k:])
    return 0


def batch_note(shape: Shape, number: int) -> str:
    """Returns PyTorch's words for the number of a matrix in a stack; nothing for a single matrix."""
    return f"(Batch element {number}): " if len(shape) > 2 else ""


def _past_nan(function: Any, a: Any, *rest: Any) -> Any:
    """The result in which matrices with nan or inf give nan, as LAPACK's; None where there are none."""
    finite = np.isfinite(a).all((-2, -1))[..., np.newaxis, np.newaxis]
    if finite.all():
        return None
    safe = np.where(finite, a, np.eye(a.shape[-1], dtype=a.dtype))
    return np.where(finite, function(safe, *rest), np.nan).astype(a.dtype, copy=False)


def _solve(a: Any, b: Any) -> Any:
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        spoiled = _past_nan(_solve, a, b)
        if spoiled is not None:
            return spoiled
        number, _ = first_singular(a)
        raise RuntimeFault(
            "E305",
            f"torch.linalg.solve: {batch_note(a.shape, number)}The solver failed because the input "
            "matrix is singular.",
            help="its determinant is 0; check the matrix, or use lstsq",
        ) from None


def _solve_shape(a: Shape, b: Shape) -> Shape:
    return (*broadcast(a[:-2], b[:-2]), *b[-2:])


solve_matrix = general(
    "solve_matrix",
    args=("a", "b"),
    node="LinalgSolveExBackward0",
    numpy=_solve,
    sympy=lambda S, a, b: S.solve(a, b),
    vjps=(
        lambda m, g, a, y: -m.matmul_batched(m.solve_matrix(m.mT(a), g), m.mT(y)),
        lambda m, g, a: m.solve_matrix(m.mT(a), g),
    ),
    jvps=(
        lambda m, t, a, y: -m.solve_matrix(a, m.matmul_batched(t, y)),
        lambda m, t, a: m.solve_matrix(a, t),
    ),
    promote="same",
    faces="",
    infer=_solve_shape,
    family=FAMILY,
    samples=lambda s: [((s.regular(3), s.normal(3, 2)), {})],
    summary="Solution X of A X = B for matrices.",
    source="Giles (2008), 2.3.1",
)

solve_right = general(
    "solve_right",
    args=("a", "b"),
    node="LinalgSolveExBackward0",
    numpy=lambda a, b: np.swapaxes(_solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2),
    sympy=lambda S, a, b: np.swapaxes(S.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2),
    vjps=(
        lambda m, g, a, y: -m.matmul_batched(m.mT(y), m.solve_right(m.mT(a), g)),
        lambda m, g, a: m.solve_right(m.mT(a), g),
    ),
    jvps=(
        lambda m, t, a, y: -m.solve_right(a, m.matmul_batched(y, t)),
        lambda m, t, a: m.solve_right(a, t),
    ),
    promote="same",
    faces="",
    infer=_solve_shape,
    family=FAMILY,
    samples=lambda s: [((s.regular(3), s.normal(2, 3)), {})],
    summary="Solution X of X A = B for matrices.",
    source="Giles (2008), 2.3.1",
)


def _of_vectors(function: Any) -> Any:
    return lambda a, b: function(a, b[..., np.newaxis])[..., 0]


solve_vector = general(
    "solve_vector",
    args=("a", "b"),
    node="LinalgSolveExBackward0",
    numpy=_of_vectors(_solve),
    sympy=lambda S, a, b: S.solve(a, b[..., np.newaxis])[..., 0],
    vjps=(
        lambda m, g, a, y: -m.outer(m.solve_vector(m.mT(a), g), y),
        lambda m, g, a: m.solve_vector(m.mT(a), g),
    ),
    jvps=(
        lambda m, t, a, y: -m.solve_vector(a, m.mv(t, y)),
        lambda m, t, a: m.solve_vector(a, t),
    ),
    promote="same",
    faces="",
    infer=lambda a, b: (*broadcast(a[:-2], b[:-1]), b[-1]),
    family=FAMILY,
    samples=lambda s: [((s.regular(3), s.normal(3)), {})],
    summary="Solution x of A x = b for vectors.",
    source="Giles (2008), 2.3.1",
)


@composite(
    "solve",
    args=("A", "B"),
    faces="linalg",
    family=FAMILY,
    example="linalg.solve(x + 2*eye(2), ones(2))",
    source="Giles (2008), 2.3.1",
    summary="Solution of A x = b, for a vector or a matrix b.",
)
def solve(m: Any, A: Any, B: Any, *, left: bool = True) -> Any:
    name = "linalg.solve"
    check_floating(name, A)
    check_square(name, A)
    if A.dtype != B.dtype:
        raise RuntimeFault(
            "E304",
            f"{name}: Expected A and B to have the same dtype, but found A of type "
            f"{scalar_type(A.dtype)} and B of "
            f"type {scalar_type(B.dtype)} instead",
            help="give both one dtype with .double() or .float()",
        )
    vector = len(B.shape) == 1 or (len(A.shape) - 1 == len(B.shape) and tuple(A.shape[:-1]) == tuple(B.shape))
    rows, columns = (B.shape[-1], 1) if vector else B.shape[-2:]
    if (A.shape[-1] != rows) if left else (A.shape[-1] != columns):
        raise RuntimeFault(
            "E301",
            f"{name}: Incompatible shapes of A and B for the equation {'AX' if left else 'XA'} = B "
            f"({A.shape[-2]}x{A.shape[-1]} and {rows}x{columns})",
        )
    broadcast(tuple(B.shape[:-1] if vector else B.shape[:-2]), tuple(A.shape[:-2]))
    return m.apply(solve_vector if vector else solve_matrix if left else solve_right, (A, B), {})


def _inv(a: Any) -> Any:
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        spoiled = _past_nan(_inv, a)
        if spoiled is not None:
            return spoiled
        number, pivot = first_singular(a)
        raise RuntimeFault(
            "E305",
            f"linalg.inv: {batch_note(a.shape, number)}The diagonal element {pivot} is zero, the "
            "inversion could not "
            "be completed because the input matrix is singular.",
            help="its determinant is 0; check the matrix, or use pinv",
        ) from None


def _inverse(name: str, numpy: Any, front: Any, **facts: Any) -> Record:
    """inv, and its form that lets singular matrices pass: one derivative, d(A^-1) = -A^-1 dA A^-1."""
    return general(
        name,
        args=("a",),
        node="LinalgInvExBackward0",
        numpy=numpy,
        sympy=lambda S, a: S.inv(a),
        vjps=(lambda m, g, y: -m.matmul_batched(m.mT(y), m.matmul_batched(g, m.mT(y))),),
        jvps=(lambda m, t, y: -m.matmul_batched(y, m.matmul_batched(t, y)),),
        promote="same",
        infer=lambda a: a,
        front=front,
        family=FAMILY,
        samples=lambda s: [((s.regular(3),), {}), ((s.regular(2, 4),), {})],
        source="Giles (2008), 2.2.3",
        **facts,
    )


def _inv_front(m: Any, A: Any = None, **named: Any) -> Any:
    A = named.get("input") if A is None else A
    check_floating("linalg.inv", A)
    check_square("linalg.inv", A)
    return m.apply(inv, (A,), {})


inv = _inverse(
    "inv",
    _inv,
    _inv_front,
    faces="linalg",
    aliases=("inverse", "Tensor.inverse"),
    summary="Inverse of a matrix.",
    example="linalg.inv(x + 2*eye(2))",
)


def _inv_lenient(a: Any) -> Any:
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        from gradcli.ops.determinant import cofactors  # it imports this module

        with np.errstate(all="ignore"):
            # + 0: a determinant of -0 would turn the signs of the infinities around.
            return np.swapaxes(cofactors(a), -1, -2) / (np.linalg.det(a) + 0)[..., np.newaxis, np.newaxis]


inv_lenient = _inverse(
    "inv_lenient",
    _inv_lenient,
    None,
    faces="",
    summary="Inverse of a matrix; adjugate / 0, infinities and nan, where it is singular.",
)


@composite(
    "tensorinv",
    args=("A",),
    faces="linalg",
    family=FAMILY,
    example="linalg.tensorinv(ones(1, 1), ind=1)",
    source="NumPy reference, numpy.linalg.tensorinv",
    summary="Inverse of a tensor as a linear map between its first `ind` dims and the rest.",
)
def tensorinv(m: Any, A: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise RuntimeFault("E303", "Expected a strictly positive integer for 'ind'")
    shape = tuple(A.shape)
    rows, columns = math.prod(shape[:ind]), math.prod(shape[ind:])
    if rows != columns:
        raise RuntimeFault(
            "E301",
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but "
            f"got {columns} != {rows}",
        )
    found = m.inv(m.reshape(A, shape=(rows, columns), rank=len(shape)))
    return m.reshape(found, shape=(*shape[ind:], *shape[:ind]), rank=2)


@composite(
    "tensorsolve",
    args=("A", "B"),
    faces="linalg",
    family=FAMILY,
    example="linalg.tensorsolve(reshape(eye(4), (2, 2, 4)), x)",
    source="NumPy reference, numpy.linalg.tensorsolve",
    summary="Solution of tensordot(A, X, X.ndim) = B.",
)
def tensorsolve(m: Any, A: Any, B: Any, dims: Any = None) -> Any:
    if dims is not None:
        rank = len(A.shape)
        moved = [dim % rank for dim in dims]
        order = [dim for dim in range(rank) if dim not in moved] + moved
        A = m.permute(A, dims=tuple(dim - rank for dim in order))
    shape = tuple(A.shape)
    inner, count = shape[len(B.shape) :], math.prod(B.shape)
    if math.prod(inner) != count:
        raise RuntimeFault(
            "E301",
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {math.prod(inner)} != "
            f"{math.prod(shape[: len(B.shape)])}",
            notes=(f"A has shape {size_text(shape)}, B {size_text(B.shape)}",),
        )
    matrix = m.reshape(A, shape=(count, count), rank=len(shape))
    found = m.solve_vector(matrix, m.reshape(B, shape=(count,), rank=len(B.shape)))
    return m.reshape(found, shape=inner, rank=1)


@composite(
    "linalg_diagonal",
    args=("A",),
    faces="",
    aliases=("linalg.diagonal",),
    family=FAMILY,
    example="linalg.diagonal(x)",
    source="PyTorch reference, torch.linalg.diagonal",
    summary="Diagonal of matrices, those of the last two dims unless others are named.",
)
def linalg_diagonal(m: Any, A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    check_matrix("linalg.diagonal", A)
    return m.diagonal(A, offset=offset, dim1=dim1, dim2=dim2)
