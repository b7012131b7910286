"""The words of a line, for whoever explains an error."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.diagnostics import Source, Span, SyntaxFault

__all__ = ["Line", "Word", "short"]

LONGEST = 30  # characters of the user's text that a message repeats


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


class Line:
    """The words of the line, where one stands, and the brackets around it."""

    def __init__(self, source: Source, words: list[Word]) -> None:
        self.source = source
        self.words = words
        self.at = 0
        self.around: list[str] = []

    def word(self, ahead: int = 0) -> Word | None:
        """Returns the word so many places ahead, or None beyond the ends."""
        place = self.at + ahead
        return self.words[place] if 0 <= place < len(self.words) else None

    def operand(self, ahead: int) -> str:
        """Returns the text of the value that begins so many places ahead; with its brackets, if short."""
        first = last = self.at + ahead
        depth = 0
        for place in range(first + 1, len(self.words)):
            kind = self.words[place].kind
            if depth == 0 and kind not in ("open", "dot") and self.words[place - 1].kind != "dot":
                break
            depth += (kind == "open") - (kind == "close")
            if depth < 0:
                break
            if depth == 0:
                last = place
        text = self.source.text[self.words[first].start : self.words[last].end]
        return text if len(text) <= LONGEST and "\n" not in text else short(self.words[first].text)

    def fault(
        self, code: str, message: str, first: Word, last: Word | None = None, advice: str = ""
    ) -> SyntaxFault:
        """Returns an error about the text from one word to another."""
        return SyntaxFault(
            code, message, span=Span(self.source, first.start, (last or first).end), help=advice
        )


def short(text: str) -> str:
    """Returns a text cut to what a message repeats."""
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
