"""Where the keys and values of a TOML text stand; `tomllib` does not tell.

Asked only once something is wrong. It is lenient: `tomllib` has the say on what is TOML, and where this
scanner loses its way it keeps the places found so far.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

__all__ = ["LONGEST_KEY", "Path", "Place", "longest_key", "places"]

Path = tuple[str | int, ...]
"""The keys to a value, with the number of the element for an array: `("case", 3, "expect", "grad", "x")`."""

LONGEST_KEY = 32
"""Parts of a dotted key: `tomllib` takes seconds for 20,000."""

DEEPEST = 100  # arrays and inline tables inside one another

BLANKS = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*+")
INDENT = re.compile(r"[ \t]*")
PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*'""")
STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:[^"\\\n]|\\.)*+"' r"|'[^'\n]*'",
    re.DOTALL,
)
SCALAR = re.compile(r"[^,\]}#\r\n]+")


class Place(NamedTuple):
    """Character offsets of a key and of its value; of a table's header both are the header."""

    key: tuple[int, int]
    value: tuple[int, int]


class _Lost(Exception):
    """The text is not what a scanner of TOML expects."""


@lru_cache(maxsize=2)
def places(text: str) -> dict[Path, Place]:
    """Returns the place of each key in a TOML text, by the keys that lead to it.

    The last answers are kept: a thousand cases of one file may fail.
    """
    return _scanned(text).found


def longest_key(text: str) -> tuple[int, int] | None:
    """Returns the offsets of the first dotted key with more than `LONGEST_KEY` parts, if there is one."""
    if all(line.count(".") < LONGEST_KEY for line in text.split("\n")):
        return None
    return _scanned(text).endless


def _scanned(text: str) -> _Scanner:
    scanner = _Scanner(text)
    with suppress(_Lost):
        scanner.document()
    return scanner


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Place] = {}
        self.counts: dict[Path, int] = {}  # elements of each array of tables
        self.endless: tuple[int, int] | None = None  # a key with too many parts: nothing is read after it

    def document(self) -> None:
        """Reads headers and lines of `key = value` to the end."""
        table: Path = ()
        while True:
            self.skip(BLANKS)
            if self.at == len(self.text):
                return
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table, 0)

    def header(self) -> Path:
        """Returns the path of the table that a header opens."""
        start, several = self.at, self.text.startswith("[[", self.at)
        self.at += 1 + several
        parts = self.key()
        self.expect("]]" if several else "]")
        path = self.resolved(parts)
        if several:
            self.found.setdefault(path, Place((start, self.at), (start, self.at)))
            self.counts[path] = self.counts.get(path, 0) + 1
            path = (*path, self.counts[path] - 1)
        self.found.setdefault(path, Place((start, self.at), (start, self.at)))
        return path

    def resolved(self, parts: list[str]) -> Path:
        """The path behind the keys of a header; inside an array of tables its last element is meant."""
        path: Path = ()
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            if path in self.counts and number < len(parts):
                path = (*path, self.counts[path] - 1)
        return path

    def pair(self, table: Path, depth: int) -> None:
        """Reads `key = value`."""
        start = self.at
        parts = self.key()
        end = start + len(self.text[start : self.at].rstrip())
        self.expect("=")
        self.skip(INDENT)
        begin, path = self.at, (*table, *parts)
        for length in range(len(table) + 1, len(path)):
            self.found.setdefault(path[:length], Place((start, end), (start, end)))
        self.found[path] = Place((start, end), (begin, begin))
        self.value(path, depth)
        self.found[path] = Place((start, end), (begin, self.at))

    def key(self) -> list[str]:
        """Returns the parts of a dotted key."""
        start, parts = self.at, list[str]()
        while True:
            if len(parts) == LONGEST_KEY:
                self.endless = start, self.at
                raise _Lost
            self.skip(INDENT)
            part = PART.match(self.text, self.at)
            if part is None:
                raise _Lost
            self.at = part.end()
            parts.append(_unquoted(part.group()))
            self.skip(INDENT)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: Path, depth: int) -> None:
        """Reads a value, and whatever keys stand in it."""
        if depth > DEEPEST:
            raise _Lost
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self.items(path, depth)
        elif opening == "{":
            self.inline_table(path, depth)
        else:
            found = STRING.match(self.text, self.at) or SCALAR.match(self.text, self.at)
            if found is None:
                raise _Lost
            self.at += len(found.group().rstrip())

    def items(self, path: Path, depth: int) -> None:
        """Reads an array."""
        self.at += 1
        number = 0
        while True:
            self.skip(BLANKS)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            begin, item = self.at, (*path, number)
            self.value(item, depth + 1)
            self.found[item] = Place((begin, self.at), (begin, self.at))
            number += 1
            self.comma("]")

    def inline_table(self, path: Path, depth: int) -> None:
        """Reads `{key = value, ...}`."""
        self.at += 1
        while True:
            self.skip(BLANKS)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self.pair(path, depth + 1)
            self.comma("}")

    def comma(self, closing: str) -> None:
        """Reads what stands between two elements."""
        self.skip(BLANKS)
        if self.text.startswith(",", self.at):
            self.at += 1
        elif not self.text.startswith(closing, self.at):
            raise _Lost

    def expect(self, symbol: str) -> None:
        """Reads a symbol that must stand here."""
        if not self.text.startswith(symbol, self.at):
            raise _Lost
        self.at += len(symbol)

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Passes over what means nothing."""
        found = pattern.match(self.text, self.at)
        self.at = self.at if found is None else found.end()


def _unquoted(part: str) -> str:
    """The key that a part spells; one with escapes costs a look by whoever knows them."""
    if part[0] not in "\"'":
        return part
    if "\\" not in part:
        return part[1:-1]
    import tomllib  # keys with escapes are rare

    try:
        return str(tomllib.loads(f"key = {part}")["key"])
    except ValueError:
        return part[1:-1]
