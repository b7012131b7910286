"""Values as text: `str`, `repr`, `format` and f-strings, all by one formatter.

Python's own formatting of strings reaches into attributes and pads to any width; here the only fields are
values, the only specs are Python's for numbers and strings, and every text is charged before it is made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from gradcli.diagnostics import TypeFault
from gradcli.language.limits import items_fault
from gradcli.language.values.faults import Caught, ErrorKind, plain_fault
from gradcli.language.values.function import Function
from gradcli.language.values.items import Lazy
from gradcli.language.values.plain import FAULTS, KEYS, PAIRS, PLAIN, VALUES, WORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.host import Host
    from gradcli.language.values.meter import Meter

__all__ = ["Formatter"]

NUMBERS = frozenset({int, float, complex, bool})
SCALARS = frozenset({int, float, complex, bool, str})
OWN = frozenset({Function, Lazy, ErrorKind, Caught})
WORDS: dict[Any, str] = {None: "None", ...: "Ellipsis"}
LONGEST_NUMBER = 400  # characters of a float without a precision: 1e308 has 309 digits, with commas 412
ESCAPED = 10  # characters that repr() makes of one (`\U0001f600`)
ITEM = 34  # characters that an item counts for beside its own: at least a step each
HUGE = 12  # digits of a width that nobody means: Python itself takes no more than 19


class Formatter:
    """Texts for one program: plain values here, others by the host."""

    __slots__ = ("_host", "_meter")

    def __init__(self, host: Host, meter: Meter) -> None:
        self._host = host
        self._meter = meter

    def text(self, value: Any, quoted: bool = False) -> str:
        """Returns `str(value)`, or `repr(value)` where quoted.

        Raises:
            LimitFault: it would be too long.
        """
        kind = type(value)
        if kind is str:
            return self._quoted(value) if quoted else value
        if kind is float:
            return repr(value)
        if kind in NUMBERS:
            return self._number(value)
        if kind in self._containers:
            return self.sized(self._containers[kind](self, value, frozenset()))
        return self._other(value, quoted, frozenset())

    def format(self, value: Any, spec: str) -> str:
        """Returns `format(value, spec)`, which a field of an f-string shows.

        Raises:
            ValueFault: the spec is none of Python's for numbers and strings, or none for this value.
            LimitFault: the text would be too long.
        """
        if not spec:
            known = type(value) in PLAIN or type(value) in OWN
            return self.text(value) if known else self.sized(self._host.format(value, ""))
        self.reserve(spec, value)
        if type(value) not in SCALARS:
            if type(value) in PLAIN or type(value) in OWN:
                name = value.kind.name if type(value) is Caught else type(value).__name__
                raise TypeFault("E380", f"unsupported format string passed to {name}.__format__")
            return self.sized(self._host.format(value, spec))
        try:
            return format(value, spec)
        except FAULTS as error:
            raise plain_fault(error, self._meter.limits) from None

    def prepared(self, spec: str) -> Callable[[Any], str]:
        """Returns what formats values under a spec that is looked at once: `f"{loss:.4f}"` in a loop."""
        size = -1

        def run(value: Any) -> str:
            nonlocal size
            if type(value) is not float and not (type(value) is int and -WORD < value < WORD):
                return self.format(value, spec)
            if size < 0:
                size = self._bound(spec)
            self.charge(size)
            try:
                return format(value, spec)
            except FAULTS as error:
                raise plain_fault(error, self._meter.limits) from None

        return run

    def reserve(self, spec: str, value: Any) -> None:
        """Charges what a value may need under a spec; raises LimitFault for a huge width or precision."""
        size = self._bound(spec)
        if type(value) is str:
            size += len(value)
        elif type(value) is int:
            size += 2 * value.bit_length()
        self.charge(size)

    def _bound(self, spec: str) -> int:
        """Returns how many characters a small number may take under a spec, whatever else that says."""
        size = LONGEST_NUMBER + len(spec)
        for digits in re.findall(r"\d+", spec):  # of any script, as Python reads them
            if len(digits) > HUGE:
                raise items_fault(self._meter.limits)
            size += 2 * int(digits)  # zeros that fill a width may get commas
        return size

    def sized(self, text: str) -> str:
        """Returns a text that has been made, charged."""
        self.charge(len(text))
        return text

    def charge(self, size: int) -> None:
        """Takes the steps for a text of so many characters."""
        if size > self._meter.limits.items:
            raise items_fault(self._meter.limits)
        self._meter.charge(size)

    def _quoted(self, value: str) -> str:
        self.charge(len(value) if value.isascii() and value.isprintable() else ESCAPED * len(value))
        return repr(value)

    def _number(self, value: Any) -> str:
        try:
            return repr(value)
        except FAULTS as error:  # an integer that the user allowed to be longer than Python prints
            raise plain_fault(error, self._meter.limits) from None

    def _inside(self, value: Any, around: frozenset[int]) -> str:
        """Returns the text of a value within containers, which are told by their identities."""
        kind = type(value)
        if kind is str:
            return self._quoted(value)
        if kind in NUMBERS:
            return self._number(value)
        if kind in self._containers:
            return self._containers[kind](self, value, around)
        return self._other(value, True, around)

    def _other(self, value: Any, quoted: bool, around: frozenset[int]) -> str:
        kind = type(value)
        if value is None or value is ...:
            return WORDS[value]
        if kind is range:
            return repr(value)
        if kind is slice:
            parts = (self._inside(part, around) for part in (value.start, value.stop, value.step))
            return f"slice({', '.join(parts)})"
        if kind is Caught:
            return self._error(value, quoted, around)
        if kind in OWN:
            return repr(value)
        return self.sized(self._host.text(value, quoted=quoted))

    def _error(self, value: Caught, quoted: bool, around: frozenset[int]) -> str:
        name = "__repr__" if quoted else "__str__"
        own = value.kind.find(name)  # of a kind that the program derived
        if own is not None:
            text = own(value)
            if type(text) is not str:
                raise TypeFault("E380", f"{name} returned non-string (type {type(text).__name__})")
            return self.sized(text)
        args = (self._inside(argument, around) for argument in value.args)
        return f"{value.kind.name}({', '.join(args)})" if quoted else str(value)

    def _items(self, value: Any, around: frozenset[int]) -> list[str]:
        inner = around | {id(value)}
        texts: list[str] = []
        for item in value:
            text = self._inside(item, inner)
            self.charge(len(text) + ITEM)
            texts.append(text)
        return texts

    def _list(self, value: list[Any], around: frozenset[int]) -> str:
        return "[...]" if id(value) in around else f"[{', '.join(self._items(value, around))}]"

    def _tuple(self, value: tuple[Any, ...], around: frozenset[int]) -> str:
        if id(value) in around:
            return "(...)"
        return f"({', '.join(self._items(value, around))}{',' if len(value) == 1 else ''})"

    def _set(self, value: set[Any], around: frozenset[int]) -> str:
        return f"{{{', '.join(self._items(value, around))}}}" if value else "set()"

    def _dict(self, value: dict[Any, Any], around: frozenset[int]) -> str:
        if id(value) in around:
            return "{...}"
        inner = around | {id(value)}
        texts: list[str] = []
        for key, item in value.items():
            text = f"{self._inside(key, inner)}: {self._inside(item, inner)}"
            self.charge(len(text) + ITEM)
            texts.append(text)
        return f"{{{', '.join(texts)}}}"

    def _view(self, value: Any, around: frozenset[int]) -> str:
        if id(value) in around:
            return "..."
        return f"{type(value).__name__}([{', '.join(self._items(value, around))}])"

    _containers: ClassVar[dict[type, Callable[[Formatter, Any, frozenset[int]], str]]] = {
        list: _list, tuple: _tuple, dict: _dict, set: _set, KEYS: _view, VALUES: _view, PAIRS: _view,
    }  # fmt: skip
