"""Jacobians in few directions where the program's structure allows it.

As long as values depend on few elements of the variables, all columns go through the program in a few
directions (plan/derivatives_pattern.py). A value that mixes many takes the columns as they have become by
then, one line each; so tanh(W @ x) costs W once and a scaling, and no product with a unit matrix.
"""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.derivatives_pattern import colours, patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.plan.derivatives import Linear
    from gradcli.plan.trace import Step

__all__ = ["Lines", "by_structure", "fewest_directions"]

FEWEST = 8  # columns for which a look at the structure pays
WIDEST = 2**22  # elements of a value: beyond, patterns take too much room


class Lines(NamedTuple):
    """A Jacobian, line by line as it is found.

    Attributes:
        blocks: `blocks[i][j]` is the derivative of output i for input j: by forward mode an array (elements
            of the input, elements of the output), by reverse mode its transpose.
        directions: how many tangents or cotangents went through the program.
        passes: in how many batches they did.
    """

    blocks: list[list[Any]]
    directions: int
    passes: int


def by_structure(linear: Linear, room: int) -> Lines | None:
    """Returns the Jacobian; None where the structure gains nothing, or something is not finite.

    Args:
        linear: the program at its point.
        room: elements of the biggest value of one batch.
    """
    trace, values = linear.trace, linear.values
    found = _structure(linear)
    if found is None:
        return None
    known, columns = found.known, len(found.turns)
    few = _Few(linear, known, found.turns)
    if not few.finite(found.ends):
        return None
    mixed = set(trace.outputs) & linear.dependent - known.keys()
    lines, passes = few.mix(found.mixing, mixed, room) if mixed else ({}, 1)
    for number in set(trace.outputs) - lines.keys():
        lines[number] = np.zeros((columns, values[number].size), values[number].dtype)
        if number in known:
            few.fill(number, lines[number], 0)
    blocks = [_parts(lines[number], [values[x].size for x in trace.inputs]) for number in trace.outputs]
    return Lines(blocks, columns if mixed else few.count, passes)


def _parts(lines: Any, sizes: Iterable[int]) -> list[Any]:
    """The lines of each variable."""
    stops = list(accumulate(sizes))
    return [lines[start:stop] for start, stop in pairwise([0, *stops])]


def fewest_directions(linear: Linear) -> int:
    """Returns in how many directions all columns go through the program; 0 where they must go one by one."""
    found = _structure(linear)
    if found is None or not found.known.keys() >= linear.dependent & set(linear.trace.outputs):
        return 0
    return int(found.turns.max()) + 1


class _Structure(NamedTuple):
    """What is known of a program without its derivatives.

    Attributes:
        known: the patterns, by value.
        mixing: the steps whose results have none.
        ends: the values with patterns that those, or nobody, look at.
        turns: a direction for each column.
    """

    known: dict[int, Any]
    mixing: list[Step]
    ends: set[int]
    turns: Any


def _structure(linear: Linear) -> _Structure | None:
    trace, values = linear.trace, linear.values
    sizes = [values[number].size for number in trace.inputs]
    if sum(sizes) < FEWEST or linear.widest() > WIDEST:
        return None
    known = patterns(linear)
    mixing = [step for step in linear.steps if known.keys().isdisjoint(step.results)]
    looked = {step.arguments[i] for step in mixing for i in linear.moving(step)}
    ends = known.keys() & {*trace.outputs, *looked}
    turns = colours((known[number] for number in ends), sizes)
    return None if turns is None else _Structure(known, mixing, ends, turns)


class _Few:
    """Tangents of all values that have patterns, in few directions."""

    def __init__(self, linear: Linear, known: dict[int, Any], turns: Any) -> None:
        self.linear, self.known, self.turns = linear, known, turns
        self.count = int(turns.max()) + 1
        self.tangents: dict[int, Any] = {}
        for number in linear.trace.inputs:
            (pattern,), like = known[number], linear.values[number]
            unit = turns[pattern] == np.arange(self.count).reshape(-1, *(1,) * like.ndim)
            self.tangents[number] = unit.astype(like.dtype)
        with np.errstate(all="ignore"):
            for step in linear.steps:
                if not known.keys().isdisjoint(step.results):
                    given = [self.tangents.get(x) if x.__class__ is int else None for x in step.arguments]
                    self.tangents.update(linear.pushed(step, given))

    def entries(self, number: int, start: int, stop: int) -> tuple[Any, Any, Any]:
        """The nonzeros in some columns of a value's Jacobian: columns, elements of the value, derivatives."""
        pattern = self.known[number].reshape(len(self.known[number]), -1)
        if number not in self.tangents:  # a step without a derivative there: zeros
            stop = start
        slots, elements = np.nonzero((pattern >= start) & (pattern < stop))
        columns = pattern[slots, elements]
        tangents = self.tangents.get(number, np.zeros(0)).reshape(self.count, -1)
        return columns, elements, tangents[self.turns[columns], elements]

    def fill(self, number: int, line: Any, start: int) -> None:
        """Writes some columns of a value's Jacobian as lines into zeros."""
        columns, elements, slopes = self.entries(number, start, start + len(line))
        line[columns - start, elements] = slopes

    def finite(self, ends: Iterable[int]) -> bool:
        """Whether the tangents of values are finite: others times a direction's zero would be nan."""
        return all(np.isfinite(self.tangents[number]).all() for number in ends if number in self.tangents)

    def mix(self, mixing: list[Step], numbers: set[int], room: int) -> tuple[dict[int, Any], int]:
        """Returns the lines of values that have no pattern, by number, and in how many batches they came."""
        values, columns = self.linear.values, len(self.turns)
        widest = max(values[number].size for step in mixing for number in step.results)
        size = max(1, room // max(widest, 1))
        lines: dict[int, Any] = {}
        for start in range(0, columns, size):
            found = self._mixed(mixing, start, min(start + size, columns))
            for number in numbers & found.keys():
                part = _whole(found[number]).reshape(-1, values[number].size)
                if size >= columns:  # a copy would cost as much as all before
                    lines[number] = part
                    continue
                if number not in lines:
                    lines[number] = np.zeros((columns, part.shape[1]), part.dtype)
                lines[number][start : start + size] = part
        return lines, math.ceil(columns / size)

    def _mixed(self, mixing: list[Step], start: int, stop: int) -> dict[int, Any]:
        """Some columns of all values that have no pattern, as lines."""
        linear = self.linear
        moving: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for step in mixing:
                scaled = self._product(step, start, stop) or self._scaled(step, moving)
                if scaled is not None:
                    moving[step.results[0]] = scaled
                    continue
                given = [None] * len(step.arguments)
                for i in linear.moving(step):
                    given[i] = self._line(step.arguments[i], moving, start, stop)
                moving.update(linear.pushed(step, given))
        return moving

    def _line(self, number: int, moving: dict[int, Any], start: int, stop: int) -> Any:
        if number in self.known and number not in moving:
            like = self.linear.values[number]
            moving[number] = np.zeros((stop - start, *like.shape), like.dtype)
            self.fill(number, moving[number].reshape(stop - start, -1), start)
        elif number in moving:
            moving[number] = _whole(moving[number])
        return moving.get(number)

    def _product(self, step: Step, start: int, stop: int) -> _Scaled | None:
        """A matrix times a vector that has a pattern."""
        if step.record.name != "mv" or self.linear.moving(step) != [1] or step.arguments[1] not in self.known:
            return None
        matrix = self.linear.around(step)[0][0]
        columns, elements, slopes = self.entries(step.arguments[1], start, stop)
        if len(np.unique(columns)) < len(columns) or not np.isfinite(matrix).all():
            return None
        return _Scaled(matrix, stop - start, columns - start, elements, slopes, np.ones_like(matrix[:, 0]))

    def _scaled(self, step: Step, moving: dict[int, Any]) -> _Scaled | None:
        """An elementwise step on such a product: the same with its rows scaled."""
        at = self.linear.moving(step)
        known = moving.get(step.arguments[at[0]])
        if step.record.kind != "elementwise" or len(at) > 1 or not isinstance(known, _Scaled):
            return None
        if self.linear.values[step.results[0]].shape != known.rows.shape:
            return None
        given = [known.rows[np.newaxis] if i in at else None for i in range(len(step.arguments))]
        found = dict(self.linear.pushed(step, given))
        return known._replace(rows=found[step.results[0]][0]) if found else None


class _Scaled(NamedTuple):
    """A matrix of which columns are chosen, and these and its rows scaled: made when it is needed.

    Attributes:
        matrix: itself.
        size: how many lines there are.
        lines: which of them are not zero.
        chosen: the column of the matrix that is there.
        slopes: the factor of each.
        rows: the factors of the matrix's rows.
    """

    matrix: Any
    size: int
    lines: Any
    chosen: Any
    slopes: Any
    rows: Any

    def whole(self) -> Any:
        """The lines, the matrix's columns."""
        columns, steps = self.matrix.T, np.diff(self.chosen)
        if len(self.lines) == self.size and (np.diff(self.lines) == 1).all() and (steps == 1).all():
            found = self.slopes[:, np.newaxis] * columns[self.chosen[:1].sum() :][: self.size]
        else:
            found = np.zeros((self.size, len(self.matrix)), self.matrix.dtype)
            found[self.lines] = self.slopes[:, np.newaxis] * columns[self.chosen]
        found *= self.rows
        return found


def _whole(tangent: Any) -> Any:
    return tangent.whole() if isinstance(tangent, _Scaled) else tangent
