"""Numbers and tensors as text for people: significant digits, aligned, big ones summarised."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BIG", "number_text", "shape_text", "summary_lines", "tensor_text"]

BLOCK = 2**16  # elements that are looked at together
BIG = 100  # elements; a tensor with more is summarised unless it is asked for in full
DIGITS = 6


def number_text(number: Any, digits: int = DIGITS) -> str:
    """Returns a number to `digits` significant digits; whole numbers and bools as they are."""
    return f"{number:.{digits}g}" if isinstance(number, float) else str(number)


def shape_text(shape: tuple[int, ...]) -> str:
    """Returns a shape as `[2, 3]`; a scalar's is `[]`."""
    return str(list(shape))


def tensor_text(array: Any, *, digits: int = DIGITS, columns: int = 60, full: bool = False) -> str:
    """Returns a tensor's elements in brackets, one row a line, or its summary if it is big."""
    if array.size > BIG and not full:
        return "\n".join(summary_lines(array, digits))
    if not array.ndim:
        return number_text(array.item(), digits)
    if not array.size:
        return "[]"
    texts = [number_text(number, digits) for number in array.ravel().tolist()]
    widths = _column_widths(texts, array.shape[-1])
    if 2 * (array.ndim + len(widths) - 1) + sum(widths) > columns:
        widths = [max(widths)] * len(widths)  # rows that take several lines are aligned within themselves
    return "\n".join(_rows(texts, array.shape, widths, columns))


def _column_widths(texts: list[str], count: int) -> list[int]:
    """The width of each column: the numbers of a column end at the same place."""
    return [max(map(len, texts[column::count])) for column in range(count)]


def _rows(texts: list[str], shape: tuple[int, ...], widths: list[int], columns: int) -> list[str]:
    """The rows of a tensor, each in as many lines as it needs."""
    rank, count = len(shape), shape[-1]
    lines: list[str] = []
    for start in range(0, len(texts), count):
        opened = _brackets(start, shape)
        closed = _brackets(start + count, shape)
        if start and opened > 1:
            lines.extend([""] * (opened - 1) if rank > 2 else [])  # noqa: PLR2004 - matrices of a stack stand apart
        indent = " " * (rank - opened) + "[" * opened
        cells = [text.rjust(width) for text, width in zip(texts[start : start + count], widths, strict=True)]
        end = "]" * closed + ("," if start + count < len(texts) else "")
        lines += _wrapped(cells, indent, end, " " * rank, columns)
    return lines


def _brackets(position: int, shape: tuple[int, ...]) -> int:
    """How many brackets open, or close, at a position in row order."""
    found, block = 0, 1
    for size in reversed(shape):
        block *= size
        if position % block:
            break
        found += 1
    return found


def _wrapped(cells: list[str], indent: str, end: str, further: str, columns: int) -> list[str]:
    lines, line = [], indent
    for number, cell in enumerate(cells):
        text = cell + (", " if number + 1 < len(cells) else end)
        if len(line) + len(text.rstrip()) > columns and line.strip(" ["):
            lines.append(line.rstrip())
            line = further
        line += text
    return [*lines, line]


def summary_lines(array: Any, digits: int = DIGITS) -> list[str]:
    """Returns what a big tensor is like: min, mean, max, norm, and how many elements are not finite."""
    if array.dtype.kind == "b":
        return [f"{int(array.sum())} of {array.size} are True"]
    facts = _facts(array)
    finite = array.size - facts.nan - facts.inf
    lines = []
    if finite:
        shown = {"min": facts.least, "mean": facts.total / finite, "max": facts.most}
        lines = [
            "  ".join(f"{name} {number_text(number, digits)}" for name, number in shown.items()),
            f"norm {number_text(_norm(array, facts), digits)}  ({array.size} elements)",
        ]
    found = "  ".join(f"{name} {count}" for name, count in (("nan", facts.nan), ("inf", facts.inf)) if count)
    if found:
        lines.append(f"{found}{'  (not counted above)' if finite else f'  of {array.size}'}")
    return lines


class _Facts(NamedTuple):
    """What one walk over an array finds; all but the counts are of its finite elements."""

    least: float
    most: float
    total: float
    nan: int
    inf: int


def _facts(array: Any) -> _Facts:
    least, most, total, nan, inf = math.inf, -math.inf, 0.0, 0, 0
    for numbers, finite in _blocks(array):
        nan += int(np.isnan(numbers).sum()) if finite.size < numbers.size else 0
        inf += int(np.isinf(numbers).sum()) if finite.size < numbers.size else 0
        if finite.size:
            least, most = min(least, finite.min().item()), max(most, finite.max().item())
            with np.errstate(over="ignore", invalid="ignore"):
                total += finite.sum().item()
    return _Facts(least, most, total, nan, inf)


def _blocks(array: Any) -> Iterator[tuple[Any, Any]]:
    """The elements as float64, and those of them that are finite, a few at a time: they may be many."""
    flat = array.ravel()
    for start in range(0, flat.size, BLOCK):
        numbers = flat[start : start + BLOCK].astype(np.float64)
        known = np.isfinite(numbers)
        yield numbers, numbers if known.all() else numbers[known]


def _norm(array: Any, facts: _Facts) -> float:
    """The Euclidean norm of the finite elements, scaled so that squares neither overflow nor vanish."""
    largest = max(abs(facts.least), abs(facts.most))
    if not largest:
        return largest
    return largest * math.sqrt(sum(np.square(finite / largest).sum().item() for _, finite in _blocks(array)))
