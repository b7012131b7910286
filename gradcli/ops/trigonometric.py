"""Trigonometric functions, their inverses, and angles."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from gradcli.ops.domain import SYMMETRIC_UNIT
from gradcli.ops.kink import Kink
from gradcli.ops.operands import two_tensors
from gradcli.ops.record import elementwise

__all__: list[str] = []

FAMILY = "trigonometric"

_function = partial(elementwise, promote="float", inplace=True, family=FAMILY)

sin = _function(
    "sin", node="SinBackward0", numpy=np.sin, sympy="sin", mpmath="sin", partials=(lambda m, x: m.cos(x),),
    summary="Sine of an angle in radians.", source="DLMF 4.20.1",
)  # fmt: skip

cos = _function(
    "cos", node="CosBackward0", numpy=np.cos, sympy="cos", mpmath="cos", partials=(lambda m, x: -m.sin(x),),
    summary="Cosine of an angle in radians.", source="DLMF 4.20.2",
)  # fmt: skip

tan = _function(
    "tan", node="TanBackward0", numpy=np.tan, sympy="tan", mpmath="tan", partials=(lambda m, y: 1 + y * y,),
    summary="Tangent of an angle in radians.", source="DLMF 4.20.3",
)  # fmt: skip

one_less_square = _function(
    # As a product: the difference loses half its digits near -1 and 1, where inverse functions need them.
    # The zero is added because the product's may be negative.
    "one_less_square", node="RsubBackward1", numpy=lambda x: (1 - x) * (1 + x) + 0.0,
    sympy=lambda S, x: 1 - x * x,
    partials=(lambda m, x: -2 * x,), faces="", inplace=False,
    summary="1 - x**2.", source="DLMF 1.2(i)",
)  # fmt: skip

asin = _function(
    "asin", node="AsinBackward0", numpy=np.arcsin, sympy="asin", mpmath="asin",
    partials=(lambda m, x: m.rsqrt(m.one_less_square(x)),), domain=(SYMMETRIC_UNIT,),
    aliases=("arcsin", "Tensor.arcsin", "Tensor.arcsin_"), kinks=("the derivative at -1 and 1 is inf",),
    summary="Inverse sine, in radians.", source="DLMF 4.24.7",
)  # fmt: skip

acos = _function(
    "acos", node="AcosBackward0", numpy=np.arccos, sympy="acos", mpmath="acos",
    partials=(lambda m, x: -m.rsqrt(m.one_less_square(x)),), domain=(SYMMETRIC_UNIT,),
    aliases=("arccos", "Tensor.arccos", "Tensor.arccos_"), kinks=("the derivative at -1 and 1 is -inf",),
    summary="Inverse cosine, in radians.", source="DLMF 4.24.8",
)  # fmt: skip

atan = _function(
    "atan", node="AtanBackward0", numpy=np.arctan, sympy="atan", mpmath="atan",
    partials=(lambda m, x: 1 / (x * x + 1),), aliases=("arctan", "Tensor.arctan", "Tensor.arctan_"),
    summary="Inverse tangent, in radians.", source="DLMF 4.24.9",
)  # fmt: skip


def _atan2(a: Any, b: Any) -> Any:
    """The angle with a derivative along the real line: a turn of the half-plane's inverse tangent."""
    y, x = np.real(a), np.real(b)
    steep = np.abs(y) > np.abs(x)
    slope = np.where(steep, b / np.where(y == 0, 1, a), a / np.where(x == 0, 1, b))
    angle = np.arctan(slope)
    flat = np.where(x >= 0, angle, angle + np.copysign(np.pi, y))
    return np.where(steep, np.copysign(np.pi / 2, y) - angle, flat)


atan2 = _function(
    "atan2", front=two_tensors("atan2"),
    node="Atan2Backward0", numpy=np.arctan2, complex=_atan2, sympy="atan2", mpmath="atan2",
    # Divided by the radius twice: its square overflows, or vanishes, long before it does.
    partials=(
        lambda m, a, b: m.select(m.ne(m.hypot(a, b), 0), b / m.hypot(a, b) / m.hypot(a, b)),
        lambda m, a, b: m.select(m.ne(m.hypot(a, b), 0), -a / m.hypot(a, b) / m.hypot(a, b)),
    ),
    aliases=("arctan2", "Tensor.arctan2", "Tensor.arctan2_"),
    kinks=(
        Kink("at the origin the derivatives are 0", "zero", "zero"),
        Kink("at its jump, b < 0 and a = 0, the derivative is that of the pieces", "either", ""),
    ),
    summary="Angle of the point (b, a), from -pi to pi.", source="DLMF 4.23(vii)",
)  # fmt: skip

hypot = _function(
    "hypot", front=two_tensors("hypot"),
    node="HypotBackward0", numpy=np.hypot, complex=lambda a, b: np.sqrt(a * a + b * b),
    sympy=lambda S, a, b: S.sqrt(a * a + b * b), mpmath="hypot",
    partials=(lambda m, a, y: a / y, lambda m, b, y: b / y),
    kinks=(Kink("at the origin the derivatives are nan", "none", "none"),),
    summary="Length sqrt(a**2 + b**2) without overflow.", source="ISO C 7.12.7.3",
)  # fmt: skip


def _sinc(x: Any) -> Any:
    """sin(pi x) / (pi x), with the whole turns taken out first: exact zeros at the integers."""
    whole = np.rint(x)
    sine = np.sin((x - whole) * math.pi) * (1 - 2 * (whole % 2))
    return np.where(x == 0, 1, sine / np.where(x == 0, 1, x * math.pi) + 0.0)  # no negative zeros


sinc = _function(
    "sinc", node="SincBackward0", numpy=_sinc, complex=np.sinc,
    sympy=lambda S, x: S.sinc(S.pi * x), mpmath="sincpi",
    # The elementary form of the derivative cancels near 0.
    partials=(lambda m, x: -(m.spherical_bessel(x * m.pi, order=1) * m.pi),),
    aliases=("special.sinc",),
    summary="Normalised sine cardinal, sin(pi x) / (pi x); 1 at 0.", source="DLMF 3.3.43, 10.49.3",
)  # fmt: skip

deg2rad = _function(
    "deg2rad", node="Deg2RadBackward0", numpy=lambda x: x * (math.pi / 180),
    sympy=lambda S, x: x * S.pi / 180,
    mpmath="radians", partials=(lambda m: m.pi / 180,),
    summary="Degrees to radians.", source="DLMF 4.14",
)  # fmt: skip

rad2deg = _function(
    "rad2deg", node="Rad2DegBackward0", numpy=lambda x: x * (180 / math.pi),
    sympy=lambda S, x: x * 180 / S.pi,
    mpmath="degrees", partials=(lambda m: 180 / m.pi,),
    summary="Radians to degrees.", source="DLMF 4.14",
)  # fmt: skip
