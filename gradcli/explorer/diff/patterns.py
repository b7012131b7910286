"""Rules, and what they look for: powers in products, calls by name, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["Powers", "Rule", "apart", "called", "is_number", "powers"]


class Rule(NamedTuple):
    """One identity, read from left to right.

    Attributes:
        name: what it is called.
        identity: what it says.
        op: the kind of term on its left.
        rewrite: the term on its right, or None where the left does not fit.
    """

    name: str
    identity: str
    op: str
    rewrite: Callable[[Formulas, Term], Term | None]


Powers = list[tuple["Term", "Fraction | int"]]


def powers(term: Term) -> list[tuple[Term, Fraction]]:
    """Returns the powers that a product is made of, without its number."""
    return list(zip(term.args, term.data[1], strict=True))


def apart(term: Term) -> tuple[Powers, Powers]:
    """Returns a product's powers of single numbers, and those of what has dims; without its own number."""
    flat: Powers = [(one, e) for one, e in powers(term) if not one.ndim]
    return flat, [(one, e) for one, e in powers(term) if one.ndim]


def called(term: Term, *names: str) -> bool:
    """Returns whether a term is the call of a record of one of these names."""
    return term.op == "call" and term.data[0].name in names


def is_number(term: Term, value: int) -> bool:
    """Returns whether a term is a number, or one repeated."""
    inner = term.args[0] if term.op == "expand" else term
    return inner.number == value
