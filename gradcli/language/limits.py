"""How much a program may ask for: each limit has a default, an option that raises it, and one error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import LimitFault

if TYPE_CHECKING:
    from gradcli.diagnostics import Span

__all__ = ["DEEPEST", "Limits", "calls_fault", "integer_fault", "items_fault", "nesting_fault", "steps_fault"]

SCOPES = 50
"""Functions and comprehensions inside one another: a variable is looked for through all of them."""

DEEPEST = 1_000
"""Levels of the checked tree: operators nest without brackets too (`----x`), and the compiler recurses."""


class Limits(NamedTuple):
    """The budget of one program.

    Attributes:
        text: characters of source.
        nesting: levels of brackets; Python's own parser stops at 200.
        integer_bits: size of an integer. The default keeps every integer below the 4,300 digits that
            CPython is willing to print.
        items: elements of a list, a tuple or a dict, nested ones included, and characters of a string.
        steps: turns of loops and comprehensions, calls of the program's own functions, and what lists,
            strings and big integers weigh; a long body is more than one step (see values/meter.py).
        calls: depth of calls of the program's own functions.
    """

    text: int = 4_000_000
    nesting: int = 150
    integer_bits: int = 14_000
    items: int = 10_000_000
    steps: int = 10_000_000
    calls: int = 500


def text_fault(length: int, limits: Limits) -> LimitFault:
    """Returns the error for a source of `length` characters."""
    return LimitFault(
        "E610",
        f"the text has {length} characters; the limit is {limits.text}",
        help="raise the limit with --max-text",
    )


def nesting_fault(limits: Limits, span: Span | None = None) -> LimitFault:
    """Returns the error for brackets, operators or blocks inside one another."""
    return LimitFault(
        "E611",
        f"this is nested too deeply; the limit is {limits.nesting} levels of brackets",
        span=span,
        help="name an inner part first (`a = ...`), or raise the limit with --max-nesting (up to 190)",
    )


def integer_fault(limits: Limits, span: Span | None = None) -> LimitFault:
    """Returns the error for an integer with too many digits."""
    return LimitFault(
        "E612",
        f"this integer has more than {limits.integer_bits} bits",
        span=span,
        help="write a float (`2.0**10`), or raise the limit with --max-integer-bits",
    )


def items_fault(limits: Limits) -> LimitFault:
    """Returns the error for a list, tuple, dict or string that would grow too long."""
    return LimitFault(
        "E613",
        f"this would hold more than {limits.items} items",
        help="use a tensor, or raise the limit with --max-items",
    )


def steps_fault(limits: Limits) -> LimitFault:
    """Returns the error for a loop that goes on too long."""
    return LimitFault(
        "E614",
        f"the program took more than {limits.steps} steps",
        help="does the loop end? If it does, raise the limit with --max-steps",
    )


def calls_fault(limits: Limits) -> LimitFault:
    """Returns the error for functions that call one another too deeply."""
    return LimitFault(
        "E615",
        f"functions call one another too deeply; the limit is {limits.calls}",
        help="does the recursion end? If it does, raise the limit with --max-calls, or write a loop",
    )
