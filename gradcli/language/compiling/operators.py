"""Operators as functions of two values: plain ones are the language's own, others the host's."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from gradcli.language.values.plain import (
    BINARY,
    COMPARE,
    PLAIN,
    WORD,
    guarded_binary,
    guarded_compare,
    guarded_inplace,
    guarded_unary,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.host import Host
    from gradcli.language.values.items import Items
    from gradcli.language.values.meter import Meter

__all__ = ["Operators"]

IDENTITY: dict[str, Callable[[Any, Any], Any]] = {"is": operator.is_, "is not": operator.is_not}

# Loops over plain numbers need not ask the guards where nothing can go wrong: between floats, between
# integers whose result stays small, and where numbers are compared.
SAFE = frozenset({"+", "-", "*"})
DIVISIONS = frozenset({"/", "//"})  # and `%`: between small numbers, the second of which is not zero
REAL = frozenset({float, int, bool})


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
        self._known: dict[tuple[str, str], Callable[..., Any]] = {}
        self.percent: Callable[[str, Any], str]

    def binary(self, symbol: str) -> Callable[[Any, Any], Any]:
        """Returns the function behind an operator."""
        return self._once(
            "binary", symbol, lambda: self._arithmetic(symbol, guarded_binary, self._host.binary)
        )

    def inplace(self, symbol: str) -> Callable[[Any, Any], Any]:
        """Returns the function behind `symbol=`."""
        return self._once(
            "inplace", symbol, lambda: self._arithmetic(symbol, guarded_inplace, self._host.inplace)
        )

    def compare(self, symbol: str) -> Callable[[Any, Any], Any]:
        """Returns the function behind a comparison."""
        return self._once("compare", symbol, lambda: self._comparison(symbol))

    def unary(self, symbol: str) -> Callable[[Any], Any]:
        """Returns the function behind a sign."""
        return self._once("unary", symbol, lambda: self._sign(symbol))

    def truth(self, value: Any) -> bool:
        """Returns whether a value counts as true."""
        return bool(value) if type(value) in PLAIN else self._host.truth(value)

    def _once(self, family: str, symbol: str, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        if (family, symbol) not in self._known:
            self._known[family, symbol] = make()
        return self._known[family, symbol]

    def _arithmetic(
        self,
        symbol: str,
        guarded: Callable[[str, Meter], Callable[[Any, Any], Any]],
        ask: Callable[[str], Callable[[Any, Any], Any]],
    ) -> Callable[[Any, Any], Any]:
        plain, foreign, safe = guarded(symbol, self._meter), ask(symbol), BINARY[symbol]
        if symbol == "%":
            return self._remainder(safe, plain, foreign)

        if symbol in SAFE:
            return quickly(safe, plain, foreign)
        if symbol in DIVISIONS:
            return dividing(safe, plain, foreign)

        def apply(left: Any, right: Any) -> Any:
            if type(left) in PLAIN and type(right) in PLAIN:
                return plain(left, right)
            return foreign(left, right)

        return apply

    def _remainder(
        self,
        safe: Callable[[Any, Any], Any],
        plain: Callable[[Any, Any], Any],
        foreign: Callable[[Any, Any], Any],
    ) -> Callable[[Any, Any], Any]:
        def formatting(otherwise: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
            return lambda left, right: (
                self.percent(left, right) if type(left) is str else otherwise(left, right)
            )

        return dividing(safe, formatting(plain), formatting(foreign))

    def _comparison(self, symbol: str) -> Callable[[Any, Any], Any]:
        if symbol in IDENTITY:
            return IDENTITY[symbol]
        contains = self._items.contains
        if symbol == "in":
            return contains
        if symbol == "not in":
            return lambda item, container: not contains(item, container)
        plain, foreign = guarded_compare(symbol, self._meter), self._host.compare(symbol)
        function = COMPARE[symbol]

        def apply(left: Any, right: Any) -> Any:
            if type(left) in REAL and type(right) in REAL:
                return function(left, right)
            if type(left) in PLAIN and type(right) in PLAIN:
                return plain(left, right)
            return foreign(left, right)

        return apply

    def _sign(self, symbol: str) -> Callable[[Any], Any]:
        plain, foreign = guarded_unary(symbol, self._meter), self._host.unary(symbol)

        def apply(value: Any) -> Any:
            return plain(value) if type(value) in PLAIN else foreign(value)

        return apply


def quickly(
    safe: Callable[[Any, Any], Any], plain: Callable[[Any, Any], Any], foreign: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    """Returns an operator that asks no guard between floats, or integers whose result is small."""

    def apply(left: Any, right: Any) -> Any:
        kind, other = type(left), type(right)
        if kind is float:
            if other is float or (other is int and -WORD < right < WORD):
                return safe(left, right)
        elif kind is int:
            if other is int:
                result = safe(left, right)
                if -WORD < result < WORD:
                    return result
            elif other is float and -WORD < left < WORD:
                return safe(left, right)
        if kind in PLAIN and other in PLAIN:
            return plain(left, right)
        return foreign(left, right)

    return apply


def dividing(
    safe: Callable[[Any, Any], Any], plain: Callable[[Any, Any], Any], foreign: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    """Returns a division that asks no guard between small numbers."""

    def apply(left: Any, right: Any) -> Any:
        kind, other = type(left), type(right)
        if (
            (kind is int or kind is float)
            and (other is int or other is float)
            and right
            and -WORD < left < WORD
            and -WORD < right < WORD
        ):
            try:
                return safe(left, right)
            except OverflowError:
                return plain(left, right)
        if kind in PLAIN and other in PLAIN:
            return plain(left, right)
        return foreign(left, right)

    return apply
