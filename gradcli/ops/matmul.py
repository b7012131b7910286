"""Matrix products: of two matrices, stacks of them, vectors, and PyTorch's `matmul` over all of these."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR2004

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.operands import CONVERT, check_dtypes, check_tensors
from gradcli.ops.record import Record, composite, linear
from gradcli.ops.shapes import Shape, broadcast, size_text
from gradcli.ops.vector import dot, dot_checked, mv_checked

__all__ = ["check_stacks"]

FAMILY = "matmul"


def _matrix_shape(a: Shape, b: Shape) -> Shape:
    if a[-1] != b[-2]:
        raise RuntimeFault(
            "E301",
            f"mat1 and mat2 shapes cannot be multiplied ({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})",
            help=(
                "the columns of the left side must be as many as the rows of the right; transpose one with .T"
            ),
        )
    return (*broadcast(a[:-2], b[:-2]), a[-2], b[-1])


def _mm_front(m: Any, input: Any, mat2: Any) -> Any:
    check_tensors("mm", ("input", input), ("mat2", mat2))
    for name, value in (("self", input), ("mat2", mat2)):
        if len(value.shape) != 2:
            raise RuntimeFault(
                "E301", f"{name} must be a matrix", help="matmul(a, b) takes vectors and stacks too"
            )
    check_dtypes(input, mat2)
    return m.apply(mm_matrix, (input, mat2), {})


def _matrix(name: str, **facts: Any) -> Record:
    """A product of (stacks of) matrices, which transposes into products of its own kind."""
    return linear(
        name,
        args=("a", "b"),
        numpy=np.matmul,
        multilinear=True,
        promote="same",
        grows=True,
        faces="",
        family=FAMILY,
        source="Giles, An extended collection of matrix derivative results (2008), 2.2.2",
        **facts,
    )


mm_matrix = _matrix(
    "mm_matrix",
    node="MmBackward0",
    transposes=(lambda m, g, b: m.mm_matrix(g, m.mT(b)), lambda m, g, a: m.mm_matrix(m.mT(a), g)),
    infer=_matrix_shape,
    front=_mm_front,
    aliases=("mm", "Tensor.mm"),
    samples=lambda s: [((s.normal(2, 3), s.normal(3, 4)), {}), ((s.normal(2, 0), s.normal(0, 3)), {})],
    summary="Product of two matrices.",
    example="mm(x, x)",
)

matmul_batched = _matrix(
    "matmul_batched",
    node="UnsafeViewBackward0",
    transposes=(
        lambda m, g, b: m.matmul_batched(g, m.mT(b)),
        lambda m, g, a: m.matmul_batched(m.mT(a), g),
    ),
    infer=_matrix_shape,
    samples=lambda s: [
        ((s.normal(5, 2, 3), s.normal(5, 3, 4)), {}),
        ((s.normal(5, 2, 3), s.normal(5, 3, 1)), {}),
    ],
    summary="Products of stacks of matrices, with broadcasting stacks.",
)


def check_stacks(a: Shape, b: Shape) -> None:
    """Returns if two 3-D stacks can be multiplied; raises PyTorch's errors for `bmm`."""
    for number, shape in ((1, a), (2, b)):
        if len(shape) != 3:
            raise RuntimeFault(
                "E301", f"batch{number} must be a 3D tensor", help="matmul(a, b) takes other shapes too"
            )
    if a[-3] != b[-3] or a[-1] != b[-2]:
        raise RuntimeFault(
            "E301",
            f"Expected size for first two dimensions of batch2 tensor to be: [{a[-3]}, {a[-1]}] but got: "
            f"[{b[-3]}, {b[-2]}].",
            help=(
                "the columns of the left matrices must be as many as the rows of the right; transpose "
                "with .mT"
            ),
        )


def _bmm_front(m: Any, input: Any, mat2: Any) -> Any:
    check_tensors("bmm", ("input", input), ("mat2", mat2))
    check_stacks(tuple(input.shape), tuple(mat2.shape))
    check_dtypes(input, mat2)
    return m.apply(bmm, (input, mat2), {})


bmm = _matrix(
    "bmm",
    node="BmmBackward0",
    transposes=(lambda m, g, b: m.bmm(g, m.mT(b)), lambda m, g, a: m.bmm(m.mT(a), g)),
    infer=lambda a, b: (*a[:-2], a[-2], b[-1]),
    front=_bmm_front,
    aliases=("Tensor.bmm", "bmm"),
    samples=lambda s: [((s.normal(5, 2, 3), s.normal(5, 3, 4)), {})],
    summary="Products of the matrices of two stacks, pair by pair.",
    example="bmm(ones(3, 2, 2), ones(3, 2, 2))",
)


@composite(
    "matmul",
    family=FAMILY,
    aliases=("linalg.matmul",),
    example="x @ x",
    summary="Matrix product a @ b, with PyTorch's rules for vectors and stacks.",
)
def matmul(m: Any, input: Any, other: Any) -> Any:
    check_tensors("matmul", ("input", input), ("other", other))
    left, right = len(input.shape), len(other.shape)
    if not left or not right:
        raise RuntimeFault(
            "E301",
            f"both arguments to matmul need to be at least 1D, but they are {left}D and {right}D",
            help="multiply by a number with *",
        )
    if left == right == 1:
        return dot_checked(m, dot, input, other)
    if left == 2 and right == 1:
        return mv_checked(m, input, other)
    if left > 2 and right > 2 and input.dtype != other.dtype:
        raise RuntimeFault(
            "E304",
            f"expected scalar type {scalar_type(input.dtype)} but found {scalar_type(other.dtype)}",
            help=CONVERT,
        )
    if left == right == 2 and input.dtype != other.dtype:
        _matrix_shape(tuple(input.shape), tuple(other.shape))  # PyTorch looks at the shapes first
    check_dtypes(input, other)
    if left == right == 2:
        return m.apply(mm_matrix, (input, other), {})
    if left == 1 and right == 2:
        return m.from_row(m.apply(mm_matrix, (m.as_row(input), other), {}))
    return _stacked(m, input, other)


def _stacked(m: Any, a: Any, b: Any) -> Any:
    """At least one side is a stack. One matrix or vector beside a stack folds into a single product."""
    left, right = len(a.shape), len(b.shape)
    if right <= 2:
        rows = m.reshape(a, shape=(math.prod(a.shape[:-1]), a.shape[-1]), rank=left)
        product = mv_checked(m, rows, b) if right == 1 else m.apply(mm_matrix, (rows, b), {})
        return m.unsafe_view(product, shape=(*a.shape[:-1], *b.shape[1:]), rank=right)
    if left <= 2 or (left == right and math.prod(a.shape[:-2]) == 1 and left == 3):
        return _transposed(m, a, b)
    lead = broadcast(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    stacks = []
    for value in (a, b):
        sizes = (*lead, *value.shape[-2:])
        spread = m.expand(value, shape=sizes, rank=len(value.shape))
        stacks.append(m.reshape(spread, shape=(math.prod(lead), *value.shape[-2:]), rank=len(sizes)))
    check_stacks(stacks[0].shape, stacks[1].shape)
    product = m.apply(bmm, tuple(stacks), {})
    return m.unsafe_view(product, shape=(*lead, a.shape[-2], b.shape[-1]), rank=3)


def _transposed(m: Any, a: Any, b: Any) -> Any:
    """A matrix or vector times a stack: (B^T A^T)^T, so that it folds into a single product too."""
    right = len(b.shape)
    row = a if len(a.shape) < 3 else m.reshape(a, shape=a.shape[-2:], rank=3)
    if row.shape[-1] != b.shape[-2]:
        raise RuntimeFault(
            "E301",
            f"Expected size for first two dimensions of batch2 tensor to be: "
            f"{size_text((math.prod(b.shape[:-2]), row.shape[-1]))} but got: "
            f"{size_text((math.prod(b.shape[:-2]), b.shape[-2]))}.",
            help="the columns of the left side must be as many as the rows of the right; transpose with .mT",
        )
    columns = m.clone(m.mT(b))
    rows = m.unsafe_view(columns, shape=(math.prod(b.shape[:-2]) * b.shape[-1], b.shape[-2]), rank=right)
    shape = (*b.shape[:-2], b.shape[-1])
    if len(row.shape) == 1:
        return m.unsafe_view(mv_checked(m, rows, row), shape=shape, rank=1)
    product = m.apply(mm_matrix, (rows, m.t(row, rank=2)), {})
    return m.clone(m.mT(m.unsafe_view(product, shape=(*shape, row.shape[0]), rank=2)))
