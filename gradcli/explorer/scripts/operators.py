"""Operators on values that are not all plain: what PyTorch allows, and Python's words for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.dense import Device
from gradcli.autograd.size import Size
from gradcli.diagnostics import GradcliError, LimitFault, RuntimeFault, TypeFault
from gradcli.explorer.operators import BINARY, COMPARE, INPLACE, UNARY
from gradcli.explorer.scripts.admission import ORDERED_VIEWS
from gradcli.explorer.scripts.arrays import Array, wrapped
from gradcli.explorer.scripts.instances import Instance, special
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.explorer.scripts.tables import FUNCTIONS, tensor_table
from gradcli.language.values.faults import ZeroDivisionFault
from gradcli.ops.dtypes import DType
from gradcli.torch.nn.parameter import Buffer, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["binary", "compare", "inplace", "unary"]

TENSORS = frozenset((Tensor, Parameter, Buffer))
NUMBERS = frozenset((bool, int, float, complex))
OPERANDS = TENSORS | NUMBERS
SHIFTS = {"<<": "bitwise_left_shift", ">>": "bitwise_right_shift"}
# What else Python's operators are let loose on: values whose operators are ours.
OWN = (Tensor, Instance, Array, Size)
FAULTS = (ValueError, TypeError, ArithmeticError, AttributeError)


def binary(symbol: str) -> Callable[[Any, Any], Any]:
    """Returns the function behind a binary operator."""
    return _guarded(symbol, _shift(SHIFTS[symbol]) if symbol in SHIFTS else BINARY[symbol])


def inplace(symbol: str) -> Callable[[Any, Any], Any]:
    """Returns the function behind an augmented assignment."""
    return _guarded(f"{symbol}=", _shift(f"{SHIFTS[symbol]}_") if symbol in SHIFTS else INPLACE[symbol])


def _shift(name: str) -> Callable[[Any, Any], Any]:
    """A shift of tensors, which have no special method of Python's for it."""

    def run(a: Any, b: Any) -> Any:
        if isinstance(a, Tensor):
            return FUNCTIONS[name](a, b) if tensor_table(name) and name in FUNCTIONS else NotImplemented
        if a.__class__ is int and isinstance(b, Tensor):
            return run(Tensor(np.array(a, b._array.dtype)), b)  # noqa: SLF001 - of the other's dtype
        raise TypeError

    return run


def _guarded(symbol: str, operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def run(a: Any, b: Any) -> Any:
        try:
            if type(a) in OPERANDS and type(b) in OPERANDS:
                return operate(a, b)
            return _rare(symbol, operate, a, b)
        except GradcliError:
            raise
        except (MemoryError, RecursionError):
            raise LimitFault(
                "E602", f"{symbol}: there is not enough memory", help="make it smaller"
            ) from None
        except FAULTS as error:
            raise _explained(symbol, error, a, b) from None

    return run


def _rare(symbol: str, operate: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """The result where not both are tensors and numbers."""
    if isinstance(a, Array) or isinstance(b, Array):
        return _of_arrays(symbol, operate, a, b)
    if isinstance(a, Size) or isinstance(b, Size):
        if not isinstance(a, (tuple, int)) or not isinstance(b, (tuple, int)) or symbol not in "+*":
            raise TypeError
        if symbol == "*" and isinstance(b, int) and len(a) * b > SHORT:  # type: ignore[arg-type] # a is the size
            raise TypeError
        return operate(a, b)
    plain = (int, float, complex)
    known = isinstance(a, (*OWN, *plain)) and isinstance(b, (*OWN, *plain))
    if known or isinstance(a, Instance) or isinstance(b, Instance):
        return operate(a, b)
    method = special(a, METHODS.get(symbol, ""))
    if method is not None:
        return method(b)
    if type(a).__name__ in EXTENDING and symbol in ("+", "+="):  # containers of modules
        return operate(a, b)
    raise TypeError


SHORT = 1000  # sizes in a shape
EXTENDING = ("ModuleList", "ParameterList", "Sequential")
COMPARED = (Instance, tuple, dict, Device, DType, *ORDERED_VIEWS)
METHODS = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__",
    "%": "__mod__", "**": "__pow__", "@": "__matmul__", "&": "__and__", "|": "__or__", "^": "__xor__",
}  # fmt: skip


def _of_arrays(symbol: str, operate: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Arithmetic with NumPy's arrays; beside a tensor the array counts as one, as in PyTorch."""
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        left, right = (Tensor(one.array) if isinstance(one, Array) else one for one in (a, b))
        return operate(left, right)
    left, right = (one.array if isinstance(one, Array) else one for one in (a, b))
    if any(
        one.__class__ not in NUMBERS and not isinstance(one, (list, tuple))
        for one in (a, b)
        if not isinstance(one, Array)
    ):
        raise TypeError
    found = operate(left, right)
    return a if symbol.endswith("=") and found is left else wrapped(found)


def unary(symbol: str) -> Callable[[Any], Any]:
    """Returns the function behind a unary operator."""
    operate = UNARY[symbol]

    def run(a: Any) -> Any:
        if isinstance(a, Array):
            return wrapped(checked(operate, a.array))
        if not isinstance(a, (Tensor, Instance)):
            raise TypeFault("E380", f"bad operand type for unary {symbol}: '{kind_name(a)}'", help=_advice(a))
        try:
            return operate(a)
        except GradcliError:
            raise
        except FAULTS as error:
            raise _explained(symbol, error, a) from None

    return run


def compare(symbol: str) -> Callable[[Any, Any], Any]:
    """Returns the function behind a comparison; what has no order of its own is equal if it is the same."""
    operate = COMPARE[symbol]
    guarded = _guarded(symbol, operate)

    def run(a: Any, b: Any) -> Any:
        if type(a) in TENSORS and type(b) in OPERANDS:
            return guarded(a, b)
        if symbol in ("==", "!="):
            return _equal(guarded, operate, symbol, a, b)
        if isinstance(a, tuple) and isinstance(b, tuple):
            return checked(operate, a, b)
        return _guarded_order(guarded, symbol, a, b)

    return run


def _equal(guarded: Any, operate: Any, symbol: str, a: Any, b: Any) -> Any:
    if isinstance(a, (Tensor, Array)) or isinstance(b, (Tensor, Array)):
        pair = (Tensor, Array, bool, int, float, complex)
        return guarded(a, b) if isinstance(a, pair) and isinstance(b, pair) else symbol == "!="
    if isinstance(a, COMPARED) or isinstance(b, COMPARED):
        return checked(operate, a, b)
    method = special(a, "__eq__")
    if method is not None:
        return method(b) if symbol == "==" else not method(b)
    return operate(a, b)


def checked(operate: Callable[..., Any], *operands: Any) -> Any:
    """Returns what an operator gives; Python's complaint becomes ours."""
    try:
        return operate(*operands)
    except GradcliError:
        raise
    except FAULTS as error:
        raise TypeFault("E380", str(error)) from None


def _guarded_order(guarded: Any, symbol: str, a: Any, b: Any) -> Any:
    try:
        return guarded(a, b)
    except TypeFault as fault:
        if "unsupported operand" not in str(fault):
            raise
        kinds = f"'{kind_name(a)}' and '{kind_name(b)}'"
        raise TypeFault(
            "E380",
            f"'{symbol}' not supported between instances of {kinds}",
            help=fault.diagnostic.help,
        ) from None


def _explained(symbol: str, error: Exception, *operands: Any) -> GradcliError:
    """Python's own complaint in words about the operands."""
    if isinstance(error, OverflowError):
        return RuntimeFault("E303", "value cannot be converted to type float without overflow")
    if isinstance(error, ZeroDivisionError):
        return ZeroDivisionFault("E381", str(error))
    left, right = (*operands, None)[:2]
    if isinstance(left, (str, list, tuple)) and symbol in ("+", "+=") and not isinstance(left, Size):
        kind = type(left).__name__
        return TypeFault("E380", f'can only concatenate {kind} (not "{kind_name(right)}") to {kind}')
    if not isinstance(error, (TypeError, AttributeError)):
        return RuntimeFault("E300", f"{symbol}: {error}")
    names = " and ".join(f"'{kind_name(operand)}'" for operand in operands)
    shown = "** or pow()" if symbol == "**" else symbol
    strange = next((operand for operand in operands if not isinstance(operand, Tensor)), None)
    return TypeFault("E380", f"unsupported operand type(s) for {shown}: {names}", help=_advice(strange))


def _advice(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "make it a tensor first: torch.tensor(...)"
    if value is None:
        return "None has no value; a gradient is None before backward"
    return ""
