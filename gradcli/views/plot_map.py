"""A function of two variables in the terminal: a shaded map, with arrows along its gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.text import Text

from gradcli.views.excerpt import escaped
from gradcli.views.matrix import ASCII_SHADES, NOT_FINITE, SHADES
from gradcli.views.numbers import DIGITS, number_text

if TYPE_CHECKING:
    from gradcli.reports.plots import FieldPlot
    from gradcli.views.console import Console

__all__ = ["field_map"]

ARROWS, ASCII_ARROWS = "→↗↑↖←↙↓↘", ">/^\\<v/\\"
FLAT = "o"
MOST_ROWS, MOST_COLUMNS = 25, 64
EVERY_ROW, EVERY_COLUMN = 4, 8  # an arrow
LABEL_DIGITS = 3


def field_map(report: FieldPlot, console: Console, *, digits: int = DIGITS, ascii_only: bool = False) -> None:
    """Prints the map, the larger the value the darker, and what else the user should know."""
    x, y = report.variables
    console.print(Text(f"f({x}, {y}) = {escaped(' '.join(report.expression.split()))}", "bold"))
    low, high = (number_text(float(report.points[1][i]), LABEL_DIGITS) for i in (0, -1))
    margin = max(len(low), len(high), len(y))
    columns = min(console.width - margin - 3, MOST_COLUMNS)
    rows = _cells(report, columns, ascii_only=ascii_only)
    side = "|" if ascii_only else "│"
    for number, row in enumerate(rows):
        label = {0: high, len(rows) // 2: escaped(y), len(rows) - 1: low}.get(number, "")
        console.print(f"{label:>{margin}} {side}{row}{side}", soft_wrap=True)
    left, right = (number_text(float(report.points[0][i]), LABEL_DIGITS) for i in (0, -1))
    room = max(columns - len(left) - len(right), len(x) + 2)
    console.print(f"{'':>{margin}}  {left}{escaped(x):^{room}}{right}", soft_wrap=True)
    for sentence in (_legend(report, digits, ascii_only=ascii_only), report.how, *report.notes):
        console.print(escaped(sentence), soft_wrap=True)


def _cells(report: FieldPlot, columns: int, *, ascii_only: bool) -> list[str]:
    """The rows of the map, the highest second variable first."""
    tall, wide = report.values.shape
    height = min(MOST_ROWS, tall)
    at_row = np.linspace(tall - 1, 0, height).round().astype(int)
    at_column = np.linspace(0, wide - 1, columns).round().astype(int)
    shades = ASCII_SHADES if ascii_only else SHADES
    arrows = ASCII_ARROWS if ascii_only else ARROWS
    levels = _levels(report.values, len(shades))
    lines = []
    for i, row in enumerate(at_row):
        cells = [NOT_FINITE if levels[row, j] < 0 else shades[levels[row, j]] for j in at_column]
        if i % EVERY_ROW == EVERY_ROW // 2:
            for k in range(EVERY_COLUMN // 2, columns, EVERY_COLUMN):
                slope = [float(part[row, at_column[k]]) for part in report.gradient]
                cells[k] = _arrow(slope, report, arrows) if levels[row, at_column[k]] >= 0 else cells[k]
        lines.append("".join(cells))
    return lines


def _levels(values: Any, count: int) -> Any:
    """For each value the shade, by even steps from the smallest to the largest; -1 for what is not finite."""
    finite = np.isfinite(values)
    if not finite.any():
        return np.full(values.shape, -1)
    low, high = values[finite].min(), values[finite].max()
    share = np.zeros(values.shape) if low == high else (values / 2 - low / 2) / (high / 2 - low / 2)
    return np.where(finite, np.where(finite, share * count, 0).astype(int).clip(0, count - 1), -1)


def _arrow(slope: list[float], report: FieldPlot, arrows: str) -> str:
    """The way up on the map, whose sides may be of different lengths; flat where there is none."""
    if not all(map(math.isfinite, slope)):
        return NOT_FINITE
    reach = [float(one[-1] - one[0]) for one in report.points]
    # A direction on the map moves by its share of each side.
    right, up = slope[0] / reach[0], slope[1] / reach[1]
    if right == up == 0:
        return FLAT
    return arrows[round(math.atan2(up, right) / (math.pi / 4)) % 8]


def _legend(report: FieldPlot, digits: int, *, ascii_only: bool) -> str:
    finite = report.values[np.isfinite(report.values)]
    if not finite.size:
        return "no value is finite"
    shades = ASCII_SHADES if ascii_only else SHADES
    low, high = (number_text(float(one), digits) for one in (finite.min(), finite.max()))
    text = f"blank is {low}, {shades[-1]} is {high}; arrows point along the gradient, {FLAT} where it is zero"
    missing = report.values.size - finite.size
    return f"{text}; {NOT_FINITE} where it is not finite ({missing} points)" if missing else text
