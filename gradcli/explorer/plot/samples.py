"""A function and its derivatives at many points: one trace, run on all of them at once.

A trace is the program as it ran at one point. Where the program looks at its values (a branch, `item()`),
or where the trace, tried, gives other numbers than the program does, the program itself is run point by
point.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.stack import StackedAlgebra, StackedArray
from gradcli.diagnostics import GradcliError, InputFault, RuntimeFault, Source, did_you_mean
from gradcli.explorer.bindings import Binding, Value
from gradcli.explorer.derivatives import require_scalar
from gradcli.explorer.differentiate import advised, recorded_gradient
from gradcli.explorer.functions import Function
from gradcli.explorer.host import ExpressionHost
from gradcli.explorer.plot.ranges import computed
from gradcli.explorer.workspace import Workspace, whole
from gradcli.plan import taped
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.explorer.job import Job
    from gradcli.explorer.plot.ranges import Ends, Range
    from gradcli.plan import Trace

__all__ = ["Samples"]

SHARE = 0.381966  # of a range, where the trace is taken: no round number
PROBES = (0.0137, 0.1931, 0.4427, 0.7013, 0.9871)  # shares of a range where a trace is tried
CLOSE = 1e-8  # relative difference that rounding may make
ROOM = 2**23  # elements of all values of one batch together
CHEAP = 2**13  # elements of all values at one point
READING = ("item", "tolist")  # methods that turn elements into plain numbers
FAILURES = (GradcliError, ValueError, IndexError, TypeError, RuntimeError, AttributeError)


class Samples:
    """The value of an expression and its derivatives, for arrays of points.

    Attributes:
        ranges: what is varied.
        defaults: the names that nothing bound.
        depends: whether a derivative leads from the value to what is varied.

    Raises:
        GradcliError: the program cannot run, gives no single number, or does not use what is varied.
    """

    def __init__(self, job: Job, ends: Sequence[Ends], order: int) -> None:
        self._job = job
        self._order = order
        self._space = space = Workspace()
        space.bind(job.bindings)
        self.ranges = [computed(one, space) for one in ends]
        self._host = space.host = _Attentive()
        space.bind([_variable(one) for one in self.ranges])
        _require_used(job, self.ranges)
        space.bind_defaults(job.programs, job.default)
        self.defaults = list(space.defaults)
        self._given = dict(space.values.items())
        with taped() as tape:
            for tensor in self._tensors():
                tape.input(tensor)
            found = self._run()
            self.depends = found[0].requires_grad
            trace = tape.trace(found)
        self._held = 1
        self._trace: Trace | None = trace
        if self._host.looked or not self._is_right(trace):
            self._trace = None

    @property
    def batched(self) -> bool:
        """Whether all points are evaluated at once."""
        return self._trace is not None

    @property
    def cheap(self) -> bool:
        """Whether thousands of points more cost next to nothing."""
        return self.batched and self._held <= CHEAP

    def at(self, *coordinates: Any) -> list[Any]:
        """Returns the value and its derivatives (for one variable by order, for two by variable), float64.

        Args:
            coordinates: one array per variable, all of one length.
        """
        trace = self._trace
        if trace is None:
            return self._one_by_one(coordinates)
        size = max(ROOM // self._held, 1)
        parts = [
            _stacked(trace, [self._like(one[start : start + size]) for one in coordinates])
            for start in range(0, len(coordinates[0]), size)
        ]
        return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def _tensors(self) -> list[Tensor]:
        return [self._space.leaves[one.name] for one in self.ranges]

    def _like(self, array: Any) -> Any:
        return array.astype(self._tensors()[0].dtype.dtype)

    def _run(self) -> list[Tensor]:
        """The value and its derivatives where the variables stand."""
        space, job = self._space, self._job
        for name, value in (self._given | space.leaves).items():
            space.values[name] = value
        roots = [space.root(program) for program in job.programs]
        try:
            require_scalar(roots, job.programs, "a plot")
        except GradcliError as error:
            raise _default_blamed(error, space.defaults) from None
        root, program = roots[0], job.programs[0]
        if root.dtype.kind != "f":
            raise RuntimeFault(
                "E401",
                f"the value is of dtype {root.dtype.name}, which has no derivative",
                span=whole(program),
                help="draw a number: where(..., 1.0, 0.0)",
            )
        try:
            return [root, *_derivatives(root, self._tensors(), self._order)]
        except GradcliError as error:
            raise advised(error, [root], program, job.programs) from None

    def _one_by_one(self, coordinates: Sequence[Any]) -> list[Any]:
        rows = []
        for point in zip(*coordinates, strict=True):
            for one, number in zip(self.ranges, point, strict=True):
                self._space.rebind(one.name, np.asarray(number))
            rows.append([float(found._array.reshape(-1)[0]) for found in self._run()])
        return list(np.array(rows, np.float64).reshape(len(rows), -1).T)

    def _is_right(self, trace: Trace) -> bool:
        """Whether the trace gives what the program does at some other points."""
        points = [one.low + (one.high - one.low) * np.array(PROBES) for one in self.ranges]
        if len(points) > 1:
            points[1] = points[1][::-1]
        try:
            one = trace.run([tensor._array for tensor in self._tensors()], DOUBLES.apply, DOUBLES.lift)
            self._held = sum(np.size(value) for value in one.values())
            ours = self.at(*points)
        except FAILURES:
            return False
        theirs = self._one_by_one(points)
        loose = CLOSE if self._tensors()[0].dtype.itemsize == 8 else 1e-3  # noqa: PLR2004 - of float64
        scale = [np.max(np.abs(one), initial=0.0, where=np.isfinite(one)) for one in theirs]
        return all(
            np.allclose(a, b, rtol=loose, atol=loose * size, equal_nan=True)
            for a, b, size in zip(ours, theirs, scale, strict=True)
        )


class _Attentive(ExpressionHost):
    """Notes whether a program looks at the elements of a tensor, so that other points may go another way."""

    looked = False

    def truth(self, value: Any) -> bool:
        """A condition."""
        self.looked |= isinstance(value, Tensor)
        return super().truth(value)

    def attribute(self, value: Any, name: str) -> Any:
        """A method that makes plain numbers of elements."""
        self.looked |= isinstance(value, Tensor) and name in READING
        return super().attribute(value, name)

    def call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A function that makes a plain number of a tensor: `float(x)`, `math.sin(x)`."""
        found = super().call(function, args, kwargs)
        counts = isinstance(function, Function) and function.name == "len"
        if (
            isinstance(found, (bool, int, float))
            and not counts
            and any(isinstance(one, Tensor) for one in args)
        ):
            self.looked = True
        return found


def _variable(one: Range) -> Binding:
    """A leaf of one number inside a range."""
    value = Value(Source(f"--over {one.name}", ""), None, np.asarray(one.low + SHARE * (one.high - one.low)))
    return Binding(one.name, "-v", value)


def _require_used(job: Job, ranges: Sequence[Range]) -> None:
    read = {name for program in job.programs for name in program.free_names()}
    for one in ranges:
        if one.name not in read:
            raise InputFault(
                "E505",
                f"--over: the expression does not use `{one.name}`",
                label=did_you_mean(one.name, read),
                help=f"it uses {', '.join(sorted(read)) or 'no names'}",
            )


def _default_blamed(error: GradcliError, defaults: Sequence[str]) -> GradcliError:
    """The error, where names are not bound with the advice to bind them: the default is a matrix."""
    if defaults:
        name = defaults[0]
        hint = f"`{name}` is not bound: -v {name}=2, or --default 1"
        error.diagnostic = error.diagnostic._replace(help=hint)
    return error


def _derivatives(root: Tensor, tensors: list[Tensor], order: int) -> list[Tensor]:
    """By order for one variable; for several, one for each."""
    if len(tensors) > 1:
        return recorded_gradient([root], tensors)
    found = [root]
    for _ in range(order):
        found += recorded_gradient([found[-1]], tensors)
    return found[1:]


def _stacked(trace: Trace, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of a trace, a number for each point."""
    size = len(inputs[0])
    m = StackedAlgebra(size)

    def lift(array: Any) -> StackedArray:
        return StackedArray(m, array, False)

    values = trace.run([StackedArray(m, one, True) for one in inputs], m.apply, lift)
    found = []
    for number in trace.outputs:
        one = values[number]
        numbers = one.array.reshape(size) if one.batched else np.full(size, one.array.reshape(-1)[0])
        found.append(numbers.astype(np.float64))
    return found
