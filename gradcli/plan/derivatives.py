"""A trace made linear at a point: tangents pushed forward and cotangents pulled back, many at once.

A batch of directions passes through the program together, each operation acting on all of them by the
same formulas that a single backward uses (autograd/stack_rules.py). Source of both accumulations:
Griewank and Walther, Evaluating Derivatives (2008), chapter 3.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.stack_rules import jvp_elementwise, jvp_stacked, vjp_stacked
from gradcli.diagnostics import GradcliError
from gradcli.ops.algebra import NUMPY
from gradcli.ops.dtypes import FLOATS
from gradcli.ops.rules import forward_pull
from gradcli.plan.arrays import ARRAYS, promoted
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradcli.ops.record import Params, Record
    from gradcli.plan.derivatives_sparse import Structure
    from gradcli.plan.trace import Step, Trace

__all__ = ["Linear", "has_rule"]


class Linear:
    """A trace with all its values at a point, and with what depends on its variables there.

    Attributes:
        trace: the program.
        values: every value by its number, in the program's own dtypes.
        dependent: the numbers that a derivative passes through; what ran in no_grad or behind detach() is
            constant.
        steps: those whose results depend, in order.
        structure: what plan/derivatives_sparse.py found; None: it was not asked yet.
    """

    def __init__(self, trace: Trace, inputs: Sequence[Any], values: Mapping[int, Any] | None = None) -> None:
        """Makes a trace linear.

        Args:
            trace: any.
            inputs: where.
            values: all its values there; None: they are computed.
        """
        self.trace = trace
        self.values = values = trace.run(inputs, ARRAYS.apply, np.asarray) if values is None else values
        self.dependent = dependent = set(trace.inputs)
        self.steps = []
        dtypes = {value.dtype for value in values.values()}
        self._uniform = len(dtypes) == 1 and not dtypes.isdisjoint(FLOATS)  # nothing has to be promoted
        self.structure: Structure | None = None
        self._moving: dict[int, list[int]] = {}  # by the first result of a step, and so below
        self._around: dict[int, tuple[list[Any], list[Any]]] = {}
        for step in trace.steps:
            moving = [
                i for i, x in enumerate(step.arguments)
                if x.__class__ is int and x in dependent and has_rule(step.record, i)
            ]  # fmt: skip
            if not moving or not step.tracked:
                continue
            moved = step.results if self._uniform else [n for n in step.results if values[n].dtype in FLOATS]
            if moved:
                dependent.update(moved)
                self._moving[step.results[0]] = moving
                self.steps.append(step)

    @cached_property
    def _last(self) -> dict[int, int]:
        """By number, the last of the steps that reads it."""
        return {x: i for i, step in enumerate(self.steps) for x in step.arguments if x.__class__ is int}

    def can_push(self) -> bool:
        """Returns whether every operation on the way has a forward rule."""
        return all(step.record.kind != "general" or step.record.jvps for step in self.steps)

    def widest(self) -> int:
        """Returns the most elements that a value on the way has."""
        return max((self.values[number].size for number in self.dependent), default=1)

    def push(self, tangents: Mapping[int, Any]) -> list[Any]:
        """Returns the tangent of each output, its shape behind the batch; None where it is zero.

        Args:
            tangents: by the number of an input, of its shape behind the batch; others are zero.

        Raises:
            GradcliError: an operation has no derivative.
        """
        moving = dict(tangents)
        kept = set(self.trace.outputs)
        with np.errstate(all="ignore"):
            for index, step in enumerate(self.steps):
                given = [moving.get(x) if x.__class__ is int else None for x in step.arguments]
                if any(tangent is not None for tangent in given):
                    moving.update(self.pushed(step, given))
                for number in step.arguments:
                    if number.__class__ is int and self._last[number] == index and number not in kept:
                        moving.pop(number, None)
        return [moving.get(number) for number in self.trace.outputs]

    def pull(self, cotangents: Mapping[int, Any]) -> list[Any]:
        """Returns the cotangent of each input, its shape behind the batch; None where it is zero.

        Args:
            cotangents: by the number of an output, of its shape behind the batch; others are zero.

        Raises:
            GradcliError: an operation has no derivative.
        """
        arrived = {number: g for number, g in cotangents.items() if number in self.dependent}
        inputs = set(self.trace.inputs)
        with np.errstate(all="ignore"):
            for step in reversed(self.steps):
                if arrived.keys().isdisjoint(step.results):
                    continue
                # An input may be the result of a step: then the derivative for it ends there.
                gs = [arrived.get(n) if n in inputs else arrived.pop(n, None) for n in step.results]
                for number, g in self._pulled(step, gs):
                    arrived[number] = arrived[number] + g if number in arrived else g
        return [arrived.get(number) for number in self.trace.inputs]

    def moving(self, step: Step) -> list[int]:
        """Returns the positions of a step's arguments that a derivative passes through."""
        return self._moving[step.results[0]]

    def pushed(self, step: Step, given: Sequence[Any]) -> Iterable[tuple[int, Any]]:
        """Returns the tangents of one step's results by their numbers, but those that are zero.

        Args:
            step: one of `steps`.
            given: per argument its tangent, the batch on axis 0, or None.
        """
        mapped = self.mapped(step, given)
        moved = [(n, t) for n, t in zip(step.results, mapped, strict=True) if t is not None]
        if context.watch is not None:
            _watched(step, moved)
        return moved

    def mapped(self, step: Step, given: Sequence[Any]) -> Sequence[Any]:
        """Returns the tangent of each result of one step as `pushed` does, None where it is zero."""
        moving = [i for i in self.moving(step) if given[i] is not None]
        if len(moving) == 1:
            return self.carried(step, moving[0], given[moving[0]])
        arguments, outputs = self.around(step)
        tangents: list[Any] = [None] * len(arguments)
        for i in moving:
            tangents[i] = _as(given[i], arguments[i])
        return self._mapped(step, arguments, outputs, tangents) if moving else [None] * len(outputs)

    def carried(self, step: Step, position: int, tangent: Any) -> Sequence[Any]:
        """Returns as `mapped` does what the tangent of one argument alone becomes."""
        record, params = step.record, step.params
        arguments, outputs = self.around(step)
        tangent = _as(tangent, arguments[position])
        if len(outputs) == 1:  # the usual steps, kept short
            (y,) = outputs
            if record.kind == "elementwise" and tangent.shape[1:] == y.shape:
                pull = forward_pull(record, position, len(arguments))
                try:
                    return (_as(pull(NUMPY, tangent, [*arguments, y], _Facts(params, arguments, y)), y),)
                except GradcliError as error:
                    error.locate(step.span)
                    raise
            if record.kind == "linear" and len(arguments) == 1 and record.stacks:
                return (record.numpy(tangent, **params),)  # type: ignore[misc] # composites are no steps
        tangents: list[Any] = [None] * len(arguments)
        tangents[position] = tangent
        return self._mapped(step, arguments, outputs, tangents)

    def _mapped(
        self, step: Step, arguments: Sequence[Any], outputs: Sequence[Any], tangents: Sequence[Any]
    ) -> Sequence[Any]:
        try:
            if step.record.kind == "elementwise" and len(outputs) == 1:
                return (jvp_elementwise(step.record, arguments, outputs[0], tangents, step.params),)
            flags = [False] * (len(arguments) + len(outputs)) + [True] * len(arguments)
            return jvp_stacked(step.record, arguments, outputs, tangents, flags, step.params)
        except GradcliError as error:
            error.locate(step.span)
            raise

    def _pulled(self, step: Step, gs: list[Any]) -> Iterable[tuple[int, Any]]:
        arguments, outputs = self.around(step)
        needs = self.moving(step)
        try:
            gs = [g for g, y in zip(gs, outputs, strict=True) if y.dtype in FLOATS]
            flags = [*(False for _ in (*arguments, *outputs)), *(True for _ in gs)]
            found = vjp_stacked(step.record, arguments, outputs, gs, flags, needs, step.params)
        except GradcliError as error:
            error.locate(step.span)
            raise
        moved = [
            (step.arguments[i], _as(g, self.values[step.arguments[i]]))
            for i, g in zip(needs, found, strict=True)
        ]
        if context.watch is not None:
            _watched(step, moved)
        return moved

    def around(self, step: Step) -> tuple[list[Any], list[Any]]:
        """Returns a step's arguments, in the dtype that it computes in, and its results."""
        found = self._around.get(step.results[0])
        if found is None:
            values = self.values
            arguments = [x.value if x.__class__ is Literal else values[x] for x in step.arguments]
            if not self._uniform:
                arguments = promoted(step.record, arguments)
            found = arguments, [values[number] for number in step.results]
            self._around[step.results[0]] = found
        return found


class _Facts:
    """What the formula of a partial derivative may ask; few do, and so nothing is prepared."""

    __slots__ = ("_values", "_y", "params")

    def __init__(self, params: Params, values: Sequence[Any], y: Any) -> None:
        self.params, self._values, self._y = params, values, y

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Those of the arguments."""
        return [np.shape(value) for value in self._values]

    @property
    def out_shapes(self) -> list[tuple[int, ...]]:
        """That of the result."""
        return [self._y.shape]


def _watched(step: Step, found: Iterable[tuple[int, Any]]) -> None:
    """Shows derivatives to somebody who looks for nan."""
    for _, array in found:
        context.watch(f"the derivative of {step.record.name}", array, step.span)


def has_rule(record: Record, position: int) -> bool:
    """Returns whether a record has a derivative in an argument."""
    last = position if record.star < 0 else min(position, record.star)
    return last < len(record.rules) and record.rules[last] is not None


def _as(g: Any, like: Any) -> Any:
    return g if g.dtype == like.dtype else g.astype(like.dtype)
