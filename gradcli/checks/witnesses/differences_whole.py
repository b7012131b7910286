"""Differences of a whole program, for sampled elements of a variable."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack import StackedAlgebra, StackedArray
from gradcli.checks.testimony import Words
from gradcli.checks.witnesses.differences_step import FAILURES
from gradcli.checks.witnesses.stencils import EVALUATIONS, slopes
from gradcli.checks.witnesses.stencils_sides import kinked, noise_of
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject

__all__ = ["whole"]

ROOM = 2**23  # elements of all values of a batch of runs


def whole(subject: Subject, position: int, places: Any, budget: float) -> tuple[Words, Any]:
    """Returns what differences say of the elements at flat indices `places`, and which sit on kinks.

    No more of them are looked at than the budget (of numbers to compute) allows.
    """
    program = _Program(subject, position)
    places = places[:: math.ceil(EVALUATIONS * program.room * max(len(places), 1) / budget) or 1]
    x = subject.point()[position]
    at = x.ravel()[places]

    def evaluate(points: Any, which: Any) -> Any:
        return program.at(points, places[which])

    noise = noise_of(evaluate, at, program.scale)
    found = slopes(evaluate, at, np.zeros((len(places), 1)), noise=0.0, absolute=noise)
    spoke, sharp = np.zeros(x.size, bool), np.zeros(x.size, bool)
    values, bounds = np.full(x.size, np.nan), np.full(x.size, np.inf)
    good = ~found.kinked[:, 0] & np.isfinite(found.bounds[:, 0])
    none = np.zeros((len(places), 1))
    sharp[places] = kinked(evaluate, at, none, ~good[:, None], noise=0.0, absolute=noise)[:, 0]
    spoke[places] = good
    values[places] = np.where(good, found.values[:, 0], np.nan)
    bounds[places] = np.where(good, found.bounds[:, 0], np.inf)
    return Words(*(part.reshape(x.shape) for part in (values, bounds, spoke))), sharp.reshape(x.shape)


class _Program:
    """s(x) - s(x0), as one variable moves."""

    def __init__(self, subject: Subject, position: int) -> None:
        self.subject, self.position = subject, position
        self.point = subject.point()
        values = subject.trace.run(self.point, DOUBLES.apply, DOUBLES.lift)
        self.room = sum(np.size(value) for value in values.values())
        self.outputs = [np.asarray(values[number]) for number in subject.trace.outputs]
        self.scale = sum(
            float(np.sum(abs(g * y))) for g, y in zip(subject.cotangents, self.outputs, strict=True)
        )

    def at(self, points: Any, places: Any) -> Any:
        """The change of s (K, P, 1) with the element at places[p] set to points[:, p]."""
        x = self.point[self.position]
        flat = np.broadcast_to(places, points.shape).ravel()
        wanted = points.ravel()
        found = np.empty(wanted.size)
        chunk = max(1, ROOM // max(self.room, 1))
        for start in range(0, wanted.size, chunk):
            some = slice(start, start + chunk)
            count = len(wanted[some])
            stack = np.broadcast_to(x.ravel(), (count, x.size)).copy()
            stack[np.arange(count), flat[some]] = wanted[some]
            found[some] = self._run(stack.reshape(count, *x.shape))
        return found.reshape(*points.shape, 1)

    def _run(self, stack: Any) -> Any:
        try:
            return self._batch(stack)
        except FAILURES:
            if len(stack) == 1:
                return np.full(1, np.nan)
            half = len(stack) // 2
            return np.concatenate([self._run(stack[:half]), self._run(stack[half:])])

    def _batch(self, stack: Any) -> Any:
        m = StackedAlgebra(len(stack))
        inputs = [
            StackedArray(m, stack if i == self.position else value, i == self.position)
            for i, value in enumerate(self.point)
        ]

        def apply(record: Any, arguments: Any, params: Any) -> Any:
            if record.name == "cast" and params["dtype"].kind == "f" and arguments[0].dtype.kind == "f":
                return arguments[0]
            return m.apply(record, arguments, params)

        def lift(array: Any) -> Any:
            return StackedArray(m, DOUBLES.lift(array), False)

        values = self.subject.trace.run(inputs, apply, lift)
        total = np.zeros(len(stack))
        for number, g, y in zip(
            self.subject.trace.outputs, self.subject.cotangents, self.outputs, strict=True
        ):
            one = values[number]
            if one.batched:
                change = np.where(g == 0, 0, one.array - y) * g
                total = total + change.reshape(len(stack), math.prod(y.shape)).sum(1)
        return total
