"""SymPy's names with mpmath behind them: a record's `sympy=` form, evaluated to many digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault
from gradcli.symbolic import spectral_digits
from gradcli.symbolic.arrays import ArrayForms

__all__ = ["DigitNames"]

# Where mpmath calls a function of SymPy otherwise.
RENAMED = {
    "Abs": "fabs", "ceiling": "ceil", "polygamma": "psi", "Chi": "chi", "Shi": "shi", "Si": "si", "Ci": "ci",
    "Ei": "ei", "LambertW": "lambertw", "oo": "inf", "E": "e",
}  # fmt: skip
SLACK = 1e6  # times the last digit, that computing a symmetric matrix may cost
CONSTANTS = frozenset(("pi", "E", "oo", "nan"))


class DigitNames(ArrayForms):
    """What a record's form sees as `S`; every condition is decided by the numbers.

    Args:
        context: the mpmath context to compute in.
    """

    def __init__(self, context: Any) -> None:
        self.context = context
        self.Half = context.mpf(0.5)
        self.true, self.false = True, False
        self.S = self
        self.skewed = False
        self.newton_steps = 5 + max(0, math.ceil(math.log2(context.dps / 100)))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.context, RENAMED.get(name, name))
        return +found if name in CONSTANTS else found

    def eigh(self, a: Any, uplo: Any) -> tuple[Any, Any]:
        """As above; `skewed` is set if a matrix is not symmetric."""
        skew = abs(a - np.swapaxes(a, -1, -2)).max(initial=0)
        if skew > abs(a).max(initial=0) * self.context.eps * SLACK:
            self.skewed = True
        try:
            return super().eigh(a, uplo)
        except NotImplementedFault:
            return spectral_digits.eigh(self.context, self.symmetric(a, uplo == "U"), uplo)

    def svd(self, a: Any, full: bool) -> tuple[Any, Any, Any]:
        """As above."""
        try:
            return super().svd(a, full)
        except NotImplementedFault:
            if full and a.shape[-1] != a.shape[-2]:
                raise
            return spectral_digits.svd(self.context, a)

    def sqrt(self, x: Any) -> Any:
        """The square root."""
        return self.context.sqrt(x)

    def Integer(self, value: Any) -> Any:  # noqa: N802 - sympy's name
        """A whole number."""
        return self.context.mpf(value)

    Float = Integer

    def Rational(self, p: Any, q: Any = 1) -> Any:  # noqa: N802 - sympy's name
        """A fraction."""
        return self.context.mpf(p) / q

    def nsimplify(self, value: Any, rational: bool = True) -> Any:  # noqa: ARG002 - sympy's signature
        """A parameter as it stands: the digits of a float are exact here."""
        return self.context.mpf(value)

    def Max(self, *values: Any) -> Any:  # noqa: N802 - sympy's name
        """The largest."""
        return max(values)

    def Min(self, *values: Any) -> Any:  # noqa: N802 - sympy's name
        """The smallest."""
        return min(values)

    def Mod(self, a: Any, b: Any) -> Any:  # noqa: N802 - sympy's name
        """The remainder with the sign of b."""
        return a - b * self.context.floor(a / b)

    def Heaviside(self, x: Any, at_zero: Any = 0.5) -> Any:  # noqa: N802 - sympy's name
        """The unit step."""
        return self.context.mpf(1 if x > 0 else 0 if x < 0 else at_zero)

    def gamma(self, x: Any) -> Any:
        """The gamma function."""
        return self.context.gamma(x)

    def loggamma(self, x: Any) -> Any:
        """The logarithm of |gamma(x)|; for x > 0 as sympy's."""
        return self.context.log(abs(self.context.gamma(x))) if x < 0 else self.context.loggamma(x)

    def Piecewise(self, *pairs: Any) -> Any:  # noqa: N802 - sympy's name
        """The value of the first pair whose condition holds."""
        for value, condition in pairs:
            if condition:
                return value
        return self.context.nan

    def Lt(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a < b."""
        return bool(a < b)

    def Le(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a <= b."""
        return bool(a <= b)

    def Gt(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a > b."""
        return bool(a > b)

    def Ge(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a >= b."""
        return bool(a >= b)

    def Eq(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a = b."""
        return bool(a == b)

    def Ne(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a and b differ."""
        return bool(a != b)

    def And(self, *conditions: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether all hold."""
        return all(bool(condition) for condition in conditions)

    def Or(self, *conditions: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether any holds."""
        return any(bool(condition) for condition in conditions)

    def Xor(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether exactly one holds."""
        return bool(a) != bool(b)

    def Not(self, condition: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether it does not hold."""
        return not condition
