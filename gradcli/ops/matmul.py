"""Matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, broadcast

__all__: list[str] = []

FAMILY = "matmul"


def _matrix_shape(a: Shape, b: Shape) -> Shape:
    if a[-1] != b[-2]:
        raise RuntimeFault(
            "E301",
            f"mat1 and mat2 shapes cannot be multiplied ({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})",
            help="the columns of the left side must be as many as the rows of the right; transpose one with .T",
        )
    return (*broadcast(a[:-2], b[:-2]), a[-2], b[-1])


def _matrix(name: str, node: str, summary: str, samples: Any, faces: str = "") -> Any:
    return linear(
        name,
        args=("a", "b"),
        node=node,
        numpy=np.matmul,
        transposes=(
            lambda m, g, b: m.matmul_batched(g, m.mT(b)),
            lambda m, g, a: m.matmul_batched(m.mT(a), g),
        ),
        multilinear=True,
        promote="same",
        grows=True,
        infer=_matrix_shape,
        faces=faces,
        family=FAMILY,
        samples=samples,
        summary=summary,
        source="Giles, An extended collection of matrix derivative results (2008), 2.2.2",
    )


mm_matrix = _matrix(
    "mm_matrix", "MmBackward0", "Product of two matrices.", lambda s: [((s.normal(2, 3), s.normal(3, 4)), {})]
)
matmul_batched = _matrix(
    "matmul_batched",
    "UnsafeViewBackward0",
    "Products of stacks of matrices, with broadcasting stacks.",
    lambda s: [((s.normal(5, 2, 3), s.normal(5, 3, 4)), {}), ((s.normal(5, 2, 3), s.normal(3, 4)), {})],
)


def _mv_shape(a: Shape, b: Shape) -> Shape:
    if a[-1] != b[-1]:
        raise RuntimeFault("E301", f"size mismatch, got input ({a[-2]}), mat ({a[-2]}x{a[-1]}), vec ({b[-1]})")
    return a[:-1]


mv = linear(
    "mv",
    args=("a", "b"),
    node="MvBackward0",
    numpy=lambda a, b: np.matmul(a, b[..., np.newaxis])[..., 0],
    transposes=(lambda m, g, b: m.outer(g, b), lambda m, g, a: m.mv(m.mT(a), g)),
    multilinear=True,
    promote="same",
    infer=_mv_shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(3)), {})],
    summary="Product of a matrix and a vector.",
    source="Giles (2008), 2.2.2",
    example="mv(x, ones(2))",
)


def _dot_shape(a: Shape, b: Shape) -> Shape:
    if a != b:
        raise RuntimeFault(
            "E301",
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of "
            f"elements, but got {a[0]} and {b[0]} elements respectively",
        )
    return ()


dot = linear(
    "dot",
    args=("a", "b"),
    node="DotBackward0",
    numpy=lambda a, b: np.einsum("...i,...i->...", a, b),
    transposes=(lambda m, g, b: m.unsqueeze_last(g) * b, lambda m, g, a: m.unsqueeze_last(g) * a),
    multilinear=True,
    promote="same",
    infer=_dot_shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(3), s.normal(3)), {})],
    summary="Inner product of two vectors.",
    source="DLMF 1.2.31",
    example="dot(ones(3), ones(3))",
)

outer = linear(
    "outer",
    args=("a", "b"),
    node="MulBackward0",
    numpy=lambda a, b: a[..., :, np.newaxis] * b[..., np.newaxis, :],
    transposes=(lambda m, g, b: m.mv(g, b), lambda m, g, a: m.mv(m.mT(g), a)),
    multilinear=True,
    grows=True,
    infer=lambda a, b: (*a, *b),
    aliases=("ger", "Tensor.ger"),
    family=FAMILY,
    samples=lambda s: [((s.normal(2), s.normal(3)), {})],
    summary="Outer product of two vectors.",
    source="Golub and Van Loan, Matrix Computations, 1.1.9",
    example="outer(ones(2), ones(3))",
)

unsqueeze_last = linear(
    "unsqueeze_last",
    node="UnsqueezeBackward0",
    numpy=lambda x: x[..., np.newaxis],
    transposes=(lambda m, g: m.squeeze_last(g),),
    promote="keep",
    view=True,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    summary="A dim of size 1 added at the right.",
    source="NumPy reference, numpy.expand_dims",
)

squeeze_last = linear(
    "squeeze_last",
    node="SqueezeBackward1",
    numpy=lambda x: x[..., 0],
    transposes=(lambda m, g: m.unsqueeze_last(g),),
    promote="keep",
    view=True,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 1),), {})],
    summary="The last dim, of size 1, taken away.",
    source="NumPy reference, numpy.squeeze",
)


@composite("matmul", family=FAMILY, summary="Matrix product a @ b, with PyTorch's rules for vectors and stacks.",
           example="x @ x")  # fmt: skip
def matmul(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    left, right = len(input.shape), len(other.shape)
    if not left or not right:
        raise RuntimeFault(
            "E301",
            f"both arguments to matmul need to be at least 1D, but they are {left}D and {right}D",
            help="multiply by a number with *",
        )
    if left == right == 1:
        return m.apply(dot, (input, other), {})
    if left == 2 and right == 1:  # noqa: PLR2004 - matrix and vector
        return m.apply(mv, (input, other), {})
    if left == right == 2:  # noqa: PLR2004 - matrices
        return m.apply(mm_matrix, (input, other), {})
    if left == 1:
        row = m.reshape(input, shape=(1, *input.shape), rank=1)
        product = m.apply(mm_matrix if right == 2 else matmul_batched, (row, other), {})  # noqa: PLR2004 - as above
        return m.reshape(product, shape=(*product.shape[:-2], product.shape[-1]), rank=len(product.shape))
    if right == 1:
        return m.squeeze_last(m.apply(matmul_batched, (input, m.unsqueeze_last(other)), {}))
    return m.apply(matmul_batched, (input, other), {})
