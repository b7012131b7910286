"""Standard output and error: results on one, messages on the other, as wide and as colourful as fits."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Diagnostic
    from gradcli.views.console import Console
    from gradcli.views.diagnostic import Style

__all__ = [
    "columns_of", "is_ascii", "open_closed_streams", "print_tables", "report_diagnostic", "speak_unicode",
    "style_of", "write",
]  # fmt: skip

PIPE_COLUMNS = 100  # where nobody looks on: a fixed width, so that two runs give the same text
LEAST, MOST = 20, 1000


def open_closed_streams() -> None:
    """Gives the streams that whoever started the process closed (`>&-`) a place that is always there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - they live as long as the process


def speak_unicode() -> None:
    """Makes characters that a stream's encoding lacks come out escaped instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def is_ascii(stream: IO[str]) -> bool:
    """Returns whether a stream cannot show lines and dots beyond ASCII."""
    return not (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


def columns_of(stream: IO[str]) -> int:
    """Returns how many columns fit: COLUMNS, else the terminal's, else a fixed number."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and len(given) < 6:  # noqa: PLR2004 - no terminal has more digits of columns
        columns = int(given)
    else:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError, AttributeError):
            columns = PIPE_COLUMNS
    return min(max(columns or PIPE_COLUMNS, LEAST), MOST)


def in_colour(stream: IO[str]) -> bool:
    """Returns whether a stream is a terminal that may know colours and whose user did not turn them off."""
    known = os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}  # as rich has it
    return stream.isatty() and not os.environ.get("NO_COLOR") and known


def print_tables(draw: Callable[[Console, bool], None]) -> None:
    """Writes what `draw` prints on a console to standard output; it is told whether to keep to ASCII.

    By way of a text of its own: rich would end the process itself where the reader is gone.
    """
    from gradcli.views.console import Console  # JSON does without

    text = io.StringIO()
    draw(Console(text, columns_of(sys.stdout), colour=in_colour(sys.stdout)), is_ascii(sys.stdout))
    # rich fills titles up with spaces, which nobody sees and every comparison trips over.
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()))


def style_of(console: Console, *, ascii_only: bool) -> Style:
    """Returns how diagnostics look on a console."""
    from gradcli.views.diagnostic import plain_style, terminal_style  # most runs say nothing

    return (plain_style if console.no_color else terminal_style)(ascii_only=ascii_only)


def write(text: str) -> None:
    """Writes a result and a newline to standard output."""
    sys.stdout.write(f"{text}\n")


def report_diagnostic(diagnostic: Diagnostic) -> None:
    """Writes a diagnostic to standard error."""
    from gradcli.views.diagnostic import diagnostic_text, plain_style, terminal_style  # most runs say nothing

    style = terminal_style if in_colour(sys.stderr) else plain_style
    text = diagnostic_text(
        diagnostic, columns=columns_of(sys.stderr), style=style(ascii_only=is_ascii(sys.stderr))
    )
    sys.stdout.flush()  # so that messages stand after the results they speak of
    with suppress(OSError):  # nobody can be told where nobody listens; the exit code still speaks
        sys.stderr.write(f"{text}\n")
