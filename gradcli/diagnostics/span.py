"""Where something stands in the text that the user gave."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

__all__ = ["Source", "Span"]


@dataclass(frozen=True, slots=True)
class Source:
    """A text under a name that the user knows it by (`<expr>`, `wave.py`, `-v x`)."""

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    def line_column(self, offset: int) -> tuple[int, int]:
        """The line and column of a character offset, both counted from 1."""
        starts = self._line_starts()
        line = bisect_right(starts, offset, hi=len(starts) - 1)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1, without its newline."""
        starts = self._line_starts()
        return self.text[starts[number - 1] : starts[number] - 1] if 0 < number < len(starts) else ""

    def _line_starts(self) -> list[int]:
        """Where each line begins, and where one more would; found once, when first something is to be shown.

        A file of thousands of failing cases asks thousands of times.
        """
        if not self._starts:
            self._starts.append(0)
            for line in self.text.split("\n"):
                self._starts.append(self._starts[-1] + len(line) + 1)
        return self._starts


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters the span covers."""
        return self.source.text[self.start : self.end]
