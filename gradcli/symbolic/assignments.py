"""A program written out as assignments to scalars, and its derivative: local ones by SymPy, chained here.

One expression for a whole program explodes: x = sin(x) cos(x) + x, fifty times over, has more terms than
there are atoms. As assignments it has a hundred, each differentiated by `sympy.diff`, and a pass in reverse
adds them up. Nothing is rounded while writing down: an evaluation chooses its digits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.diagnostics import LimitFault
from gradcli.symbolic.evaluation import Program, in_context
from gradcli.symbolic.scalar import constant
from gradcli.symbolic.template import Template, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Assignments", "Leaf"]

OFTEN = 63  # how many assignments pass between two looks at the clock, less one; a mask


class Leaf(NamedTuple):
    """A number, exact: a variable's or a constant's."""

    value: float


class Rounded(NamedTuple):
    """A number that float64 arithmetic found, and what it might as well have found."""

    values: tuple[float, ...]


class Call(NamedTuple):
    """A function of earlier values."""

    template: Template
    args: tuple[int, ...]


class Combination(NamedTuple):
    """(base + sum of factor * value) / divisor; a factor of None is 1."""

    terms: tuple[tuple[int | None, int], ...]
    base: int | None
    divisor: int


class Assignments:
    """Scalars in the order of their computation; each is known by its number in it.

    Args:
        deadline: on the clock of `time.monotonic`; whoever works on past it gets a LimitFault.
    """

    def __init__(self, deadline: float = float("inf")) -> None:
        self.deadline = deadline
        self.entries: list[Any] = []
        self.active: list[bool] = []  # whether a variable reaches it
        self._numbers: dict[float, int] = {}
        self._templates: dict[Any, Template] = {}
        self._operations: dict[Any, Template] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def variable(self, value: float) -> int:
        """A number that is differentiated for."""
        return self._add(Leaf(value), active=True)

    def number(self, value: float) -> int:
        """An exact number."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = self._add(Leaf(value), active=False)
        return found

    def rounded(self, values: tuple[float, ...]) -> int:
        """A number and its alternatives."""
        return self._add(Rounded(values), active=False)

    def call(self, expr: Any, args: Sequence[int]) -> int:
        """A function, an expression in `place(0)`, ..., of these values."""
        for position, arg in enumerate(args):
            if expr is place(position):
                return arg
        template = self._templates.get((expr, len(args)))
        if template is None:
            template = self._templates[expr, len(args)] = Template(expr, len(args))
        active = self.active
        return self._add(Call(template, tuple(args)), active=any(active[arg] for arg in args))

    def operation(self, function: Callable[..., Any], operands: Sequence[Any]) -> int:
        """A function of SymPy or of `operator` on values (int) and constants (expressions)."""
        key = (function, *(None if isinstance(x, int) else x for x in operands))
        expr = self._operations.get(key)
        if expr is None:
            count = -1
            row = [place(count := count + 1) if isinstance(x, int) else x for x in operands]
            expr = self._operations[key] = function(*row)
        return self.call(expr, [x for x in operands if isinstance(x, int)])

    def combine(
        self, terms: Iterable[tuple[int | None, int]], base: int | None = None, divisor: int = 1
    ) -> int:
        """A linear combination, whose factors may be values too."""
        terms = tuple(terms)
        if base is None and divisor == 1 and len(terms) == 1 and terms[0][0] is None:
            return terms[0][1]
        active = self.active
        moving = any(active[arg] or (factor is not None and active[factor]) for factor, arg in terms)
        return self._add(Combination(terms, base, divisor), active=moving)

    def _add(self, entry: Any, *, active: bool) -> int:
        self.entries.append(entry)
        self.active.append(active)
        if not len(self.entries) & OFTEN:
            self.look_at_the_clock()
        return len(self.entries) - 1

    def look_at_the_clock(self) -> None:
        """Returns while there is time.

        Raises:
            LimitFault: there is none.
        """
        if time.monotonic() > self.deadline:
            raise LimitFault(
                "E605",
                "the program's derivative takes longer than the time given",
                help="give it more with --max-time, or look at fewer elements with --sample",
            )

    def needed(self, outputs: Iterable[int]) -> list[int]:
        """Returns what the outputs are computed from, and themselves, in order."""
        marked = set(outputs)
        pending = list(marked)
        while pending:
            for arg in _arguments(self.entries[pending.pop()]):
                if arg not in marked:
                    marked.add(arg)
                    pending.append(arg)
        return sorted(marked)

    def inexact(self, outputs: Iterable[int]) -> bool:
        """Whether a number that float64 arithmetic rounded takes part in the outputs."""
        return any(self.entries[number].__class__ is Rounded for number in self.needed(outputs))

    def gradient(
        self, weights: Mapping[int, Sequence[float]], wanted: Sequence[int], digits: int, variant: int = 0
    ) -> list[Any]:
        """Returns d(sum of weights * value)/d(variable) for the variables wanted, mpf with so many digits.

        nan where a local derivative that takes part has no value. `variant`: which alternative of rounded
        numbers is taken.
        """
        return _Evaluation(self, digits, variant).gradient(weights, wanted)


def _arguments(entry: Any) -> Iterable[int]:
    if entry.__class__ is Call:
        return entry.args
    if entry.__class__ is Combination:
        found = [arg for term in entry.terms for arg in term if arg is not None]
        return found if entry.base is None else [*found, entry.base]
    return ()


class _Evaluation:
    """The values of assignments to a number of digits, and the derivatives in reverse."""

    def __init__(self, assignments: Assignments, digits: int, variant: int) -> None:
        self._all = assignments
        self._context = in_context(digits)
        self._variant = variant
        self._programs: dict[int, Program] = {}  # by the template's id; templates live with the assignments
        self._kept: list[Template] = []
        self._values: dict[int, Any] = {}

    def gradient(self, weights: Mapping[int, Sequence[float]], wanted: Sequence[int]) -> list[Any]:
        P, entries, active = self._context, self._all.entries, self._all.active  # noqa: N806 - as records call it
        order = self._all.needed(weights)
        for count, number in enumerate(order):
            self._values[number] = self._value(entries[number])
            if not count & OFTEN:
                self._all.look_at_the_clock()
        adjoints = {number: P.fsum(map(P.mpf, weight)) for number, weight in weights.items()}
        for count, number in enumerate(reversed(order)):
            if number in adjoints and active[number]:
                for arg, slope in self._slopes(entries[number]):
                    term = adjoints[number] * slope
                    adjoints[arg] = adjoints[arg] + term if arg in adjoints else term
            if not count & OFTEN:
                self._all.look_at_the_clock()
        return [adjoints.get(number, P.zero) for number in wanted]

    def _value(self, entry: Any) -> Any:
        if entry.__class__ is Call:
            return self._program(entry.template).run([self._values[arg] for arg in entry.args])
        if entry.__class__ is Leaf:
            return self._context.mpf(entry.value)
        if entry.__class__ is Rounded:
            return self._context.mpf(entry.values[self._variant])
        values = self._values
        total = self._context.zero if entry.base is None else values[entry.base]
        for factor, arg in entry.terms:
            total = total + (values[arg] if factor is None else values[factor] * values[arg])
        return total if entry.divisor == 1 else total / entry.divisor

    def _slopes(self, entry: Any) -> Iterable[tuple[int, Any]]:
        """Each argument that a variable reaches, with the local derivative for it."""
        active = self._all.active
        if entry.__class__ is Call:
            row = [self._values[arg] for arg in entry.args]
            for position, arg in enumerate(entry.args):
                if active[arg]:
                    yield arg, self._slope(entry, position, row)
        elif entry.__class__ is Combination:
            one = self._context.one / entry.divisor
            for factor, arg in entry.terms:
                if active[arg]:
                    yield arg, one if factor is None else self._values[factor] * one
                if factor is not None and active[factor]:
                    yield factor, self._values[arg] * one

    def _slope(self, entry: Call, position: int, row: list[Any]) -> Any:
        found = self._program(entry.template.partial(position)).run(row)
        if self._context.isnan(found):
            leaves = {
                k: constant(leaf.value)
                for k, arg in enumerate(entry.args)
                if not self._all.active[arg] and (leaf := self._all.entries[arg]).__class__ is Leaf
            }
            if leaves:
                template = entry.template.fixed(leaves).partial(position)
                return Program(template.expr, template.places, self._context).run(row)
        return found

    def _program(self, template: Template) -> Program:
        found = self._programs.get(id(template))
        if found is None:
            self._kept.append(template)
            found = self._programs[id(template)] = Program(template.expr, template.places, self._context)
        return found
