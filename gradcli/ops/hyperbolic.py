"""Hyperbolic functions and their inverses."""

from __future__ import annotations

from functools import partial

import numpy as np

from gradcli.ops.domain import ABOVE_ONE, SYMMETRIC_UNIT
from gradcli.ops.record import elementwise

__all__: list[str] = []

FAMILY = "hyperbolic"

_function = partial(elementwise, promote="float", inplace=True, family=FAMILY)

sinh = _function(
    "sinh", node="SinhBackward0", numpy=np.sinh, sympy="sinh", mpmath="sinh",
    partials=(lambda m, x: m.cosh(x),),
    summary="Hyperbolic sine.", source="DLMF 4.34.1",
)  # fmt: skip

cosh = _function(
    "cosh", node="CoshBackward0", numpy=np.cosh, sympy="cosh", mpmath="cosh",
    partials=(lambda m, x: m.sinh(x),),
    summary="Hyperbolic cosine.", source="DLMF 4.34.2",
)  # fmt: skip

tanh = _function(
    "tanh", node="TanhBackward0", numpy=np.tanh, sympy="tanh", mpmath="tanh",
    partials=(lambda m, y: 1 - y * y,),
    faces="torch method F",
    summary="Hyperbolic tangent.", source="DLMF 4.34.3",
)  # fmt: skip

asinh = _function(
    "asinh", node="AsinhBackward0", numpy=np.arcsinh, sympy="asinh", mpmath="asinh",
    partials=(lambda m, x: 1 / m.hypot(x, 1),),  # sqrt(x*x + 1) overflows long before it
    aliases=("arcsinh", "Tensor.arcsinh", "Tensor.arcsinh_"),
    summary="Inverse hyperbolic sine.", source="DLMF 4.38.9",
)  # fmt: skip

acosh = _function(
    "acosh", node="AcoshBackward0", numpy=np.arccosh, sympy="acosh", mpmath="acosh",
    partials=(lambda m, x: m.rsqrt(0 - m.one_less_square(x)),), domain=(ABOVE_ONE,),
    aliases=("arccosh", "Tensor.arccosh", "Tensor.arccosh_"), kinks=("the derivative at 1 is inf",),
    summary="Inverse hyperbolic cosine.", source="DLMF 4.38.10",
)  # fmt: skip

atanh = _function(
    "atanh", node="AtanhBackward0", numpy=np.arctanh, sympy="atanh", mpmath="atanh",
    partials=(lambda m, x: 1 / m.one_less_square(x),), domain=(SYMMETRIC_UNIT,),
    aliases=("arctanh", "Tensor.arctanh", "Tensor.arctanh_"), kinks=("the derivative at -1 and 1 is inf",),
    summary="Inverse hyperbolic tangent.", source="DLMF 4.38.11",
)  # fmt: skip
