"""Jacobians, Hessians and derivatives along a direction as tables for the terminal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.views.excerpt import escaped, last_line, shortened
from gradcli.views.matrix import element_names, fits, print_matrix
from gradcli.views.numbers import BIG, DIGITS, number_text, shape_text
from gradcli.views.table import make_table, tensor_cell

if TYPE_CHECKING:
    from gradcli.reports.derivatives import Directional, Hessian, Jacobian
    from gradcli.views.console import Console
    from gradcli.views.table import Cell

__all__ = ["directional_table", "hessian_table", "jacobian_table"]

LONGEST = 40  # characters of an expression in a title
SHORT = 3  # digits of what is nearly zero
MOST_EIGENVALUES = 12


def jacobian_table(
    report: Jacobian, console: Console, *, digits: int = DIGITS, full: bool = False, ascii_only: bool = False
) -> None:
    """Prints a table per root with the columns of all variables, or a block each where that is too wide."""
    for number, root in enumerate(report.roots):
        parts = [block for block in report.blocks if block.root == number]
        rows = element_names("", root.array.shape) if root.array.ndim else ["value"]
        columns = [_names(one.name, one.array.shape[root.array.ndim :]) for one in parts]
        flat = [_flat(one.array, root.array.size) for one in parts]
        joined = np.concatenate(flat, axis=1)
        names = [name for some in columns for name in some]
        if fits(joined, (rows, names), console.width, digits, full=full):
            groups = [(parts, joined, names)]
        else:
            groups = [([one], part, some) for one, part, some in zip(parts, flat, columns, strict=True)]
        for group, matrix, some in groups:
            title = f"d {_cut(root.expression)} / d {', '.join(one.name for one in group)}"
            shape = group[0].array.shape
            if len(group) == 1 and shape:
                at = root.array.ndim
                title += f"  {shape_text(shape[:at])} by {shape_text(shape[at:])}"
            print_matrix(
                title, matrix, (rows, some), console, digits=digits, full=full, ascii_only=ascii_only
            )
    for sentence in (report.how, *report.notes):
        console.print(escaped(sentence), soft_wrap=True)


def hessian_table(
    report: Hessian, console: Console, *, digits: int = DIGITS, full: bool = False, ascii_only: bool = False
) -> None:
    """Prints the matrix, its eigenvalues, and what kind of point it is."""
    small = report.matrix.size <= BIG or full
    names = [n for one in report.variables for n in _names(one.name, one.array.shape)] if small else []
    title = f"hessian of {_cut(report.root.expression)}  {shape_text(report.matrix.shape)}"
    print_matrix(
        title, report.matrix, (names, names), console, digits=digits, full=full, ascii_only=ascii_only
    )
    heads = ("value", "gradient norm", "eigenvalues", "condition number", "symmetry defect")
    row = [
        number_text(float(report.root.array.reshape(-1)[0]) + 0.0, digits),
        number_text(report.gradient_norm, digits),
        _eigenvalues(report.eigenvalues, digits),
        "-" if report.condition is None else number_text(report.condition, digits),
        number_text(report.asymmetry, SHORT),
    ]
    console.print(make_table("point", heads, [row], console.width, ascii_only=ascii_only))
    for sentence in (report.verdict, report.how, *report.notes):
        console.print(escaped(sentence), soft_wrap=True)


def directional_table(
    report: Directional,
    console: Console,
    *,
    digits: int = DIGITS,
    full: bool = False,
    ascii_only: bool = False,
) -> None:
    """Prints the direction, then what moves along it."""
    shown = partial(tensor_cell, digits=digits, full=full)
    for title, heads, parts in _sections(report):
        rows: list[list[Cell]] = [
            [_cut(one.name), shape_text(one.array.shape), shown(one.array), shown(one.derivative)]
            for one in parts
        ]
        console.print(make_table(title, heads, rows, console.width, ascii_only=ascii_only))
    sentences = [report.how, *report.notes]
    if report.curvature is not None:
        facts = f"slope along it {number_text(report.slope, digits)}"
        curvature = number_text(report.curvature, digits)
        sentences.insert(0, f"{facts}; curvature along it, scaled to length 1, {curvature}")
    for sentence in sentences:
        console.print(escaped(sentence), soft_wrap=True)


def _sections(report: Directional) -> list[tuple[str, tuple[str, ...], Any]]:
    if report.product == "jvp":
        return [
            ("direction", ("variable", "shape", "value", "tangent"), report.directions),
            ("jvp", ("root", "shape", "value", "derivative along it"), report.results),
        ]
    title = f"hvp of {_cut(report.roots[0].expression)}"
    return [
        ("direction", ("variable", "shape", "value", "vector"), report.directions),
        (title, ("variable", "shape", "value", "hessian @ vector"), report.results),
    ]


def _names(name: str, shape: tuple[int, ...]) -> list[str]:
    """The elements' names, if there are few enough to be shown."""
    return element_names(name, shape) if int(np.prod(shape)) <= BIG * BIG else []


def _flat(array: Any, rows: int) -> Any:
    """A block as a matrix, also where it has no elements."""
    return array.reshape(rows, array.size // rows if rows else 0)


def _cut(expression: str) -> str:
    return shortened(last_line(expression)[0], LONGEST)


def _eigenvalues(values: Any, digits: int) -> str:
    if values is None:
        return "-"
    texts = [number_text(value + 0.0, digits) for value in values.tolist()]  # -0 is as much zero as 0
    if len(texts) <= MOST_EIGENVALUES:
        return "\n".join(texts)
    return f"{texts[0]} to {texts[-1]}  ({len(texts)} of them)"
