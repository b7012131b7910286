"""Long loops over ranges: a host may do turns of them in another way than statement by statement."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.language.compiling.signals import CONTINUE
from gradcli.language.limits import steps_fault
from gradcli.language.values.meter import cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language import tree
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.compiling.notes import Note
    from gradcli.language.compiling.ways import Way, Ways
    from gradcli.language.values.meter import Meter
    from gradcli.language.values.variables import Variables

__all__ = ["Turns", "is_long", "long_run"]

LONG = 256  # turns from which a host is asked whether it can do better
LONGEST = 2**40  # and up to which


class Turns:
    """A loop under way over a range, for a host that may do turns of it in another way.

    Attributes:
        variables: where the loop stands.
        values: what its variable takes.
        meter: the budget.
        run: does the turn of a value; returns why control does not go on to the next, or None.
        word: the loop's variable.
        own: that, and the names that its notes bind or append to.
        book: what its notes share.
    """

    __slots__ = ("_ways", "book", "meter", "own", "run", "values", "variables", "word")

    def __init__(
        self,
        variables: Variables,
        values: range,
        meter: Meter,
        run: Callable[[Any], Any],
        ways: Ways,
    ) -> None:
        self.variables = variables
        self.word = ways.word
        self.own = ways.own
        self.book = ways.book
        self.values = values
        self.meter = meter
        self.run = run
        self._ways = ways

    def next(self, at: int) -> tuple[int, Any]:
        """Does a turn; returns the next, and why control does not go on to it, or None."""
        return at + 1, self.run(self.values[at])

    def way(self, at: int) -> Way | None:
        """Returns which way a turn will take, if nothing is done before it; None: it cannot be told."""
        left = self.meter.left  # the turn itself pays for its tests
        try:
            return self._ways.ahead(self.variables, self.values[at]) if at < len(self.values) else None
        finally:
            self.meter.left = left

    def notes(self, way: Way) -> list[Note]:
        """Returns the notes of a turn that goes a way, in order."""
        return self._ways.notes(way)


def is_long(values: Any) -> bool:
    """Returns whether a loop over some values is a long one over a range."""
    return type(values) is range and LONG <= (values.stop - values.start) // values.step <= LONGEST


def long_run(
    compiler: Compiler, node: tree.For, body: tuple[Code, ...], known: Ways
) -> Callable[[Variables, range], Any]:
    """Returns the closure that runs a long loop as the host sees fit; its result says why it ended."""
    bind, meter, steps = compiler.store(node.target), compiler.meter, cost(node.start, node.end)
    context, span = compiler.context, compiler.span(node.source)
    hot_loop: Callable[[Turns], Callable[[int], tuple[int, Any]]] = compiler.host.hot_loop  # type: ignore[attr-defined] # asked before

    def turn(variables: Variables, value: Any) -> Any:
        meter.left -= steps
        if meter.left < 0:
            context.span = span  # asking for ways has moved it
            raise steps_fault(meter.limits)
        bind(variables, value)
        for statement in body:
            signal = statement(variables)
            if signal is not None:
                return None if signal is CONTINUE else signal
        context.span = span
        return None

    def run(variables: Variables, values: range) -> Any:
        go = hot_loop(Turns(variables, values, meter, partial(turn, variables), known))
        at, count, signal = 0, len(values), None
        before, known.book.variables = known.book.variables, variables
        try:
            while at < count and signal is None:
                at, signal = go(at)
        finally:
            known.book.variables = before
        return signal

    return run
