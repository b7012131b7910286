"""Linear algebra: solving, determinants, inverses, factorisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.record import composite, general

__all__: list[str] = []

FAMILY = "linalg"


def _solve(a: Any, b: Any) -> Any:
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        raise RuntimeFault(
            "E305",
            "linalg.solve: The solver failed because the input matrix is singular.",
            help="its determinant is 0; check the matrix, or use lstsq",
        ) from None


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
    infer=lambda a, b: b,
    family=FAMILY,
    samples=lambda s: [((s.regular(3), s.normal(3, 2)), {})],
    summary="Solution X of A X = B for matrices.",
    source="Giles (2008), 2.3.1",
)


@composite("solve", faces="linalg", family=FAMILY, summary="Solution of A x = b, for a vector or a matrix b.",
           example="linalg.solve(x + 2*eye(2), ones(2))")  # fmt: skip
def solve(m: Any, A: Any, B: Any, *, left: bool = True) -> Any:  # noqa: N803 - PyTorch's names
    if len(A.shape) < 2 or A.shape[-1] != A.shape[-2]:  # noqa: PLR2004 - a matrix
        raise RuntimeFault("E301", "linalg.solve: A must be batches of square matrices")
    vector = len(B.shape) == 1 or (len(A.shape) - 1 == len(B.shape) and tuple(A.shape[:-1]) == tuple(B.shape))
    right = m.unsqueeze_last(B) if vector else B
    if not left:
        right = m.mT(right)
        A = m.mT(A)  # noqa: N806 - PyTorch's name
    found = m.apply(solve_matrix, (A, right), {})
    if not left:
        found = m.mT(found)
    return m.squeeze_last(found) if vector else found
