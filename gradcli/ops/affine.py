"""A product added to something, in one node: addmm and its kin, and the layers made of them."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.matmul import check_stacks
from gradcli.ops.operands import CONVERT, check_tensors
from gradcli.ops.record import Record, composite, general
from gradcli.ops.shape import expand_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "matmul"


def _times(value: Any, factor: Any) -> Any:
    return value if factor == 1 else value * factor


def _added(
    name: str,
    names: tuple[str, str],
    product: Callable[..., Any],
    forward: Callable[..., Any],
    left: Callable[..., Any],
    right: Callable[..., Any],
    check: Callable[[Shape, Shape], Shape],
    samples: Callable[..., Any],
    summary: str,
    example: str,
) -> Record:
    """Builds beta x + alpha p(a, b): `forward` is p in an algebra, `left` and `right` its transposes.

    `check` gives the shape of p(a, b) or PyTorch's error. Where beta is 0 x is ignored, nan and all.
    """

    def compute(x: Any, a: Any, b: Any, *, beta: Any, alpha: Any) -> Any:
        result = _times(product(a, b), alpha)
        if beta == 0:
            return result
        # x may have fewer dims than the product, and a batch in front of both.
        return result + _times(x, beta)

    def front(m: Any, input: Any, *pair: Any, beta: Any = 1, alpha: Any = 1, **named: Any) -> Any:
        first, second = (*pair, *(named[key] for key in names if key in named))
        check_tensors(name, ("input", input), (names[0], first), (names[1], second))
        if name != "addmv":
            _check_three(input, first, second)
        shape = check(tuple(first.shape), tuple(second.shape))
        if name == "addmv" and tuple(input.shape) not in ((), (1,), shape):
            rows, columns = first.shape
            raise RuntimeFault(
                "E301",
                f"size mismatch, got input ({input.shape[-1]}), mat ({rows}x{columns}), vec "
                f"({second.shape[0]})",
            )
        _check_three(input, first, second, vector=name == "addmv")
        expand_shape(tuple(input.shape), shape)
        return m.apply(record, (input, first, second), {"beta": beta, "alpha": alpha})

    record = general(
        name,
        args=("x", "a", "b"),
        node=f"{name.capitalize()}Backward0",
        numpy=compute,
        vjps=(
            lambda m, g, beta: _times(g, beta) if beta else m.zeros_like(g),
            lambda m, g, b, b_shape, alpha: _times(left(m, g, b, b_shape), alpha),
            lambda m, g, a, a_shape, alpha: _times(right(m, g, a, a_shape), alpha),
        ),
        jvps=(
            lambda m, t, x_shape, y_shape, beta: m.expand(_times(t, beta), shape=y_shape, rank=len(x_shape)),
            lambda m, t, b, alpha: _times(forward(m, t, b), alpha),
            lambda m, t, a, alpha: _times(forward(m, a, t), alpha),
        ),
        promote="same",
        infer=lambda x, a, b, **_: check(a, b),
        grows=True,
        front=front,
        inplace=True,
        family=FAMILY,
        samples=samples,
        summary=summary,
        source="Giles (2008), 2.2.1 and 2.2.2",
        example=example,
    )
    return record


def _check_three(x: Any, a: Any, b: Any, *, vector: bool = False) -> None:
    """Returns if what is added and both factors are of one dtype; raises PyTorch's error."""
    if x.dtype == a.dtype == b.dtype:
        return
    own, left, right = (scalar_type(one.dtype) for one in (x, a, b))
    if vector:
        text = f"addmv input tensors must have the same dtype, but got {own}, {left}, and {right}"
    elif own == right:
        text = f"mat1 and mat2 must have the same dtype, but got {left} and {right}"
    else:
        text = f"self and mat2 must have the same dtype, but got {own} and {right}"
    raise RuntimeFault("E304", text, help=CONVERT)


def _matrices(a: Shape, b: Shape) -> Shape:
    for number, shape in ((1, a), (2, b)):
        if len(shape) != 2:
            raise RuntimeFault("E301", f"mat{number} must be a matrix, got {len(shape)}-D tensor")
    if a[1] != b[0]:
        raise RuntimeFault(
            "E301",
            f"mat1 and mat2 shapes cannot be multiplied ({a[0]}x{a[1]} and {b[0]}x{b[1]})",
            help=(
                "the columns of the left side must be as many as the rows of the right; transpose one with .T"
            ),
        )
    return (a[0], b[1])


addmm = _added(
    "addmm",
    ("mat1", "mat2"),
    np.matmul,
    lambda m, a, b: m.mm_matrix(a, b),
    lambda m, g, b, b_shape: m.mm_matrix(g, m.mT(b)),
    lambda m, g, a, a_shape: m.mm_matrix(m.mT(a), g),
    _matrices,
    lambda s: [
        ((s.normal(2, 4), s.normal(2, 3), s.normal(3, 4)), {"beta": 1, "alpha": 1}),
        ((s.normal(2, 4), s.normal(2, 3), s.normal(3, 4)), {"beta": 0.5, "alpha": 2}),
    ],
    "A matrix plus the product of two matrices: beta input + alpha mat1 @ mat2.",
    "addmm(x, x, x)",
)


def _matrix_vector(a: Shape, b: Shape) -> Shape:
    if len(a) != 2 or len(b) != 1:
        raise RuntimeFault("E301", f"vector + matrix @ vector expected, got 1, {len(a)}, {len(b)}")
    if a[1] != b[0]:
        raise RuntimeFault("E301", f"size mismatch, got input ({a[0]}), mat ({a[0]}x{a[1]}), vec ({b[0]})")
    return (a[0],)


addmv = _added(
    "addmv",
    ("mat", "vec"),
    lambda a, b: np.matmul(a, b[..., np.newaxis])[..., 0],
    lambda m, a, b: m.mv(a, b),
    lambda m, g, b, b_shape: m.outer(g, b),
    lambda m, g, a, a_shape: m.mv(m.mT(a), g),
    _matrix_vector,
    lambda s: [((s.normal(2), s.normal(2, 3), s.normal(3)), {"beta": 0.5, "alpha": 2})],
    "A vector plus the product of a matrix and a vector: beta input + alpha mat @ vec.",
    "addmv(ones(2), x, ones(2))",
)


def _vectors(a: Shape, b: Shape) -> Shape:
    if len(a) != 1 or len(b) != 1:
        raise RuntimeFault(
            "E301",
            f"addr: Expected 1-D argument vec{1 if len(a) != 1 else 2}, but got "
            f"{len(a) if len(a) != 1 else len(b)}-D",
        )
    return (a[0], b[0])


addr = _added(
    "addr",
    ("vec1", "vec2"),
    lambda a, b: a[..., :, np.newaxis] * b[..., np.newaxis, :],
    lambda m, a, b: m.outer(a, b),
    lambda m, g, b, b_shape: m.mv(g, b),
    lambda m, g, a, a_shape: m.mv(m.mT(g), a),
    _vectors,
    lambda s: [((s.normal(2, 3), s.normal(2), s.normal(3)), {"beta": 0.5, "alpha": 2})],
    "A matrix plus the outer product of two vectors: beta input + alpha vec1 vec2^T.",
    "addr(x, ones(2), ones(2))",
)


def _stacks(a: Shape, b: Shape) -> Shape:
    check_stacks(a, b)
    return (a[0], a[1], b[2])


baddbmm = _added(
    "baddbmm",
    ("batch1", "batch2"),
    np.matmul,
    lambda m, a, b: m.bmm(a, b),
    lambda m, g, b, b_shape: m.bmm(g, m.mT(b)),
    lambda m, g, a, a_shape: m.bmm(m.mT(a), g),
    _stacks,
    lambda s: [((s.normal(5, 2, 4), s.normal(5, 2, 3), s.normal(5, 3, 4)), {"beta": 0.5, "alpha": 2})],
    "A stack plus the products of two stacks of matrices: beta input + alpha batch1 @ batch2.",
    "baddbmm(ones(3, 2, 2), ones(3, 2, 2), ones(3, 2, 2))",
)


def _summed_stacks(a: Shape, b: Shape) -> Shape:
    for number, shape in ((1, a), (2, b)):
        if len(shape) != 3:
            raise RuntimeFault("E301", f"batch{number} must be a 3D tensor")
    if a[0] != b[0]:
        raise RuntimeFault(
            "E301", f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}"
        )
    if a[2] != b[1]:
        raise RuntimeFault("E301", f"Incompatible matrix sizes for bmm ({a[1]}x{a[2]} and {b[1]}x{b[2]})")
    return (a[1], b[2])


def _sum_of_products(a: Any, b: Any) -> Any:
    """The stack joins the dim that is summed over, so that all products are one."""
    lead, (count, rows, inner), columns = a.shape[:-3], a.shape[-3:], b.shape[-1]
    wide = np.swapaxes(a, -3, -2).reshape(*lead, rows, count * inner)
    return np.matmul(wide, b.reshape(*b.shape[:-3], count * inner, columns))


def _for_each(m: Any, g: Any, stack: Shape) -> Any:
    """One matrix repeated for a stack of that shape."""
    return m.spread(g, shape=(stack[-3], *g.shape[-2:]), dims=(-3,), keepdim=False)


addbmm = _added(
    "addbmm",
    ("batch1", "batch2"),
    _sum_of_products,
    lambda m, a, b: m.sum_dims(m.bmm(a, b), dims=(-3,), keepdim=False),
    lambda m, g, b, b_shape: m.bmm(_for_each(m, g, b_shape), m.mT(b)),
    lambda m, g, a, a_shape: m.bmm(m.mT(a), _for_each(m, g, a_shape)),
    _summed_stacks,
    lambda s: [((s.normal(2, 4), s.normal(5, 2, 3), s.normal(5, 3, 4)), {"beta": 0.5, "alpha": 2})],
    "A matrix plus the sum of the products of two stacks: beta input + alpha sum of batch1 @ batch2.",
    "addbmm(x, ones(3, 2, 2), ones(3, 2, 2))",
)


@composite(
    "linear",
    args=("input", "weight", "bias"),
    faces="F",
    family=FAMILY,
    example="F.linear(x, x, ones(2))",
    summary="Affine layer: input @ weight^T + bias.",
)
def linear(m: Any, input: Any, weight: Any, bias: Any = None) -> Any:
    check_tensors("linear", ("input", input), ("weight", weight))
    rank = len(input.shape)
    if len(weight.shape) > 2 or not len(weight.shape):
        raise RuntimeFault(
            "E301",
            f"both arguments to linear need to be at least 1D, but they are {rank}D and {len(weight.shape)}D",
        )
    flipped = m.t(weight, rank=2) if len(weight.shape) == 2 else weight
    if bias is None:
        return m.matmul(input, flipped)
    if rank == 2:
        return addmm.front(m, bias, input, flipped)  # type: ignore[misc] # it has one
    rows = m.reshape(input, shape=(math.prod(input.shape[:-1]), input.shape[-1]), rank=rank)
    found = addmm.front(m, bias, rows, flipped)  # type: ignore[misc] # it has one
    return m.reshape(found, shape=(*input.shape[:-1], weight.shape[0]), rank=2)


@composite(
    "bilinear",
    args=("input1", "input2", "weight", "bias"),
    faces="F torch",
    family=FAMILY,
    example="F.bilinear(x, x, ones(3, 2, 2))",
    summary="Bilinear layer: x1^T W_k x2 for each matrix of the weight, plus the bias.",
)
def bilinear(m: Any, input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    lead, (outputs, first, second) = tuple(input1.shape[:-1]), weight.shape
    for number, value, size in ((1, input1, first), (2, input2, second)):
        if value.shape[-1] != size:
            raise RuntimeFault(
                "E301",
                f"bilinear(): input{number} size does not match weight size: got {value.shape[-1]} but "
                f"expected {size}",
            )
    if tuple(input2.shape[:-1]) != lead:
        at = next(
            (i for i, pair in enumerate(zip(lead, input2.shape, strict=False)) if pair[0] != pair[1]), 0
        )
        raise RuntimeFault(
            "E301",
            f"bilinear(): input batch dimensions do not match at dim {at}: got {lead[at]} and "
            f"{input2.shape[at]}",
        )
    if bias is not None and bias.shape[0] != outputs:
        raise RuntimeFault(
            "E301",
            f"bilinear(): bias size does not match weight size: got {bias.shape[0]} but expected {outputs}",
        )
    count = math.prod(lead)
    left = m.reshape(input1, shape=(count, first), rank=len(lead) + 1)
    right = m.reshape(input2, shape=(count, second, 1), rank=len(lead) + 1)
    wide = m.reshape(m.transpose(weight, dims=(-3, -2)), shape=(first, outputs * second), rank=3)
    forms = m.reshape(m.mm_matrix(left, wide), shape=(count, outputs, second), rank=2)
    found = m.reshape(m.bmm(forms, right), shape=(*lead, outputs), rank=3)
    return found if bias is None else found + bias
