"""Products of Householder reflections, as QR factorisations leave them: below the diagonal of a matrix."""

# PyTorch's names and signatures:
# ruff: noqa: A002

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.operands import check_matrix
from gradcli.ops.record import composite

__all__: list[str] = []

FAMILY = "linalg"
SOURCE = "Golub and Van Loan, Matrix Computations, 5.1.5"


def _reflected(m: Any, a: Any, tau: Any, x: Any, *, transpose: bool) -> Any:
    """Q X or Q^T X for Q = H_1 H_2 ..., H_i = I - tau_i v_i v_i^T; v_i is column i of A below a one."""
    rows, count = a.shape[-2], tau.shape[-1]
    for i in range(count) if transpose else reversed(range(count)):
        below, one = np.zeros((rows, 1)), np.zeros((rows, 1))
        below[i + 1 :], one[i] = 1, 1
        column = m.slice(a, dim=-1, start=i, stop=i + 1, step=1)
        v = column * m.array(below, like=a) + m.array(one, like=a)
        factor = m.unsqueeze_last(m.slice(tau, dim=-1, start=i, stop=i + 1, step=1))
        x = x - m.matmul_batched(v * factor, m.matmul_batched(m.mT(v), x))
    return x


@composite(
    "householder_product",
    args=("A", "tau"),
    faces="linalg",
    aliases=("orgqr", "Tensor.orgqr"),
    family=FAMILY,
    example="linalg.householder_product(x, ones(2))",
    source=SOURCE,
    summary="The first columns of the product of the reflections that A and tau describe.",
)
def householder_product(m: Any, A: Any, tau: Any) -> Any:
    check_matrix("torch.linalg.householder_product", A)
    rows, columns = A.shape[-2:]
    if rows < columns:
        raise RuntimeFault(
            "E301",
            "torch.linalg.householder_product: input.shape[-2] must be greater than or equal to "
            "input.shape[-1]",
        )
    if columns < tau.shape[-1]:
        raise RuntimeFault(
            "E301",
            "torch.linalg.householder_product: input.shape[-1] must be greater than or equal to "
            "tau.shape[-1]",
        )
    eye = m.array(np.broadcast_to(np.eye(rows, columns), tuple(A.shape)), like=A)
    if not tau.shape[-1]:  # a sum of nothing: the result is still a function of tau
        return eye + m.unsqueeze_last(m.sum_dims(tau, dims=(-1,), keepdim=True))
    return _reflected(m, A, tau, eye, transpose=False)


@composite(
    "ormqr",
    args=("input", "tau", "other"),
    family=FAMILY,
    example="ormqr(x, ones(2), x)",
    source=SOURCE,
    summary="Another matrix times the product of the reflections that input and tau describe.",
)
def ormqr(  # noqa: PLR0913 - PyTorch's signature
    m: Any, input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False
) -> Any:
    check_matrix("torch.ormqr", input)
    if left:
        return _reflected(m, input, tau, other, transpose=transpose)
    return m.mT(_reflected(m, input, tau, m.mT(other), transpose=not transpose))
