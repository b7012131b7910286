"""Tables for the terminal: a row per thing, or a block of lines per thing where that is too wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.views.excerpt import ELLIPSIS, escaped, last_line, shortened, width
from gradcli.views.grid import BORDERS, Grid
from gradcli.views.numbers import DIGITS, shape_text, tensor_text

if TYPE_CHECKING:
    from gradcli.reports.evaluation import Evaluation, Gradient, Root
    from gradcli.views.console import Console

__all__ = ["evaluation_table", "make_table", "tensor_cell"]

LONGEST_EXPRESSION = 36
NARROWEST_VALUE = 16
WIDEST = 10_000  # columns, where a text may take what it needs

Cell = str | Callable[[int], str]  # a text, or one that fits itself into a number of columns


def evaluation_table(
    report: Evaluation,
    console: Console,
    *,
    digits: int = DIGITS,
    full: bool = False,
    ascii_only: bool = False,
) -> None:
    """Prints the values of the expressions, then the gradients, then what else the user should know."""

    def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        console.print(make_table(title, heads, rows, console.width, ascii_only=ascii_only))

    shown = partial(tensor_cell, digits=digits, full=full)
    heads = ("root", "shape", "dtype", "grad_fn", "value")
    show("forward", heads, [_root_row(root, shown) for root in report.roots])
    if report.gradients:
        rows = [_gradient_row(row, shown) for row in report.gradients]
        names: tuple[str, ...] = ("name", "shape", "value", "gradient")
        if any(row.verdict for row in report.gradients):
            rows = [[*cells, row.verdict or "-"] for cells, row in zip(rows, report.gradients, strict=True)]
            names = (*names, "verdict")
        show("gradients", names, rows)
    elif report.differentiated:
        console.print("no leaf requires grad, so there are no gradients")
    for sentence in _sentences(report):
        console.print(escaped(sentence))


def _root_row(root: Root, shown: Callable[[Any], Cell]) -> list[Cell]:
    return [
        _shortened(root.expression),
        shape_text(root.array.shape),
        root.dtype,
        root.grad_fn or "-",
        shown(root.array),
    ]


def _gradient_row(row: Gradient, shown: Callable[[Any], Cell]) -> list[Cell]:
    suffix = {"retained": " (retained)", "made": " (made here)"}.get(row.origin, "")
    grad = f"none: {row.absent}" if row.grad is None else shown(row.grad)
    return [row.name + suffix, shape_text(row.array.shape), shown(row.array), grad]


def _sentences(report: Evaluation) -> list[str]:
    found = list(report.notes)
    if report.defaults:
        names = ", ".join(report.defaults)
        verb = "is" if len(report.defaults) == 1 else "are"
        found.append(
            f"{names} {verb} not bound: {report.default} by default; -v {report.defaults[0]}=... binds it"
        )
    return found


def _shortened(expression: str) -> str:
    """An expression in one line; of a program the last line, which gives the value."""
    text, follows = last_line(expression)
    dots = f"{ELLIPSIS} " if follows else ""
    if len(dots) + width(text) <= LONGEST_EXPRESSION:
        return dots + text
    return dots + shortened(text, LONGEST_EXPRESSION - len(dots))


def tensor_cell(array: Any, *, digits: int = DIGITS, full: bool = False) -> Cell:
    """Returns a tensor as a cell, laid out in the columns that it gets."""
    return lambda columns: tensor_text(array, digits=digits, columns=columns, full=full)


def make_table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    columns: int,
    *,
    ascii_only: bool = False,
) -> Grid:
    """Returns a table no wider than `columns` where its texts allow; else one block of lines per row."""
    widths = [max([width(head), *(_widest(row[i]) for row in rows)]) for i, head in enumerate(heads)]
    flexible = [i for i in range(len(heads)) if any(not isinstance(row[i], str) for row in rows)]
    fixed = sum(widths[i] for i in range(len(heads)) if i not in flexible) + BORDERS * len(heads) + 1
    if fixed + sum(min(widths[i], NARROWEST_VALUE) for i in flexible) > columns:
        room = max(columns - max(map(width, heads)) - 2 * BORDERS - 1, 1)
        blocks = [
            [(head, _filled(cell, room)) for head, cell in zip(heads, row, strict=True)] for row in rows
        ]
        return Grid(title, (), blocks, ascii_only=ascii_only)
    shares = _shares([widths[i] for i in flexible], columns - fixed)
    rooms = [next(shares) if i in flexible else 0 for i in range(len(heads))]
    groups = [[[_filled(cell, room) for cell, room in zip(row, rooms, strict=True)]] for row in rows]
    return Grid(title, heads, groups, ascii_only=ascii_only)


def _shares(widths: list[int], room: int) -> Iterator[int]:
    """Divides the room among columns: none gets more than it needs, and what it leaves goes to the others."""
    granted = dict.fromkeys(range(len(widths)), 0)
    for done, i in enumerate(sorted(granted, key=widths.__getitem__)):
        granted[i] = min(widths[i], room // (len(widths) - done))
        room -= granted[i]
    return iter(granted.values())


def _filled(cell: Cell, room: int) -> str:
    return cell if isinstance(cell, str) else cell(room)


def _widest(cell: Cell) -> int:
    return max(map(width, _filled(cell, WIDEST).split("\n")))
