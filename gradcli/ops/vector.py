"""Products with vectors: matrix times vector, inner and outer products."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR2004

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.operands import CONVERT, check_tensors
from gradcli.ops.record import Record, linear
from gradcli.ops.refusals import check_kind

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = ["dot_checked", "mv_checked"]

FAMILY = "matmul"


def _mv_shape(a: Shape, b: Shape) -> Shape:
    if a[-1] != b[-1]:
        raise RuntimeFault(
            "E301",
            f"size mismatch, got input ({a[-2]}), mat ({a[-2]}x{a[-1]}), vec ({b[-1]})",
            help="the matrix must have as many columns as the vector has elements",
        )
    return a[:-1]


def _mv_front(m: Any, input: Any, vec: Any) -> Any:
    check_tensors("mv", ("input", input), ("vec", vec))
    if len(input.shape) != 2 or len(vec.shape) != 1:
        raise RuntimeFault(
            "E301",
            f"vector + matrix @ vector expected, got 1, {len(input.shape)}, {len(vec.shape)}",
            help="matmul(a, b) takes other shapes too",
        )
    return mv_checked(m, input, vec)


def mv_checked(m: Any, a: Any, b: Any) -> Any:
    """Returns a matrix times a vector; raises PyTorch's error for two dtypes."""
    if a.dtype != b.dtype:
        out, left, right = (scalar_type(dtype) for dtype in (b.dtype, a.dtype, b.dtype))
        raise RuntimeFault(
            "E304",
            f"addmv input tensors must have the same dtype, but got {out}, {left}, and {right}",
            help=CONVERT,
        )
    return m.apply(mv, (a, b), {})


mv = linear(
    "mv",
    args=("a", "b"),
    node="MvBackward0",
    numpy=lambda a, b: np.matmul(a, b[..., np.newaxis])[..., 0],
    transposes=(lambda m, g, b: m.outer(g, b), lambda m, g, a: m.mv(m.mT(a), g)),
    multilinear=True,
    promote="same",
    infer=_mv_shape,
    front=_mv_front,
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


def dot_checked(m: Any, record: Record, a: Any, b: Any) -> Any:
    """Returns the inner product of two vectors by `record`; raises PyTorch's errors."""
    if a.dtype != b.dtype:
        raise RuntimeFault(
            "E304",
            f"dot : expected both vectors to have same dtype, but found {scalar_type(a.dtype)} and "
            f"{scalar_type(b.dtype)}",
            help=CONVERT,
        )
    _dot_shape(tuple(a.shape), tuple(b.shape))
    if a.dtype.kind == "b":
        check_kind("dot", a.dtype, [])
    return m.apply(record, (a, b), {})


def _inner_product(name: str, argument: str, node: str, summary: str) -> Record:
    """Dot and vdot, which are one for real numbers; `argument` is PyTorch's name of the second vector."""

    def front(m: Any, input: Any, *other: Any, **named: Any) -> Any:
        second: Any = other[0] if other else named.get(argument)
        check_tensors(name, ("input", input), (argument, second))
        if len(input.shape) != 1 or len(second.shape) != 1:
            raise RuntimeFault(
                "E301",
                f"1D tensors expected, but got {len(input.shape)}D and {len(second.shape)}D tensors",
                help="sum(a * b) takes any shape",
            )
        return dot_checked(m, record, input, second)

    record = linear(
        name,
        args=("a", "b"),
        node=node,
        numpy=lambda a, b: np.matmul(a[..., np.newaxis, :], b[..., np.newaxis])[..., 0, 0],
        transposes=(lambda m, g, b: m.unsqueeze_last(g) * b, lambda m, g, a: m.unsqueeze_last(g) * a),
        multilinear=True,
        promote="same",
        infer=_dot_shape,
        front=front,
        family=FAMILY,
        samples=lambda s: [((s.normal(3), s.normal(3)), {})],
        summary=summary,
        source="DLMF 1.2.31",
        example=f"{name}(ones(3), ones(3))",
    )
    return record


dot = _inner_product("dot", "tensor", "DotBackward0", "Inner product of two vectors.")
vdot = _inner_product("vdot", "other", "VdotBackward0", "Inner product of two real vectors, as dot.")


def _outer_front(m: Any, input: Any, vec2: Any) -> Any:
    check_tensors("outer", ("input", input), ("vec2", vec2))
    for name, value in (("self", input), ("vec2", vec2)):
        if len(value.shape) != 1:
            raise RuntimeFault("E301", f"outer: Expected 1-D argument {name}, but got {len(value.shape)}-D")
    return m.apply(outer, (input, vec2), {})


outer = linear(
    "outer",
    args=("a", "b"),
    node="MulBackward0",
    numpy=lambda a, b: a[..., :, np.newaxis] * b[..., np.newaxis, :],
    transposes=(lambda m, g, b: m.mv(g, b), lambda m, g, a: m.mv(m.mT(g), a)),
    multilinear=True,
    grows=True,
    infer=lambda a, b: (*a, *b),
    front=_outer_front,
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

as_row = linear(
    "as_row",
    node="UnsqueezeBackward0",
    numpy=lambda x: x[..., np.newaxis, :],
    transposes=(lambda m, g: m.from_row(g),),
    promote="keep",
    view=True,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(3),), {})],
    summary="A vector as a matrix of one row.",
    source="NumPy reference, numpy.expand_dims",
)

from_row = linear(
    "from_row",
    node="SqueezeBackward4",
    numpy=lambda x: x[..., 0, :],
    transposes=(lambda m, g: m.as_row(g),),
    promote="keep",
    view=True,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(1, 3),), {})],
    summary="A matrix of one row as a vector.",
    source="NumPy reference, numpy.squeeze",
)
