"""Elementary functions: exponentials, logarithms, roots, trigonometry, hyperbolic functions."""

from __future__ import annotations

import numpy as np

from gradcli.ops.domain import POSITIVE
from gradcli.ops.record import elementwise

__all__: list[str] = []

FAMILY = "elementary"

exp = elementwise(
    "exp", node="ExpBackward0", numpy=np.exp, sympy="exp", mpmath="exp", partials=(lambda m, y: y,), promote="float",
    inplace=True, family=FAMILY,
    summary="Exponential function e**x.", source="DLMF 4.2.19, 4.2.20",
)  # fmt: skip

log = elementwise(
    "log", node="LogBackward0", numpy=np.log, sympy="log", mpmath="log", partials=(lambda m, x: 1 / x,),
    promote="float", domain=(POSITIVE,), inplace=True, family=FAMILY,
    summary="Natural logarithm.", source="DLMF 4.2.2, 4.7.1",
)  # fmt: skip

sqrt = elementwise(
    "sqrt", node="SqrtBackward0", numpy=np.sqrt, sympy="sqrt", mpmath="sqrt", partials=(lambda m, y: 1 / (2 * y),),
    promote="float", domain=(POSITIVE,), inplace=True, family=FAMILY,
    summary="Square root.", source="DLMF 4.2.31",
)  # fmt: skip

tanh = elementwise(
    "tanh", node="TanhBackward0", numpy=np.tanh, sympy="tanh", mpmath="tanh", partials=(lambda m, y: 1 - y * y,),
    promote="float", inplace=True, family=FAMILY, faces="torch method F",
    summary="Hyperbolic tangent.", source="DLMF 4.34.8",
)  # fmt: skip
