"""Strings with fields: `"%d" % n` and `"{}".format(n)`, in Python's words, by the formatter of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import IndexFault, TypeFault, ValueFault
from gradcli.language.values.faults import KeyFault, plain_fault
from gradcli.language.values.plain import FAULTS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.language.values.formatting import Formatter
    from gradcli.language.values.meter import Meter

__all__ = ["Templates"]

DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[#0\- +]*)(?P<width>\*|[0-9]*)(?:\.(?P<precision>\*|[0-9]*))?[hlL]?"
    r"(?P<kind>.?)",
    re.DOTALL,
)
WHOLE = frozenset("diouxXc")
REAL = frozenset("eEfFgG")
TEXTS = frozenset("sra")
DEEPEST = 2  # `{:{width}}`: a field in the spec of a field


class Templates:
    """The strings with fields of one program.

    `convert` makes a number of a value that is no plain one: it is given the name of Python's function.
    """

    __slots__ = ("_convert", "_formatter", "_meter")

    def __init__(self, formatter: Formatter, meter: Meter, convert: Callable[[str, Any], Any]) -> None:
        self._formatter = formatter
        self._meter = meter
        self._convert = convert

    def percent(self, template: str, values: Any) -> str:
        """Returns `template % values`.

        Raises:
            TypeFault, ValueFault, KeyFault: template and values do not fit; in Python's words.
            LimitFault: the text would be too long.
        """
        given = Given(values)
        parts: list[str] = []
        position = 0
        for found in DIRECTIVE.finditer(template):
            parts += template[position : found.start()], self._directive(found, given)
            position = found.end()
            self._meter.step()
        parts.append(template[position:])
        given.finish()
        return self._joined(parts)

    def fields(self, template: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Returns `template.format(*args, **kwargs)`; raises as `percent` does."""
        return self._filled(template, Numbering(args, kwargs), 1)

    def _directive(self, found: re.Match[str], given: Given) -> str:
        kind = found["kind"]
        if found[0] == "%%":
            return "%"
        if not kind:
            raise ValueFault("E386", "incomplete format")
        width = given.number() if found["width"] == "*" else found["width"]
        precision = given.number() if found["precision"] == "*" else found["precision"]
        value = given.value(found["key"])
        if kind not in WHOLE | REAL | TEXTS:
            shown = f"'{kind if ' ' <= kind <= '~' else '?'}' ({ord(kind):#x}) at index {found.start('kind')}"
            raise ValueFault("E386", f"unsupported format character {shown}")
        flags = found["flags"]
        if kind in TEXTS:
            value = self._formatter.text(value, kind != "s")
            kind = "s"
        elif type(value) not in PLAIN:
            value = self._convert("int" if kind in WHOLE else "float", value)
        if width.startswith("-"):
            flags, width = flags + "-", width[1:]
        points = "" if precision is None else f".{precision or 0}"
        self._formatter.reserve(f"{width}{points}", value)
        try:
            return f"%{flags}{width}{points}{kind}" % (value,)
        except FAULTS as error:
            raise plain_fault(error, self._meter.limits) from None

    def _filled(self, template: str, numbering: Numbering, level: int) -> str:
        if level > DEEPEST:
            raise ValueFault("E386", "Max string recursion exceeded")
        parts: list[str] = []
        for text, field, spec, conversion in self._parsed(template):
            self._meter.step()
            parts.append(text)
            if field is None:
                continue
            value = numbering.value(field)
            if conversion:
                if conversion not in TEXTS:
                    raise ValueFault("E386", f"Unknown conversion specifier {conversion[:1]!r}")
                value = self.converted(value, conversion)
            form = self._filled(spec, numbering, level + 1) if spec else ""
            parts.append(self._formatter.format(value, form))
        return self._joined(parts)

    def converted(self, value: Any, conversion: str) -> str:
        """Returns the text behind `!s`, `!r` or `!a`."""
        text = self._formatter.text(value, conversion != "s")
        if conversion == "a" and not text.isascii():
            self._formatter.charge(10 * len(text))
            return text.encode("ascii", "backslashreplace").decode("ascii")
        return text

    def _parsed(self, template: str) -> Iterator[tuple[str, str | None, str, str | None]]:
        from string import Formatter as Pythons  # only its reading of fields, where there are some

        fields = iter(Pythons().parse(template))
        while True:
            try:
                text, field, spec, conversion = next(fields)
            except StopIteration:
                return
            except FAULTS as error:
                raise plain_fault(error, self._meter.limits) from None
            yield text, field, spec or "", conversion

    def _joined(self, parts: list[str]) -> str:
        self._formatter.charge(sum(map(len, parts)))
        return "".join(parts)


class Given:
    """The values on the right of `%`, one after the other or by name."""

    __slots__ = ("_keyed", "_named", "_next", "_values")

    def __init__(self, values: Any) -> None:
        self._values: tuple[Any, ...] = values if type(values) is tuple else (values,)
        self._keyed = type(values) in (dict, list, range)  # what Python takes for a mapping may be left over
        self._named: dict[Any, Any] | None = values if type(values) is dict else None
        self._next = 0

    def value(self, key: str | None) -> Any:
        """Returns the value under a name, or the next one."""
        if key is None:
            if self._next >= len(self._values):
                raise TypeFault("E380", "not enough arguments for format string")
            self._next += 1
            return self._values[self._next - 1]
        if self._named is None:
            raise TypeFault("E380", "format requires a mapping")
        if key not in self._named:
            raise KeyFault("E384", repr(key))
        return self._named[key]

    def number(self) -> str:
        """Returns the next value as a width."""
        value = self.value(None)
        if type(value) is not int:
            raise TypeFault("E380", "* wants int")
        return str(value) if abs(value) < 1 << 60 else "9" * 19  # refused as a width, whatever it is

    def finish(self) -> None:
        """Checks that no value is left over."""
        if self._next < len(self._values) and not self._keyed:
            raise TypeFault("E380", "not all arguments converted during string formatting")


class Numbering:
    """The arguments of `format`, by place, by name, or one after the other."""

    __slots__ = ("_args", "_kwargs", "_next")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._args = args
        self._kwargs = kwargs
        self._next: int | None = None  # -1 once places are given by number

    def value(self, field: str) -> Any:
        """Returns the value behind the text of a field."""
        if field.isdecimal() and field.isascii() and len(field) < 10:  # noqa: PLR2004 - no one gives 10**9 values
            return self._numbered(int(field))
        if not field:
            if self._next == -1:
                raise ValueFault(
                    "E386",
                    "cannot switch from manual field specification to automatic field numbering",
                )
            self._next = (self._next or 0) + 1
            return self._place(self._next - 1)
        if any(sign in field for sign in ".[]"):
            raise ValueFault(
                "E386",
                "a field names a value, not its attributes or items",
                help='write them as arguments: `"{}".format(x.shape)`, or an f-string',
            )
        if field not in self._kwargs:
            raise KeyFault("E384", repr(field))
        return self._kwargs[field]

    def _numbered(self, place: int) -> Any:
        if self._next is not None and self._next >= 0:
            raise ValueFault(
                "E386", "cannot switch from automatic field numbering to manual field specification"
            )
        self._next = -1
        return self._place(place)

    def _place(self, place: int) -> Any:
        if place >= len(self._args):
            text = f"Replacement index {place} out of range for positional args tuple"
            raise IndexFault("E383", text)
        return self._args[place]
