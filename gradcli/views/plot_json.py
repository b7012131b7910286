"""Sampled functions as JSON."""

from __future__ import annotations

from typing import Any

from gradcli.reports.plots import CurvePlot, FieldPlot
from gradcli.views.json import dump, plain, plain_number

__all__ = ["plot_json"]


def plot_json(report: CurvePlot | FieldPlot) -> str:
    """Returns the schema `gradcli.plot/1`: a curve has `points`, `curves`, `marks`, a field its grid."""
    body = _curves(report) if isinstance(report, CurvePlot) else _field(report)
    found = {"schema": "gradcli.plot/1", "expression": report.expression, **body}
    found |= {"how": report.how, "notes": list(report.notes)}
    return dump(found)


def _curves(report: CurvePlot) -> dict[str, Any]:
    return {
        "kind": "curve",
        "variables": [report.variable],
        "points": plain(report.points),
        "curves": [
            {"name": curve.name, "order": curve.order, "values": plain(curve.values)}
            for curve in report.curves
        ],
        "marks": [
            {"kind": mark.kind}
            | {name: plain_number(value) for name, value in mark._asdict().items() if name != "kind"}
            for mark in report.marks
        ],
    }


def _field(report: FieldPlot) -> dict[str, Any]:
    return {
        "kind": "field",
        "variables": list(report.variables),
        "points": [plain(one) for one in report.points],
        "values": plain(report.values),
        "gradient": [plain(one) for one in report.gradient],
    }
