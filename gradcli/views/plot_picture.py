"""Functions as pictures: curves over one variable, contours with arrows over two; by matplotlib, an extra."""

from __future__ import annotations

from importlib import import_module
from typing import IO, Any

import numpy as np

from gradcli.reports.plots import CurvePlot, FieldPlot
from gradcli.views.excerpt import escaped, shortened
from gradcli.views.plot_words import limits, mark_text, pieces

__all__ = ["write_picture"]

LEVELS = 14  # of a contour
ARROWS = 21  # on each side, at most
LONGEST_TITLE = 70
MOST_LABELS = 6  # marks that the legend names


def write_picture(report: CurvePlot | FieldPlot, stream: IO[bytes], kind: str) -> None:
    """Writes the picture as `png` or `svg`."""
    tall = 2.4 * len(report.curves) + 1 if isinstance(report, CurvePlot) else 5.5
    figure = import_module("matplotlib.figure").Figure(figsize=(7, tall), layout="constrained")  # an extra
    if isinstance(report, CurvePlot):
        _draw_curves(report, figure)
    else:
        _draw_field(report, figure)
    figure.savefig(stream, format=kind, dpi=150)


def _title(report: CurvePlot | FieldPlot) -> str:
    text = shortened(escaped(" ".join(report.expression.split())), LONGEST_TITLE)
    return text.replace("$", r"\$")  # a dollar would begin a formula


def _draw_curves(report: CurvePlot, figure: Any) -> None:
    """A panel per curve, over one axis."""
    panels = figure.subplots(len(report.curves), 1, sharex=True, squeeze=False)[:, 0]
    for axes, curve in zip(panels, report.curves, strict=True):
        for x, y in pieces(report, curve):
            axes.plot(x, y, color=f"C{curve.order}")
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        axes.set_ylim(*limits(curve, report.marks))
        axes.set_xlim(report.points[0], report.points[-1])
        axes.set_ylabel(curve.name)
        for mark in report.marks:
            if mark.kind == "pole":
                axes.axvline(mark.at, color="0.4", linestyle=":", linewidth=1)
    named = report.marks if len(report.marks) <= MOST_LABELS else ()
    for mark in report.marks:
        label = mark_text(mark, report.variable, 4) if named else None
        if mark.kind == "pole":
            panels[0].plot([], [], color="0.4", linestyle=":", label=label)
        elif np.isfinite(mark.value):
            panels[0].plot([mark.at], [mark.value], "o", color="C3", markersize=4, label=label)
    if named:
        panels[0].legend(fontsize="x-small")
    panels[0].set_title(_title(report))
    panels[-1].set_xlabel(report.variable)


def _draw_field(report: FieldPlot, figure: Any) -> None:
    """Filled contours, and the gradient as arrows of one length."""
    axes = figure.subplots()
    x, y = report.points
    values = np.ma.masked_invalid(report.values)
    if values.count() and values.min() < values.max():
        shades = axes.contourf(x, y, values, LEVELS, cmap="viridis")
        axes.contour(x, y, values, LEVELS, colors="k", linewidths=0.4)
        figure.colorbar(shades, ax=axes)
    across, up = (slice(None, None, -(-len(side) // ARROWS)) for side in (x, y))
    slopes = [np.ma.masked_invalid(part[up, across]) for part in report.gradient]
    length = np.ma.hypot(*slopes).filled(0)
    if length.any():
        arrows = [part / np.where(length == 0, 1, length) for part in slopes]
        axes.quiver(x[across], y[up], *arrows, color="w", angles="xy", pivot="mid", width=0.003)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    axes.set_xlabel(report.variables[0])
    axes.set_ylabel(report.variables[1])
    axes.set_title(_title(report))
