"""A diagnostic as text: what is wrong, the place underlined, facts, and a way out.

error[E201]: no function is called `sine`
  ┌ wave.py:3:9
3 │ y = a * sine(x)
  │         ^^^^ did you mean `sin`?
  = help: `gradcli ops` lists every function
"""

from __future__ import annotations

from typing import NamedTuple

from gradcli.diagnostics import Diagnostic, Label, Span
from gradcli.views.excerpt import escaped, windowed

__all__ = ["PLAIN", "Style", "diagnostic_text", "plain_style", "terminal_style"]

NARROWEST = 20  # columns for a line of source, however narrow the terminal

RED, YELLOW, BLUE, BOLD, RESET = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"


class Style(NamedTuple):
    """How it is drawn: the lines, and whether in colour."""

    corner: str = "┌"
    bar: str = "│"
    colour: bool = False

    def paint(self, colour: str, text: str) -> str:
        """Returns the text in a colour, if there is colour."""
        return f"{colour}{text}{RESET}" if self.colour and text else text


PLAIN = Style()


def plain_style(*, ascii_only: bool) -> Style:
    """Returns the style without colour."""
    return Style("-->", "|") if ascii_only else PLAIN


def terminal_style(*, ascii_only: bool) -> Style:
    """Returns the style for a terminal with colour."""
    return Style("-->", "|", colour=True) if ascii_only else Style(colour=True)


def diagnostic_text(diagnostic: Diagnostic, *, columns: int = 100, style: Style = PLAIN) -> str:
    """Returns the lines of a diagnostic, without a newline at the end."""
    tint = {"error": RED, "warning": YELLOW}.get(diagnostic.severity, BLUE)
    head = style.paint(tint, f"{diagnostic.severity}[{diagnostic.code}]")
    lines = [f"{head}: {style.paint(BOLD, _one_line(diagnostic.message))}"]
    labels = [] if diagnostic.span is None else [Label(diagnostic.span, diagnostic.label)]
    gutter = 1
    if labels:
        places = [*labels, *diagnostic.related]
        gutter = max(len(str(_line_number(label.span))) for label in places)
        lines += _places(places, gutter, columns, tint, style)
    notes = [("note", note) for note in diagnostic.notes]
    if diagnostic.label and diagnostic.span is None:
        notes.insert(0, ("note", diagnostic.label))
    if diagnostic.help:
        notes.append(("help", diagnostic.help))
    lines += [f"{' ' * gutter} = {style.paint(BOLD, word)}: {_one_line(text)}" for word, text in notes]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return escaped(" ".join(text.split("\n")))


def _line_number(span: Span) -> int:
    return span.source.line_column(_start(span))[0]


def _start(span: Span) -> int:
    """Where the span's first visible character is: an underlined line break says nothing."""
    text = span.text
    return span.start + (len(text) - len(text.lstrip())) if text.strip() else span.start


def _places(places: list[Label], gutter: int, columns: int, tint: str, style: Style) -> list[str]:
    """The lines of source with their marks: the first place, then the others, sorted within a source."""
    primary = places[0]
    lines: list[str] = []
    shown = ""
    previous: str | None = None
    ordered = sorted(
        places, key=lambda label: (label.span.source is not primary.span.source, label.span.start)
    )
    for label in ordered:
        source, start = label.span.source, _start(label.span)
        number, column = source.line_column(start)
        if source.name != previous:
            own = primary if source is primary.span.source else label
            at, along = source.line_column(_start(own.span))
            place = f"{escaped(source.name)}:{at}:{along}"
            lines.append(f"{' ' * gutter} {style.paint(BLUE, style.corner)} {place}")
            previous, shown = source.name, ""
        line = source.line(number)
        first = column - 1
        last = min(first + max(label.span.end - start, 1), max(len(line), first + 1))
        room = max(columns - gutter - 3, NARROWEST)
        text, left, right = windowed(line, first, last, room)
        if shown != f"{number} {text}":
            bar = style.paint(BLUE, style.bar)
            lines.append(f"{style.paint(BLUE, str(number).rjust(gutter))} {bar} {text}".rstrip())
            shown = f"{number} {text}"
        mark = "^" if label is primary else "-"
        marks = style.paint(tint if label is primary else BLUE, mark * max(right - left, 1))
        note = f" {_one_line(label.text)}" if label.text else ""
        lines.append(f"{' ' * gutter} {style.paint(BLUE, style.bar)} {' ' * left}{marks}{note}")
    return lines
