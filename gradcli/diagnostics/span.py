"""Where something stands in the text that the user gave."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

__all__ = ["Source", "Span"]


class _Text(NamedTuple):
    """The fields of a source, which keeps more than its fields."""

    name: str
    text: str


class Source(_Text):
    """A text under a name that the user knows it by (`<expr>`, `wave.py`, `-v x`)."""

    def line_column(self, offset: int) -> tuple[int, int]:
        """The line and column of a character offset, both counted from 1."""
        starts = self._line_starts
        line = bisect_right(starts, offset, hi=len(starts) - 1)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1, without its newline."""
        starts = self._line_starts
        return self.text[starts[number - 1] : starts[number] - 1] if 0 < number < len(starts) else ""

    @cached_property
    def _line_starts(self) -> list[int]:
        """Where each line begins, and where one more would; found once, when first something is to be shown.

        A file of thousands of failing cases asks thousands of times.
        """
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters the span covers."""
        return self.source.text[self.start : self.end]
