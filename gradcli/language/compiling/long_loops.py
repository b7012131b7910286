"""Long loops over ranges: a host may do turns of them in another way than statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language import tree
from gradcli.language.compiling.signals import CONTINUE
from gradcli.language.limits import steps_fault
from gradcli.language.values.meter import cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.compiling.notes import Note
    from gradcli.language.compiling.ways import Way, Ways
    from gradcli.language.values.meter import Meter
    from gradcli.language.values.variables import Variables

__all__ = ["LongLoop", "Turns"]

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

    def watched(self, at: int, left_out: int = 0) -> Any:
        """Does a turn for somebody who reads the book; returns as `run`.

        Turns of the same loop that it leads to, in calls of the functions around them, are none of its own.
        """
        book = self.book
        before = book.variables, book.left_out
        book.variables, book.left_out = self.variables, left_out
        try:
            return self.run(self.values[at])
        finally:
            book.variables, book.left_out = before

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


class LongLoop:
    """A loop as the host sees fit, compiled when it first turns out to be a long one over a range."""

    def __init__(self, compiler: Compiler, node: tree.For) -> None:
        self._compiler = compiler
        self._node = node
        self._scope = compiler.scope
        self._is_known = False
        self._ways: Ways | None = None
        self._body: tuple[Code, ...] = ()

    def takes(self, values: Any) -> bool:
        """Returns whether it runs a loop over some values."""
        if type(values) is not range or not LONG <= (values.stop - values.start) // values.step <= LONGEST:
            return False
        if not self._is_known:
            self._compile()
        return self._ways is not None and self._ways.open()

    def _compile(self) -> None:
        from gradcli.language.compiling.ways import ways  # few programs have a long loop

        compiler, self._is_known = self._compiler, True
        outside, compiler.scope = compiler.scope, self._scope
        try:
            self._ways = ways(compiler, self._node)
            self._body = compiler.block(self._node.body)
        finally:
            compiler.scope = outside

    def run(self, variables: Variables, values: range) -> Any:
        """Runs the loop; returns why control does not go on after it, or None."""
        known = self._ways
        assert known is not None  # noqa: S101 - or it does not take them
        turns = Turns(variables, values, self._compiler.meter, self._turn(variables), known)
        go = self._compiler.host.hot_loop(turns)  # type: ignore[attr-defined] # a host without one has no such loop
        at, count, signal = 0, len(values), None
        while at < count and signal is None:
            at, signal = go(at)
        return signal

    def _turn(self, variables: Variables) -> Callable[[Any], Any]:
        compiler, node, body = self._compiler, self._node, self._body
        assert isinstance(node.target, tree.Name)  # noqa: S101 - or its ways were not known
        word, meter, steps = node.target.name, compiler.meter, cost(node.start, node.end)
        context, span = compiler.context, compiler.span(node.source)

        def run(value: Any) -> Any:
            meter.left -= steps
            if meter.left < 0:
                context.span = span  # asking for ways has moved it
                raise steps_fault(meter.limits)
            variables[word] = value
            for statement in body:
                signal = statement(variables)
                if signal is not None:
                    return None if signal is CONTINUE else signal
            context.span = span
            return None

        return run
