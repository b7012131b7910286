"""Matrices for the terminal: numbers in shaded cells where they fit, else a heat map and a summary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import ASCII, ROUNDED
from rich.table import Table
from rich.text import Text

from gradcli.views.excerpt import escaped, width
from gradcli.views.grid import BORDERS
from gradcli.views.numbers import BIG, DIGITS, number_text, summary_lines, tensor_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.views.console import Console

__all__ = ["element_names", "fits", "print_matrix"]

SHADES = (" ", "░", "▒", "▓", "█")
ASCII_SHADES = (" ", ".", ":", "*", "#")
NOT_FINITE = "!"
WARM = ("", "color(52)", "color(88)", "color(124)", "color(160)")  # reds for what is positive
COLD = ("", "color(17)", "color(18)", "color(20)", "color(27)")  # blues for what is negative
MOST_ROWS, MOST_COLUMNS = 32, 64  # cells of a heat map
SHADE = 2  # columns that a shade before a number takes


def element_names(name: str, shape: tuple[int, ...]) -> list[str]:
    """Returns what the elements of a tensor are called: `x[0, 1]`; a scalar is `x`."""
    if not shape:
        return [name]
    return [f"{name}[{', '.join(map(str, at))}]" for at in np.ndindex(*shape)]


def fits(
    matrix: Any,
    names: tuple[Sequence[str], Sequence[str]],
    columns: int,
    digits: int = DIGITS,
    *,
    full: bool = False,
) -> bool:
    """Returns whether a matrix can be shown as a table of numbers in so many columns."""
    if not matrix.size or (matrix.size > BIG and not full):
        return False
    if matrix.shape[1] * (BORDERS + SHADE) > columns:
        return False
    texts = [[number_text(x, digits) for x in row] for row in matrix.tolist()]
    widths = [
        max(width(names[1][j]), SHADE + max(len(row[j]) for row in texts)) for j in range(len(names[1]))
    ]
    return max(map(width, names[0])) + sum(widths) + BORDERS * (len(widths) + 1) + 1 <= columns


def print_matrix(  # noqa: PLR0913 - what is shown, and how
    title: str,
    matrix: Any,
    names: tuple[Sequence[str], Sequence[str]],
    console: Console,
    *,
    digits: int = DIGITS,
    full: bool = False,
    ascii_only: bool = False,
) -> None:
    """Prints a matrix: a table if it fits, else its heat map with a summary.

    Args:
        title: what it is.
        matrix: of two dims.
        names: of its rows and columns; looked at only if it fits.
        console: where to, and how wide.
        digits: significant ones.
        full: all numbers, however many.
        ascii_only: no block characters.
    """
    matrix = matrix + 0.0 if matrix.dtype.kind == "f" else matrix  # -0 is as much zero as 0
    console.print(Text(escaped(title), "bold"))
    if fits(matrix, names, console.width, digits, full=full):
        console.print(_table(matrix, names, digits, plain=console.no_color, ascii_only=ascii_only))
        return
    if matrix.size > BIG:
        _print_heat_map(matrix, console, digits, ascii_only=ascii_only)
    if full or matrix.size <= BIG:
        console.print(tensor_text(matrix, digits=digits, columns=console.width, full=True))
    else:
        for line in summary_lines(matrix, digits):
            console.print(line)


def _table(
    matrix: Any,
    names: tuple[Sequence[str], Sequence[str]],
    digits: int,
    *,
    plain: bool,
    ascii_only: bool,
) -> Table:
    """Numbers with the magnitude behind them as a colour, or before them as a shade."""
    table = Table(box=ASCII if ascii_only else ROUNDED)
    table.add_column("")
    for name in names[1]:
        table.add_column(escaped(name), justify="right", overflow="fold")
    shades = ASCII_SHADES if ascii_only else SHADES
    scale = _scale(matrix)
    for name, row in zip(names[0], matrix.tolist(), strict=True):
        cells = []
        for number in row:
            level = _level(number, scale)
            text = number_text(number, digits)
            if plain:
                cells.append(Text(f"{_glyph(level, shades)} {text}"))
            else:
                tint = _tint(number, level)
                cells.append(Text(text, f"color(231) on {tint}" if tint else ""))
        table.add_row(Text(escaped(name)), *cells)
    return table


def _print_heat_map(matrix: Any, console: Console, digits: int, *, ascii_only: bool) -> None:
    """One cell per element or group of elements, as dark as its largest magnitude."""
    shades = ASCII_SHADES if ascii_only else SHADES
    small, groups = _reduced(matrix, MOST_ROWS, min(MOST_COLUMNS, max(console.width - 2, 8)))
    wide = 2 if 2 * small.shape[1] <= console.width - 2 else 1
    scale = _scale(matrix)
    side = "|" if ascii_only else "│"
    for row in small.tolist():
        line = Text(side)
        for number in row:
            level = _level(number, scale)
            glyph, tint = _glyph(level, shades), "" if console.no_color else _tint(number, level)
            if tint:
                line.append((glyph if level < 0 else " ") * wide, f"color(231) on {tint}")
            else:
                line.append(glyph * wide)
        console.print(line.append(side))
    most = f"{number_text(scale, digits)} in magnitude"
    if console.no_color:
        legend = f"{_glyph(len(shades) - 1, shades)} is {most}"
    else:
        legend = f"red is positive and blue negative, up to {most}"
    if groups != (1, 1):
        legend += f", each cell the largest of {groups[0]}x{groups[1]} elements"
    console.print(f"heat map: {legend}")


def _reduced(matrix: Any, rows: int, columns: int) -> tuple[Any, tuple[int, int]]:
    """A matrix with at most so many rows and columns, each element the largest in magnitude of its group."""
    steps = [math.ceil(have / most) for have, most in zip(matrix.shape, (rows, columns), strict=True)]
    if matrix.shape[0] == matrix.shape[1]:
        steps = [max(steps)] * 2  # a square stays one
    if steps == [1, 1]:
        return matrix, (1, 1)
    padding = [(0, -have % step) for have, step in zip(matrix.shape, steps, strict=True)]
    padded = np.pad(matrix.astype(np.float64), padding)
    tall, wide = padded.shape[0] // steps[0], padded.shape[1] // steps[1]
    groups = padded.reshape(tall, steps[0], wide, steps[1]).swapaxes(1, 2).reshape(tall, wide, -1)
    size = np.where(np.isfinite(groups), np.abs(groups), np.inf)
    return np.take_along_axis(groups, size.argmax(axis=-1)[..., None], -1)[..., 0], (steps[0], steps[1])


def _scale(matrix: Any) -> float:
    """The largest finite magnitude."""
    finite = np.abs(matrix[np.isfinite(matrix)].astype(np.float64))
    return float(finite.max(initial=0.0))


def _level(number: float, scale: float) -> int:
    """0 for zero, 1 to 4 by quarters of the scale, -1 for what is not finite."""
    if not math.isfinite(number):
        return -1
    return min(math.ceil(4 * (abs(number) / scale)), 4) if number and scale else 0


def _glyph(level: int, shades: tuple[str, ...]) -> str:
    return NOT_FINITE if level < 0 else shades[level]


def _tint(number: float, level: int) -> str:
    if level < 0:
        return "color(130)"
    return (COLD if number < 0 else WARM)[level]
