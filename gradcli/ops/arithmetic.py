"""Arithmetic: + - * / // % and powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.domain import NONZERO, POSITIVE, REAL
from gradcli.ops.record import composite, elementwise

__all__: list[str] = []

FAMILY = "arithmetic"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _add_front(m: Any, input: Any, other: Any, *, alpha: Any = 1) -> Any:  # noqa: A002 - PyTorch's name
    return (
        m.apply(add, (input, other), {})
        if alpha == 1
        else m.apply(add_scaled, (input, other), {"alpha": alpha})
    )


def _sub_front(m: Any, input: Any, other: Any, *, alpha: Any = 1) -> Any:  # noqa: A002 - PyTorch's name
    return (
        m.apply(sub, (input, other), {})
        if alpha == 1
        else m.apply(add_scaled, (input, other), {"alpha": -alpha})
    )


add = elementwise(
    "add",
    node="AddBackward0",
    numpy=np.add,
    sympy=lambda S, a, b: a + b,
    partials=(1, 1),
    front=_add_front,
    inplace=True,
    family=FAMILY,
    summary="Sum a + b, elementwise with broadcasting.",
    source="DLMF 1.4.7",
)

add_scaled = elementwise(
    "add_scaled",
    node="AddBackward0",
    numpy=lambda a, b, *, alpha: a + b * alpha,
    sympy=lambda S, a, b, *, alpha: a + alpha * b,
    partials=(1, lambda m, alpha: alpha),
    faces="",
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {"alpha": 2})],
    family=FAMILY,
    summary="Sum a + alpha b, elementwise with broadcasting.",
    source="DLMF 1.4.7",
)

sub = elementwise(
    "sub",
    node="SubBackward0",
    numpy=np.subtract,
    sympy=lambda S, a, b: a - b,
    partials=(1, -1),
    front=_sub_front,
    aliases=("subtract", "Tensor.subtract"),
    inplace=True,
    family=FAMILY,
    summary="Difference a - b, elementwise with broadcasting.",
    source="DLMF 1.4.7",
)


def _rsub_front(m: Any, input: Any, other: Any, *, alpha: Any = 1) -> Any:  # noqa: A002 - PyTorch's name
    if alpha == 1:
        return m.apply(rsub, (input, other), {})
    return m.apply(add_scaled, (other, input), {"alpha": -alpha})


rsub = elementwise(
    "rsub",
    node="RsubBackward1",
    front=_rsub_front,
    numpy=lambda a, b: b - a,
    sympy=lambda S, a, b: b - a,
    partials=(-1, 1),
    family=FAMILY,
    summary="Difference b - a with the sides exchanged, elementwise.",
    source="DLMF 1.4.7",
)

mul = elementwise(
    "mul",
    node="MulBackward0",
    numpy=np.multiply,
    sympy=lambda S, a, b: a * b,
    partials=(lambda m, b: b, lambda m, a: a),
    aliases=("multiply", "Tensor.multiply"),
    inplace=True,
    family=FAMILY,
    summary="Product a b, elementwise with broadcasting.",
    source="DLMF 1.4.8",
)

div_true = elementwise(
    "div_true",
    node="DivBackward0",
    numpy=np.true_divide,
    sympy=lambda S, a, b: a / b,
    # -y/b and not -a/b**2: b**2 overflows or vanishes long before y/b does.
    partials=(lambda m, b: 1 / b, lambda m, a, b: -(a / b) / b),
    promote="float",
    domain=(REAL, NONZERO),
    faces="",
    inplace=True,
    family=FAMILY,
    summary="Quotient a / b, elementwise with broadcasting.",
    source="DLMF 1.4.9",
)


@composite(
    "div",
    aliases=("divide", "true_divide", "Tensor.divide", "Tensor.true_divide"),
    inplace=True,
    family=FAMILY,
    summary="Quotient a / b; rounded down or towards zero with rounding_mode 'floor' or 'trunc'.",
    example="div(x, 4)",
)
def div(m: Any, input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:  # noqa: A002 - PyTorch's name
    if rounding_mode is None:
        return m.apply(div_true, (input, other), {})
    if rounding_mode == "floor":
        return m.apply(divide_floored, (input, other), {})
    if rounding_mode == "trunc":
        return m.apply(trunc_divide, (input, other), {})
    raise RuntimeFault(
        "E303",
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '"
        + str(rounding_mode)
        + "'",
    )


def _trunc_divide(a: Any, b: Any) -> Any:
    quotient = np.trunc(np.true_divide(a, b))
    return quotient.astype(np.result_type(a, b)) if np.result_type(a, b).kind in "iu" else quotient


def _floor_divide_partial(m: Any) -> Any:  # noqa: ARG001 - the form of a formula
    raise RuntimeFault(
        "E407",
        "derivative for aten::floor_divide is not implemented",
        help="its derivative is 0 almost everywhere: write floor(a / b), which says so",
    )


floor_divide = elementwise(
    "floor_divide",
    node="NotImplemented",
    numpy=np.floor_divide,
    complex=False,
    sympy=lambda S, a, b: S.floor(a / b),
    domain=(REAL, NONZERO),
    partials=(_floor_divide_partial, _floor_divide_partial),
    inplace=True,
    family=FAMILY,
    summary="Quotient rounded down, a // b; not differentiable.",
    kinks=("has no derivative in PyTorch: a backward through it raises",),
    source="DLMF front matter, floor",
    example="x.detach() // 2",
)

divide_floored = elementwise(
    "divide_floored",
    node="DivBackward1",
    numpy=np.floor_divide,
    complex=False,
    sympy=lambda S, a, b: S.floor(a / b),
    domain=(REAL, NONZERO),
    partials=(0, 0),
    faces="",
    family=FAMILY,
    summary="Quotient rounded down, as div with rounding_mode 'floor' has it: with a derivative, of 0.",
    kinks=("the derivative is 0 also at the jumps",),
    source="DLMF front matter, floor",
)

trunc_divide = elementwise(
    "trunc_divide",
    node="DivBackward1",
    numpy=_trunc_divide,
    complex=False,
    sympy=lambda S, a, b: S.sign(a / b) * S.floor(S.Abs(a / b)),
    mpmath=lambda P, a, b: P.sign(a / b) * P.floor(P.fabs(a / b)),
    domain=(REAL, NONZERO),
    partials=(0, 0),
    faces="",
    family=FAMILY,
    summary="Quotient rounded towards zero.",
    kinks=("the derivative is 0 also at the jumps",),
    source="DLMF front matter, floor",
)

remainder = elementwise(
    "remainder",
    node="RemainderBackward0",
    numpy=np.remainder,
    complex=False,
    sympy=lambda S, a, b: a - b * S.floor(a / b),
    mpmath=lambda P, a, b: a - b * P.floor(a / b),
    partials=(1, lambda m, a, b: -m.floor(a / b)),
    domain=(REAL, NONZERO),
    inplace=True,
    family=FAMILY,
    summary="Remainder a % b with the sign of b.",
    kinks=("at the jumps the derivative is that of the piece to the right",),
    source="Knuth, TAOCP 1, 1.2.4, eq. (1)",
)

fmod = elementwise(
    "fmod",
    node="FmodBackward0",
    numpy=np.fmod,
    complex=False,
    sympy=lambda S, a, b: a - b * S.sign(a / b) * S.floor(S.Abs(a / b)),
    mpmath=lambda P, a, b: a - b * P.sign(a / b) * P.floor(P.fabs(a / b)),  # its fmod has the sign of b
    partials=(1, lambda m, a, b: -m.trunc(a / b)),
    domain=(REAL, NONZERO),
    inplace=True,
    family=FAMILY,
    summary="Remainder of the division rounded towards zero, with the sign of a.",
    kinks=("at the jumps the derivative is that of one of the pieces",),
    source="C11 7.12.10.1",
)


def _power(x: Any, *, exponent: Any) -> Any:
    # NumPy's float pow is 20 times slower than products and square roots.
    if exponent == 2:  # noqa: PLR2004 - the square
        return np.multiply(x, x)
    if exponent == 1:
        return np.positive(x)
    if exponent == 0.5:  # noqa: PLR2004 - the root
        return np.sqrt(x)
    if exponent == 3:  # noqa: PLR2004 - the cube
        return x * x * x
    return np.power(x, exponent)


def _pow_scalar_partial(m: Any, x: Any, exponent: Any) -> Any:
    if exponent == 0:
        return 0
    if exponent == 1:
        return 1
    return 2 * x if exponent == 2 else exponent * m.pow_scalar(x, exponent=exponent - 1)  # noqa: PLR2004 - as above


pow_scalar = elementwise(
    "pow_scalar",
    node="PowBackward0",
    numpy=_power,
    complex=lambda x, *, exponent: np.power(x, exponent),
    sympy=lambda S, x, *, exponent: x ** S.nsimplify(exponent, rational=True),
    mpmath=lambda P, x, *, exponent: P.power(x, exponent),
    partials=(_pow_scalar_partial,),
    domain=(POSITIVE,),
    faces="",
    samples=lambda s: [((s.positive(2, 3),), {"exponent": p}) for p in (2, 3, 0.5, -1, 2.5, 0, 1)],
    kinks=("x**0 has derivative 0 everywhere", "x**0.5 has derivative inf at 0, x**-1 has -inf"),
    family=FAMILY,
    summary="Power with a fixed exponent.",
    source="DLMF 4.2.26",
)

pow_base = elementwise(
    "pow_base",
    node="PowBackward2",
    numpy=lambda x, *, base: np.power(np.asarray(base, dtype=x.dtype), x),
    sympy=lambda S, x, *, base: S.nsimplify(base, rational=True) ** x,
    mpmath=lambda P, x, *, base: P.power(base, x),
    partials=(lambda m, y, base: y * m.log_number(base) if base else 0,),
    faces="",
    samples=lambda s: [((s.normal(2, 3),), {"base": base}) for base in (2, 0.5, 10)],
    kinks=("0**x has derivative 0",),
    family=FAMILY,
    summary="Power of a fixed base.",
    source="DLMF 4.2.26",
)

pow_both = elementwise(
    "pow_both",
    node="PowBackward1",
    numpy=np.power,
    sympy=lambda S, a, b: a**b,
    partials=(
        lambda m, a, b: m.select(m.ne(b, 0), b * m.pow_both(a, b - 1)),
        # 0**b for b >= 0 is flat in b: its log would make a nan of it.
        lambda m, a, b, y: m.select(m.logical_not(m.logical_and(m.eq(a, 0), m.ge(b, 0))), y * m.log(a)),
    ),
    domain=(POSITIVE, REAL),
    faces="",
    inplace=True,
    kinks=("x**0 has derivative 0 in x; 0**x has derivative 0 in x for x >= 0",),
    family=FAMILY,
    summary="Power a**b with both sides variable.",
    source="DLMF 4.2.26",
)


@composite(
    "pow",
    family=FAMILY,
    inplace=True,
    summary="Power a**b; either side may be a number.",
    example="pow(x, 3)",
)
def pow(m: Any, input: Any, exponent: Any) -> Any:  # noqa: A001, A002 - PyTorch's names
    if _is_number(exponent):
        if (
            isinstance(exponent, int)
            and exponent < 0
            and getattr(input, "dtype", np.dtype(float)).kind in "iu"
        ):
            raise RuntimeFault(
                "E303",
                "Integers to negative integer powers are not allowed.",
                help="make the base floating point: x.double() ** -1",
            )
        return m.apply(pow_scalar, (input,), {"exponent": exponent})
    if _is_number(input):
        return m.apply(pow_base, (exponent,), {"base": input})
    return m.apply(pow_both, (input, exponent), {})


neg = elementwise(
    "neg",
    node="NegBackward0",
    numpy=np.negative,
    sympy=lambda S, x: -x,
    partials=(-1,),
    aliases=("negative", "Tensor.negative"),
    inplace=True,
    family=FAMILY,
    summary="Negative, -x.",
    source="DLMF 1.4.7",
)

reciprocal = elementwise(
    "reciprocal",
    node="ReciprocalBackward0",
    numpy=np.reciprocal,
    sympy=lambda S, x: 1 / x,
    partials=(lambda m, y: -(y * y),),
    promote="float",
    domain=(NONZERO,),
    inplace=True,
    family=FAMILY,
    summary="Reciprocal, 1 / x.",
    source="DLMF 1.4.9",
)


@composite("rdiv", faces="", aliases=("Tensor.__rdiv__",), family=FAMILY, summary="Quotient other / self.",
           source="DLMF 1.4.9", example="1 / x")  # fmt: skip
def rdiv(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.mul(m.reciprocal(input), other)
