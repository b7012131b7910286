"""Where something stands in the text that the user gave."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Source", "Span"]


@dataclass(frozen=True, slots=True)
class Source:
    """A text under a name that the user knows it by (`<expr>`, `wave.py`, `-v x`)."""

    name: str
    text: str

    def line_column(self, offset: int) -> tuple[int, int]:
        """The line and column of a character offset, both counted from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1, without its newline."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


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
