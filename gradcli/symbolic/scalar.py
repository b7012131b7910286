"""One element as an expression that carries its number, and SymPy's names for it.

The number decides every branch, order and rounding, so an expression is always the smooth piece that
the program really took: what comes out can be differentiated without Heavisides and Piecewise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import sympy

from gradcli.symbolic.arrays import ArrayForms

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DecidedNames", "Scalar", "constant"]

DIGITS = 60  # of a float made an expression: the 53 bits are exact, and stay so in later arithmetic
WHOLE = 2.0**53


def constant(value: Any) -> Any:
    """Returns a Python or NumPy number as an exact expression."""
    number = float(value)
    if not math.isfinite(number):
        return sympy.nan if math.isnan(number) else sympy.oo if number > 0 else -sympy.oo
    return (
        sympy.Integer(int(number))
        if number.is_integer() and abs(number) < WHOLE
        else sympy.Float(number, DIGITS)
    )


class Scalar:
    """An expression and the float it stands for here.

    Args:
        expr: the expression.
        number: its value, or a function that finds it: few numbers are ever asked for.
    """

    __slots__ = ("_number", "expr")

    def __init__(self, expr: Any, number: float | Callable[[], float]) -> None:
        self.expr = expr
        self._number = number

    @property
    def number(self) -> float:
        """The value of the expression at the program's inputs."""
        if callable(self._number):
            self._number = self._number()
        return self._number

    def __repr__(self) -> str:
        return f"Scalar({self.expr})"

    def __bool__(self) -> bool:
        return self.number != 0

    def __float__(self) -> float:
        return self.number

    def __add__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a - b)

    def __mul__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a * b)

    def __rmul__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a / b)

    def __pow__(self, other: Any) -> Any:
        return _binary(self, other, lambda a, b: a**b)

    def __rpow__(self, other: Any) -> Any:
        return _binary(other, self, lambda a, b: a**b)

    def __neg__(self) -> Scalar:
        return Scalar(-self.expr, lambda: -self.number)

    def __abs__(self) -> Scalar:
        if self.number == 0:  # keeps |x| whole, whose derivative at 0 is 0
            return Scalar(sympy.Abs(self.expr), 0.0)
        return -self if self.number < 0 else self

    def __lt__(self, other: Any) -> bool:
        return self.number < float(other)

    def __le__(self, other: Any) -> bool:
        return self.number <= float(other)

    def __gt__(self, other: Any) -> bool:
        return self.number > float(other)

    def __ge__(self, other: Any) -> bool:
        return self.number >= float(other)

    def __eq__(self, other: object) -> bool:
        return self.number == float(other)  # type: ignore[arg-type] # a Scalar or a number

    def __ne__(self, other: object) -> bool:
        return self.number != float(other)  # type: ignore[arg-type] # as above

    __hash__ = None  # type: ignore[assignment] # equal by number, so no key

    def conjugate(self) -> Scalar:
        """Itself: elements are real."""
        return self


def _parts(value: Any) -> tuple[Any, Callable[[], float]] | None:
    """The expression and number of an operand; None for what is no number."""
    if isinstance(value, Scalar):
        return value.expr, lambda: value.number
    if isinstance(value, sympy.Basic):
        return value, lambda: _as_float(value)
    if hasattr(value, "shape") and value.shape:
        return None
    try:
        return constant(value), lambda: float(value)
    except TypeError:
        return None


def _binary(left: Any, right: Any, operation: Callable[[Any, Any], Any]) -> Any:
    a, b = _parts(left), _parts(right)
    if a is None or b is None:
        return NotImplemented
    return Scalar(operation(a[0], b[0]), lambda: _number(operation, a[1](), b[1]()))


def _number(operation: Callable[[float, float], Any], a: float, b: float) -> float:
    """Float arithmetic as IEEE has it, where Python raises or leaves the reals."""
    try:
        found = operation(a, b)
    except ZeroDivisionError:
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)
    except OverflowError:
        return math.inf
    return found if isinstance(found, float) else math.nan


def _as_float(expr: Any) -> float:
    """The value of an expression without symbols; nan where it is not real."""
    value = expr.evalf()
    return float(value) if value.is_extended_real else math.nan


class DecidedNames(ArrayForms):
    """SymPy's functions on scalars: what a record's `sympy=` form sees as `S` in the symbolic algebra."""

    def __init__(self) -> None:
        self.S = self
        self.true, self.false = True, False

    def __getattr__(self, name: str) -> Any:
        found = getattr(sympy, name, None)
        if found is None:
            found = getattr(sympy.S, name)
        if isinstance(found, sympy.Basic):
            return Scalar(found, lambda: _as_float(found))
        return lambda *args: _call(found, args)

    def sqrt(self, x: Any) -> Any:
        """The square root."""
        return _call(sympy.sqrt, (x,))

    def nsimplify(self, value: Any, rational: bool = True) -> Any:  # noqa: ARG002 - sympy's signature
        """A parameter as an exact fraction: 0.5 is 1/2."""
        return Scalar(sympy.Rational(value), float(value))

    def Abs(self, x: Any) -> Any:  # noqa: N802 - sympy's name
        """The absolute value: x or -x."""
        return abs(x)

    def sign(self, x: Any) -> Any:
        """-1, 0 or 1."""
        return _whole((float(x) > 0) - (float(x) < 0))

    def floor(self, x: Any) -> Any:
        """The whole number at or below."""
        return _whole(math.floor(float(x)))

    def ceiling(self, x: Any) -> Any:
        """The whole number at or above."""
        return _whole(math.ceil(float(x)))

    def Heaviside(self, x: Any, at_zero: Any = 0.5) -> Any:  # noqa: N802 - sympy's name
        """The unit step."""
        return _whole(float(x) > 0) if float(x) else at_zero

    def Mod(self, a: Any, b: Any) -> Any:  # noqa: N802 - sympy's name
        """The remainder with the sign of b."""
        return a - b * self.floor(a / b)

    def Max(self, *values: Any) -> Any:  # noqa: N802 - sympy's name
        """The largest, the last of equal ones (so that max(x, 0) at 0 is 0)."""
        return max(reversed(values), key=float)

    def Min(self, *values: Any) -> Any:  # noqa: N802 - sympy's name
        """The smallest, the last of equal ones."""
        return min(reversed(values), key=float)

    def Piecewise(self, *pairs: Any) -> Any:  # noqa: N802 - sympy's name
        """The value of the first pair whose condition holds."""
        return next((value for value, condition in pairs if condition), math.nan)

    def Lt(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a < b."""
        return float(a) < float(b)

    def Le(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a <= b."""
        return float(a) <= float(b)

    def Gt(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a > b."""
        return float(a) > float(b)

    def Ge(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a >= b."""
        return float(a) >= float(b)

    def Eq(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a = b."""
        return float(a) == float(b)

    def Ne(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a and b differ."""
        return float(a) != float(b)

    def And(self, *conditions: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether all hold."""
        return all(bool(condition) for condition in conditions)

    def Or(self, *conditions: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether any holds."""
        return any(bool(condition) for condition in conditions)

    def Not(self, condition: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether it does not hold."""
        return not condition


def _whole(value: int) -> Scalar:
    return Scalar(sympy.Integer(int(value)), float(value))


def _call(function: Callable[..., Any], args: tuple[Any, ...]) -> Scalar:
    """A function of SymPy on scalars; its number is the function of theirs."""
    parts = [found for found in map(_parts, args) if found is not None]

    def number() -> float:
        return _as_float(
            function(
                *(
                    sympy.Integer(int(n)) if (n := value()).is_integer() else sympy.Float(n)
                    for _, value in parts
                )
            )
        )

    return Scalar(function(*(expr for expr, _ in parts)), number)
