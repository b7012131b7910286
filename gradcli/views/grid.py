"""A table of texts: drawn here where all of it fits, else by rich, which folds; both look the same."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.table import Table

__all__ = ["BORDERS", "Grid", "is_plain"]

BORDERS = 3  # columns that a cell's padding and border take

# The lines of a frame (top, row, rule, bottom), each by its left end, filling, divider and right end.
ROUNDED = "╭─┬╮", "│ ││", "├─┼┤", "╰─┴╯"
ASCII = "+--+", "| ||", "|-+|", "+--+"


class Grid:
    """A table under its title.

    Attributes:
        title: what it is.
        heads: of the columns; empty for none, and then the first column is never folded.
        groups: the rows, with a line between one group and the next.
        ascii_only: whether the frame keeps to ASCII.
    """

    def __init__(
        self,
        title: str,
        heads: Sequence[str],
        groups: Sequence[Sequence[Sequence[str]]],
        *,
        ascii_only: bool = False,
    ) -> None:
        self.title, self.heads, self.groups, self.ascii_only = title, heads, groups, ascii_only

    def lines(self, columns: int, *, bold: bool) -> list[str] | None:
        """Returns what the table looks like; None where only rich knows: it does not fit, or is not ASCII."""
        groups = [[self.heads], *self.groups] if self.heads else self.groups
        blocks = [[[cell.split("\n") for cell in row] for row in group] for group in groups]
        rows = [row for block in blocks for row in block]
        widths = [max(len(line) for cell in column for line in cell) for column in zip(*rows, strict=True)]
        whole = sum(widths) + BORDERS * len(widths) + 1
        texts = [self.title, *(line for row in rows for cell in row for line in cell)]
        if whole > columns or len(self.title) > whole or not (all(widths) and all(map(is_plain, texts))):
            return None
        mark = _bold if bold else str
        frame = ASCII if self.ascii_only else ROUNDED
        return [mark(self.title.ljust(whole)), *_framed(blocks, widths, frame, mark if self.heads else str)]

    def __rich__(self) -> Table:
        """Returns the table for rich to lay out."""
        from rich import box  # what fits does without
        from rich.table import Table
        from rich.text import Text

        table = Table(
            title=self.title,
            title_justify="left",
            title_style="bold",
            box=box.ASCII if self.ascii_only else box.ROUNDED,
            show_header=bool(self.heads),
        )
        for head in self.heads:
            table.add_column(head, overflow="fold")
        if not self.heads:
            table.add_column(no_wrap=True)
            table.add_column(overflow="fold")
        for group in self.groups:
            for row in group:
                table.add_row(*map(Text, row))
            table.add_section()
        return table


def is_plain(line: str) -> bool:
    """Returns whether a line's width is its length, in any terminal and by any table of Unicode."""
    return line.isascii() and line.isprintable()


def _framed(
    blocks: Sequence[Sequence[Sequence[list[str]]]],
    widths: Sequence[int],
    frame: tuple[str, ...],
    first: Callable[[str], str],
) -> Iterator[str]:
    """The lines of a frame with blocks of rows in it; the texts of the first block are marked by `first`."""
    top, row, rule, bottom = frame
    for number, block in enumerate(blocks):
        yield _joined(rule if number else top, (rule[1] * (width + 2) for width in widths))
        mark = str if number else first
        for cells in block:
            for texts in zip_longest(*cells, fillvalue=""):
                padded = (f" {text:<{width}} " for text, width in zip(texts, widths, strict=True))
                yield _joined(row, map(mark, padded))
    yield _joined(bottom, (bottom[1] * (width + 2) for width in widths))


def _joined(line: str, parts: Iterable[str]) -> str:
    return line[0] + line[2].join(parts) + line[3]


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"
