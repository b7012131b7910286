"""What is known of the values of a traced run: where each was made, its name, where its gradient was lost.

A fact lives as long as its value and refers to no other value, so that a loop of a million steps leaves no
trail: what later questions need of the past (the loss of a gradient, the leaves without one) is handed on
from operands to results at once.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from gradcli.diagnostics import Span

__all__ = ["Fact", "Facts", "Lost"]

MOST_LEAVES = 3  # of those that never asked for a gradient, and are shown
MOST_KEPT = 512  # values that cannot be referred to weakly: numbers, lists


class Lost(NamedTuple):
    """The place where a value left the graph.

    Attributes:
        span: the operation.
        text: what it did.
        help: what to write instead.
        block: the `with` block or decorator that turned recording off.
        source: the fact of the operand whose gradient goes no further.
        leaves: the leaves that the operand was computed from, or some of them.
    """

    span: Span | None
    text: str
    help: str
    block: Span | None = None
    source: Fact | None = None
    leaves: tuple[weakref.ref[Any], ...] = ()


class Fact:
    """What is known of one value.

    Attributes:
        span: where it was made.
        name: what the program last called it.
        lost: where its gradient was lost.
        leaves: the values without gradient that it was computed from, where none had one.
        filled: the backward call that last reached its `.grad`.
        cleared: where its `.grad` was last set to None.
        read: where its `.grad` was last read.
        used: a copy of the gradient that an update of the value used, where, and whether an optimizer did.
        stale: how many backward passes in a row added to a gradient that an update had used.
    """

    __slots__ = ("cleared", "filled", "leaves", "lost", "name", "read", "span", "stale", "used", "value")

    def __init__(self, value: Any, span: Span | None) -> None:
        self.value = value  # a function that returns it, or None once it is gone
        self.span = span
        self.name = ""
        self.lost: Lost | None = None
        self.leaves: tuple[Fact, ...] = ()
        self.filled: Span | None = None
        self.cleared: Span | None = None
        self.read: Span | None = None
        self.used: tuple[Any, Span, bool] | None = None
        self.stale = 0

    def inherit(self, facts: list[Fact]) -> None:
        """Takes over what operands without gradient hand on."""
        self.lost = next((fact.lost for fact in facts if fact.lost is not None), None)
        leaves: dict[int, Fact] = {}
        for fact in facts:
            for leaf in fact.leaves or (fact,):
                leaves[id(leaf)] = leaf
        self.leaves = tuple(leaves.values())[:MOST_LEAVES]


class Facts:
    """The facts of the values that are alive, by identity."""

    def __init__(self) -> None:
        self._weak: dict[int, Fact] = {}
        self._kept: OrderedDict[int, Fact] = OrderedDict()

    def get(self, value: Any) -> Fact | None:
        """Returns what is known of a value."""
        key = id(value)
        fact = self._weak.get(key) or self._kept.get(key)
        return fact if fact is not None and fact.value() is value else None

    def make(self, value: Any, span: Span | None) -> Fact:
        """Returns a new fact of a value."""
        key = id(value)
        table = self._weak
        try:
            fact = Fact(weakref.ref(value, lambda _: table.pop(key, None)), span)
        except TypeError:  # a number, a list: kept alive, so that its identity stays its own
            fact = Fact(lambda: value, span)
            self._kept[key] = fact
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            table[key] = fact
        return fact

    def of(self, value: Any, span: Span | None = None) -> Fact:
        """Returns what is known of a value; a new fact where nothing is."""
        return self.get(value) or self.make(value, span)
