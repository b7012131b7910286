"""The derivatives of assignments: each one's own by `sympy.diff`, chained in reverse with many digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.symbolic.assignments import OFTEN, Assignments, Call, Combination, Leaf, Rounded
from gradcli.symbolic.context import in_context
from gradcli.symbolic.evaluation import Program
from gradcli.symbolic.scalar import constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradcli.symbolic.template import Template

__all__ = ["Reverse"]

NEGLIGIBLE = 1e-290  # near the end of the floats: what is smaller is 0 in them


class Reverse:
    """d(sum of weights * value)/d(variables), as often as wanted, each time with other digits.

    Only values that a local derivative asks for are ever computed: those of linear programs never are.

    Args:
        assignments: where the values and the variables are.
        weights: per value (its number among the assignments) its weights.

    Raises:
        NotImplementedFault: a function has no derivative in closed form.
    """

    def __init__(self, assignments: Assignments, weights: Mapping[int, Sequence[float]]) -> None:
        self._all = assignments
        self._weights = weights
        self._context = in_context(15)
        self._leaves: dict[int, Any] = {}  # exact in any precision
        self._values: dict[int, Any] = {}
        self._programs: dict[Template, Program] = {}
        self._variant = 0
        self._active = self._reached(weights)
        self._computed = self._asked_for()

    def inexact(self) -> bool:
        """Whether a number that float64 arithmetic rounded takes part in the derivatives."""
        entries = self._all.entries
        return any(entries[number].__class__ is Rounded for number in self._computed)

    def misled(self) -> bool:
        """Whether float64 had no digit of a number that decided something; after a `gradient`."""
        return any(
            math.isfinite(number) and abs(value - number) > max(abs(value) / 2, NEGLIGIBLE)
            for entry, number in self._all.asked.items()
            if self._context.isfinite(value := self._values[entry])
        )

    def gradient(self, wanted: Sequence[int], digits: int, variant: int = 0) -> list[Any]:
        """Returns the derivatives for the variables wanted, mpf with so many digits.

        nan where a local derivative that takes part has no value. `variant`: which alternative of rounded
        numbers is taken.
        """
        P, entries = self._context, self._all.entries  # noqa: N806 - as records call it
        P.dps = digits
        self._variant = variant
        self._programs.clear()
        self._values = values = {}
        for count, number in enumerate(self._computed):
            values[number] = self._value(number, entries[number])
            if not count & OFTEN:
                self._all.look_at_the_clock()
        adjoints = {number: P.fsum(map(P.mpf, row)) for number, row in self._weights.items()}
        for count, number in enumerate(reversed(self._active)):
            entry = entries[number]
            if entry.__class__ is not Leaf:
                adjoint = adjoints[number]
                if number in self._all.doubtful and P.isnan(values[number]):
                    adjoint = P.nan
                for arg, slope in self._slopes(entry):
                    term = adjoint if slope is None else adjoint * slope
                    adjoints[arg] = adjoints[arg] + term if arg in adjoints else term
            if not count & OFTEN:
                self._all.look_at_the_clock()
        return [adjoints.get(number, P.zero) for number in wanted]

    def _reached(self, outputs: Iterable[int]) -> list[int]:
        """What the outputs are computed from and variables reach, and themselves, in order."""
        active = self._all.active
        marked = {number for number in outputs if active[number]}
        pending = list(marked)
        while pending:
            for arg in _arguments(self._all.entries[pending.pop()]):
                if active[arg] and arg not in marked:
                    marked.add(arg)
                    pending.append(arg)
        return sorted(marked)

    def _asked_for(self) -> list[int]:
        """The values that local derivatives need, and what those are computed from, in order."""
        entries = self._all.entries
        marked: set[int] = set()
        for number in self._active:
            marked.update(self._local(entries[number]))
        marked.update(self._all.doubtful.intersection(self._active))
        marked.update(self._all.asked)
        pending = list(marked)
        while pending:
            for arg in _arguments(entries[pending.pop()]):
                if arg not in marked:
                    marked.add(arg)
                    pending.append(arg)
        return sorted(marked)

    def _local(self, entry: Any) -> Iterable[int]:
        """The values that the local derivatives of one assignment need."""
        active = self._all.active
        if entry.__class__ is Call:
            for position, arg in enumerate(entry.args):
                if active[arg]:
                    yield from (entry.args[k] for k in entry.template.partial(position).used)
        elif entry.__class__ is Combination:
            for factor, arg in entry.terms:
                if factor is not None and active[arg]:
                    yield factor
                if factor is not None and active[factor]:
                    yield arg

    def _value(self, number: int, entry: Any) -> Any:
        if entry.__class__ is Call:
            return self._program(entry.template).run([self._values.get(arg) for arg in entry.args])
        if entry.__class__ is Leaf:
            found = self._leaves.get(number)
            if found is None:
                found = self._leaves[number] = self._context.mpf(entry.value)
            return found
        if entry.__class__ is Rounded:
            return self._context.mpf(entry.values[self._variant])
        values = self._values
        total = self._context.zero if entry.base is None else values[entry.base]
        for factor, arg in entry.terms:
            total = total + (values[arg] if factor is None else values[factor] * values[arg])
        return total if entry.divisor == 1 else total / entry.divisor

    def _slopes(self, entry: Any) -> Iterable[tuple[int, Any]]:
        """Each argument that a variable reaches, with the local derivative for it; None for 1."""
        active = self._all.active
        if entry.__class__ is Call:
            row = [self._values.get(arg) for arg in entry.args]
            for position, arg in enumerate(entry.args):
                if active[arg]:
                    yield arg, self._slope(entry, position, row)
            return
        values = self._values
        one = None if entry.divisor == 1 else self._context.one / entry.divisor
        for factor, arg in entry.terms:
            if active[arg]:
                yield arg, one if factor is None else _times(values[factor], one)
            if factor is not None and active[factor]:
                yield factor, _times(values[arg], one)

    def _slope(self, entry: Call, position: int, row: list[Any]) -> Any:
        found = self._program(entry.template.partial(position)).run(row)
        if self._context.isnan(found):
            leaves = {
                k: constant(leaf.value)
                for k, arg in enumerate(entry.args)
                if not self._all.active[arg]
                and (leaf := self._all.entries[arg]).__class__ is Leaf
                and math.isfinite(leaf.value)
            }
            if leaves:
                template = entry.template.fixed(leaves).partial(position)
                return Program(template.expr, template.places, self._context).run(row)
        return found

    def _program(self, template: Template) -> Program:
        found = self._programs.get(template)
        if found is None:
            found = self._programs[template] = Program(template.expr, template.places, self._context)
        return found


def _times(value: Any, factor: Any) -> Any:
    return value if factor is None else value * factor


def _arguments(entry: Any) -> Iterable[int]:
    if entry.__class__ is Call:
        return entry.args
    if entry.__class__ is Combination:
        found = [arg for term in entry.terms for arg in term if arg is not None]
        return found if entry.base is None else [*found, entry.base]
    return ()
