"""The words of a text: where numbers, names, operators and brackets stand.

Python's parser reads the grammar; this scan runs before it, for what that parser cannot do: cut long
chains (see cuts.py), refuse what would make it fail badly (control characters, deep brackets, huge
numbers), and say what is wrong in words that help.
"""

from __future__ import annotations

import re
from keyword import kwlist
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import Span
from gradcli.language.limits import integer_fault, nesting_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.diagnostics import Source
    from gradcli.language.limits import Limits

__all__ = ["CLOSES", "KEYWORDS", "scan"]

KEYWORDS = frozenset(kwlist) - {"None", "True", "False"}  # these three are values

TOKEN = re.compile(
    r"""
      (?P<space>[ \t\f]+|\\(?:\r\n|\r|\n)|\#[^\r\n]*)
    | (?P<string>(?:[uU]|[bBfF]?[rR]|[rR]?[bBfF])?(?:
        \"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''
        |"(?!"")(?:[^"\\\r\n]|\\(?:\r\n|.))*"|'(?!'')(?:[^'\\\r\n]|\\(?:\r\n|.))*'))
    | (?P<name>[^\W\d]\w*)
    | (?P<number>0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
        |(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?[jJ]?)
    | (?P<power>\*\*(?!=))
    | (?P<sum>[+-](?![=>]))
    | (?P<product>(?://|[*/%@])(?!=))
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<invert>~(?!=))
    | (?P<dots>\.\.\.)
    | (?P<dot>\.)
    | (?P<newline>\r\n|\r|\n)
    | (?P<op>\*\*=|//=|>>=|<<=|->|:=|>>|<<|[-+*/%@&|^<>=!~]=|[&|^<>=,:;!])
    | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)
CLOSES = {"(": ")", "[": "]", "{": "}"}
ROUNDING = 4  # bits that a decimal digit may stand for, rounded up


def scan(source: Source, limits: Limits) -> Iterator[tuple[str, int, int]]:
    """Yields (kind, start, end) of every word; of line ends, only those that end a statement.

    A kind is a group of the pattern, or `word` for a keyword.

    Raises:
        SyntaxFault: a character that no program may hold, an open string, unbalanced brackets, or two
            words run together (`3x`).
        LimitFault: too many brackets inside one another, or too long a number.
    """
    text = source.text
    unreadable = _unreadable(text)
    if unreadable >= 0:
        raise _strays().unseen(source, unreadable)
    brackets = Brackets(source, limits)
    number_end = -1  # no name and no other number may begin right there
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "space" or (kind == "newline" and brackets.opened):
            continue
        if kind == "name":
            kind = _name_kind(source, start, end, number_end)
        elif kind == "number":
            _check_number(source, start, end, number_end, limits)
            number_end = end
        elif kind == "open":
            brackets.open(start)
        elif kind == "close":
            brackets.close(start)
        elif kind == "stray":
            raise _strays().stray(source, start)
        yield kind, start, end  # type: ignore[misc] # every alternative of the pattern has a name
    brackets.finish()


def _unreadable(text: str) -> int:
    """Where a character stands that Python's parser takes not even in strings and remarks; -1 for none."""
    if text.isascii():
        return text.find("\x00")
    found = re.search(r"[\x00\ud800-\udfff]", text)
    return -1 if found is None else found.start()


class Brackets:
    """The brackets that are open, by where they stand."""

    __slots__ = ("_limits", "_source", "opened")

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self.opened: list[int] = []

    def open(self, start: int) -> None:
        """Notes an opening bracket."""
        self.opened.append(start)
        if len(self.opened) > self._limits.nesting:
            raise nesting_fault(self._limits, Span(self._source, start, start + 1))

    def close(self, start: int) -> None:
        """Notes a closing bracket, which must be of the kind opened last."""
        text = self._source.text
        if not self.opened or CLOSES[text[self.opened[-1]]] != text[start]:
            raise _slips().wrong_bracket(self._source, self.opened, start)
        self.opened.pop()

    def finish(self) -> None:
        """Checks that all are closed."""
        if self.opened:
            raise _slips().never_closed(self._source, self.opened)


def _name_kind(source: Source, start: int, end: int, number_end: int) -> str:
    name = source.text[start:end]
    if start == number_end:
        raise _slips().run_together(source, start, end)
    if not name.isascii():
        _strays().check_name(source, start, end)
    return "word" if name in KEYWORDS else "name"


def _check_number(source: Source, start: int, end: int, number_end: int, limits: Limits) -> None:
    if start == number_end:
        raise _slips().run_together(source, start, end)
    if (end - start) * ROUNDING > limits.integer_bits:
        raise integer_fault(limits, Span(source, start, end))


# The many words for errors are read only for one.


def _slips() -> Any:
    from gradcli.language.syntax import slips

    return slips


def _strays() -> Any:
    from gradcli.language.syntax import strays

    return strays
