"""One element as an expression that carries its number, and SymPy's names for it.

The number decides every branch, order and rounding, so an expression is always the smooth piece that
the program really took: what comes out can be differentiated without Heavisides and Piecewise.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import sympy

from gradcli.symbolic.arrays import ArrayForms
from gradcli.symbolic.real import Real

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["DecidedNames", "Scalar", "constant", "float_of"]

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


class Scalar(Real):
    """An expression and the float it stands for here.

    Args:
        expr: the expression.
        number: its value, or a function that finds it: few numbers are ever asked for.
        ties: told of every comparison with an equal number.
    """

    __slots__ = ("_number", "expr", "ties")

    def __init__(
        self, expr: Any, number: float | Callable[[], float], ties: Callable[[], None] | None = None
    ) -> None:
        self.expr = expr
        self._number = number
        self.ties = ties

    @property
    def number(self) -> float:
        """The value of the expression at the program's inputs."""
        if callable(self._number):
            self._number = self._number()
        return self._number

    def __repr__(self) -> str:
        return f"Scalar({self.expr})"

    def tie(self) -> None:
        """Passes it on."""
        if self.ties is not None:
            self.ties()

    def combined(self, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        """The operation on the expressions."""
        a, b = _parts(left), _parts(right)
        if a is None or b is None:
            return NotImplemented
        found = operation(a[0], b[0])
        return Scalar(found, lambda: float_of(operation, [a[1](), b[1]()]), _ties(left, right))

    def __abs__(self) -> Scalar:
        if self.number == 0:  # keeps |x| whole, whose derivative at 0 is 0
            self.tie()
            return Scalar(sympy.Abs(self.expr), 0.0, self.ties)
        return -self if self.number < 0 else self


def _parts(value: Any) -> tuple[Any, Callable[[], float]] | None:
    """The expression and number of an operand; None for what is no number."""
    if isinstance(value, Scalar):
        return value.expr, lambda: value.number
    if isinstance(value, sympy.Basic):
        return value, lambda: _as_float(value)
    array = hasattr(value, "shape") and value.shape
    if array or isinstance(value, Real):  # or an element of another kind
        return None
    try:
        return constant(value), lambda: float(value)
    except TypeError:
        return None


def _ties(*values: Any) -> Callable[[], None] | None:
    """Who is to be told of ties of what comes of the values."""
    found = (value.ties for value in values if isinstance(value, Scalar))
    return next((ties for ties in found if ties is not None), None)


def float_of(function: Callable[..., Any], values: Sequence[float]) -> float:
    """Returns an operator's result on floats as IEEE has it, or that of a function of SymPy."""
    if getattr(function, "__module__", "") != "_operator":
        row = [sympy.Integer(int(x)) if x.is_integer() else sympy.Float(x) for x in values]
        return _as_float(function(*row))
    try:
        found = function(*values)
    except ZeroDivisionError:
        a = values[0]
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
        return _whole((x > 0) - (float(x) < 0))

    def floor(self, x: Any) -> Any:
        """The whole number at or below."""
        return self._rounded(x, math.floor)

    def ceiling(self, x: Any) -> Any:
        """The whole number at or above."""
        return self._rounded(x, math.ceil)

    def _rounded(self, x: Any, toward: Callable[[float], int]) -> Any:
        value = float(x)
        if not math.isfinite(value):
            return x
        if value.is_integer():
            _tie(x)
        return _whole(toward(value))

    def Heaviside(self, x: Any, at_zero: Any = 0.5) -> Any:  # noqa: N802 - sympy's name
        """The unit step."""
        return _whole(float(x) > 0) if x != 0 else at_zero

    def Mod(self, a: Any, b: Any) -> Any:  # noqa: N802 - sympy's name
        """The remainder with the sign of b."""
        return a - b * self.floor(a / b)

    def Max(self, *values: Any) -> Any:  # noqa: N802 - sympy's name
        """The largest, the last of equal ones (so that max(x, 0) at 0 is 0)."""
        return _chosen(max(reversed(values), key=float), values)

    def Min(self, *values: Any) -> Any:  # noqa: N802 - sympy's name
        """The smallest, the last of equal ones."""
        return _chosen(min(reversed(values), key=float), values)

    def Piecewise(self, *pairs: Any) -> Any:  # noqa: N802 - sympy's name
        """The value of the first pair whose condition holds."""
        return next((value for value, condition in pairs if condition), math.nan)

    def Lt(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a < b."""
        return _related(operator.lt, a, b)

    def Le(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a <= b."""
        return _related(operator.le, a, b)

    def Gt(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a > b."""
        return _related(operator.gt, a, b)

    def Ge(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a >= b."""
        return _related(operator.ge, a, b)

    def Eq(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a = b."""
        return _related(operator.eq, a, b)

    def Ne(self, a: Any, b: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether a and b differ."""
        return _related(operator.ne, a, b)

    def And(self, *conditions: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether all hold."""
        return all(bool(condition) for condition in conditions)

    def Or(self, *conditions: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether any holds."""
        return any(bool(condition) for condition in conditions)

    def Not(self, condition: Any) -> bool:  # noqa: N802 - sympy's name
        """Whether it does not hold."""
        return not condition


def _tie(*values: Any) -> None:
    """Tells an element among the values of a tie."""
    for value in values:
        if isinstance(value, Real):
            value.tie()


def _related(relation: Callable[[float, float], bool], a: Any, b: Any) -> bool:
    left, right = float(a), float(b)
    if left == right:
        _tie(a, b)
    return relation(left, right)


def _chosen(found: Any, values: Sequence[Any]) -> Any:
    """The extreme one of the values; a tie if another is as extreme."""
    extreme = [value for value in values if float(value) == float(found)]
    if len(extreme) > 1:
        _tie(*extreme)
    return found


def _whole(value: int) -> Scalar:
    return Scalar(sympy.Integer(int(value)), float(value))


def _call(function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """A function of SymPy on elements, in the way of theirs that are no plain expressions."""
    elements = [arg for arg in args if isinstance(arg, Real)]
    leading = next((arg for arg in elements if arg.assigned), None)
    return _called(function, args) if leading is None else leading.called(function, args)


def _called(function: Callable[..., Any], args: Sequence[Any]) -> Scalar:
    parts = [found for found in map(_parts, args) if found is not None]

    def number() -> float:
        return float_of(function, [value() for _, value in parts])

    return Scalar(function(*(expr for expr, _ in parts)), number, _ties(*args))
