"""One step of a trace at the point, evaluated for many values of one argument at once.

Only the record's forward form is used.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack import StackedAlgebra, StackedArray
from gradcli.diagnostics import GradcliError
from gradcli.plan.trace import DOUBLES, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradcli.plan.trace import Step

__all__ = ["FAILURES", "LocalStep", "is_float_cast"]

ROOM = 2**22  # elements that one batch may hold, in and out
FAILURES = (GradcliError, ArithmeticError, ValueError, TypeError, IndexError, np.linalg.LinAlgError)


def is_float_cast(step: Step, argument: Any) -> bool:
    """Whether a step changes the float dtype alone; all is computed in float64, so it does nothing."""
    return step.record.name == "cast" and step.params["dtype"].kind == "f" and argument.dtype.kind == "f"


class LocalStep:
    """A step with its arguments.

    Attributes:
        step: the step.
        arguments: arrays (float64 where they are floats) and plain numbers.
        outputs: the arrays of its floating-point results.
        center: the same, flattened into one vector (M,).
    """

    def __init__(self, step: Step, values: Mapping[int, Any]) -> None:
        self.step = step
        self.arguments = [
            argument.value if argument.__class__ is Literal else values[argument]
            for argument in step.arguments
        ]
        results = [np.asarray(values[number]) for number in step.results]
        self.floats = [k for k, y in enumerate(results) if y.dtype.kind == "f"]
        self.outputs = [results[k] for k in self.floats]
        self.center = _flat(self.outputs, 0)

    def shape(self, position: int) -> tuple[int, ...]:
        """The shape of an argument."""
        return tuple(np.shape(self.arguments[position]))

    def is_float(self, position: int) -> bool:
        """Whether an argument is an array of floats."""
        return getattr(self.arguments[position], "dtype", np.dtype(bool)).kind == "f"

    def at(self, points: Mapping[int, Any]) -> Any:
        """The floating-point outputs (K, M) for stacks (K, *shape) of some arguments.

        nan for a member at which the operation fails.
        """
        count = len(next(iter(points.values())))
        inner = self.center.size + sum(math.prod(stack.shape[1:]) for stack in points.values())
        chunk = max(1, ROOM // max(inner, 1))
        found = np.empty((count, self.center.size))
        for start in range(0, count, chunk):
            part = {i: stack[start : start + chunk] for i, stack in points.items()}
            found[start : start + chunk] = self._batch(part)
        return found

    def _batch(self, points: Mapping[int, Any]) -> Any:
        count = len(next(iter(points.values())))
        try:
            return self._stacked(points, count)
        except FAILURES:
            if count == 1:
                return np.full((1, self.center.size), np.nan)
            half = count // 2
            return np.concatenate(
                [self._batch({i: s[:half] for i, s in points.items()}),
                 self._batch({i: s[half:] for i, s in points.items()})]
            )  # fmt: skip

    def _stacked(self, points: Mapping[int, Any], count: int) -> Any:
        if is_float_cast(self.step, self.arguments[0]):
            return points[0].reshape(count, -1)
        m = StackedAlgebra(count)
        operands = [
            StackedArray(m, points[i], True)
            if i in points
            else StackedArray(m, argument, False)
            if isinstance(argument, np.ndarray)
            else argument
            for i, argument in enumerate(self.arguments)
        ]
        found = m.apply(self.step.record, operands, self.step.params)
        several = list(found) if isinstance(found, (tuple, list)) else [found]
        arrays = []
        for k, y in zip(self.floats, self.outputs, strict=True):
            one = several[k]
            full = one.array if one.batched else np.broadcast_to(one.array, (count, *y.shape))
            if full.shape != (count, *y.shape):
                raise ValueError(self.step.record.name)
            arrays.append(full)
        return _flat(arrays, 1)

    def linear_part(self, position: int) -> Callable[[Any], Any] | None:
        """The map (K, *shape) -> (K, M) if the step is linear or affine in an argument, else None.

        A linear record is by its kind, and one that declares kinks is not: all probes may lie on one side of
        a hinge. Of others it is shown on random vectors.
        """
        record = self.step.record
        if record.kind == "linear":
            return self._alone(position)
        if record.kinks:
            return None
        x = np.asarray(self.arguments[position])
        random = np.random.default_rng(x.size)
        scale = float(np.max(abs(x), initial=0.0)) or 1.0
        v, w = scale * random.standard_normal((2, *x.shape))
        # With -v a maximum cannot pass: few draws agree on which element is the largest.
        probes = np.stack([np.zeros(x.shape), v, w, v + w, x, x + v, 2 * w - x, -v])
        zero, fv, fw, fvw, fx, fxv, fwx, negative = self.at({position: probes})
        size = abs(zero) + abs(fv) + abs(fw) + abs(fx)
        allowed = 1e-13 * (size + math.sqrt(max(x.size, 1)) * 0.1 * size.max(initial=0.0))
        even = (
            (abs(fv + fw - fvw - zero) <= allowed)
            & (abs(fx + fv - fxv - zero) <= allowed)
            & (abs(2 * fw - fx - fwx) <= allowed)
            & (abs(fv + negative - 2 * zero) <= allowed)
        )
        if not np.all(even & np.isfinite(size)):
            return None
        return lambda points: self.at({position: points}) - zero

    def moved(self, by: Mapping[int, Any]) -> LocalStep:
        """The step with some arguments moved."""
        arguments = [a + by[i] if i in by else a for i, a in enumerate(self.arguments)]
        return self._with(arguments)

    def _with(self, arguments: list[Any]) -> LocalStep:
        other = LocalStep.__new__(LocalStep)
        other.__dict__.update(self.__dict__)
        other.arguments = arguments
        other.center = other.at({i: a[None] for i, a in enumerate(arguments) if self.is_float(i)})[0]
        return other

    def _alone(self, position: int) -> Callable[[Any], Any]:
        record = self.step.record
        if record.multilinear or len(self.arguments) == 1:
            return lambda points: self.at({position: points})
        others = self._with(
            [
                np.zeros_like(argument)
                if i != position and record.rule(i) is not None and isinstance(argument, np.ndarray)
                else argument
                for i, argument in enumerate(self.arguments)
            ]
        )
        return lambda points: others.at({position: points})

    def bent(self, position: int) -> Any:
        """An elementwise step as one function per element of the result: (evaluate, x), flat."""
        shape = self.outputs[0].shape
        spread = [
            np.broadcast_to(argument, shape).ravel() if isinstance(argument, np.ndarray) else argument
            for argument in self.arguments
        ]

        def evaluate(points: Any, which: Any, more: Mapping[int, Any] | None = None) -> Any:
            values = [one[which] if isinstance(one, np.ndarray) else one for one in spread]
            values[position] = points
            for other, moved in (more or {}).items():
                values[other] = moved
            try:
                found = np.asarray(DOUBLES.apply(self.step.record, values, self.step.params))
            except FAILURES:
                return np.full((*points.shape, 1), np.nan)
            return np.broadcast_to(found, points.shape)[..., None]

        return evaluate, spread


def _flat(arrays: list[Any], lead: int) -> Any:
    if not arrays:
        return np.zeros((0,) * (lead + 1))
    parts = [y.reshape(*y.shape[:lead], math.prod(y.shape[lead:])) for y in arrays]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, -1)
