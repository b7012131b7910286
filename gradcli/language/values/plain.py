"""Plain values: numbers, strings, lists, tuples, dicts, sets, ranges, slices, None. Their operators, guarded.

Python's own operators do the work; the guards keep a short program from asking for a huge result
(`10**10**10`, `[0] * 10**9`, `"a" * 10**9`), and nested containers that hold themselves many times over
from being walked. A result is checked where that is cheap, an operand where it is not.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.language.limits import integer_fault, items_fault
from gradcli.language.values.faults import plain_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.values.meter import Meter

__all__ = [
    "BINARY",
    "COMPARE",
    "FAULTS",
    "ITERABLE",
    "KEYS",
    "MINUS_WORD",
    "PAIRS",
    "PLAIN",
    "POINTER",
    "VALUES",
    "VIEWS",
    "WORD",
    "check_size",
    "guarded_binary",
    "guarded_compare",
    "guarded_inplace",
    "guarded_unary",
    "hashed",
]

EMPTY: dict[Any, Any] = {}
KEYS: type = type(EMPTY.keys())
VALUES: type = type(EMPTY.values())
PAIRS: type = type(EMPTY.items())
VIEWS = frozenset({KEYS, VALUES, PAIRS})
PLAIN = VIEWS | {
    bool, int, float, complex, str, list, tuple, dict, set, range, slice, type(None), type(...),
}  # fmt: skip
ITERABLE = VIEWS | {list, tuple, str, range, dict, set}
SIZED = frozenset({str, list, tuple, dict, set})
NESTING = VIEWS | {list, tuple, dict, set}
WORD = 1 << 64
MINUS_WORD = -WORD
POINTER = 8  # bytes that an item takes in a container
FAULTS = (ArithmeticError, TypeError, ValueError, LookupError, RecursionError, MemoryError)

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "&": operator.and_, "|": operator.or_,
    "<<": operator.lshift, ">>": operator.rshift,
}  # fmt: skip
INPLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd, "*": operator.imul, "|": operator.ior, "&": operator.iand, "-": operator.isub,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip


def guarded_binary(symbol: str, meter: Meter) -> Callable[[Any, Any], Any]:
    """Returns the function behind an operator between two plain values.

    It raises LimitFault before a huge result is made, and Python's own complaints as errors of ours.
    """
    return _guarded(BINARY[symbol], GUARDS.get(symbol), symbol, meter)


def guarded_inplace(symbol: str, meter: Meter) -> Callable[[Any, Any], Any]:
    """Returns the function behind `symbol=` between two plain values; it may change a list or a dict."""
    return _guarded(INPLACE.get(symbol, BINARY[symbol]), GUARDS.get(symbol), symbol + "=", meter)


def guarded_unary(symbol: str, meter: Meter) -> Callable[[Any], Any]:
    """Returns the function behind a sign before a plain value."""
    function = UNARY[symbol]

    def apply(value: Any) -> Any:
        try:
            return function(value)
        except FAULTS as error:
            raise plain_fault(error, meter.limits) from None

    return apply


def guarded_compare(symbol: str, meter: Meter) -> Callable[[Any, Any], Any]:
    """Returns the function behind a comparison of two plain values."""
    function = COMPARE[symbol]

    def apply(left: Any, right: Any) -> Any:
        if type(left) in NESTING:
            check_size(left, meter)
            check_size(right, meter)
        try:
            return function(left, right)
        except FAULTS as error:
            raise plain_fault(error, meter.limits) from None

    return apply


def check_size(value: Any, meter: Meter) -> None:
    """Returns if a container, walked with everything in it, has no more items than allowed.

    `a = [a, a]` forty times over makes forty lists, and a walk of 2**40 items.

    Raises:
        LimitFault: it has more.
    """
    if type(value) not in NESTING:
        return
    flat = type(value) is not dict and NESTING.isdisjoint(map(type, value))
    short = flat and len(value) <= min(meter.limits.items, meter.left)
    meter.charge(POINTER * (len(value) if short else _walked(value, meter)))


def _walked(value: Any, meter: Meter) -> int:
    """Returns how many items a container has, with those inside them; raises as `check_size` does."""
    most = min(meter.limits.items, meter.left)
    count = 0
    rest = [value]
    while rest:
        one = rest.pop()
        count += len(one)
        if count > most:
            raise items_fault(meter.limits)
        for items in (one, one.values()) if type(one) is dict else (one,):
            if not NESTING.isdisjoint(map(type, items)):
                rest.extend(item for item in items if type(item) in NESTING)
    return count


def hashed(key: Any, meter: Meter) -> Any:
    """Returns a key that a dict can take.

    Raises:
        TypeFault: it is a list, a dict, or another value that changes.
        LimitFault: it is a tuple of very many.
    """
    if type(key) is tuple:
        check_size(key, meter)
    try:
        hash(key)
    except FAULTS as error:
        raise plain_fault(error, meter.limits) from None
    return key


def _guarded(
    function: Callable[[Any, Any], Any],
    guard: Callable[[Any, Any, Meter], None] | None,
    symbol: str,
    meter: Meter,
) -> Callable[[Any, Any], Any]:
    biggest = 1 << meter.limits.integer_bits

    def apply(left: Any, right: Any) -> Any:
        if guard is not None:
            guard(left, right, meter)
        try:
            result = function(left, right)
        except FAULTS as error:
            fault = plain_fault(error, meter.limits)
            if type(error) is TypeError and "unsupported operand" in str(error):
                kinds = f"'{type(left).__name__}' and '{type(right).__name__}'"
                fault = TypeFault("E380", f"unsupported operand type(s) for {symbol}: {kinds}")
            raise fault from None
        if type(result) is int:
            if not MINUS_WORD < result < WORD:
                if not -biggest < result < biggest:
                    raise integer_fault(meter.limits)
                meter.charge(result.bit_length() // 8)
        elif type(result) in SIZED:
            meter.charge(len(result) * (1 if type(result) is str else POINTER))
        return result

    return apply


def _guard_power(base: Any, exponent: Any, meter: Meter) -> None:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0 and base not in (-1, 0, 1):
        # bit_length - 1 is a lower bound of log2: what passes has at most about twice the bits allowed.
        bits = (base.bit_length() - 1 or 1) * exponent
        if bits > meter.limits.integer_bits:
            raise integer_fault(meter.limits)


def _guard_shift(value: Any, places: Any, meter: Meter) -> None:
    if isinstance(value, int) and isinstance(places, int) and places > meter.limits.integer_bits and value:
        raise integer_fault(meter.limits)


def _guard_repeat(left: Any, right: Any, meter: Meter) -> None:
    if type(right) in SIZED:
        left, right = right, left
    if type(left) in SIZED and isinstance(right, int) and len(left) * right > meter.limits.items:
        raise items_fault(meter.limits)


def _guard_concatenation(left: Any, right: Any, meter: Meter) -> None:
    if type(left) in SIZED and type(right) in SIZED and len(left) + len(right) > meter.limits.items:
        raise items_fault(meter.limits)


GUARDS: dict[str, Callable[[Any, Any, Meter], None]] = {
    "**": _guard_power, "<<": _guard_shift, "*": _guard_repeat, "+": _guard_concatenation,
}  # fmt: skip
