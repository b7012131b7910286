"""A sweep as a list of bound calls on registers, which hold buffers that are used again and again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.ops.dtypes import FLOAT64
from gradcli.plan.arrays import promoted
from gradcli.plan.forms import in_dtype, plain_form, writing_form
from gradcli.plan.region import FULL, ROW, SCALAR
from gradcli.plan.sine import sin_cos
from gradcli.plan.tile_calls import TILE, assigning, copying, partial_reduction, row_reduction, writing
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.plan.facts import Fact
    from gradcli.plan.grid import Grid
    from gradcli.plan.region import How, Region
    from gradcli.plan.schedule import Sweep
    from gradcli.plan.trace import Step

__all__ = ["Buffer", "Code", "Given", "Partial", "assembled"]


class Given(NamedTuple):
    """An array outside: the number of its value, how tiles see it, and the register for it."""

    number: int
    kind: int
    register: int


class Buffer(NamedTuple):
    """Memory of a tile's size."""

    register: int
    kind: int
    dtype: Any


class Partial(NamedTuple):
    """A reduction over the tiles: the register has a list with a part per share of them."""

    number: int
    how: How
    register: int


class Code(NamedTuple):
    """An assembled sweep.

    Attributes:
        registers: their count.
        literals: plain numbers with their registers.
        given: values from outside.
        once: calls that are the same for all tiles, to be done before.
        each: calls for each tile.
        buffers: to be made per thread.
        results: values that are kept whole, written by slices where they have rows.
        partials: the reductions.
        itemsize: bytes of the widest element.
    """

    registers: int
    literals: list[tuple[int, Any]]
    given: list[Given]
    once: list[Any]
    each: list[Any]
    buffers: list[Buffer]
    results: list[Given]
    partials: list[Partial]
    itemsize: int


def assembled(sweep: Sweep, facts: Mapping[int, Fact], grid: Grid) -> Code:
    """Returns the code of a sweep."""
    assembler = _Assembler(sweep.region, facts, grid)
    return assembler.assemble(sweep)


class _Assembler:
    def __init__(self, region: Region, facts: Mapping[int, Fact], grid: Grid) -> None:
        self.region = region
        self.facts = facts
        self.grid = grid
        self.count = TILE + 1
        self.at: dict[Any, int] = {}  # number, or (number, kind or dtype) -> register
        self.literals: list[tuple[int, Any]] = []
        self.given: list[Given] = []
        self.once: list[Any] = []
        self.each: list[Any] = []
        self.buffers: list[Buffer] = []
        self.partials: list[Partial] = []
        self.pairs: dict[int, tuple[int, int]] = {}  # number of a sine or cosine -> both of that angle
        self.paired: set[int] = set()  # those that were made as a pair
        self.repeated: dict[int, int] = {}  # number of a value per row -> register of an array with columns
        self.held: dict[int, Buffer] = {}  # number -> the buffer that has it
        self.free: dict[tuple[int, Any], list[Buffer]] = {}

    def assemble(self, sweep: Sweep) -> Code:
        self.pairs = _pairs(sweep.steps, self.facts, self.region)
        same: dict[int, int] = {}  # number -> what it is another sight of
        for step in sweep.steps:
            if self.region.made[step.results[0]].what == "alias":
                same[step.results[0]] = same.get(step.arguments[0], step.arguments[0])
        last = {
            same.get(number, number): place
            for place, step in enumerate(sweep.steps)
            for number in step.arguments
            if number.__class__ is int
        }
        results = [self._result(number) for number in sweep.kept if not self.region.made[number].late]
        for place, step in enumerate(sweep.steps):
            arguments = self._arguments(step)
            numbers = {same.get(x, x) for x in step.arguments if x.__class__ is int}
            for number in numbers:
                if last[number] == place and number in self.held:
                    buffer = self.held.pop(number)
                    self.free.setdefault(buffer[1:], []).append(buffer)
            self._add(step, arguments)
            if step.results[0] in self.repeated:
                (number,) = step.results
                self.each.append(copying(lambda x: x, [self.at[number]], self.repeated[number]))
        widest = max(
            self.facts[x].dtype.itemsize
            for step in sweep.steps
            for x in (*step.arguments, *step.results)
            if x.__class__ is int
        )
        return Code(
            self.count, self.literals, self.given, self.once, self.each, self.buffers, results, self.partials,
            widest,
        )  # fmt: skip

    def _result(self, number: int) -> Given:
        kind, register = self.region.made[number].kind, self._register()
        if kind == ROW and math.prod(self.facts[number].shape) != self.grid.rows:
            self.repeated[number] = register
            return Given(number, FULL, register)
        self.at[number] = register
        return Given(number, kind, register)

    def _add(self, step: Step, arguments: list[int]) -> None:
        (number,) = step.results
        how = self.region.made[number]
        if number in self.paired:
            return
        if how.what == "alias":
            if number in self.at:  # wanted whole
                self._emit(number, how, arguments, lambda x: x, None)
            else:
                self.at[number] = arguments[0]
        elif number in self.pairs:
            self._add_pair(*self.pairs[number], how, arguments[0])
        elif how.late:
            register = self._register()
            self.partials.append(Partial(number, how, register))
            self.each.append(partial_reduction(how, arguments[0], register, self.grid))
        elif how.what == "rows":
            self._emit(number, how, arguments, row_reduction(how, self.grid.columns), None)
        elif how.what == "rowwise":
            self._emit(number, how, arguments, self._rowwise(step, how), None)
        else:
            self._emit(number, how, arguments, plain_form(step), writing_form(step))

    def _add_pair(self, sine: int, cosine: int, how: How, x: int) -> None:
        """Adds sine and cosine of one angle at the first of the two."""
        to = []
        for number in (sine, cosine):
            self.pairs.pop(number)
            if number not in self.at:
                self.at[number] = self._borrowed(number, how.kind).register
            to.append(self.at[number])
        self.paired.update((sine, cosine))
        self.each.append(lambda r: sin_cos(r[x], r[to[0]], r[to[1]]))

    def _emit(self, number: int, how: How, arguments: list[int], plain: Any, form: Any) -> None:
        """Adds a call whose result goes into a buffer, or into its part of the value that is kept whole."""
        target = self.at.get(number)
        if not how.kind & ROW:
            register = self._register() if target is None else target
            self.at[number] = register
            self.once.append(assigning(plain, arguments, register))
        elif form is not None:
            if target is None:
                target = self.at[number] = self._borrowed(number, how.kind).register
            self.each.append(writing(form, arguments, target))
        elif target is not None:
            self.each.append(copying(plain, arguments, target))
        else:
            self.at[number] = self._register()
            self.each.append(assigning(plain, arguments, self.at[number]))

    def _borrowed(self, number: int, kind: int) -> Buffer:
        dtype = self.facts[number].dtype
        free = self.free.get((kind, dtype))
        if free:
            buffer = free.pop()
        else:
            buffer = Buffer(self._register(), kind, dtype)
            self.buffers.append(buffer)
        self.held[number] = buffer
        return buffer

    def _arguments(self, step: Step) -> list[int]:
        """The registers of a step's arguments, in the dtype that it computes in."""
        how = self.region.made[step.results[0]]
        given = [
            x.value if x.__class__ is Literal
            else np.empty((1,) * len(self.facts[x].shape), self.facts[x].dtype)
            for x in step.arguments
        ]  # fmt: skip
        computed = promoted(step.record, given) if how.what == "elementwise" else given
        return [
            self._literal(in_dtype(step, computed, value)) if x.__class__ is Literal
            else self._value(x, value.dtype, how)
            for x, value in zip(step.arguments, computed, strict=True)
        ]  # fmt: skip

    def _literal(self, value: Any) -> int:
        register = self._register()
        self.literals.append((register, value))
        return register

    def _value(self, number: int, dtype: Any, how: How) -> int:
        """The register of a value, cast where the step computes in another dtype."""
        if number in self.at:
            kind, key = self.region.made[number].kind, number
        else:
            kind = self._kind_outside(number, how)
            key = (number, kind)  # type: ignore[assignment] # an array may be seen as rows and as columns
            if key not in self.at:
                self.at[key] = self._register()
                self.given.append(Given(number, kind, self.at[key]))
        if dtype == self.facts[number].dtype:
            return self.at[key]
        converted = (key, dtype)
        if converted not in self.at:
            self.at[converted] = self._register()
            code = self.each if kind & ROW else self.once
            code.append(assigning(lambda x: x.astype(dtype), [self.at[key]], self.at[converted]))
        return self.at[converted]

    def _kind_outside(self, number: int, how: How) -> int:
        if number in self.region.made:
            return self.region.made[number].kind
        if how.bare and how.what == "elementwise":
            return SCALAR if math.prod(self.facts[number].shape) == 1 else ROW
        kind = self.region.kind_of(number)
        assert kind is not None  # noqa: S101 - the step was accepted
        return kind

    def _rowwise(self, step: Step, how: How) -> Any:
        """The record's own form on some rows."""
        plain, stripes, block = plain_form(step), self.grid.stripes, self.grid.block

        def call(x: Any) -> Any:
            return plain(stripes(x)).reshape(block(how.kind, len(x)))

        return call

    def _register(self) -> int:
        self.count += 1
        return self.count - 1


def _pairs(steps: Sequence[Step], facts: Mapping[int, Fact], region: Region) -> dict[int, tuple[int, int]]:
    """Sines and cosines of the same angles, by the number of either; those of float64 are slow alone."""
    found: dict[Any, dict[str, int]] = {}
    for step in steps:
        (number,) = step.results
        if (
            step.record.name in ("sin", "cos")
            and facts[number].dtype == FLOAT64
            and region.made[number].kind & ROW
        ):
            found.setdefault(step.arguments[0], {})[step.record.name] = number
    both = [(one["sin"], one["cos"]) for one in found.values() if len(one) > 1]
    return {number: pair for pair in both for number in pair}
