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

from typing import TYPE_CHECKING

from gradcli.language.syntax.scanner import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.diagnostics import Source
    from gradcli.language.limits import Limits

__all__ = ["Cut", "cut_up"]

LONGEST = 64  # operators per piece: the parser's cost per operator grows with it from here on
OPERATORS = "+-*/%@"  # characters of what chains are made of
BATCH = 20_000  # characters of statements per piece
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
        """Ends whatever is under way: a comma, a comparison, a keyword stands here."""
        self.sum = self.product = -1
        self.sums = self.products = 0
        self.after_operand = False

    def begin(self, start: int) -> None:
        """Notes that an operand or its sign stands here."""
        if self.product < 0:
            self.product = start
            if self.sum < 0:
                self.sum = start


class Cutter:
    """Follows the words of a text and cuts its chains."""

    __slots__ = ("ended", "holes", "level", "outer")

    def __init__(self) -> None:
        self.holes: list[Cut] = []
        self.outer: list[Level] = []
        self.level = Level()
        self.ended = 0  # where the last word did

    def operand(self, start: int) -> None:
        """A name, a number, a string."""
        self.level.begin(start)
        self.level.after_operand = True

    def opening(self, start: int) -> None:
        """A bracket that opens."""
        self.level.begin(start)
        self.outer.append(self.level)
        self.level = Level()

    def closing(self, _start: int) -> None:
        """A bracket that closes: with what is inside it, the operand goes on."""
        self.level = self.outer.pop()
        self.level.after_operand = True

    def sum(self, start: int) -> None:
        """A plus or minus: the operator after an operand, a sign elsewhere."""
        level = self.level
        if not level.after_operand:
            level.begin(start)
            return
        if level.sums == LONGEST:
            self._fold(level.sum)
            level.sums = 0
        level.sums += 1
        level.product = -1
        level.products = 0
        level.after_operand = False

    def product(self, _start: int) -> None:
        """A multiplicative operator; `*` elsewhere spreads a value, and nothing is under way."""
        level = self.level
        if not level.after_operand:
            level.reset()
            return
        if level.products == LONGEST:
            self._fold(level.product)
            level.products = 0
        level.products += 1
        level.after_operand = False

    def power(self, _start: int) -> None:
        """`**`, within a factor; elsewhere it spreads a dict."""
        if self.level.after_operand:
            self.level.after_operand = False
        else:
            self.level.reset()

    def invert(self, start: int) -> None:
        """`~`, a sign."""
        self.level.begin(start)

    def dot(self, _start: int) -> None:
        """A dot, within an operand."""

    def other(self, _start: int) -> None:
        """Anything else."""
        self.level.reset()

    def _fold(self, start: int) -> None:
        inner: list[Cut] = []
        while self.holes and self.holes[-1].start >= start:
            inner.append(self.holes.pop())
        self.holes.append(Cut(start, self.ended, inner[::-1]))


def cut_up(source: Source, limits: Limits) -> Iterator[Cut]:
    """Yields the program's batches of statements, in order; together they cover the text.

    Raises:
        SyntaxFault, LimitFault: as `scan` does.
    """
    text = source.text
    if len(text) <= BATCH and sum(map(text.count, OPERATORS)) <= LONGEST:
        for _ in scan(source, limits):  # no chain is long, but the words are to be checked
            pass
        yield Cut(0, len(text), [])
        return
    cutter = Cutter()
    other = cutter.other
    actions = {
        "name": cutter.operand, "number": cutter.operand, "string": cutter.operand, "dots": cutter.operand,
        "open": cutter.opening, "close": cutter.closing, "sum": cutter.sum, "product": cutter.product,
        "power": cutter.power, "invert": cutter.invert, "dot": cutter.dot,
    }  # fmt: skip
    begun = 0
    for kind, start, end in scan(source, limits):
        actions.get(kind, other)(start)
        cutter.ended = end
        if kind == "newline" and end - begun > BATCH and begins_statement(text, end):
            yield Cut(begun, end, cutter.holes)
            cutter.holes, begun = [], end
    yield Cut(begun, len(text), cutter.holes)


def begins_statement(text: str, start: int) -> bool:
    """Returns whether a top-level statement begins here: no indented line, comment or further clause."""
    return start < len(text) and text[start] not in " \t\f\r\n\\#" and not text.startswith(CONTINUING, start)
