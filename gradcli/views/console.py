"""What views print on: what fits is written as it is, and rich lays out all else."""

from __future__ import annotations

from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from gradcli.views.grid import Grid, is_plain

if TYPE_CHECKING:
    import rich.console

__all__ = ["Console"]


class Console:
    """Prints texts as they are (no markup, no highlighting, no emoji), tables, and whatever rich draws.

    rich takes 20 ms to import, so it is asked only where there is something to fold, to measure or to tint.

    Attributes:
        width: how many columns there are.
        no_color: whether nothing may be coloured or bold.
    """

    def __init__(self, stream: IO[str], columns: int, *, colour: bool) -> None:
        self.width = columns
        self.no_color = not colour
        self._stream = stream

    def print(self, what: Any, *, soft_wrap: bool = False) -> None:
        """Writes a text, a grid or what rich draws, folded unless `soft_wrap` leaves that to the terminal."""
        if isinstance(what, Grid):
            lines = what.lines(self.width, bold=not self.no_color)
        else:
            lines = _lines(what, None if soft_wrap else self.width)
        if lines is None:
            self._rich.print(what, soft_wrap=soft_wrap)
        else:
            self._stream.write("".join(f"{line}\n" for line in lines))

    @cached_property
    def _rich(self) -> rich.console.Console:
        from rich.console import Console  # what fits does without

        return Console(
            file=self._stream,
            width=self.width,
            force_terminal=not self.no_color,
            no_color=self.no_color,
            markup=False,
            highlight=False,
            emoji=False,
            soft_wrap=False,
        )


def _lines(text: Any, columns: int | None) -> list[str] | None:
    """The lines of a text, where each of them fits and takes as many columns as it has characters."""
    if not isinstance(text, str):
        return None
    lines = text.split("\n")
    fits = columns is None or max(map(len, lines)) <= columns
    return lines if fits and all(map(is_plain, lines)) else None
