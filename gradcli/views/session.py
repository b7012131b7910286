"""What a session at the prompt shows: values as `eval` shows them, and the names in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped
from gradcli.views.numbers import DIGITS, shape_text, tensor_text
from gradcli.views.table import make_table, tensor_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.reports.sessions import Shown, VariableLine
    from gradcli.views.console import Console
    from gradcli.views.table import Cell

__all__ = ["value_text", "variables_table"]


def value_text(shown: Shown, columns: int, digits: int = DIGITS, *, full: bool = False) -> str:
    """Returns a value as text; empty where there is none."""
    if shown.array is None:
        return "\n".join(map(escaped, shown.text.split("\n")))
    return tensor_text(shown.array, digits=digits, columns=columns, full=full)


def variables_table(
    lines: Sequence[VariableLine], console: Console, *, digits: int = DIGITS, ascii_only: bool = False
) -> None:
    """Prints a row per name: what it is, its value and its gradient."""
    if not lines:
        console.print("no names yet")
        return
    rows: list[list[Cell]] = []
    for line in lines:
        shape = "-" if line.value.array is None else shape_text(line.value.array.shape)
        rows.append(
            [
                line.name,
                line.role,
                shape,
                line.dtype or "-",
                _cell(line, digits),
                "-" if line.grad is None else tensor_cell(line.grad, digits=digits),
            ]
        )
    heads = ("name", "kind", "shape", "dtype", "value", "gradient")
    console.print(make_table("names", heads, rows, console.width, ascii_only=ascii_only))


def _cell(line: VariableLine, digits: int) -> Cell:
    return lambda columns: value_text(line.value, columns, digits)
