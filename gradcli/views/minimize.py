"""A minimisation for people, as JSON and as CSV: the way down, and what stands at its end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gradcli.views.curve import curve_lines
from gradcli.views.derivatives_json import plain_variables
from gradcli.views.excerpt import escaped
from gradcli.views.json import dump, plain, plain_number
from gradcli.views.numbers import DIGITS, number_text, shape_text
from gradcli.views.table import make_table, tensor_cell

if TYPE_CHECKING:
    from gradcli.reports.descent import Minimization
    from gradcli.views.console import Console
    from gradcli.views.table import Cell

__all__ = ["history_csv", "minimize_json", "minimize_table"]


def minimize_table(
    report: Minimization,
    console: Console,
    *,
    digits: int = DIGITS,
    full: bool = False,
    ascii_only: bool = False,
) -> None:
    """Prints the loss curve, the variables with their gradients, and why it ended."""
    shown = partial(tensor_cell, digits=digits, full=full)
    first, last = report.history[0], report.history[-1]
    lines = curve_lines([one.loss for one in report.history], console.width, ascii_only=ascii_only)
    if lines:
        console.print("loss")
    for line in lines:
        console.print(line, soft_wrap=True)
    rows: list[list[Cell]] = []
    for one in report.variables:
        gradient = report.gradients[one.name]
        slope: Cell = "none: no root depends on it" if gradient is None else shown(gradient)
        rows.append([one.name, shape_text(one.array.shape), shown(one.array), slope])
    heads = ("variable", "shape", "value", "gradient")
    console.print(make_table(f"after {report.optimizer}", heads, rows, console.width, ascii_only=ascii_only))
    numbers = ", ".join(
        f"{name} {value:g}" for name, value in report.settings.items() if name not in {"steps", "tol"}
    )
    console.print(
        f"loss {number_text(first.loss, digits)} -> {number_text(last.loss, digits)}, gradient norm "
        f"{number_text(first.gradient_norm, digits)} -> {number_text(last.gradient_norm, digits)}"
        + (f"  ({numbers})" if numbers else ""),
        soft_wrap=True,
    )
    for sentence in (f"{report.status}: {report.cause}", *report.notes):
        console.print(escaped(sentence), soft_wrap=True)


def minimize_json(report: Minimization) -> str:
    """Returns the schema `gradcli.minimize/1`."""
    return dump(
        {
            "schema": "gradcli.minimize/1",
            "expression": report.expression,
            "optimizer": report.optimizer,
            "settings": report.settings,
            "status": report.status,
            "cause": report.cause,
            "steps": report.history[-1].step,
            "loss": plain_number(report.history[-1].loss),
            "gradient_norm": plain_number(report.history[-1].gradient_norm),
            "variables": [
                {**one, "grad": plain(report.gradients[one["name"]])}
                for one in plain_variables(report.variables)
            ],
            "history": [
                {
                    "step": one.step,
                    "loss": plain_number(one.loss),
                    "gradient_norm": plain_number(one.gradient_norm),
                }
                for one in report.history
            ],
            "suggestion": report.suggestion,
            "curvature": report.curvature,
            "notes": list(report.notes),
        }
    )


def history_csv(report: Minimization) -> str:
    """Returns a line per step, with every digit of the numbers."""
    lines = ["step,loss,gradient_norm"]
    lines += [f"{one.step},{one.loss!r},{one.gradient_norm!r}" for one in report.history]
    return "\n".join(lines) + "\n"
