"""Arithmetic: sums, products and powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.domain import NONZERO, POSITIVE, REAL
from gradcli.ops.dtypes import FLOAT64, INT64
from gradcli.ops.kink import Kink
from gradcli.ops.record import composite, elementwise, with_number

__all__: list[str] = []

FAMILY = "arithmetic"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _add_front(m: Any, input: Any, other: Any, *, alpha: Any = 1) -> Any:  # noqa: A002 - PyTorch's name
    return (
        m.apply(add, (input, other), {})
        if alpha == 1
        else m.apply(add_scaled, (input, other), {"alpha": alpha, "sign": 1})
    )


def _sub_front(m: Any, input: Any, other: Any, *, alpha: Any = 1) -> Any:  # noqa: A002 - PyTorch's name
    return (
        m.apply(sub, (input, other), {})
        if alpha == 1
        else m.apply(add_scaled, (input, other), {"alpha": alpha, "sign": -1})
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
    node=lambda alpha, sign: "AddBackward0" if sign > 0 else "SubBackward0",
    numpy=lambda a, b, *, alpha, sign: a + b * (sign * alpha),
    sympy=lambda S, a, b, *, alpha, sign: a + sign * alpha * b,
    partials=(1, lambda m, alpha, sign: sign * alpha),
    faces="",
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {"alpha": 2, "sign": sign}) for sign in (1, -1)],
    family=FAMILY,
    summary="Sum or difference a ± alpha b, elementwise with broadcasting.",
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
    if alpha != 1:
        return m.apply(rsub_scaled, (input, other), {"alpha": alpha})
    return m.apply(rsub_number if _is_number(other) else rsub, (input, other), {})


rsub = elementwise(
    "rsub",
    node="RsubBackward0",
    front=_rsub_front,
    numpy=lambda a, b: b - a,
    sympy=lambda S, a, b: b - a,
    partials=(-1, 1),
    family=FAMILY,
    summary="Difference b - a with the sides exchanged, elementwise.",
    source="DLMF 1.4.7",
)

rsub_scaled = elementwise(
    "rsub_scaled",
    node="RsubBackward0",
    numpy=lambda a, b, *, alpha: b - a * alpha,
    sympy=lambda S, a, b, *, alpha: b - alpha * a,
    partials=(lambda m, alpha: -alpha, 1),
    faces="",
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {"alpha": 2})],
    family=FAMILY,
    summary="Difference b - alpha a, elementwise with broadcasting.",
    source="DLMF 1.4.7",
)

rsub_number = with_number(rsub, 1, "rsub_number", "RsubBackward1")

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
    # Down to x**0, so that derivatives of every order stay tied to x, as PyTorch's do: 0 is an answer.
    return exponent * m.pow_scalar(x, exponent=exponent - 1) if exponent else 0


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
    kinks=(Kink("0**x has derivative 0", "zero"),),
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
    kinks=(Kink("x**0 has derivative 0 in x; 0**x has derivative 0 in x for x >= 0", "", "zero"),),
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
        if isinstance(exponent, float) and getattr(input, "dtype", FLOAT64).kind in "biu":
            return m.apply(pow_both, (input, exponent), {})  # an argument takes part in promotion
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
        if getattr(input, "dtype", FLOAT64).kind == "b" and not isinstance(exponent, bool):
            input = m.cast(input, dtype=INT64)  # noqa: A001 - the same argument
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
