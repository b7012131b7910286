"""Which elements of the variables each element of a value depends on, and its derivatives for them.

What is known of a value is a number of rows, each naming one column per element: the place of a variable's
element, one variable behind the other, counted from 1; 0 stands for none. Beside each row are the derivatives
for what it names. They go through a program together: elementwise steps unite the rows of their arguments;
views, and parts put among zeros, take rows where they take elements; other steps that select (padding, a
permutation matrix) are recognised by what they make of numbered elements, proven on others. Rows that are
equal are one array, so that most are united without a look at their elements; an element may still meet a
column in several rows, and its derivative is their sum. What depends on more than MOST elements has no rows:
all other steps mix too much.
Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 7, sparse vector mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.bound_calls import PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.derivatives import Linear
    from gradcli.plan.trace import Step

__all__ = ["Rows", "dense", "sparse"]

MOST = 16  # elements that one may depend on


class Rows(NamedTuple):
    """What a value depends on.

    Attributes:
        columns: arrays of its shape.
        slopes: its derivatives for them, (rows, *shape).
    """

    columns: tuple[Any, ...]
    slopes: Any

    def lines(self, start: int, stop: int) -> Any:
        """Returns the columns from one on and before another of the value's Jacobian, a line for each."""
        places, slopes = self._flat()
        size = places.shape[1]
        if start:
            places -= start
            np.maximum(places, 0, out=places)
        places[places > stop - start] = 0  # the first line is for what belongs to none
        places *= size
        places += np.arange(size)
        found = np.zeros((stop - start + 1) * size, slopes.dtype)
        for place, slope in zip(places, slopes, strict=True):
            found[place] += slope  # within a row no place is met twice
        return found[size:].reshape(stop - start, size)

    def entries(self, start: int, stop: int) -> tuple[Any, Any, Any]:
        """Returns the entries in those lines: their lines, the elements of the value, the derivatives.

        Those of one line and element are to be added up.
        """
        columns, slopes = self._flat()
        rows, elements = np.nonzero((columns > start) & (columns <= stop))
        return columns[rows, elements] - (start + 1), elements, slopes[rows, elements]

    def _flat(self) -> tuple[Any, Any]:
        """Columns and slopes as arrays (rows, elements)."""
        columns = np.array([row.ravel() for row in self.columns])
        return columns, self.slopes.reshape(columns.shape)


def sparse(linear: Linear) -> dict[int, Rows]:
    """Returns the rows of each value that has some, by its number."""
    found: dict[int, Rows] = {}
    start = 1
    for number in linear.trace.inputs:
        like = linear.values[number]
        columns = np.arange(start, start + like.size).reshape(like.shape)
        found[number] = Rows((columns,), np.ones((1, *like.shape), like.dtype))
        start += like.size
    walk = _Walk(linear)
    with np.errstate(all="ignore"):
        for step in linear.steps:
            moving = linear.moving(step)
            given = [found.get(step.arguments[i]) for i in moving]
            if None in given:
                continue
            kind = step.record.kind
            if kind == "elementwise" and len(step.results) == 1:
                rows = walk.elementwise(step, moving, given)  # type: ignore[arg-type] # as just asked
                if rows is not None:
                    found[step.results[0]] = rows
            elif kind == "linear":
                found.update(walk.selecting(step, moving, given))  # type: ignore[arg-type] # as above
    return found


class _Walk:
    """What becomes of the rows of arguments in steps: those of the results; none of what mixes too much."""

    def __init__(self, linear: Linear) -> None:
        self._linear = linear
        self._known: dict[Any, Any] = {}

    def elementwise(self, step: Step, moving: Sequence[int], given: Sequence[Rows]) -> Rows | None:
        shape = self._linear.values[step.results[0]].shape
        parts = []
        for i, (columns, slopes) in zip(moving, given):  # noqa: B905 - as many; strict is felt here
            (term,) = self._linear.carried(step, i, slopes)
            if columns[0].shape != shape:
                columns = tuple([self._one(np.broadcast_to(row, shape)) for row in columns])  # noqa: PLW2901 - the same
            parts.append(Rows(columns, term))
        return parts[0] if len(parts) == 1 else _united(parts)

    def selecting(self, step: Step, moving: Sequence[int], given: Sequence[Rows]) -> dict[int, Rows]:
        numbers = [number for number in step.results if number in self._linear.dependent]
        parts = []
        for i, (columns, slopes) in zip(moving, given, strict=True):
            taken = self._selected(step, i, columns)
            if len(taken) != len(numbers):
                return {}
            terms = [term for term in self._linear.carried(step, i, slopes) if term is not None]
            parts.append([Rows(*one) for one in zip(taken, terms, strict=True)])
        united = [one[0] if len(one) == 1 else _united(one) for one in zip(*parts, strict=True)]
        return {} if None in united else dict(zip(numbers, united, strict=True))  # type: ignore[arg-type] # as asked

    def _one(self, row: Any) -> Any:
        """The row, or the equal one that there is."""
        return self._known.setdefault((row.shape, row.tobytes()), row)

    def _selected(self, step: Step, position: int, columns: Sequence[Any]) -> list[tuple[Any, ...]]:
        """By result its columns, if each element is one of the argument's times a number; else nothing."""
        record, params, one = step.record, step.params, self._one
        if record.view or record.name in PLACES:  # dims count from the right, and what is put is among zeros
            found = [record.numpy(row, **params) for row in columns]  # type: ignore[misc] # composites are no steps
            if found[0].__class__ is tuple or found[0].__class__ is list:
                return [tuple(map(one, rows)) for rows in zip(*found, strict=True)]
            return [tuple([one(row) for row in found])]
        padded = [np.append(0, row) for row in columns]
        return [tuple([one(row.take(at)) for row in padded]) for at in self._places(step, position)]

    def _places(self, step: Step, position: int) -> list[Any]:
        """By result where its elements are in the argument, counted from 1, 0 for zeros: found by trial."""
        x = self._linear.around(step)[0][position]
        eps = float(np.finfo(x.dtype).eps)
        if not x.size or x.size * eps > 2.0**-4:
            return []
        probes = np.ones((3, *x.shape), x.dtype)
        probes[1] = np.arange(1.0, x.size + 1).reshape(x.shape)
        probes[2] = np.sin(probes[1])
        proof = np.append(x.dtype.type(0), probes[2])
        found = []
        for told in self._linear.carried(step, position, probes):
            if told is not None:
                places = _told(told.reshape(3, -1), proof, 4 * eps)
                if places is None:
                    return []
                found.append(places.reshape(told.shape[1:]))
        return found


def _united(parts: Sequence[Rows]) -> Rows | None:
    """The sum of what an element depends on by several arguments; None where that is too much."""
    first = parts[0]
    rows = {id(row): row for row in first.columns}
    for part in parts[1:]:
        for row in part.columns:
            rows[id(row)] = row
    place = dict(zip(rows, range(len(rows))))  # noqa: B905 - as many
    slopes = np.zeros((len(rows), *first.slopes.shape[1:]), first.slopes.dtype)
    slopes[: len(first.columns)] = first.slopes
    for part in parts[1:]:
        for row, slope in zip(part.columns, part.slopes):  # noqa: B905 - as many
            slopes[place[id(row)]] += slope
    united = Rows(tuple(rows.values()), slopes)
    return united if len(rows) <= MOST else dense(united)


def dense(rows: Rows) -> Rows | None:
    """Returns the same with each column once per element, in as few rows as there can be.

    None: there are too many, or some are not finite, which would get lost beside no column.
    """
    if not np.isfinite(rows.slopes).all():
        return None
    columns, slopes = _sorted(np.array(rows.columns), rows.slopes)
    again = columns[1:] == columns[:-1]
    for row in np.flatnonzero(again.any(tuple(range(1, again.ndim))))[::-1]:
        slopes[row] += np.where(again[row], slopes[row + 1], 0)
    columns[1:][again] = slopes[1:][again] = 0
    columns, slopes = _sorted(columns, slopes)
    count = max(1, int(np.count_nonzero(columns, 0).max(initial=0)))
    return Rows(tuple(columns[:count]), slopes[:count]) if count <= MOST else None


def _sorted(columns: Any, slopes: Any) -> tuple[Any, Any]:
    """With each element's columns falling, none at the end."""
    places = np.argsort(-columns, 0, kind="stable")
    places *= columns[0].size
    places += np.arange(columns[0].size).reshape(columns.shape[1:])
    return columns.take(places), slopes.take(places)


def _told(told: Any, proof: Any, error: float) -> Any:
    """The number of the element that a map takes to each of its results; None where it is no selection.

    Args:
        told: what it makes of ones, of the elements' numbers from 1 on, and of `proof`.
        proof: elements of no order, behind a 0 that stands for none.
        error: of what it makes, relative.
    """
    weights, labels, proven = told
    places = labels.astype(np.int64)
    if (proof.take(places, mode="clip") == proven).all() and (places == labels).all():
        return places  # each as it is, or zero
    numbers = np.rint(np.divide(labels, weights, out=np.zeros(labels.shape), where=weights != 0))
    places = numbers.astype(np.int64)
    expected = weights * proof.take(places, mode="clip")
    good = _near(proven, expected, error) and _near(labels, weights * numbers, error)
    return places if good else None


def _near(found: Any, expected: Any, error: float) -> bool:
    return bool((abs(found - expected) <= error * abs(expected)).all())
