"""Python's own functions and its `math`, as far as expressions need them, with what they make counted."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.diagnostics import LimitFault, TypeFault
from gradcli.explorer.functions import Function, python_function
from gradcli.explorer.values import kind_name
from gradcli.language.values.items import Lazy
from gradcli.language.values.plain import ITERABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["BUILTINS", "CONSTANTS", "MathModule", "items"]

MOST = 10_000_000  # items of a list made at once
CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}

# Nothing that makes a huge number out of a small one (factorial, comb, perm).
MATH = frozenset((
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign", "cos", "cosh",
    "degrees", "erf", "erfc", "exp", "expm1", "fabs", "floor", "fmod", "gamma", "hypot", "isclose",
    "isfinite", "isinf", "isnan", "lgamma", "log", "log10", "log1p", "log2", "radians", "sin", "sinh",
    "sqrt", "tan", "tanh", "trunc",
))  # fmt: skip


WITH_LENGTH: Any = (Tensor, *ITERABLE)
WITH_PARTS: Any = (*WITH_LENGTH, Lazy)


class MathModule:
    """Python's `math`: functions of plain numbers; a tensor of one element counts as its number."""

    __slots__ = ()

    def member(self, name: str) -> Any:
        """Returns what it has under a name, or None."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        return python_function(f"math.{name}", getattr(math, name)) if name in MATH else None

    def __iter__(self) -> Iterator[str]:
        return iter((*CONSTANTS, *MATH))


def items(value: Any) -> Iterator[Any]:
    """Returns an iterator over the parts of a tensor, a list or a generator.

    Raises:
        TypeFault: the value has no parts.
    """
    if isinstance(value, WITH_PARTS):
        return iter(value)
    raise TypeFault("E303", f"expected a tensor or a list, but got {kind_name(value)}")


def _counted(values: Iterable[Any]) -> list[Any]:
    found = list(islice(values, MOST + 1))
    if len(found) > MOST:
        raise LimitFault("E613", f"this would hold more than {MOST} items", help="use a tensor: arange(n)")
    return found


def _length(value: Any) -> int:
    if isinstance(value, WITH_LENGTH):
        return len(value)
    raise TypeFault("E303", f"object of type '{kind_name(value)}' has no len()")


def _range(*args: Any) -> range:
    return range(*(int(arg.item()) if isinstance(arg, Tensor) else arg for arg in args))


def _reversed(value: Any) -> list[Any]:
    return _counted(items(value))[::-1]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "enumerate": lambda value, start=0: Lazy(enumerate(items(value), start)),
    "len": _length,
    "list": lambda value=(): _counted(items(value)),
    "range": _range,
    "reversed": _reversed,
    "tuple": lambda value=(): tuple(_counted(items(value))),
    "zip": lambda *values: Lazy(zip(*map(items, values), strict=False)),
}
BUILTINS: dict[str, Function] = {name: Function(name, run) for name, run in FUNCTIONS.items()}
BUILTINS |= {
    name: python_function(name, run) for name, run in {"float": float, "int": int, "bool": bool}.items()
}
