"""Jacobians in few directions where the program's structure allows it.

As long as values depend on few elements of the variables, all columns go through the program in a few
directions (plan/derivatives_pattern.py). A value that mixes many takes the columns as they have become by
then, one line each; so tanh(W @ x) costs W once and a scaling, and no product with a unit matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.derivatives_pattern import colours, patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.plan.derivatives import Linear
    from gradcli.plan.trace import Step

__all__ = ["Lines", "by_structure"]

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
    columns = sum(values[number].size for number in trace.inputs)
    if columns < FEWEST or linear.widest() > WIDEST:
        return None
    known = patterns(linear)
    mixing = [step for step in linear.steps if known.keys().isdisjoint(step.results)]
    ends = known.keys() & {
        *trace.outputs,
        *(step.arguments[i] for step in mixing for i in linear.moving(step)),
    }
    turns = colours((known[number] for number in ends), [values[number].size for number in trace.inputs])
    few = None if turns is None else _Few(linear, known, turns)
    if few is None or not few.finite(ends):
        return None
    lines = [np.zeros((columns, values[number].size), values[number].dtype) for number in trace.outputs]
    for number, line in zip(trace.outputs, lines, strict=True):
        if number in known:
            few.fill(number, line, 0)
    passes = few.mix(mixing, lines, room) if not known.keys() >= linear.dependent & set(trace.outputs) else 0
    starts = np.cumsum([values[number].size for number in trace.inputs])[:-1]
    return Lines([np.split(line, starts) for line in lines], columns if passes else few.count, passes or 1)


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

    def mix(self, mixing: list[Step], lines: list[Any], room: int) -> int:
        """Writes the lines of outputs that have no pattern, and returns in how many batches."""
        linear = self.linear
        widest = max(linear.values[number].size for step in mixing for number in step.results)
        size = max(1, room // max(widest, 1))
        starts = range(0, len(lines[0]), size)
        for start in starts:
            found = self._mixed(mixing, start, min(start + size, len(lines[0])))
            for number, line in zip(linear.trace.outputs, lines, strict=True):
                if number in found and number not in self.known:
                    line[start : start + size] = found[number].reshape(-1, line.shape[1])
        return len(starts)

    def _mixed(self, mixing: list[Step], start: int, stop: int) -> dict[int, Any]:
        """Some columns of all values that have no pattern, as lines."""
        linear = self.linear
        moving: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for step in mixing:
                product = self._product(step, start, stop)
                if product is not None:
                    moving[step.results[0]] = product
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
        return moving.get(number)

    def _product(self, step: Step, start: int, stop: int) -> Any:
        """A matrix times a vector that has a pattern: the matrix's columns, scaled; None for other steps."""
        if step.record.name != "mv" or self.linear.moving(step) != [1] or step.arguments[1] not in self.known:
            return None
        matrix = self.linear.around(step)[0][0]
        columns, elements, slopes = self.entries(step.arguments[1], start, stop)
        if len(np.unique(columns)) < len(columns) or not np.isfinite(matrix).all():
            return None
        found = np.zeros((stop - start, len(matrix)), matrix.dtype)
        found[columns - start] = slopes[:, None] * matrix.T[elements]
        return found
