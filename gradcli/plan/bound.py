"""A trace bound to arrays: a flat list of calls, each with its operands and its result's memory in it.

For programs of small tensors that run many times: there an eager engine's time goes by between the
operations. Every value has its place in memory once and for all, so a view is made when the trace is bound
and never again, and a run is `for call in calls: call()`. What a loop repeats is done for all its turns at
once where they do not wait for one another: rows.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound_calls import PLACES, Operation, call_of, view_of
from gradcli.plan.bound_parts import gathered
from gradcli.plan.bound_sums import summed_products
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gradcli.plan.rows import Rows
    from gradcli.plan.trace import Step, Trace

__all__ = ["Bound"]

MANY = 64  # steps among which repetition is looked for
NOWHERE: Mapping[int, Any] = {}
SMALL = 2**14  # bytes of zeros that are worth keeping, to write a part of them only


class Bound:
    """A trace, ready to run again and again on what stands in its inputs.

    Equal to the eager engine within 2 ulps for elementwise operations and within n u Σ|terms| for sums;
    bound to be exact, operation by operation the same.

    Attributes:
        inputs: the arrays that a run reads: change them in place.
        outputs: the arrays that a run fills, whole; between runs they are the caller's.
        calls: what a run does, in order.

    Raises:
        GradcliError: an operation cannot be computed on the inputs.
    """

    def __init__(
        self,
        trace: Trace,
        inputs: Sequence[Any],
        into: Mapping[int, Any] = NOWHERE,
        *,
        exact: bool = False,
    ) -> None:
        """Binds a trace.

        Args:
            trace: best a simplified one.
            inputs: an array per input, of the shape and dtype that the trace was taken with.
            into: memory for outputs, by their place among the outputs; others get their own.
            exact: sum in the engine's order, and do nothing at once that it does one after the other.
        """
        trace = trace if exact else gathered(trace)
        self.inputs = tuple(inputs)
        with np.errstate(all="ignore"):
            values = trace.run(inputs, ARRAYS.apply, np.asarray)
            wanted = {trace.outputs[i]: array for i, array in into.items()}
            rows = None if exact else _rows(trace, self.inputs, wanted, values)
            found = _StepByStep(trace, self.inputs, wanted, values, exact=exact) if rows is None else rows
            self.calls: list[Callable[[], object]] = found.calls
        own = found.own - wanted.keys()
        self.outputs = tuple(
            self._output(number, found.held[number], into.get(i), own)
            for i, number in enumerate(trace.outputs)
        )

    def run(self) -> tuple[Any, ...]:
        """Returns the outputs, computed anew; where NumPy shall not warn is the caller's business.

        Raises:
            GradcliError: an operation refuses the values that stand there now.
            Moved: the shape of a result has changed with them.
        """
        for call in self.calls:
            call()
        return self.outputs

    def _output(self, number: int, array: Any, wanted: Any, own: set[int]) -> Any:
        """An output's array: where it is wanted, or in memory that nothing else is in.

        Args:
            number: which value it is.
            array: where that is.
            wanted: where it is to be, if that matters.
            own: values in memory of their own that is no output's yet.
        """
        if array is wanted:
            return array
        if wanted is None and number in own:
            own.remove(number)
            return array
        copy = np.empty(array.shape, array.dtype) if wanted is None else wanted
        self.calls.append(partial(np.copyto, copy, array))
        return copy


def _rows(
    trace: Trace, inputs: Sequence[Any], into: Mapping[int, Any], values: Mapping[int, Any]
) -> Rows | None:
    if len(trace.steps) < MANY:
        return None
    from gradcli.plan.rows import in_rows  # a short program starts without it

    return in_rows(trace, inputs, into, values)


class _StepByStep:
    """The calls of a trace in its own order, in memory that is written again once nothing reads it.

    Attributes:
        held: the array of every value, by number.
        own: the outputs in memory that no other output is in.
        calls: what a run does, in order.
    """

    def __init__(
        self,
        trace: Trace,
        inputs: Sequence[Any],
        into: Mapping[int, Any],
        values: Mapping[int, Any],
        *,
        exact: bool,
    ) -> None:
        self.trace, self.into, self._values, self._exact = trace, into, values, exact
        self._outputs = frozenset(trace.outputs)  # which the caller may write to
        self.held: dict[int, Any] = {**trace.constants, **dict(zip(trace.inputs, inputs, strict=True))}
        self.root: dict[int, int] = {}  # a number -> the one whose own memory it is in; none for those above
        self.steps, self._summed = (trace.steps, {}) if exact else summed_products(trace, self._values)
        self._left: dict[int, int] = {}  # a number -> how often it is read from here on
        for step in self.steps:
            self._count(self._summed.get(step.results[0], step.arguments))
        self._count(trace.outputs)
        self._lasting: set[int] = set()  # what is zero around a part, and stays so from run to run
        self._free: dict[Any, list[Any]] = {}  # memory that nothing reads any more, by shape and dtype
        self.calls = [call for step in self.steps for call in self.settle(step)]
        self.own = {number for number in trace.outputs if self.root.get(number) == number}

    def _count(self, arguments: Iterable[Any]) -> None:
        for number in arguments:
            if number.__class__ is not Literal:
                self._left[number] = self._left.get(number, 0) + 1

    def settle(self, step: Step) -> list[Callable[[], object]]:
        """Gives a step's results their places; returns the calls that fill them."""
        factors = self._summed.get(step.results[0])
        arguments = step.arguments if factors is None else factors
        operands = [x if x.__class__ is Literal else self.held[x] for x in arguments]
        values = [self._values[number] for number in step.results]
        view = view_of(step, operands, values[0], exact=self._exact)
        if view is not None:
            self._show(step, view)
            return []
        # A ufunc may write over what it is the last to read.
        over = isinstance(step.record.numpy, np.ufunc) and step.record.kind == "elementwise"
        if over:
            self._leave(arguments)
        for number, value in zip(step.results, values, strict=True):
            self.held[number] = self._room(number, value, step)
            self.root[number] = number
        if not over:
            self._leave(arguments)
        fixed = [x.__class__ is Literal or x in self.trace.constants for x in arguments]
        results = [self.held[number] for number in step.results]
        lasting = step.results[0] in self._lasting
        operation = Operation(step, operands, fixed, results, lasting)
        return call_of(operation, product=factors is not None, exact=self._exact)

    def _show(self, step: Step, view: Any) -> None:
        """Notes that a step's result is the memory of its argument, seen in another way."""
        (number,), source = step.results, step.arguments[0]
        self.held[number] = view
        root = self.root.get(source)
        if root is not None:
            self.root[number] = root
            self._left[root] += self._left.get(number, 0)
        self._leave((source,))

    def _room(self, number: int, value: Any, step: Step) -> Any:
        if number in self.into:
            return self.into[number]
        if step.record.name in PLACES and value.nbytes <= SMALL and number not in self._outputs:
            self._lasting.add(number)
            return np.zeros(value.shape, value.dtype)
        room = np.empty_like(value, subok=False)  # in the engine's order, by which sums are added up
        free = self._free.get(_kind(room))
        return free.pop() if free else room

    def _leave(self, arguments: Iterable[Any]) -> None:
        """Notes that values were read; memory that was read for the last time may be written again."""
        for number in arguments:
            root = None if number.__class__ is Literal else self.root.get(number)
            if root is None:
                continue
            self._left[root] -= 1
            if not self._left[root] and root not in self.into and root not in self._lasting:
                array = self.held[root]
                self._free.setdefault(_kind(array), []).append(array)


def _kind(array: Any) -> tuple[Any, ...]:
    """What the arrays have in common that may lie in the same memory."""
    return array.shape, array.dtype, array.strides
