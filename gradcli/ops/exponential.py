"""Exponentials, logarithms and roots."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from gradcli.ops.domain import ABOVE_MINUS_ONE, POSITIVE, REAL
from gradcli.ops.dtypes import FLOAT64
from gradcli.ops.kink import Kink
from gradcli.ops.operands import two_tensors
from gradcli.ops.record import Record, composite, elementwise, with_number

__all__: list[str] = []

FAMILY = "exponential"

_function = partial(elementwise, promote="float", inplace=True, family=FAMILY)

exp = _function(
    "exp", node="ExpBackward0", numpy=np.exp, sympy="exp", mpmath="exp", partials=(lambda m, y: y,),
    summary="Exponential function e**x.", source="DLMF 4.2.19, 4.7.7",
)  # fmt: skip

exp2 = _function(
    "exp2", node="Exp2Backward0", numpy=np.exp2, sympy=lambda S, x: S.Integer(2) ** x,
    mpmath=lambda P, x: P.mpf(2) ** x, partials=(lambda m, y: y * m.log_number(2),),
    aliases=("special.exp2",),
    summary="Power of two, 2**x.", source="DLMF 4.2.26, 4.7.10",
)  # fmt: skip

expm1 = _function(
    "expm1", node="Expm1Backward0", numpy=np.expm1, sympy=lambda S, x: S.exp(x) - 1, mpmath="expm1",
    partials=(lambda m, y: y + 1,), aliases=("special.expm1",),
    summary="e**x - 1, accurate near 0.", source="DLMF 4.2.19, 4.7.7",
)  # fmt: skip

log = _function(
    "log", node="LogBackward0", numpy=np.log, sympy="log", mpmath="log", partials=(lambda m, x: 1 / x,),
    domain=(POSITIVE,),
    kinks=("below 0, where the logarithm is nan, the derivative is still 1 / x",),
    summary="Natural logarithm.", source="DLMF 4.2.2, 4.7.1",
)  # fmt: skip

log2 = _function(
    "log2", node="Log2Backward0", numpy=np.log2, sympy=lambda S, x: S.log(x) / S.log(2),
    mpmath=lambda P, x: P.log(x) / P.log(2), partials=(lambda m, x: 1 / (x * m.log_number(2)),),
    domain=(POSITIVE,),
    summary="Logarithm to base 2.", source="DLMF 4.2.15, 4.7.1",
)  # fmt: skip

log10 = _function(
    "log10", node="Log10Backward0", numpy=np.log10, sympy=lambda S, x: S.log(x) / S.log(10), mpmath="log10",
    partials=(lambda m, x: 1 / (x * m.log_number(10)),), domain=(POSITIVE,),
    summary="Logarithm to base 10.", source="DLMF 4.2.16, 4.7.1",
)  # fmt: skip

log1p = _function(
    "log1p", node="Log1PBackward0", numpy=np.log1p, sympy=lambda S, x: S.log(1 + x), mpmath="log1p",
    partials=(lambda m, x: 1 / (x + 1),), domain=(ABOVE_MINUS_ONE,), aliases=("special.log1p",),
    summary="log(1 + x), accurate near 0.", source="DLMF 4.2.2, 4.7.1",
)  # fmt: skip

sqrt = _function(
    "sqrt", node="SqrtBackward0", numpy=np.sqrt, sympy="sqrt", mpmath="sqrt",
    partials=(lambda m, y: 1 / (2 * y),), domain=(POSITIVE,), kinks=("the derivative at 0 is inf",),
    summary="Square root.", source="DLMF 4.2.31, 4.7.11",
)  # fmt: skip

rsqrt = _function(
    "rsqrt", node="RsqrtBackward0", numpy=lambda x: 1 / np.sqrt(x), sympy=lambda S, x: 1 / S.sqrt(x),
    partials=(lambda m, y: y * y * y / -2,), domain=(POSITIVE,),
    summary="Reciprocal of the square root, 1 / sqrt(x).", source="DLMF 4.2.31, 4.7.11",
)  # fmt: skip


@composite("square", family=FAMILY, inplace=True, summary="Square, x**2.", source="DLMF 4.2.32",
           example="square(x)")  # fmt: skip
def square(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.pow(input, 2)


def _logaddexp(a: Any, b: Any) -> Any:
    """On complex arguments: the larger real part comes out of the exponentials."""
    gap = np.where(np.real(a) > np.real(b), b - a, a - b)
    return np.where(np.real(a) > np.real(b), a, b) + np.log1p(np.exp(gap))


logaddexp = _function(
    "logaddexp", front=two_tensors("logaddexp"),
    node="LogaddexpBackward0", numpy=np.logaddexp, complex=_logaddexp,
    sympy=lambda S, a, b: S.log(S.exp(a) + S.exp(b)),
    partials=(lambda m, a, b: m.sigmoid(a - b), lambda m, a, b: m.sigmoid(b - a)), inplace=False,
    summary="log(e**a + e**b) without overflow.",
    source="Boyd and Vandenberghe, Convex Optimization, 3.1.5",
)  # fmt: skip

logaddexp2 = _function(
    "logaddexp2", front=two_tensors("logaddexp2"), node="Logaddexp2Backward0", numpy=np.logaddexp2,
    complex=lambda a, b: _logaddexp(a * math.log(2), b * math.log(2)) / math.log(2),
    sympy=lambda S, a, b: S.log(S.Integer(2) ** a + S.Integer(2) ** b) / S.log(2),
    mpmath=lambda P, a, b: P.log(P.mpf(2) ** a + P.mpf(2) ** b) / P.log(2),
    partials=(
        lambda m, a, b: m.sigmoid((a - b) * m.log_number(2)),
        lambda m, a, b: m.sigmoid((b - a) * m.log_number(2)),
    ), inplace=False,
    summary="log2(2**a + 2**b) without overflow.",
    source="Boyd and Vandenberghe, Convex Optimization, 3.1.5",
)  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _like(m: Any, value: Any, other: Any) -> Any:
    """A number as a constant in the dtype of a floating tensor, which NumPy's and the default may not be."""
    return m.array(value, like=other) if _is_number(value) and other.dtype.kind == "f" else value


def _choose(forms: tuple[Record, Record, Record], m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    """The form for two tensors, for a number first, or for a number second."""
    record = forms[1 if _is_number(input) else 2 if _is_number(other) else 0]
    return m.apply(record, (_like(m, input, other), _like(m, other, input)), {})


def _xlogy(a: Any, b: Any, log: Any) -> Any:
    return np.where((a == 0) & (b == b), 0, a * log(b))  # noqa: PLR0124 - false for a nan, which stays one


xlogy: Record = _function(
    "xlogy", node="XlogyBackward0",
    numpy=lambda a, b: _xlogy(a, b, np.log),
    complex=lambda a, b: a * np.log(b),
    sympy=lambda S, a, b: a * S.log(b),
    front=lambda m, input, other: _choose((xlogy, xlogy_of, xlogy_by), m, input, other),  # noqa: A006 - PyTorch's
    partials=(
        # At a = 0 and b <= 0 the value is constant along a, and log(b) is not finite.
        lambda m, a, b: m.select(m.logical_not(m.logical_and(m.eq(a, 0), m.le(b, 0))), m.log(b)),
        lambda m, a, b: a / b,
    ),
    samples=lambda s: [((s.normal(2, 3), s.positive(2, 3)), {})],
    domain=(REAL, POSITIVE), aliases=("special.xlogy",), example="xlogy(x, x + 1)",
    kinks=(Kink("where a = 0 and b <= 0 the derivative in a is 0, and that in b is a / b", "zero", "none"),),
    summary="a log(b), 0 where a is 0.", source="Cover and Thomas, Elements of Information Theory, 2.1",
)  # fmt: skip
xlogy_of: Record = with_number(xlogy, 0, "xlogy_of", "XlogyBackward1")
xlogy_by: Record = with_number(xlogy, 1, "xlogy_by", "XlogyBackward2")

xlog1py: Record = _function(
    "xlog1py", node="SpecialXlog1PyBackward0",
    numpy=lambda a, b: _xlogy(a, b, np.log1p),
    complex=lambda a, b: a * np.log1p(b),
    sympy=lambda S, a, b: a * S.log(1 + b),
    front=lambda m, input, other: _choose((xlog1py, xlog1py_of, xlog1py_by), m, input, other),  # noqa: A006 - as above
    partials=(
        lambda m, a, b: m.select(m.logical_not(m.logical_and(m.eq(a, 0), m.le(b, -1))), m.log1p(b)),
        lambda m, a, b: a / (b + 1),
    ),
    samples=lambda s: [((s.normal(2, 3), s.positive(2, 3)), {})],
    domain=(REAL, ABOVE_MINUS_ONE), faces="special", inplace=False, example="special.xlog1py(x, x)",
    kinks=(Kink("where a = 0 and b <= -1 the derivative in a is 0", "zero", "none"),),
    summary="a log(1 + b), 0 where a is 0.", source="DLMF 4.2.2",
)  # fmt: skip
xlog1py_of: Record = with_number(xlog1py, 0, "xlog1py_of", "SpecialXlog1PyBackward1")
xlog1py_by: Record = with_number(xlog1py, 1, "xlog1py_by", "SpecialXlog1PyBackward2")

entr = _function(
    "entr", node="SpecialEntrBackward0",
    numpy=lambda x: np.where(x < 0, -np.inf, -_xlogy(x, x, np.log)), complex=lambda x: -x * np.log(x),
    sympy=lambda S, x: -x * S.log(x), partials=(lambda m, x: -m.log(x) - 1,),
    domain=(POSITIVE,), faces="special", inplace=False, example="special.entr(x)",
    kinks=("the derivative at 0 is inf",),
    summary="Entropy term -x log(x): 0 at 0, -inf below.",
    source="Cover and Thomas, Elements of Information Theory, 2.1",
)  # fmt: skip


ldexp = _function(
    "ldexp", front=two_tensors("ldexp"), args=("a", "b"), node="LdexpBackward0",
    numpy=lambda a, b: a * np.exp2(b), sympy=lambda S, a, b: a * S.Integer(2) ** b,
    mpmath=lambda P, a, b: a * P.mpf(2) ** b,
    # y is saved for both, as PyTorch does.
    partials=(lambda m, b, y: m.exp2(b), lambda m, y: y * m.log_number(2)),
    summary="a times 2**b.", source="ISO C 7.12.6.6",
)  # fmt: skip


@composite("float_power", family=FAMILY, inplace=True, summary="Power a**b, computed in float64.",
           source="DLMF 4.2.26", example="float_power(x, 2)")  # fmt: skip
def float_power(m: Any, input: Any, exponent: Any) -> Any:  # noqa: A002 - PyTorch's name
    base, power = (
        value if _is_number(value) else m.cast(value, dtype=FLOAT64) for value in (input, exponent)
    )
    return m.pow(base, power)
