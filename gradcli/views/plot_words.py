"""What every picture of a function shares: how far its axes reach, where its line breaks, marks in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.views.numbers import DIGITS, number_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.reports.plots import Curve, CurvePlot, Mark

__all__ = ["limits", "mark_text", "pieces"]

BOUNDLESS = {"pole": 0, "cusp": 1, "vertical": 1, "edge": 1}  # from which derivative on
TAILS = 3, 97  # percentiles that are shown of what grows without bound
LARGEST = float(np.finfo(float).max)
ON = 1e-9  # of the range: a sample so near to a mark stands on it
MARGIN = 0.04  # of the height, above and below
SMOOTH_UP_TO = {"kink": 1, "cusp": 1, "vertical": 1, "jump": 0, "pole": 0}


def limits(curve: Curve, marks: Sequence[Mark]) -> tuple[float, float]:
    """Returns the lowest and the highest value that a picture shows; what grows without bound is cut off."""
    finite = curve.values[np.isfinite(curve.values)]
    if not finite.size:
        return -1.0, 1.0
    boundless = any(curve.order >= BOUNDLESS.get(mark.kind, math.inf) for mark in marks)
    low, high = np.percentile(finite, TAILS) if boundless else (finite.min(), finite.max())
    low, high = float(low), float(high)
    room = (high / 2 - low / 2) * (2 * MARGIN) if low < high else max(abs(low), 1.0)  # nothing overflows
    return max(low - room, -LARGEST), min(high + room, LARGEST)


def pieces(report: CurvePlot, curve: Curve) -> Iterator[tuple[Any, Any]]:
    """Yields the points and values of each stretch that is one line: finite, without a break inside."""
    broken = [mark for mark in report.marks if curve.order >= SMOOTH_UP_TO.get(mark.kind, math.inf)]
    group = np.searchsorted(np.array([mark.at for mark in broken]), report.points)
    # A formula of a derivative may have a value where the function has none.
    finite = np.isfinite(curve.values) & ~np.isnan(report.curves[0].values)
    for mark in broken:
        # What is taken at the place itself belongs to neither side.
        finite &= ~np.isclose(report.points, mark.at, rtol=0, atol=ON * np.ptp(report.points))
    start = 0
    for end in range(1, len(group) + 1):
        if end == len(group) or group[end] != group[start] or finite[end] != finite[start]:
            if finite[start]:
                yield report.points[start:end], curve.values[start:end]
            start = end


def mark_text(mark: Mark, variable: str, digits: int = DIGITS) -> str:
    """Returns a mark in a sentence."""

    def number(value: float) -> str:
        return number_text(value + 0.0, digits)

    place = f"{mark.kind} at {variable} = {number(mark.at)}"
    if mark.kind == "vertical":
        place = f"vertical tangent at {variable} = {number(mark.at)}"
    if mark.kind == "kink":
        sides = f"slope {number(mark.left)} on the left, {number(mark.right)} on the right"
        return f"{place}: {sides}; the derivative taken is {number(mark.taken)}"
    if mark.kind == "edge":
        return f"{place}, the end of the domain: f = {number(mark.value)}, derivative {number(mark.taken)}"
    if mark.kind in {"cusp", "vertical"}:
        return f"{place}: the slope is infinite; the derivative taken is {number(mark.taken)}"
    return place
