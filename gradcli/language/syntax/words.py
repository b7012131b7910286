"""A word of the text, for whoever explains an error."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Word"]


class Word(NamedTuple):
    """A word: its kind (a group of the scanner's pattern, or `word` for a keyword), text and place."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def ends_operand(self) -> bool:
        """Whether a value is complete here."""
        return self.kind in {"name", "number", "string", "close", "dots"}

    @property
    def begins_operand(self) -> bool:
        """Whether a value may begin here."""
        return self.kind in {"name", "number", "string", "open", "dots", "sum", "invert"} or self.text in {
            "not",
            "lambda",
        }
