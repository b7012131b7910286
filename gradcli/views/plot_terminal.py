"""A function and its derivatives in the terminal, one chart above the other; drawn by plotille, an extra."""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rich.text import Text

from gradcli.views.excerpt import escaped
from gradcli.views.numbers import DIGITS, number_text
from gradcli.views.plot_words import limits, mark_text, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.reports.plots import Curve, CurvePlot
    from gradcli.views.console import Console

__all__ = ["curve_charts"]

HEIGHT, LEAST_COLUMNS, MOST_COLUMNS = 12, 20, 72
LABEL_DIGITS = 3
MOST_TOLD = 12  # marks in words; all of them are drawn
BLANK, BRAILLE = "\u2800", range(0x2801, 0x2900)
GLYPHS = {"kink": "◆", "cusp": "◆", "vertical": "◆", "jump": "◆", "edge": "◆", "pole": "┊"}
ASCII_GLYPHS = dict.fromkeys(GLYPHS, "o") | {"pole": ":"}
FRAME, ASCII_FRAME = "│┤└─┴", "|+`-+"
COLOURS = ("cyan", "yellow", "magenta")


def curve_charts(
    report: CurvePlot, console: Console, *, digits: int = DIGITS, ascii_only: bool = False
) -> None:
    """Prints a chart per curve over one axis, then each mark and what else the user should know."""
    console.print(Text(f"f({report.variable}) = {escaped(' '.join(report.expression.split()))}", "bold"))
    bounds = [limits(curve, report.marks) for curve in report.curves]
    labels = [_labels(low, high) for low, high in bounds]
    margin = max(len(text) for one in labels for text in one.values())
    columns = min(max(console.width - margin - 2, LEAST_COLUMNS), MOST_COLUMNS)
    frame = ASCII_FRAME if ascii_only else FRAME
    for curve, bound, label in zip(report.curves, bounds, labels, strict=True):
        if curve.order:
            console.print(Text(curve.name, "bold"))
        rows = _rows(report, curve, bound, columns, ascii_only=ascii_only)
        for number, row in enumerate(rows):
            text = label.get(number, "")
            line = Text(f"{text:>{margin}} {frame[1] if text else frame[0]}")
            line.append(row, "" if console.no_color else COLOURS[curve.order % len(COLOURS)])
            console.print(line, soft_wrap=True)
    for text in _axis(report, columns, frame):
        console.print(f"{'':>{margin}} {text}".rstrip(), soft_wrap=True)
    for mark in report.marks[:MOST_TOLD]:
        console.print(mark_text(mark, report.variable, digits), soft_wrap=True)
    if len(report.marks) > MOST_TOLD:
        console.print(f"and {len(report.marks) - MOST_TOLD} more")
    for sentence in (report.how, *report.notes):
        console.print(escaped(sentence), soft_wrap=True)


def _labels(low: float, high: float) -> dict[int, str]:
    """The numbers beside a chart, by row: the highest, the lowest, and 0 where it lies between."""
    labels = {0: number_text(high, LABEL_DIGITS), HEIGHT - 1: number_text(low, LABEL_DIGITS)}
    zero = _row(0.0, low, high)
    if low < 0 < high and zero not in labels:
        labels[zero] = "0"
    return labels


def _row(value: float, low: float, high: float) -> int:
    return min(max(HEIGHT - 1 - int(_shares(value, low, high) * HEIGHT), 0), HEIGHT - 1)


def _shares(value: Any, low: float, high: float) -> Any:
    """Where values stand between two others: 0 at the first, 1 at the second."""
    return (value / 2 - low / 2) / (high / 2 - low / 2)  # no difference overflows


def _rows(
    report: CurvePlot, curve: Curve, bound: tuple[float, float], columns: int, *, ascii_only: bool
) -> list[str]:
    """The characters of a chart, its marks among them."""
    low, high = bound
    first, last = float(report.points[0]), float(report.points[-1])
    canvas: Any = import_module("plotille").Canvas(columns, HEIGHT)  # an extra; from 0 to 1 on both sides
    for x, y in pieces(report, curve):
        across, up = _shares(x, first, last), _shares(y, low, high).clip(-1, 2)
        shown = list(zip(across.tolist(), up.tolist(), strict=True))
        for (x0, y0), (x1, y1) in zip(shown, shown[1:] or shown, strict=False):
            canvas.line(x0, y0, x1, y1)
    rows = [list(row) for row in canvas.plot().split("\n")]
    if ascii_only:
        rows = [["*" if ord(one) in BRAILLE else one for one in row] for row in rows]
    for column, kind, value in _marked(report, curve, columns):
        glyph = (ASCII_GLYPHS if ascii_only else GLYPHS)[kind]
        for number, row in enumerate(rows):
            if row[column] in {BLANK, " "} if kind == "pole" else number == _row(value, low, high):
                row[column] = glyph
    return ["".join(row).replace(BLANK, " ").rstrip() for row in rows]


def _marked(report: CurvePlot, curve: Curve, columns: int) -> Iterator[tuple[int, str, float]]:
    """The column of each mark: the function's where it has a value, of its derivatives poles alone."""
    for mark in report.marks:
        if mark.kind == "pole" or (curve.order == 0 and not math.isnan(mark.value)):
            yield _column(mark.at, report, columns), mark.kind, mark.value


def _column(at: float, report: CurvePlot, columns: int) -> int:
    first, last = float(report.points[0]), float(report.points[-1])
    return min(max(int(_shares(at, first, last) * columns), 0), columns - 1)


def _axis(report: CurvePlot, columns: int, frame: str) -> list[str]:
    """The line below the charts, with a tick per mark, and the ends of the range."""
    cells = [frame[3]] * columns
    for mark in report.marks:
        cells[_column(mark.at, report, columns)] = frame[4]
    first, last = (number_text(float(report.points[i]), LABEL_DIGITS) for i in (0, -1))
    name = escaped(report.variable)
    room = max(columns - len(first) - len(last), len(name) + 2)
    return [f"{frame[2]}{''.join(cells)}", f" {first}{name:^{room}}{last}"]
