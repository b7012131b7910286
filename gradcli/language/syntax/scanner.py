"""The words of a text: where numbers, names, operators and brackets stand.

Python's parser reads the grammar; this scan runs before it, for what that parser cannot do: cut long
chains (see cuts.py), refuse what would make it fail badly (control characters, deep brackets, huge
numbers), and say what is wrong in words that help.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import kwlist
from typing import TYPE_CHECKING

from gradcli.language.limits import integer_fault, nesting_fault

if TYPE_CHECKING:
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
UNREADABLE = re.compile(
    r"[\x00\ud800-\udfff]"
)  # not even in strings and remarks: Python's parser takes neither
CLOSES = {"(": ")", "[": "]", "{": "}"}
ROUNDING = 4  # bits that a decimal digit may stand for, rounded up


def scan(source: Source, limits: Limits) -> Iterator[tuple[str, int, int]]:
    """Yields (kind, start, end) of every word; of line ends, only those that end a statement.

    Raises:
        SyntaxFault: a character that no program may hold, an open string, unbalanced brackets, or two
            words run together (`3x`).
        LimitFault: too many brackets inside one another, or too long a number.
    """
    text = source.text
    unreadable = UNREADABLE.search(text)
    if unreadable is not None:
        from gradcli.language.syntax import strays  # the many words for errors are read only for one

        raise strays.unseen(source, unreadable.start())
    opened: list[int] = []
    ended = -1  # where the last number ended: a name may not begin there
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "space":
            continue
        if kind == "name":
            if start == ended:
                from gradcli.language.syntax import slips  # as above

                raise slips.run_together(source, start, end)
            name = text[start:end]
            if not name.isascii():
                from gradcli.language.syntax import strays  # as above

                strays.check_name(source, start, end)
            if name in KEYWORDS:
                kind = "word"
        elif kind == "number":
            if start == ended:
                from gradcli.language.syntax import slips  # as above

                raise slips.run_together(source, start, end)
            if (end - start) * ROUNDING > limits.integer_bits:
                from gradcli.diagnostics import Span

                raise integer_fault(limits, Span(source, start, end))
            ended = end
        elif kind == "open":
            opened.append(start)
            if len(opened) > limits.nesting:
                from gradcli.diagnostics import Span

                raise nesting_fault(limits, Span(source, start, end))
        elif kind == "close":
            if not opened or CLOSES[text[opened[-1]]] != text[start]:
                from gradcli.language.syntax import slips  # as above

                raise slips.wrong_bracket(source, opened, start)
            opened.pop()
        elif kind == "newline":
            if opened:
                continue
        elif kind == "stray":
            from gradcli.language.syntax import strays  # as above

            raise strays.stray(source, start)
        yield kind, start, end  # type: ignore[misc] # every alternative of the pattern has a name
    if opened:
        from gradcli.language.syntax import slips  # as above

        raise slips.never_closed(source, opened)
