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

from gradcli.plan.derivatives_pattern import Rows, dense, sparse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.plan.derivatives import Linear
    from gradcli.plan.trace import Step

__all__ = ["Lines", "Structure", "by_structure", "fewest_directions"]

FEWEST = 8  # columns for which a look at the structure pays
MANY = 4  # rows: to find those of the same columns takes as long as some rows more
WIDEST = 2**22  # elements of a value: beyond, rows take too much room


class Lines(NamedTuple):
    """A Jacobian, line by line as it is found.

    Attributes:
        blocks: `blocks[i][j]` is the derivative of output i for input j: by forward mode an array (elements
            of the input, elements of the output), by reverse mode its transpose.
        directions: how many tangents or cotangents went through the program; at most, where the structure
            tells how many each value needs.
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
    sizes = [values[number].size for number in trace.inputs]
    columns = sum(sizes)
    found = _structure(linear)
    # Others than finite derivatives times the zeros of other columns would be nan.
    if found is None or not all(np.isfinite(rows.slopes).all() for rows in found.ends.values()):
        return None
    ends = found.ends
    mixed = set(trace.outputs) & linear.dependent - ends.keys()
    lines, passes = _Mixing(linear, found, columns).mix(mixed, room) if mixed else ({}, 1)
    for number in set(trace.outputs) - lines.keys():
        y, rows = values[number], ends.get(number)
        lines[number] = np.zeros((columns, y.size), y.dtype) if rows is None else rows.lines(0, columns)
    blocks = [_parts(lines[number], sizes) for number in trace.outputs]
    return Lines(blocks, columns if mixed else found.directions(), passes)


def _parts(lines: Any, sizes: Iterable[int]) -> list[Any]:
    """The lines of each variable."""
    stops = list(accumulate(sizes))
    return [lines[start:stop] for start, stop in pairwise([0, *stops])]


def fewest_directions(linear: Linear) -> int:
    """Returns in how many directions all columns go through the program; 0 where they must go one by one."""
    found = _structure(linear)
    if found is None or not found.ends.keys() >= linear.dependent & set(linear.trace.outputs):
        return 0
    return found.directions()


class Structure(NamedTuple):
    """What rows tell of a program.

    Attributes:
        ends: the rows of the values that steps without rows, or nobody, look at.
        mixing: the steps without rows.
    """

    ends: dict[int, Rows]
    mixing: list[Step]

    def directions(self) -> int:
        """Returns the most rows that a value has."""
        return max((len(rows.columns) for rows in self.ends.values()), default=1)


def _structure(linear: Linear) -> Structure | None:
    """The program's structure; None where it gains nothing."""
    columns = sum(linear.values[number].size for number in linear.trace.inputs)
    if columns < FEWEST or linear.widest() > WIDEST:
        return None
    found = linear.structure = linear.structure or _found(linear)
    return found if found.directions() <= columns // 2 else None


def _found(linear: Linear) -> Structure:
    known = sparse(linear)
    mixing = [step for step in linear.steps if known.keys().isdisjoint(step.results)]
    looked = {step.arguments[i] for step in mixing for i in linear.moving(step)}
    ends = {}
    for number in known.keys() & {*linear.trace.outputs, *looked}:
        rows = known[number]
        ends[number] = rows if len(rows.columns) <= MANY else dense(rows) or rows
    return Structure(ends, mixing)


class _Mixing:
    """The steps whose results have no rows."""

    def __init__(self, linear: Linear, found: Structure, columns: int) -> None:
        self.linear, self.columns = linear, columns
        self.ends, self.steps = found

    def mix(self, numbers: set[int], room: int) -> tuple[dict[int, Any], int]:
        """Returns the lines of values that have no rows, by number, and in how many batches they came."""
        values, columns = self.linear.values, self.columns
        widest = max(values[number].size for step in self.steps for number in step.results)
        size = max(1, room // max(widest, 1))
        lines: dict[int, Any] = {}
        for start in range(0, columns, size):
            found = self._mixed(start, min(start + size, columns))
            for number in numbers & found.keys():
                part = _whole(found[number]).reshape(-1, values[number].size)
                if size >= columns:  # a copy would cost as much as all before
                    lines[number] = part
                    continue
                if number not in lines:
                    lines[number] = np.zeros((columns, part.shape[1]), part.dtype)
                lines[number][start : start + size] = part
        return lines, math.ceil(columns / size)

    def _mixed(self, start: int, stop: int) -> dict[int, Any]:
        """Some columns of all values that have no rows, as lines."""
        linear = self.linear
        moving: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for step in self.steps:
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
        if number in self.ends and number not in moving:
            like = self.linear.values[number]
            moving[number] = self.ends[number].lines(start, stop).reshape(-1, *like.shape)
        elif number in moving:
            moving[number] = _whole(moving[number])
        return moving.get(number)

    def _product(self, step: Step, start: int, stop: int) -> _Scaled | None:
        """A matrix times a vector that has rows."""
        if step.record.name != "mv" or self.linear.moving(step) != [1] or step.arguments[1] not in self.ends:
            return None
        matrix = self.linear.around(step)[0][0]
        lines, elements, slopes = self.ends[step.arguments[1]].entries(start, stop)
        if len(np.unique(lines)) < len(lines) or not np.isfinite(matrix).all():
            return None
        return _Scaled(matrix, stop - start, lines, elements, slopes, np.ones_like(matrix[:, 0]))

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
