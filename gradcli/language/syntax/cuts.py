"""Cutting a text into pieces that Python's parser can take.

Python's parser builds a sum of n terms as a tree n levels deep, and then fails, or kills the process, when
it walks that tree. But `t1 + ... + tn` is `(t1 + ... + tk) + ... + tn`: a complete prefix of a run of
additive operators, or of multiplicative ones, is a piece of the tree. So every LONGEST operators the prefix
so far becomes a Cut; the piece that follows begins with a placeholder for it. Each cut covers its
predecessor, which makes a long chain a line of cuts, one inside the next, and never a deep nest of brackets.

A long program is cut at line ends into batches of statements, so that only one batch at a time stands in
Python's memory-hungry tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcli.language.syntax.scanner import scan

if TYPE_CHECKING:
    from gradcli.diagnostics import Source
    from gradcli.language.limits import Limits

__all__ = ["Cut", "cut_up"]

LONGEST = 64  # operators per piece: the parser's cost per operator grows with it from here on
BATCH = 20_000  # characters of statements per piece
UNARY = frozenset({"sum", "invert"})  # a `sum` that follows no operand is a sign
OPERANDS = frozenset({"name", "number", "string", "dots"})
CONTINUING = (
    "else",
    "elif",
    "except",
    "finally",
    "def",
    "class",
    "async",
)  # a def may have a decorator above


class Cut:
    """The text from `start` to `end`, in which each of `holes` stands for its own tree."""

    __slots__ = ("end", "holes", "start")

    def __init__(self, start: int, end: int, holes: list[Cut]) -> None:
        self.start = start
        self.end = end
        self.holes = holes


class Level:
    """What is under way between two brackets: a sum, the product that is its latest term, an operand.

    `sum` and `product` are where each began, -1 before it does; the counts are operators since the last cut.
    """

    __slots__ = ("after_operand", "product", "products", "sum", "sums")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.sum = self.product = -1
        self.sums = self.products = 0
        self.after_operand = False


def cut_up(source: Source, limits: Limits) -> Iterator[Cut]:
    """Yields the program's batches of statements, in order; together they cover the text.

    Raises:
        SyntaxFault, LimitFault: as `scan` does.
    """
    text = source.text
    holes: list[Cut] = []
    outer: list[Level] = []
    level = Level()
    begun = ended = 0

    def fold(start: int) -> None:
        inner: list[Cut] = []
        while holes and holes[-1].start >= start:
            inner.append(holes.pop())
        holes.append(Cut(start, ended, inner[::-1]))

    for kind, start, end in scan(source, limits):
        if kind in OPERANDS or kind == "open":
            if level.product < 0:
                level.product = start
                if level.sum < 0:
                    level.sum = start
            if kind == "open":
                outer.append(level)
                level = Level()
            else:
                level.after_operand = True
        elif kind == "close":
            level = outer.pop()
            level.after_operand = True
        elif kind == "sum" and level.after_operand:
            if level.sums == LONGEST:
                fold(level.sum)
                level.sums = 0
            level.sums += 1
            level.product = -1
            level.products = 0
            level.after_operand = False
        elif kind == "product" and level.after_operand:
            if level.products == LONGEST:
                fold(level.product)
                level.products = 0
            level.products += 1
            level.after_operand = False
        elif kind == "power" and level.after_operand:
            level.after_operand = False
        elif kind in UNARY:
            if level.product < 0:
                level.product = start
                if level.sum < 0:
                    level.sum = start
        elif kind != "dot":
            level.reset()
            if kind == "newline" and end - begun > BATCH and begins_statement(text, end):
                yield Cut(begun, end, holes)
                holes, begun = [], end
        ended = end
    yield Cut(begun, len(text), holes)


def begins_statement(text: str, start: int) -> bool:
    """Returns whether a top-level statement begins here: no indented line, comment or further clause."""
    return start < len(text) and text[start] not in " \t\f\r\n\\#" and not text.startswith(CONTINUING, start)
