"""Operators on values of which at least one is not plain: tensors decide, everything else is refused by name.

A list beside a tensor is a tensor, as in mathematics: `A @ [1, 2]`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.diagnostics import GradcliError, LimitFault, RuntimeFault, TypeFault
from gradcli.explorer.functions import Function
from gradcli.explorer.values import as_tensor, kind_name, looks_like_tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["binary", "compare", "inplace", "unary"]

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift,
}  # fmt: skip
INPLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd, "-": operator.isub, "*": operator.imul, "/": operator.itruediv,
    "//": operator.ifloordiv,
    "%": operator.imod, "**": operator.ipow, "@": operator.imatmul, "&": operator.iand, "|": operator.ior,
    "^": operator.ixor, "<<": operator.ilshift, ">>": operator.irshift,
}  # fmt: skip
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}

FAULTS = (ValueError, TypeError, ArithmeticError)
OPERANDS = frozenset((Tensor, int, float, bool))


def binary(symbol: str) -> Callable[[Any, Any], Any]:
    """Returns the function behind a binary operator."""
    return _guarded(symbol, BINARY[symbol])


def inplace(symbol: str) -> Callable[[Any, Any], Any]:
    """Returns the function behind an augmented assignment."""
    return _guarded(f"{symbol}=", INPLACE[symbol])


def compare(symbol: str) -> Callable[[Any, Any], Any]:
    """Returns the function behind a comparison; values that are no tensors are equal if they are the same."""
    guarded = _guarded(symbol, COMPARE[symbol])
    if symbol not in {"==", "!="}:
        return guarded

    def run(a: Any, b: Any) -> Any:
        if isinstance(a, Tensor) or isinstance(b, Tensor):
            if a is None or b is None:
                return symbol == "!="
            return guarded(a, b)
        same = a == b if isinstance(a, tuple) and isinstance(b, tuple) else a is b
        return same == (symbol == "==")

    return run


def unary(symbol: str) -> Callable[[Any], Any]:
    """Returns the function behind a unary operator."""
    operate = UNARY[symbol]

    def run(a: Any) -> Any:
        if not isinstance(a, Tensor):
            raise TypeFault("E303", f"bad operand type for unary {symbol}: '{kind_name(a)}'", help=_advice(a))
        try:
            return operate(a)
        except FAULTS as error:
            raise _explained(symbol, error, a) from None

    return run


def _guarded(symbol: str, operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def run(a: Any, b: Any) -> Any:
        try:
            if a.__class__ in OPERANDS and b.__class__ in OPERANDS:
                return operate(a, b)
            return operate(_operand(a, b), _operand(b, a))
        except MemoryError:
            raise LimitFault(
                "E602", f"{symbol}: there is not enough memory", help="make it smaller"
            ) from None
        except FAULTS as error:
            raise _explained(symbol, error, a, b) from None

    return run


def _operand(value: Any, other: Any) -> Any:
    if value.__class__ in OPERANDS:
        return value
    if looks_like_tensor(value):
        return as_tensor(value, like=other)
    raise TypeError


def _explained(symbol: str, error: Exception, *operands: Any) -> GradcliError:
    """The error itself where it is one of ours; Python's own in words about the operands."""
    if isinstance(error, GradcliError):
        return error
    names = " and ".join(f"'{kind_name(operand)}'" for operand in operands)
    if isinstance(error, OverflowError):
        return RuntimeFault("E303", f"a number is too large for the tensor beside {symbol}")
    if not isinstance(error, TypeError):
        return RuntimeFault("E300", f"{symbol}: {error}")
    strange = next((operand for operand in operands if not isinstance(operand, Tensor)), None)
    return TypeFault("E303", f"unsupported operand type(s) for {symbol}: {names}", help=_advice(strange))


def _advice(value: Any) -> str:
    if isinstance(value, Function):
        return (
            f"{value.name} is a function: call it, {value.name}(x), or bind the name with -v {value.name}=..."
        )
    if value is None:
        return "None has no value; a gradient is None before backward"
    return ""
