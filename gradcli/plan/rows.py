"""A trace with repetition bound to memory where values of a kind lie one behind the other.

Then the calls of a level work on operands at equal distances, and merging.py makes one of them. No value is
written over that a lower level still reads, so that nothing but the levels orders the calls.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import PLACES
from gradcli.plan.bound_parts import PLACED
from gradcli.plan.bound_sums import BLAS
from gradcli.plan.memory import Memory, Operand, is_join, places_of_parts
from gradcli.plan.merging import SUMMED, Merger, RowSum, Unit
from gradcli.plan.patterns import Patterns
from gradcli.plan.repetition import ordered
from gradcli.plan.totals import TOTAL, with_totals
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.plan.repetition import Order
    from gradcli.plan.trace import Step, Trace

__all__ = ["Rows", "in_rows"]

MOST = 2**27  # bytes that the values of a program may take, all at once
SMALL = 2**14  # bytes of a value on average, up to which the time between operations matters


def in_rows(
    trace: Trace, inputs: Sequence[Any], into: Mapping[int, Any], values: Mapping[int, Any]
) -> Rows | None:
    """Returns a trace's memory and calls; None where too little is repeated for it to pay.

    Args:
        trace: simplified.
        inputs: the arrays of its inputs.
        into: memory for values, by number.
        values: every value of a run, by number.
    """
    sizes = [values[step.results[0]].nbytes for step in trace.steps]
    if sum(sizes) > min(MOST, SMALL * len(sizes)):
        return None
    if not all(sizes):  # what is empty lies at no distance from its equals, by which calls are merged
        return None
    joined = with_totals(trace, values)
    order = ordered(joined, values)
    return None if order is None else Rows(joined, inputs, into, values, order)


class Rows:
    """Where the outputs of a trace are, and the calls that fill them.

    Attributes:
        held: the array of every output, by number.
        root: by number the value in whose own memory it is; itself for inputs and constants too.
        calls: what a run does, in order.
    """

    def __init__(
        self,
        trace: Trace,
        inputs: Sequence[Any],
        into: Mapping[int, Any],
        values: Mapping[int, Any],
        order: Order,
    ) -> None:
        self._trace, self._values, self._order, self._into = trace, values, order, into
        self._outputs = frozenset(trace.outputs)
        self._memory = Memory(trace, inputs, into, values, order.kinds)
        self._patterns = Patterns(self._memory)
        self._merger = Merger(self._memory)
        self._at: dict[int, Operand] = self._memory.given
        self._ready: dict[int, int] = {}  # by number: the turn of its level when it is there
        self._level = -1
        self._turns: list[list[Unit]] = []
        self._bind(self._dying())
        self.calls: list[Callable[[], object]] = self._merger.calls()
        self.held = {number: self._memory.array(self._at[number]) for number in trace.outputs}
        fixed = {*trace.inputs, *trace.constants}
        self.root = {number: root for number, root in order.roots.items() if root not in fixed}

    def _bind(self, dying: Mapping[int, Sequence[int]]) -> None:
        """Gives every value its place and every step its calls, level by level."""
        levels, steps = self._order.levels, self._trace.steps
        for place in sorted(range(len(steps)), key=levels.__getitem__):
            if levels[place] != self._level:
                self._finish()
                for number in dying.get(self._level, ()):
                    self._memory.free(number)
                self._level = levels[place]
                self._ready.clear()
            self._settle(steps[place])
        self._finish()

    def _finish(self) -> None:
        """Gives the units of a level to be merged."""
        for units in self._turns:
            self._merger.take(units)
        self._turns = []

    def _dying(self) -> dict[int, list[int]]:
        """By level the values that nothing reads after it."""
        roots, home = self._order.roots, self._memory.home
        lasting = {home(roots[number]) for number in self._trace.outputs}
        lasting.update(self._into, self._memory.given)
        for step in self._trace.steps:
            if step.record.name in PLACES or step.record is PLACED:  # the zeros around what is put there stay
                lasting.update(step.results)
        last: dict[int, int] = {}
        for number, level in self._order.last.items():
            root = home(number)
            if last.get(root, level) <= level:
                last[root] = level
        dying: dict[int, list[int]] = {}
        for number, level in last.items():
            if number not in lasting:
                dying.setdefault(level, []).append(number)
        return dying

    def _settle(self, step: Step) -> None:
        """Gives a step's results their places, and its calls to the turns of its level."""
        operands: list[Any] = [x if x.__class__ is Literal else self._at[x] for x in step.arguments]
        turn = max([self._ready.get(x, 0) for x in step.arguments if x.__class__ is int], default=0)
        number = step.results[0]
        if number not in self._order.kinds:
            view = self._patterns.view(step, operands[0], self._values[number])
            if view is not None:
                self._at[number] = view
                self._ready[number] = turn
                return
        for result in step.results:
            self._at[result] = self._memory.room(result)
        for units in self._units(step, operands):
            if len(self._turns) <= turn:
                self._turns.append([])
            self._turns[turn] += units
            turn += 1
        self._ready.update(dict.fromkeys(step.results, turn))

    def _units(self, step: Step, operands: Sequence[Any]) -> list[list[Unit]]:
        """What a step does, turn by turn."""
        results = [self._at[number] for number in step.results]
        if step.record is TOTAL:
            return [[Unit(None, apart=partial(self._merger.total, operands, results[0]))]]
        if not step.params:
            turns = self._patterns.turns(step, operands, results)
            if turns is not None:
                given = [*operands, *results]
                return [
                    [Unit(function, tuple([given[x] if x.__class__ is int else x for x in places]))]
                    for function, places in turns
                ]
        layouts = [self._memory.layouts[x[2]] for x in (*operands, *results) if x.__class__ is not Literal]
        dtypes = {layout.dtype for layout in layouts}
        # There are zeros where nothing was put yet, but in memory that is the caller's between runs.
        clean = step.results[0] not in self._outputs
        if is_join(step, [layout.shape for layout in layouts[:-1]], dtypes):
            copies = self._copies(step, operands, results[0])
            return [copies] if clean or step.record is not PLACED else [self._zeros(results[0]), copies]
        fixed = [x.__class__ is Literal or x in self._trace.constants for x in step.arguments]
        alone = partial(self._patterns.calls, step, operands, results, fixed, clean=clean)
        if step.record.name == "sum_dims" and len(dtypes) == 1 and not dtypes.isdisjoint(BLAS):
            function = RowSum(tuple(step.params["dims"]), bool(step.params["keepdim"]))
            return [[Unit(function, (operands[0], results[0]), SUMMED, alone)]]
        return [[Unit(None, apart=alone)]]

    def _zeros(self, result: Operand) -> list[Unit]:
        """What fills a result with zeros."""
        zero = np.zeros((), self._memory.layouts[result[2]].dtype)
        return [Unit(np.copyto, (self._memory.literal(zero), result))]

    def _copies(self, step: Step, operands: Sequence[Operand], result: Operand) -> list[Unit]:
        """What a join has to copy: the parts that are no part of it already."""
        joined = self._memory.array(result)
        places = places_of_parts(step, [self._memory.layouts[x[2]].shape for x in operands])
        parts = [self._memory.place(joined[place]) for place in places]
        return [
            Unit(np.copyto, (operand, part))
            for operand, part in zip(operands, parts, strict=True)
            if operand != part
        ]
