"""The subscripts of einsum: read from a string or from lists, with PyTorch's messages."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR2004

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.diagnostics import RuntimeFault, ValueFault

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ELLIPSIS", "Equation", "letter", "parse_equation", "parse_lists"]

LETTERS = ascii_uppercase + ascii_lowercase  # a label is a position in it, as in PyTorch's subscript lists
ELLIPSIS = len(LETTERS)
NO_OPERANDS = (
    "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
    "subscripts list"
)


class Equation(NamedTuple):
    """Labels per operand, and of the output (None: implied). `ELLIPSIS` stands for the dims not named."""

    operands: tuple[tuple[int, ...], ...]
    output: tuple[int, ...] | None


def letter(label: int) -> str:
    """Returns a label as messages write it."""
    return LETTERS[label]


def parse_equation(text: str) -> Equation:
    """Returns the equation that a string such as `"bij,bjk->bik"` states.

    Raises:
        RuntimeFault: PyTorch's words for a character or an ellipsis out of place.
    """
    left, arrow, right = text.partition("->")
    operands, start = [], 0
    for number, part in enumerate(left.split(",")):
        operands.append(_labels(part, start, f"operand {number}"))
        start += len(part) + 1
    if not arrow:
        return Equation(tuple(operands), None)
    return Equation(tuple(operands), _labels(right, len(left) + 2, "output"))


def _labels(part: str, start: int, place: str) -> tuple[int, ...]:
    """The labels of one operand or of the output, which begins at `start` of the equation."""
    found: list[int] = []
    at = 0
    while at < len(part):
        character = part[at]
        if character == ".":
            note = " (...)" if place == "output" else ""
            if ELLIPSIS in found:
                which = f"for output but an ellipsis{note}" if note else f"for {place} for which an ellipsis"
                raise RuntimeFault("E303", f"einsum(): found '.' {which} was already found")
            if part[at : at + 3] != "...":
                raise RuntimeFault(
                    "E303",
                    f"einsum(): found '.' for {place} that is not part of any ellipsis{note}",
                    help="three dots stand for the dims without a letter: '...ij'",
                )
            found.append(ELLIPSIS)
            at += 3
            continue
        if character != " ":
            if character not in LETTERS:
                raise RuntimeFault(
                    "E303",
                    f"einsum(): invalid subscript given at index {start + at} in the equation string, "
                    "subscripts "
                    "must be in [a-zA-Z]",
                    help="write it as 'ij,jk->ik': one letter a dim, a comma between operands",
                )
            found.append(LETTERS.index(character))
        at += 1
    return tuple(found)


def parse_lists(arguments: Sequence[Any]) -> tuple[Equation, list[Any]]:
    """Returns the equation and the operands of the form `einsum(a, [0, 1], b, [1, 2], [0, 2])`.

    Raises:
        ValueFault: a subscript is out of range.
    """
    if len(arguments) < 2:
        raise ValueFault("E303", NO_OPERANDS, help="write einsum('ij,jk->ik', a, b)")
    pairs = len(arguments) // 2
    operands = list(arguments[: 2 * pairs : 2])
    lists = tuple(_from_list(arguments[i]) for i in range(1, 2 * pairs, 2))
    output = _from_list(arguments[-1]) if len(arguments) % 2 else None
    return Equation(lists, output), operands


def _from_list(subscripts: Any) -> tuple[int, ...]:
    if not isinstance(subscripts, (list, tuple)):
        raise ValueFault("E303", NO_OPERANDS, help="write einsum('ij,jk->ik', a, b)")
    found = []
    for one in subscripts:
        if one is not Ellipsis and not (isinstance(one, int) and 0 <= one < ELLIPSIS):
            raise ValueFault(
                "E303", "einsum(): subscript in subscript list is not within the valid range [0, 52)"
            )
        found.append(ELLIPSIS if one is Ellipsis else one)
    return tuple(found)
