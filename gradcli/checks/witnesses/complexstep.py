"""The witness of the complex step: Im s(x + i h e) / h, the derivative without any cancellation.

The imaginary parts carry a derivative through every operation that is analytic; comparisons, abs and max
look at the real part. Its error is rounding alone, and is told from runs in which every value is
disturbed in its last place.

Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review
40 (1998); Parker, Monte Carlo arithmetic (1997).
"""

from __future__ import annotations

import math
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack import StackedAlgebra, StackedArray
from gradcli.checks.naming import name_of
from gradcli.checks.testimony import Testimony, Words
from gradcli.checks.witnesses.complexstep_chain import chained, steps_at
from gradcli.checks.witnesses.differences_step import FAILURES
from gradcli.checks.witnesses.structure_symmetry import NOT_FREE
from gradcli.ops.record import NO_PARAMS
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.sample import Sample
    from gradcli.checks.subject import Subject
    from gradcli.ops.record import Params, Record

__all__ = ["testify"]

EPS = float(np.finfo(np.float64).eps)
RUNS = 5  # with disturbed values
ROOM = 2**22  # elements of all values of a batch of runs
BIG = 2**24  # elements of all runs: beyond, each step is asked for itself where that is enough


def testify(
    subject: Subject,
    sample: Sample,
    *,
    seed: int = 0,  # noqa: PT028 - not a test
) -> Testimony:
    """Returns the derivative of the sampled elements, or silence where an operation has no complex form.

    Args:
        subject: what is judged.
        sample: per variable the flat indices that are looked at.
        seed: of the disturbances that the bounds are told from.
    """
    try:
        with np.errstate(all="ignore"):
            words = _by_steps(subject, sample) or tuple(
                _one(subject, position, places, seed) for position, places in enumerate(sample)
            )
    except _SilentError as error:
        step = next(step for step in subject.trace.steps if step.record is error.record)
        return Testimony("complex", (), f"{name_of(step)} {error}")
    return Testimony("complex", words)


class _SilentError(Exception):
    """An operation has no complex step."""

    def __init__(self, record: Record, why: str = "has no complex step") -> None:
        super().__init__(why)
        self.record = record


def _by_steps(subject: Subject, sample: Sample) -> tuple[Words, ...] | None:
    """The derivatives of a big program, if its steps may be asked one by one."""
    if _room(subject) * max(map(len, sample), default=0) <= BIG:
        return None
    try:
        return chained(subject, sample, _form)
    except FAILURES:
        return None  # the whole program tells which operation has no complex form


def _one(subject: Subject, position: int, places: Any, seed: int) -> Words:
    """The derivatives for one variable."""
    x = subject.point()[position]
    values, bounds = np.full(x.size, np.nan), np.full(x.size, np.inf)
    if len(places):
        chunk = max(1, ROOM // max(1, _room(subject)))
        for start in range(0, len(places), chunk):
            some = places[start : start + chunk]
            found = _stepped(subject, position, some, None)
            random = np.random.default_rng(seed)
            moved = np.stack([_stepped(subject, position, some, random) for _ in range(RUNS)])
            values[some] = found
            bounds[some] = 3 * np.sqrt(((moved - found) ** 2).mean(0)) + 4 * EPS * abs(found)
    spoke = np.isfinite(values) & np.isfinite(bounds)
    values, bounds = np.where(spoke, values, np.nan), np.where(spoke, bounds, np.inf)
    return Words(*(part.reshape(x.shape) for part in (values, bounds, spoke)))


def _room(subject: Subject) -> int:
    values = subject.trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    return sum(2 * int(np.size(value)) for value in values.values())


def _stepped(subject: Subject, position: int, places: Any, random: Any) -> Any:
    """Im s / h for steps in each of the elements at `places`."""
    m = _ComplexStacks(len(places), random)
    steps = steps_at(subject.point()[position].ravel()[places])
    inputs = []
    for i, x in enumerate(subject.point()):
        if i == position:
            stack = np.broadcast_to(x.ravel(), (len(places), x.size)).astype(np.complex128)
            stack[np.arange(len(places)), places] += steps * 1j
            inputs.append(StackedArray(m, stack.reshape(len(places), *x.shape), True))
        else:
            inputs.append(StackedArray(m, x, False))
    values = subject.trace.run(inputs, m.apply, lambda array: StackedArray(m, DOUBLES.lift(array), False))
    total = np.zeros(len(places))
    for number, g in zip(subject.trace.outputs, subject.cotangents, strict=True):
        y = values[number]
        if y.batched and y.array.dtype.kind == "c":
            terms = np.where(g == 0, 0, y.array.imag * g).reshape(len(places), math.prod(g.shape))
            total += (terms / steps[:, None]).sum(1)
    return total


class _ComplexStacks(StackedAlgebra):
    """Records in their complex forms on stacks; with `random` every result is disturbed in its last place."""

    def __init__(self, size: int, random: Any) -> None:
        super().__init__(size)
        self.random = random
        self.forms: dict[int, Record] = {}

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record on stacked arrays, of which some are complex."""
        if not any(isinstance(value, StackedArray) and value.dtype.kind == "c" for value in values):
            return super().apply(record, values, params)
        if record.name == "cast" and params["dtype"].kind == "f":
            return values[0]
        try:
            if not record.differentiable or record.name == "cast":
                return super().apply(record, [self._real(value) for value in values], params)
            found = super().apply(self._forms(record), self._operands(record, values), params)
        except FAILURES as error:
            raise _SilentError(record) from error
        return tuple(map(self._disturbed, found)) if isinstance(found, tuple) else self._disturbed(found)

    def _operands(self, record: Record, values: Sequence[Any]) -> list[Any]:
        """All floats complex: what is written into a real array would lose its imaginary part.

        An operation of many roundings is taken to have the rounding of disturbed arguments (backward
        stability) besides that of its result.
        """
        found = []
        for i, value in enumerate(values):
            one = value
            if (
                isinstance(one, StackedArray)
                and one.dtype.kind == "f"
                and record.argument(i) not in record.discrete
            ):
                one = StackedArray(self, one.array.astype(np.complex128), one.batched)
            found.append(self._disturbed(one) if record.kind == "general" else one)
        return found

    def _real(self, value: Any) -> Any:
        if isinstance(value, StackedArray) and value.dtype.kind == "c":
            return StackedArray(self, value.array.real, value.batched)
        return value

    def _forms(self, record: Record) -> Record:
        found = self.forms.get(id(record))
        if found is None:
            found = self.forms[id(record)] = _form(record)
        return found

    def _disturbed(self, y: Any) -> Any:
        if self.random is None or not isinstance(y, StackedArray) or y.array.dtype.kind not in "fc":
            return y
        array = np.asarray(y.array * (1 + EPS * self.random.uniform(-1, 1, y.array.shape)))
        if array.dtype.kind == "c":
            array.imag = y.array.imag * (1 + EPS * self.random.uniform(-1, 1, y.array.shape))
        return StackedArray(self, array, y.batched)


def _form(record: Record) -> Record:
    """The record with its complex form as the one that is run."""
    if record.name in NOT_FREE:
        raise _SilentError(record, "reads one triangle of a matrix")
    if record.complex is None:
        return record
    if not callable(record.complex):
        raise _SilentError(record)
    found = copy(record)
    found.numpy = record.complex
    return found
