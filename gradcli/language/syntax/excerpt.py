"""One cut as a text that Python's parser takes, and the way back from its positions to ours."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from typing import TYPE_CHECKING

from gradcli.diagnostics import Span
from gradcli.language.limits import nesting_fault

if TYPE_CHECKING:
    from gradcli.diagnostics import Source
    from gradcli.language.limits import Limits
    from gradcli.language.syntax.cuts import Cut

__all__ = ["Excerpt", "placeholder", "placeholder_prefix"]

Placed = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.excepthandler | ast.alias

BEYOND = 1 << 62  # after every offset, so that bisection finds the last stretch that begins at a position
LINE_END = r"\r\n|\r|\n"


def placeholder_prefix(text: str) -> str:
    """Returns how placeholders begin: a name that the text holds nowhere, so that nobody can write one."""
    return max(re.findall("_cut_*", text), key=len, default="_cut") + "_"


def placeholder(prefix: str, cut: Cut) -> str:
    """Returns the name that stands for a cut in the piece around it."""
    return f"{prefix}{cut.start}_{cut.end}"


class Excerpt:
    """A cut with a placeholder in each hole, wrapped so that it parses on its own.

    Attributes:
        text: what Python parses.
        holes: the cut behind each placeholder.
    """

    __slots__ = ("_bytes", "_cut", "_lines", "_shift", "_stretches", "_tail", "holes", "source", "text")

    def __init__(self, source: Source, cut: Cut, prefix: str, before: str, after: str) -> None:
        self.source = source
        self._cut = cut
        self.holes: dict[str, Cut] = {}
        # Stretches of excerpt and source that run in step: (start here, start there, end there if a hole).
        self._stretches: list[tuple[int, int, int]] = [(len(before), cut.start, -1)]
        parts, length, position = [before], len(before), cut.start
        for hole in cut.holes:
            name = placeholder(prefix, hole)
            self.holes[name] = hole
            parts += source.text[position : hole.start], name
            length += hole.start - position
            self._stretches += (length, hole.start, hole.end), (length + len(name), hole.end, -1)
            length += len(name)
            position = hole.end
        parts += source.text[position : cut.end], after
        self.text = "".join(parts)
        # Almost every node stands after the last hole, where one addition leads back to the source.
        self._tail, there, _ = self._stretches[-1]
        self._shift = there - self._tail
        # Python counts lines, and bytes of UTF-8 in a line. `_lines` holds where each line begins, in bytes,
        # and `_bytes` (of a text beyond ASCII) the character that each byte belongs to.
        self._lines: list[int] = [0]
        self._bytes: list[int] | None = None
        if self.text.isascii():
            self._lines += [match.end() for match in re.finditer(LINE_END, self.text)]
        else:
            widths = [len(character.encode()) for character in self.text]
            self._bytes = [index for index, width in enumerate(widths) for _ in range(width)]
            self._bytes.append(len(self.text))
            ends = {match.end() for match in re.finditer(LINE_END, self.text)}
            offset = 0
            for index, width in enumerate(widths):
                if index in ends:
                    self._lines.append(offset)
                offset += width
            if len(self.text) in ends:
                self._lines.append(offset)

    def place(self, node: Placed) -> tuple[int, int]:
        """Returns where a node of Python's tree stands in the source: characters from, to."""
        start = self._lines[node.lineno - 1] + node.col_offset
        end = self._lines[node.end_lineno - 1] + node.end_col_offset  # type: ignore[operator] # parsed nodes have ends
        if self._bytes is not None:
            start, end = self._bytes[start], self._bytes[end]
        tail, shift = self._tail, self._shift
        return (
            start + shift if start >= tail else self._from(start),
            end + shift if end > tail else self._to(end),
        )

    def parse(self, limits: Limits, *, mode: str = "exec") -> ast.AST:
        """Returns Python's tree of the excerpt.

        Raises:
            SyntaxError: Python's own, with positions in this excerpt (see `blamed`).
            LimitFault: something stands too deep inside something else.
        """
        try:
            if "\\" not in self.text:
                return ast.parse(self.text, mode=mode)
            with warnings.catch_warnings():
                # "\d" in a string is what it is in Python, where it also warns.
                warnings.simplefilter("ignore")
                return ast.parse(self.text, mode=mode)
        except (RecursionError, MemoryError):
            start = self._cut.start
            raise nesting_fault(limits, Span(self.source, start, start + 1)) from None

    def blamed(self, error: SyntaxError) -> tuple[int, int]:
        """Returns where Python saw a syntax error: characters from, to, of the source."""
        lines = [0, *(match.end() for match in re.finditer(LINE_END, self.text))]

        def offset(line: int | None, column: int | None) -> int:
            start = lines[min(max(line or 1, 1), len(lines)) - 1]
            return min(start + max((column or 1) - 1, 0), len(self.text))

        start = offset(error.lineno, error.offset)
        end = offset(error.end_lineno, error.end_offset) if (error.end_offset or 0) > 0 else start
        # The wrapping itself may be blamed: the place is then the cut's edge.
        low, high = self._cut.start, self._cut.end
        return min(max(self._from(start), low), high), min(max(self._to(max(start, end)), low), high)

    def _from(self, start: int) -> int:
        here, there, hole_end = self._stretches[max(bisect_right(self._stretches, (start, BEYOND)) - 1, 0)]
        return there if hole_end >= 0 else there + start - here

    def _to(self, end: int) -> int:
        here, there, hole_end = self._stretches[max(bisect_right(self._stretches, (end - 1, BEYOND)) - 1, 0)]
        return hole_end if hole_end >= 0 else there + end - here
