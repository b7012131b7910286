"""A trace: the operations of one run in order, each value under a number, no tensors and no graph.

What a program does with other numbers may differ where it branches on values; a trace is the program as
it ran, and stands for it in a neighbourhood of the point where it was taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.ops.algebra import NumpyAlgebra
from gradcli.plan.arrays import ARRAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gradcli.diagnostics import Span
    from gradcli.ops.record import Params, Record

__all__ = ["DOUBLES", "Literal", "Step", "Trace"]


class Literal(NamedTuple):
    """A plain Python number among the arguments of a step."""

    value: Any


class Step(NamedTuple):
    """One operation.

    Attributes:
        record: which.
        arguments: the number of a value each, or a Literal.
        params: the normalised parameters.
        results: the numbers of its outputs.
        span: where in the text it stands; None where no text made it.
        tracked: whether autograd saw it; not so inside no_grad, and for detach().
    """

    record: Record
    arguments: tuple[Any, ...]
    params: Params
    results: tuple[int, ...]
    span: Span | None
    tracked: bool = True


class Trace(NamedTuple):
    """A run.

    Attributes:
        inputs: the numbers of the variables.
        constants: the arrays that are no variables, by number.
        steps: what was done, in order, without what the outputs do not need.
        outputs: the numbers of the results.
    """

    inputs: tuple[int, ...]
    constants: dict[int, Any]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

    def run(
        self,
        inputs: Sequence[Any],
        apply: Callable[[Record, Sequence[Any], Params], Any],
        lift: Callable[[Any], Any] = lambda array: array,
    ) -> dict[int, Any]:
        """Returns every value by its number, computed by an algebra.

        Args:
            inputs: the variables' values, in that algebra.
            apply: the algebra's own (`m.apply`).
            lift: makes a constant array a value of that algebra.
        """
        values: dict[int, Any] = dict(zip(self.inputs, inputs, strict=True))
        for number, array in self.constants.items():
            values[number] = lift(array)
        for step in self.steps:
            arguments = [
                argument.value if argument.__class__ is Literal else values[argument]
                for argument in step.arguments
            ]
            found = apply(step.record, arguments, step.params)
            if len(step.results) == 1:
                values[step.results[0]] = (
                    found[0] if found.__class__ is tuple or found.__class__ is list else found
                )
            else:
                values.update(zip(step.results, found, strict=True))
        return values

    def dependent(self, inputs: Iterable[int] | None = None) -> set[int]:
        """Returns the numbers of the values that depend on the inputs given (None: on any)."""
        found = set(self.inputs if inputs is None else inputs)
        for step in self.steps:
            if not found.isdisjoint(argument for argument in step.arguments if argument.__class__ is int):
                found.update(step.results)
        return found

    def without_cuts(self, inputs: Sequence[Any]) -> Trace:
        """Returns the trace with what autograd did not see as constants, computed at `inputs`.

        So does a gradient take it: detach(), .data and no_grad blocks cut the graph. The inputs are in the
        dtypes of the program, and so are the constants: what it rounded is what it went on with.
        """
        if all(step.tracked for step in self.steps):
            return self
        values = self.run(inputs, ARRAYS.apply)
        constants = dict(self.constants)
        for step in self.steps:
            if not step.tracked:
                constants.update((number, np.asarray(values[number])) for number in step.results)
        steps = tuple(step for step in self.steps if step.tracked)
        return Trace(self.inputs, constants, steps, self.outputs).pruned()

    def pruned(self) -> Trace:
        """Returns the trace without the steps and constants that no output needs."""
        needed = set(self.outputs)
        need, unneeded = needed.add, needed.isdisjoint
        steps = []
        for step in reversed(self.steps):
            if not unneeded(step.results):
                for argument in step.arguments:
                    if argument.__class__ is int:
                        need(argument)
                steps.append(step)
        steps.reverse()
        constants = {number: array for number, array in self.constants.items() if number in needed}
        return Trace(self.inputs, constants, tuple(steps), self.outputs)


class _Doubles(NumpyAlgebra):
    """Records on float64 arrays, whatever float the program used: the reference of its rounding."""

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The record's NumPy form; a cast to any float dtype is one to float64."""
        if record.name == "cast" and params["dtype"].kind == "f":
            return np.asarray(values[0]).astype(np.float64, copy=False)
        assert record.numpy is not None  # noqa: S101 - composites are no steps
        found = record.numpy(*values, **params)
        if found.__class__ is tuple or found.__class__ is list:
            return tuple(np.asarray(part) for part in found)
        return np.asarray(found)

    def lift(self, array: Any) -> Any:
        """A constant in float64, if it is of floats."""
        return array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array


DOUBLES = _Doubles()
