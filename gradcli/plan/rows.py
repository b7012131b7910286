"""A trace with repetition bound to memory where values of a kind lie one behind the other.

A loop whose turns are `h = tanh(h + xs[i] * w)` is unrolled by the time it is here. Its products wait for
nothing, so they share one level, while each sum and each tanh has a level of its own (repetition.py). The
products' arguments are parts of one array (places.py), their results get the rows of one block (memory.py).
So what they read and write is at equal distances from turn to turn (packs.py), and one multiplication does
for all (merging.py).

No value is written over that a lower level still reads, so that nothing but the levels orders the calls.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import Operation, call_of
from gradcli.plan.bound_parts import PLACED
from gradcli.plan.bound_sums import BLAS
from gradcli.plan.memory import Memory
from gradcli.plan.merging import SUMMED, Merger, RowSum
from gradcli.plan.operands import Operands
from gradcli.plan.packs import Unit, alone
from gradcli.plan.patterns import Patterns
from gradcli.plan.places import Places
from gradcli.plan.repetition import ordered
from gradcli.plan.totals import TOTAL, with_totals
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.plan.operands import Operand
    from gradcli.plan.repetition import Order
    from gradcli.plan.storages import Storage
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
    # What is empty lies at no distance from its equals, by which calls are merged.
    if not all(value.nbytes for value in values.values()):
        return None
    joined, operands = with_totals(trace, values), Operands()
    places = Places(joined, inputs, into, values, operands)
    order = ordered([one.look for one in places.storages], [places.reads(one) for one in places.storages])
    return None if order is None else Rows(joined, places, order, operands)


class Rows:
    """Where the outputs of a trace are, and the calls that fill them.

    Attributes:
        held: the array of every output, by number.
        own: the outputs in memory that no other output is in.
        calls: what a run does, in order.
    """

    def __init__(self, trace: Trace, places: Places, order: Order, operands: Operands) -> None:
        self._places, self._operands = places, operands
        self._constants = trace.constants
        self._memory = Memory(places.storages, order, operands)
        self._patterns, self._merger = Patterns(operands), Merger(operands)
        self._fix()
        self._bind(order.levels)
        self.calls: list[Callable[[], object]] = self._merger.calls()
        self.held = {number: operands.array(places.at[number].operand()) for number in trace.outputs}
        self.own = places.own

    def _fix(self) -> None:
        """Writes the constants that have no memory yet."""
        for number, array in self._constants.items():
            place = self._places.at[number]
            if not place.storage.address:
                self._memory.settle(place.storage)
                self._operands.array(place.operand())[...] = array

    def _bind(self, levels: Sequence[int]) -> None:
        """Gives all that is computed its memory and its calls, level by level."""
        storages = self._places.storages
        computed = [(levels[one.index], one, one.step) for one in storages if one.step is not None]
        computed.sort(key=itemgetter(0))
        for level, together in groupby(computed, itemgetter(0)):
            turns: list[list[Unit]] = []
            for _, storage, step in together:
                self._memory.settle(storage)
                for turn, units in enumerate(self._turns(step, storage)):
                    if turn == len(turns):
                        turns.append([])
                    turns[turn] += units
            for units in turns:
                self._merger.take(units)
            self._memory.leave(level)

    def _turns(self, step: Step, storage: Storage) -> list[list[Unit]]:
        """What a step does, one turn after the other."""
        at = self._places.at
        arguments: list[Any] = [x if x.__class__ is Literal else at[x].operand() for x in step.arguments]
        results = [at[number].operand() for number in step.results]
        if step.record is TOTAL:
            return [[alone(partial(self._merger.total, arguments, results[0]))]]
        turns = self._patterns.turns(step, arguments, results)
        if turns is not None:
            return [[Unit(function, operands)] for function, operands in turns]
        join = self._places.joins.get(step.results[0])
        if join is not None:
            copies = _copies(arguments, [part.operand() for part in join.parts])
            # The zeros of the run before are lost where the caller may write.
            again = storage.shared and step.record is PLACED
            return [[self._zeros(results[0])], copies] if again else [copies]
        calls = partial(self._calls, step, arguments, results, clean=not storage.shared)
        if self._is_row_sum(step):
            function = RowSum(tuple(step.params["dims"]), bool(step.params["keepdim"]))
            return [[Unit(function, (arguments[0], results[0]), SUMMED, calls)]]
        return [[alone(calls)]]

    def _calls(
        self, step: Step, arguments: Sequence[Any], results: Sequence[Operand], *, clean: bool
    ) -> list[Callable[[], object]]:
        """The calls that do a step on its own; `clean` says that there are zeros where it puts something."""
        operands = [x if x.__class__ is Literal else self._operands.array(x) for x in arguments]
        fixed = [x.__class__ is Literal or x in self._constants for x in step.arguments]
        return call_of(Operation(step, operands, fixed, self._operands.arrays(results), lasting=clean))

    def _is_row_sum(self, step: Step) -> bool:
        """Whether a step is a sum over dims, in the dtype of its terms."""
        if step.record.name != "sum_dims":
            return False
        layouts = [self._places.at[x].layout for x in (*step.arguments, *step.results)]
        dtypes = {self._operands.layouts[layout].dtype for layout in layouts}
        return len(dtypes) == 1 and not dtypes.isdisjoint(BLAS)

    def _zeros(self, result: Operand) -> Unit:
        """What fills a result with zeros."""
        zero = np.zeros((), self._operands.layouts[result[2]].dtype)
        return Unit(np.copyto, (self._operands.literal(zero), result))


def _copies(arguments: Sequence[Operand], parts: Sequence[Operand]) -> list[Unit]:
    """What a join has to copy: the arguments that are not where they belong already."""
    return [
        Unit(np.copyto, (argument, part))
        for argument, part in zip(arguments, parts, strict=True)
        if argument != part
    ]
