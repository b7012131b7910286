"""Gradients as formulas, in tables for the terminal and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped
from gradcli.views.numbers import shape_text

if TYPE_CHECKING:
    from gradcli.reports.diff import Definition, Derivative, Diff
    from gradcli.views.console import Console
    from gradcli.views.table import Cell

__all__ = ["definitions", "diff_json", "diff_table"]

HEADS = {
    "gradient": "gradient",
    "second derivative": "second derivative",
    "elementwise": "second derivative of each element",
    "hessian": "Hessian",
    "product": "Hessian @ {direction}",
}


def diff_table(report: Diff, console: Console, *, ascii_only: bool = False) -> None:
    """Prints the formulas, a table per kind, the names that they use, and what they rest on."""
    from gradcli.views.table import make_table  # JSON does without

    text = "; ".join(report.expressions)
    for kind, direction in dict.fromkeys((one.kind, one.direction) for one in report.derivatives):
        rows: list[list[Cell]] = [
            [", ".join(one.variables), shape_text(one.shape), one.formula]
            for one in report.derivatives
            if (one.kind, one.direction) == (kind, direction)
        ]
        head = HEADS[kind].format(direction=direction)
        title = escaped(text)
        console.print(
            make_table(title, ("variable", "shape", head), rows, console.width, ascii_only=ascii_only)
        )
    names = definitions(report)
    if names:
        rows = [[one.name, one.formula] for one in names]
        console.print(make_table("where", ("name", "is"), rows, console.width, ascii_only=ascii_only))
    for sentence in sentences(report):
        console.print(escaped(sentence), soft_wrap=True)


def definitions(report: Diff) -> list[Definition]:
    """Returns the names that the formulas use, each once."""
    return [*dict.fromkeys(one for derivative in report.derivatives for one in derivative.definitions)]


def sentences(report: Diff) -> list[str]:
    """Returns what is to be known of the formulas."""
    found = []
    if any(one.kind == "elementwise" for one in report.derivatives):
        found.append("derivatives for two different elements are zero")
    if report.assumed:
        found.append(f"holds where {', and '.join(report.assumed)}")
    where = f"at the point and at {report.points - 1} near it" if report.points > 1 else "at the point"
    found.append(f"compared with autograd {where}: the same numbers")
    return [*found, *report.notes]


def diff_json(report: Diff) -> str:
    """Returns the schema `gradcli.diff/1`."""
    return json.dumps(
        {
            "schema": "gradcli.diff/1",
            "expressions": list(report.expressions),
            "order": report.order,
            "derivatives": [_plain(one) for one in report.derivatives],
            "assumed": list(report.assumed),
            "rules": [{"name": one.name, "identity": one.formula} for one in report.rules],
            "points": report.points,
            "emit": report.language or None,
            "program": report.program or None,
            "notes": list(report.notes),
        },
        indent=2,
        ensure_ascii=False,
    )


def _plain(one: Derivative) -> dict[str, object]:
    return {
        "variables": list(one.variables),
        "kind": one.kind,
        "direction": one.direction or None,
        "shape": list(one.shape),
        "formula": one.formula,
        "where": {definition.name: definition.formula for definition in one.definitions},
        "program": one.program,
        "named": list(one.named),
        "simplified": one.simplified,
    }
