"""Operators as functions of two values: plain ones are the language's own, others the host's."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.language.values.plain import (
    BINARY,
    COMPARE,
    MINUS_WORD,
    PLAIN,
    WORD,
    guarded_binary,
    guarded_compare,
    guarded_inplace,
    guarded_unary,
)

if TYPE_CHECKING:
    from gradcli.language.host import Host
    from gradcli.language.values.items import Items
    from gradcli.language.values.meter import Meter

__all__ = ["ByClass", "Operators"]

IDENTITY: dict[str, Callable[[Any, Any], Any]] = {"is": operator.is_, "is not": operator.is_not}

# Operators between numbers that take no time worth guarding: a result that is a float or a small integer is
# what the guards would have passed.
SAFE = frozenset({"+", "-", "*", "/", "//", "%"})
NUMBERS = frozenset({float, int})
REAL = frozenset({float, int, bool})


class ByClass(dict[type, Callable[..., Any]]):
    """An operator: its functions by the class of the first operand, each chosen when a class is first met.

    `operate[type(left)](left, right)` asks nothing of a value that was asked of one of its kind before.
    """

    __slots__ = ("_choose",)

    def __init__(self, choose: Callable[[type], Callable[..., Any]]) -> None:
        super().__init__()
        self._choose = choose

    def __missing__(self, kind: type) -> Callable[..., Any]:
        found = self[kind] = self._choose(kind)
        return found


class Operators:
    """The operators of one program.

    Attributes:
        percent: what `%` does between a string and values.
    """

    __slots__ = ("_host", "_items", "_known", "_meter", "percent")

    def __init__(self, host: Host, items: Items, meter: Meter) -> None:
        self._host = host
        self._items = items
        self._meter = meter
        self._known: dict[tuple[str, str], ByClass] = {}
        self.percent: Callable[[str, Any], str]

    def binary(self, symbol: str) -> ByClass:
        """Returns the functions of two values behind an operator."""
        return self._once("binary", symbol, self._arithmetic)

    def inplace(self, symbol: str) -> ByClass:
        """Returns the functions of two values behind `symbol=`."""
        return self._once("inplace", symbol, self._arithmetic)

    def compare(self, symbol: str) -> ByClass:
        """Returns the functions of two values behind a comparison."""
        return self._once("compare", symbol, self._comparison)

    def unary(self, symbol: str) -> ByClass:
        """Returns the functions of a value behind a sign."""
        return self._once("unary", symbol, self._sign)

    def truth(self, value: Any) -> bool:
        """Returns whether a value counts as true."""
        return bool(value) if type(value) in PLAIN else self._host.truth(value)

    def _once(self, family: str, symbol: str, make: Callable[[str, str], ByClass]) -> ByClass:
        if (family, symbol) not in self._known:
            self._known[family, symbol] = make(family, symbol)
        return self._known[family, symbol]

    def _arithmetic(self, family: str, symbol: str) -> ByClass:
        guarded, ask = (
            (guarded_binary, self._host.binary)
            if family == "binary"
            else (guarded_inplace, self._host.inplace)
        )
        plain, foreign, safe = guarded(symbol, self._meter), ask(symbol), BINARY[symbol]
        mixed = _mixed(plain, foreign)

        def choose(kind: type) -> Callable[[Any, Any], Any]:
            if kind not in PLAIN:
                return foreign
            if kind is str and symbol == "%":
                return self.percent
            return _quick(safe, plain, foreign) if symbol in SAFE and kind in NUMBERS else mixed

        return ByClass(choose)

    def _comparison(self, _: str, symbol: str) -> ByClass:
        if symbol in IDENTITY:
            return ByClass(lambda _: IDENTITY[symbol])
        contains = self._items.contains
        if symbol == "in":
            return ByClass(lambda _: contains)
        if symbol == "not in":
            return ByClass(lambda _: lambda item, container: not contains(item, container))
        foreign, function = self._host.compare(symbol), COMPARE[symbol]
        mixed = _mixed(guarded_compare(symbol, self._meter), foreign)

        def real(left: Any, right: Any) -> Any:
            return function(left, right) if type(right) in REAL else mixed(left, right)

        return ByClass(lambda kind: real if kind in REAL else mixed if kind in PLAIN else foreign)

    def _sign(self, _: str, symbol: str) -> ByClass:
        plain, foreign = guarded_unary(symbol, self._meter), self._host.unary(symbol)
        return ByClass(lambda kind: plain if kind in PLAIN else foreign)


def _mixed(plain: Callable[[Any, Any], Any], foreign: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Returns an operator after a plain value."""
    return lambda left, right: plain(left, right) if type(right) in PLAIN else foreign(left, right)


def _quick(
    safe: Callable[[Any, Any], Any], plain: Callable[[Any, Any], Any], foreign: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    """Returns an operator after a float or an integer that asks no guard of a float or a small integer."""

    def apply(left: Any, right: Any) -> Any:
        kind = type(right)
        if kind is float or kind is int:
            try:
                result = safe(left, right)
            except ArithmeticError:
                return plain(left, right)  # which says what is wrong
            if type(result) is float or MINUS_WORD < result < WORD:
                return result
        return plain(left, right) if kind in PLAIN else foreign(left, right)

    return apply
