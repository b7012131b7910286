"""The error function and the normal distribution."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from gradcli.ops.domain import SYMMETRIC_UNIT, UNIT
from gradcli.ops.record import elementwise

__all__ = ["lower_tail", "lower_tail_complex"]

FAMILY = "error function"

_function = partial(elementwise, promote="float", family=FAMILY)


def _special(name: str) -> Any:
    """The scipy.special function of a fixed name, loaded when first called: start-up does without."""

    def call(x: Any) -> Any:
        from scipy import special

        return getattr(special, name)(x)

    return call


_erf, _erfc, _erfcx = _special("erf"), _special("erfc"), _special("erfcx")
_erfinv, _ndtri, _log_ndtr = _special("erfinv"), _special("ndtri"), _special("log_ndtr")


def _gauss(x: Any, rate: float) -> Any:
    """exp(-rate x**2) to the last digits: rounding the square alone would cost x**2 ulps.

    The argument is split so that the square of its leading part is exact (as in fdlibm's erfc).
    """
    if x.dtype.kind == "c":
        return np.exp(-rate * x * x)
    x = np.minimum(np.abs(x), 64.0)  # from there on it is 0
    lead = np.rint(x * 16) / 16
    return np.exp(-rate * lead * lead) * np.exp(-rate * (x - lead) * (x + lead))


def _erfc_stable(x: Any) -> Any:
    """erfc(x), whose own tail has lost digits in scipy, by the scaled function."""
    tail = _gauss(x, 1.0) * _erfcx(np.abs(x))
    return np.where(x < 0, 2 - tail, tail)


def _scaled(x: Any) -> Any:
    """e**(x**2) erfc(x); far below 0 it is 2 e**(x**2) less what is left."""
    low = np.where(x < -1, x, -1)
    return np.where(x < -1, 2 / _gauss(low, 1.0) - _erfcx(-low), _erfcx(x))


def lower_tail(x: Any) -> Any:
    """Returns the standard normal distribution function, to the last digits below 0."""
    tail = _gauss(x, 0.5) * _erfcx(np.abs(x) * math.sqrt(0.5)) / 2
    return np.where(x < 0, tail, 1 - tail)


def lower_tail_complex(x: Any) -> Any:
    """Returns the same of complex numbers."""
    return _erfc(x * -math.sqrt(0.5)) / 2


erf_slope = _function(
    "erf_slope", numpy=lambda x: _gauss(x, 1.0) * (2 / math.sqrt(math.pi)),
    sympy=lambda S, x: 2 / S.sqrt(S.pi) * S.exp(-x * x), partials=(lambda m, x, y: -2 * x * y,),
    node="ErfBackward0", faces="",
    summary="Derivative of the error function, 2 / sqrt(pi) e**(-x**2).", source="DLMF 7.2.1",
)  # fmt: skip

erf = _function(
    "erf", node="ErfBackward0", numpy=_erf, sympy="erf", mpmath="erf",
    partials=(lambda m, x: m.erf_slope(x),),
    inplace=True, aliases=("special.erf",),
    summary="Error function.", source="DLMF 7.2.1",
)  # fmt: skip

erfc = _function(
    "erfc", node="ErfcBackward0", numpy=_erfc_stable, complex=_erfc, sympy="erfc", mpmath="erfc",
    partials=(lambda m, x: -m.erf_slope(x),), inplace=True, aliases=("special.erfc",),
    summary="Complementary error function 1 - erf(x), accurate in its tail.", source="DLMF 7.2.2",
)  # fmt: skip

erfcx = _function(
    "erfcx", node="SpecialErfcxBackward0", numpy=_scaled, complex=_erfcx,
    sympy=lambda S, x: S.exp(x * x) * S.erfc(x),
    # The slope of erf at 0 is the constant 2 / sqrt(pi).
    partials=(lambda m, x, y: 2 * x * y - m.erf_slope(m.zeros_like(x)),), faces="special",
    summary="Scaled complementary error function e**(x**2) erfc(x).", source="DLMF 7.2.3",
    example="special.erfcx(x)",
)  # fmt: skip

erfinv = _function(
    "erfinv", node="ErfinvBackward0", numpy=_erfinv, complex=False, sympy="erfinv", mpmath="erfinv",
    partials=(lambda m, x: 1 / m.erf_slope(m.erfinv(x)),), domain=(SYMMETRIC_UNIT,), inplace=True,
    aliases=("special.erfinv",), kinks=("the derivative at -1 and 1 is inf",), example="erfinv(x / 4)",
    summary="Inverse of the error function.", source="DLMF 7.17.1",
)  # fmt: skip

normal_pdf = _function(
    "normal_pdf", numpy=lambda x: _gauss(x, 0.5) * (1 / math.sqrt(2 * math.pi)),
    sympy=lambda S, x: S.exp(-x * x / 2) / S.sqrt(2 * S.pi), partials=(lambda m, x, y: -x * y,),
    node="MulBackward0", faces="",
    summary="Density of the standard normal distribution.", source="Feller, Probability Theory 1, VII.1",
)  # fmt: skip

ndtr = _function(
    "ndtr", node="MulBackward1", numpy=lower_tail, complex=lower_tail_complex,
    sympy=lambda S, x: S.erfc(-x / S.sqrt(2)) / 2, partials=(lambda m, x: m.normal_pdf(x),), faces="special",
    summary="Standard normal distribution function, accurate in its lower tail.", example="special.ndtr(x)",
    source="DLMF 7.18(v); Feller, Probability Theory 1, VII.1",
)  # fmt: skip

ndtri = _function(
    "ndtri", node="SpecialNdtriBackward0", numpy=_ndtri, complex=False,
    sympy=lambda S, x: S.sqrt(2) * S.erfinv(2 * x - 1), partials=(lambda m, y: 1 / m.normal_pdf(y),),
    domain=(UNIT,), faces="special", kinks=("the derivative at 0 and 1 is inf",),
    summary="Inverse of the standard normal distribution function.", example="special.ndtri(x / 4)",
    source="Wichura 1988, Applied Statistics 37, AS 241",
)  # fmt: skip


def _inverse_mills(x: Any) -> Any:
    return math.sqrt(2 / math.pi) / _erfcx(x * -math.sqrt(0.5))


normal_hazard = _function(
    "normal_hazard", numpy=_inverse_mills,
    sympy=lambda S, x: S.sqrt(2 / S.pi) * S.exp(-x * x / 2) / S.erfc(-x / S.sqrt(2)),
    partials=(lambda m, x, y: -y * (x + y),), node="DivBackward0", faces="",
    summary="Density over distribution function of the normal distribution, at any distance from 0.",
    source="DLMF 7.8.1, Mills' ratio",
)  # fmt: skip


def _log_cdf(x: Any) -> Any:
    """Above 0 by the other tail: scipy gives 0 where the value is far smaller than an ulp of 1."""
    above = np.where(x > 0, x, 0)
    return np.where(x > 0, np.log1p(-lower_tail(-above)), _log_ndtr(x))


log_ndtr = _function(
    "log_ndtr", node="SpecialLogNdtrBackward0", numpy=_log_cdf, complex=_log_ndtr,
    sympy=lambda S, x: S.log(S.erfc(-x / S.sqrt(2)) / 2),
    partials=(lambda m, x, y: m.normal_hazard(x),),
    faces="special",
    summary="Logarithm of the standard normal distribution function.", example="special.log_ndtr(x)",
    source="DLMF 7.8.1",
)  # fmt: skip
