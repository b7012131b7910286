"""A series of numbers as a small curve of block characters, or of # where there are none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gradcli.views.numbers import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["curve_lines"]

BLOCKS = " ▁▂▃▄▅▆▇█"
HEIGHT, MOST_COLUMNS, LEAST_COLUMNS = 6, 60, 10
DECADES = 100.0  # from the smallest to the largest; beyond, the scale is logarithmic


def curve_lines(numbers: Sequence[float], columns: int, *, ascii_only: bool = False) -> list[str]:
    """Returns the lines of a chart: the largest and the smallest number beside it, the steps below.

    Numbers that are not finite are left out; fewer than two make no curve.
    """
    finite = [number for number in numbers if math.isfinite(number)]
    if len(finite) < 2:  # noqa: PLR2004 - a point is no curve
        return []
    least, most = min(finite), max(finite)
    logarithmic = least > 0 and most / least > DECADES
    labels = [number_text(most, 4), number_text(least, 4)]
    margin = max(map(len, labels))
    room = min(MOST_COLUMNS, max(columns - margin - 3, LEAST_COLUMNS))
    picked = _picked(finite, room)
    heights = [_height(number, least, most, logarithmic=logarithmic) for number in picked]
    bar, corner, dash = ("|", "+", "-") if ascii_only else ("│", "└", "─")
    lines = []
    for row in range(HEIGHT - 1, -1, -1):
        label = labels[0] if row == HEIGHT - 1 else labels[1] if row == 0 else ""
        cells = "".join(_cell(height - row, ascii_only=ascii_only) for height in heights)
        lines.append(f"{label:>{margin}} {bar}{cells}".rstrip())
    lines.append(f"{'':>{margin}} {corner}{dash * len(picked)}")
    end = f"step {len(numbers) - 1}"
    gap = max(len(picked) - 1 - len(end), 1)
    scale = "  (logarithmic)" if logarithmic else ""
    lines.append(f"{'':>{margin}}  0{' ' * gap}{end}{scale}")
    return lines


def _picked(numbers: Sequence[float], count: int) -> list[float]:
    """At most so many numbers, evenly spaced, the first and the last among them."""
    if len(numbers) <= count:
        return list(numbers)
    return [numbers[round(i * (len(numbers) - 1) / (count - 1))] for i in range(count)]


def _height(number: float, least: float, most: float, *, logarithmic: bool) -> float:
    """How many rows a number fills; the smallest still shows."""
    if least == most:
        return HEIGHT / 2
    if logarithmic:
        share = (math.log(number) - math.log(least)) / (math.log(most) - math.log(least))
    else:
        share = number / (most - least) - least / (most - least)  # no difference overflows
    return 1 / 8 + share * (HEIGHT - 1 / 8)


def _cell(filled: float, *, ascii_only: bool) -> str:
    level = min(max(round(8 * filled), 0), 8)
    return ("#" if level >= 4 else "." if level else " ") if ascii_only else BLOCKS[level]  # noqa: PLR2004 - half
