"""Builtins that walk over values: each step is counted, and what they make is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.language import PLAIN, Lazy
from gradcli.language.values.plain import POINTER, guarded_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.explorer.scripts.host import ScriptHost
    from gradcli.language import Meter

__all__ = ["NOTHING", "Walking"]

COUNTED = frozenset({list, tuple, str, dict, set, range})
NUMBERS = frozenset({bool, int, float})
NOTHING: Any = object()


class Walking:
    """What of the builtins takes items."""

    def __init__(self, host: ScriptHost) -> None:
        self._host = host

    @property
    def meter(self) -> Meter:
        """What is left of the script's budget."""
        return self._host.meter

    def items(self, value: Any) -> Iterator[Any]:
        """Returns an iterator over any value that has items, each step of it counted."""
        kind = type(value)
        if kind in COUNTED:
            self.meter.charge(len(value) * POINTER)
            return iter(value)
        if kind is Lazy:  # a generator of the script counts its own steps
            return iter(value)
        return self._host.iterate(value) if kind not in PLAIN else iter(value)

    def listed(self, value: Any) -> list[Any]:
        """Returns the items of a value as a list; raises LimitFault where there are too many."""
        return self._host.tools.listed(value)

    def enumerate(self, iterable: Any, start: int = 0) -> Lazy:
        """Pairs of number and item."""
        return Lazy(enumerate(self.items(iterable), start))

    def zip(self, *iterables: Any, strict: bool = False) -> Lazy:
        """Tuples of items that stand at the same place."""
        return Lazy(zip(*map(self.items, iterables), strict=strict))

    def map(self, function: Any, *iterables: Any) -> Lazy:
        """What the function gives for each item."""
        return Lazy(map(function, *map(self.items, iterables)))

    def filter(self, function: Any, iterable: Any) -> Lazy:
        """The items for which the function gives something true."""
        return Lazy(filter(function, self.items(iterable)))

    def sorted(self, iterable: Any, *, key: Any = None, reverse: bool = False) -> list[Any]:
        """The items in order, as a list."""
        return self._host.tools.ordered(self.listed(iterable), key, reverse)

    def reversed(self, sequence: Any) -> Lazy:
        """The items from last to first."""
        return Lazy(reversed(self.listed(sequence)))

    def sum(self, iterable: Any, /, start: Any = 0) -> Any:
        """The items added up, from the left."""
        if isinstance(start, str):
            raise TypeFault("E380", "sum() can't sum strings [use ''.join(seq) instead]")
        add = self._adding()
        total = start
        for item in self.items(iterable):
            total = add(total, item)
        return total

    def _adding(self) -> Callable[[Any, Any], Any]:
        plain, foreign = guarded_binary("+", self.meter), self._host.binary("+")
        return lambda a, b: plain(a, b) if type(a) in PLAIN and type(b) in PLAIN else foreign(a, b)

    def min(self, *args: Any, key: Any = None, default: Any = NOTHING) -> Any:
        """The least of the items, or of several values; the first where several are."""
        return self._extreme(min, args, key, default)

    def max(self, *args: Any, key: Any = None, default: Any = NOTHING) -> Any:
        """The greatest of the items, or of several values; the first where several are."""
        return self._extreme(max, args, key, default)

    def _extreme(self, choose: Callable[..., Any], args: tuple[Any, ...], key: Any, default: Any) -> Any:
        if not args:
            raise TypeFault("E380", f"{choose.__name__} expected at least 1 argument, got 0")
        values = list(args) if len(args) > 1 else self.listed(args[0])
        if not values:
            return (
                choose(values) if default is NOTHING else default
            )  # Python's own words, which changed in 3.12
        if key is None and NUMBERS.issuperset(map(type, values)):
            return choose(values)
        return self._host.tools.ordered(values, key, choose is max)[0]

    def any(self, iterable: Any) -> bool:
        """Whether some item is true."""
        return any(map(self._host.truth, self.items(iterable)))

    def all(self, iterable: Any) -> bool:
        """Whether all items are true."""
        return all(map(self._host.truth, self.items(iterable)))
