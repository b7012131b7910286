"""A trace with less to do: nothing dead, nothing twice, nothing that is known beforehand.

No rewrite changes a nan, an infinity or the sign of a zero, and none moves a value by more than the
operation that it replaces is itself allowed to be off (2 ulps). So x + 0 stays, because -0 + 0 is 0.
Source of the method, hash-consing in one walk: Cocke and Schwartz, Programming Languages and Their
Compilers (1970), value numbering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dtypes import DType
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.simplify_rules import RULES
from gradcli.plan.trace import Literal, Step, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradcli.ops.record import Params, Record

__all__ = ["Simplifier", "simplified"]

LARGEST = 2**20  # elements of a constant result that is worth its memory
WHOLE = {int}  # and no bool, which is equal to a number
COMMUTING = frozenset(("add", "mul"))


def simplified(
    trace: Trace,
    facts: Mapping[int, Any] | None = None,
    *,
    largest: int = LARGEST,
    rules: Mapping[str, Callable[[Simplifier, Step], int | None]] = RULES,
) -> Trace:
    """Returns a trace with the same inputs and outputs, and as few steps as are found.

    Time is linear in the steps. Steps stay in order, each with its span; what autograd did not see
    (detach, no_grad) is kept apart from what it saw, so that derivatives of the result are the same.

    Args:
        trace: any.
        facts: by the number of a value something with its `shape` and `dtype` (plan/facts.py); without
            them rewrites that depend on either are left out.
        largest: elements that the result of a step on constants may have, to become a constant itself.
        rules: by the name of a record what is tried on its steps (plan/simplify_rules.py).
    """
    simplifier = Simplifier(trace.pruned(), facts or {}, largest, rules)
    with np.errstate(all="ignore"):
        for step in simplifier.trace.steps:
            simplifier.take(step)
    return simplifier.finished()


class Simplifier:
    """The state of one walk over a trace.

    Attributes:
        trace: what is walked over.
        facts: shapes and dtypes by number, of new values too.
    """

    def __init__(
        self,
        trace: Trace,
        facts: Mapping[int, Any],
        largest: int,
        rules: Mapping[str, Callable[[Simplifier, Step], int | None]],
    ) -> None:
        self.trace = trace
        self.facts: dict[int, Any] = {**facts, **trace.constants}
        self._largest = largest
        self._rules = rules
        self._constants = dict(trace.constants)
        self._steps: list[Step] = []
        self._makers: dict[int, Step] = {}
        self._same: dict[int, int] = {}  # number -> the one that stands for it
        self._seen: dict[Any, tuple[int, ...]] = {}
        self._next = 1 + max(
            (
                *trace.inputs,
                *trace.constants,
                *trace.outputs,
                *(n for step in trace.steps for n in step.results),
            ),
            default=0,
        )
        self._merge_numbers()

    def take(self, step: Step) -> None:
        """Adds a step, or what stands for it."""
        now = self._same
        for x in step.arguments:
            if x.__class__ is int and x in now:
                arguments = tuple([now.get(x, x) if x.__class__ is int else x for x in step.arguments])
                step = Step(step.record, arguments, step.params, step.results, step.span, step.tracked)
                break
        if self._folded(step):
            return
        key = _key(step)
        known = None if key is None else self._seen.get(key)
        if known is None and step.tracked and len(step.results) == 1 and step.record.name in self._rules:
            same = self._rules[step.record.name](self, step)
            known = None if same is None else (same,)
        if known is not None:
            self._same.update(zip(step.results, known, strict=True))
            return
        if key is not None:
            self._seen[key] = step.results
        self._steps.append(step)
        for number in step.results:
            self._makers[number] = step

    def add(
        self, like: Step, record: Record, arguments: tuple[Any, ...], params: Params, *, alike: bool = True
    ) -> int:
        """Adds a step in place of another; returns its number.

        `alike` says that its result has the shape and dtype of the other's.
        """
        number = self._next
        self._next += 1
        if alike and like.results[0] in self.facts:
            self.facts[number] = self.facts[like.results[0]]
        self.take(Step(record, arguments, params, (number,), like.span, like.tracked))
        return self._same.get(number, number)

    def maker(self, number: Any) -> Step | None:
        """Returns the step that gives a value; None for inputs, constants and literals."""
        return self._makers.get(number) if number.__class__ is int else None

    def finished(self) -> Trace:
        """Returns the new trace."""
        outputs = tuple(self._same.get(number, number) for number in self.trace.outputs)
        return Trace(self.trace.inputs, self._constants, tuple(self._steps), outputs).pruned()

    def _merge_numbers(self) -> None:
        """Constants of one element that are equal become one, so that steps on them are equal too."""
        found: dict[Any, int] = {}
        for number, array in self._constants.items():
            if array.size == 1:
                first = found.setdefault((array.dtype, array.shape, array.tobytes()), number)
                if first != number:
                    self._same[number] = first

    def _folded(self, step: Step) -> bool:
        """Computes a step on constants, unless its result would be too big to keep."""
        arguments = step.arguments
        for x in arguments:
            if x.__class__ is int and x not in self._constants:
                return False
        values = [x.value if x.__class__ is Literal else self._constants[x] for x in arguments]
        if sum(np.size(value) for value in values) > self._largest or _grows(step, self.facts, self._largest):
            return False
        found = ARRAYS.apply(step.record, values, step.params)
        results = found if found.__class__ is tuple else (found,)
        if sum(one.size for one in results) > self._largest:
            return False
        self._constants.update(zip(step.results, results, strict=True))
        self.facts.update(zip(step.results, results, strict=True))
        return True


def _grows(step: Step, facts: Mapping[int, Any], largest: int) -> bool:
    return any(number in facts and np.prod(facts[number].shape) > largest for number in step.results)


def _key(step: Step) -> Any:
    """What two steps have in common that give the same; None where that cannot be told."""
    record, arguments, params, _, _, tracked = step
    frozen = [x if x.__class__ is int else _frozen(x.value) for x in arguments]
    if record.name in COMMUTING:
        one, other = frozen
        if other.__class__ is int and (one.__class__ is not int or other < one):
            frozen = [other, one]
    for name, value in params.items():
        frozen.append(name)
        frozen.append(_frozen(value))
    return None if None in frozen else (record, tracked, *frozen)


def _frozen(value: Any) -> Any:
    """A value to compare by, which tells 1 from 1.0 and 0.0 from -0.0; None for what has none."""
    kind = value.__class__
    if kind is int or kind is str or kind is bool or (kind is float and value):
        return kind, value
    if kind is tuple and set(map(type, value)) <= WHOLE:
        return kind, value
    if isinstance(value, (int, float, complex, str)) or value is None:
        return kind, repr(value)
    if isinstance(value, (np.dtype, DType)):
        return value
    if isinstance(value, slice):
        value = ("slice", value.start, value.stop, value.step)
    if isinstance(value, dict):
        value = tuple(part for pair in sorted(value.items()) for part in pair)
    if isinstance(value, (tuple, list)):
        parts = tuple(map(_frozen, value))
        return None if None in parts else (value.__class__, parts)
    return None
