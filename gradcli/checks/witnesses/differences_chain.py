"""Chains of smooth elementwise steps, differentiated as one function of the value that they start from.

sin(x) * x**2 is three steps with four derivatives, but one function of each element of x: one set of
differences tells its derivative. Elements at which a step sits on a kink or an edge of its domain, or where
the whole is too rough to be told so, are left to the steps one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.witnesses.differences_partials import CHUNK, NOISE, Partials
from gradcli.checks.witnesses.differences_rounding import rounding, sensitivity
from gradcli.checks.witnesses.differences_step import FAILURES, LocalStep
from gradcli.checks.witnesses.stencils import EPS, slopes
from gradcli.checks.witnesses.stencils_sides import only
from gradcli.ops.domain import REAL
from gradcli.plan.trace import DOUBLES, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.plan import Trace
    from gradcli.plan.trace import Step

__all__ = ["Chain", "Chains"]

FEWEST = 256  # elements: of fewer the steps one by one tell more digits, and cost little
LONGEST = 16  # steps
NEAR = 2.0**-20  # where neighbours are looked at, relative
NEIGHBOURS = np.array([-2.0, -1.0, 1.0, 2.0])[:, None]  # of which there are so many where a kink is declared
EVEN = 1e-3  # slopes to both sides that differ by less have no kink between them


class Chains:
    """Finds the chains of a trace.

    Args:
        trace: any.
        values: all its values.
        dependent: the numbers that depend on its inputs.
    """

    def __init__(self, trace: Trace, values: Mapping[int, Any], dependent: set[int]) -> None:
        self._steps, self._values = trace.steps, values
        self._read = [
            {a for a in step.arguments if a.__class__ is int and a in dependent} for step in trace.steps
        ]
        self._makers: dict[int, int] = {}
        self._readers: dict[int, int] = dict.fromkeys(trace.outputs, len(trace.steps))  # never all of them
        for index, step in enumerate(trace.steps):
            self._makers.update(dict.fromkeys(step.results, index))
            for number in self._read[index]:
                self._readers[number] = self._readers.get(number, 0) + 1
        for number in trace.inputs:
            self._makers.pop(number, None)
        self._apart: set[int] = set()  # steps that are taken one by one

    def ending(self, index: int) -> Chain | None:
        """Returns the longest chain whose last step has an index; None where it would be alone."""
        steps, makers, read = self._steps, self._makers, self._read
        few = np.size(self._values[steps[index].results[0]]) < FEWEST
        if few or index in self._apart or not self._joins(index):
            return None
        found: Chain | None = None
        members, frontier = [index], read[index]
        while len(members) < LONGEST:
            if len(frontier) == 1 and len(members) > 1:
                found = Chain(next(iter(frontier)), sorted(members), steps, self._values)
            last = max(frontier, key=lambda number: makers.get(number, -1))
            inside = sum(last in read[i] for i in members)
            if last not in makers or inside < self._readers[last] or not self._joins(makers[last]):
                break
            members.append(makers[last])
            frontier = (frontier - {last}) | read[makers[last]]
        return found

    def part(self, chain: Chain) -> None:
        """Has the steps of a chain taken one by one from now on."""
        self._apart.update(chain.places)

    def _joins(self, index: int) -> bool:
        """Whether a step is elementwise, and none of its arguments is broadcast."""
        step = self._steps[index]
        if step.record.kind != "elementwise" or not step.record.differentiable or len(step.results) > 1:
            return False
        several = [np.asarray(self._values[number]) for number in (*step.results, *self._read[index])]
        return all(one.dtype.kind == "f" and one.shape == several[0].shape for one in several)


class Chain:
    """Some steps as one elementwise function of one argument.

    Attributes:
        source: the number of the argument.
        places: the steps' indices.
        outputs, center: as of a LocalStep.
    """

    def __init__(
        self, source: int, places: list[int], steps: Sequence[Step], values: Mapping[int, Any]
    ) -> None:
        self.source, self.places = source, places
        self._steps, self._values = [steps[place] for place in places], values
        self._inner = {source, *(step.results[0] for step in self._steps)}
        self.outputs = [np.asarray(values[self._steps[-1].results[0]])]
        self.center = self.outputs[0].ravel()

    def partials(self, places: Any, known: Mapping[int, Any]) -> tuple[Partials, Any]:
        """Returns the derivatives at flat positions, zero elsewhere; and at which of them there is one.

        Args:
            places: which elements count.
            known: the errors of the values that are not exact.
        """
        evaluate, (x,) = self.bent(0)
        ufuncs = sum(isinstance(step.record.numpy, np.ufunc) for step in self._steps)
        noise = ufuncs + NOISE * (len(self._steps) - ufuncs)
        off = rounding(LocalStep(self._steps[-1], self._values), known)
        error = known.get(self.source)
        found = Partials(np.zeros(x.size), np.zeros(x.size), np.zeros(x.size, bool))
        told = np.zeros(x.size, bool)
        for start in range(0, len(places), CHUNK):
            some = places[start : start + CHUNK]
            paths = self._paths(some)
            one = slopes(
                only(evaluate, some),
                x[some],
                self.center[some, None],
                noise=noise,
                absolute=off[some, None],
                quick=True,
            )
            bounds = one.bounds[:, 0] + len(self._steps) * EPS * paths
            good = ~one.kinked[:, 0] & np.isfinite(bounds)
            if error is not None:
                bounds += sensitivity(self, 0, [error], np.where(good, one.steps, 0), some)
            found.slopes[some] = np.where(good, one.values[:, 0], 0)
            found.bounds[some] = np.where(good, bounds, 0)
            told[some] = good
        return found, told

    def bent(self, _position: int) -> tuple[Callable[..., Any], list[Any]]:
        """The function of each element, and its argument, flat."""
        shape = self.outputs[0].shape
        outer = {a for step in self._steps for a in step.arguments if a.__class__ is int} - self._inner
        spread = {number: np.broadcast_to(self._values[number], shape).ravel() for number in outer}

        def evaluate(points: Any, which: Any) -> Any:
            held = {number: one[which] for number, one in spread.items()}
            held[self.source] = points
            try:
                for step in self._steps:
                    arguments = [a.value if a.__class__ is Literal else held[a] for a in step.arguments]
                    held[step.results[0]] = DOUBLES.apply(step.record, arguments, step.params)
            except FAILURES:
                return np.full((*points.shape, 1), np.nan)
            return np.broadcast_to(held[self._steps[-1].results[0]], points.shape)[..., None]

        return evaluate, [np.asarray(self._values[self.source]).ravel()]

    def _paths(self, places: Any) -> Any:
        """The sizes of the derivatives along all ways through the steps, added up; nan where one has none.

        What reverse mode adds up is rounded by so much, though it may cancel in the end.
        """
        sizes: dict[int, Any] = {self._steps[-1].results[0]: np.ones(len(places))}
        for step in reversed(self._steps):
            local = LocalStep(step, self._values)
            size = sizes.pop(step.results[0])
            for position, number in enumerate(step.arguments):
                if number in self._inner:
                    more = size * _slope(local, position, places)
                    sizes[number] = sizes[number] + more if number in sizes else more
        return sizes[self.source]


def _slope(local: LocalStep, position: int, places: Any) -> Any:
    """The size of a step's derivative, roughly; nan on an edge of its domain, and on a kink if it has any."""
    record = local.step.record
    evaluate, spread = local.bent(position)
    x, center = spread[position][places], local.center[places]
    size = NEAR * np.where(x == 0, 1.0, abs(x))
    if not record.kinks:
        found = abs(evaluate(x + size, places)[:, 0] - center) / size
    else:
        values = evaluate(x + size * NEIGHBOURS, places)[..., 0]
        rises = np.diff(np.concatenate([values[:2], center[None], values[2:]]), axis=0)
        found = abs(rises).max(0)
        even = np.ptp(rises, axis=0) <= EVEN * found + 16 * NOISE * EPS * abs(center)
        found = np.where(even, found / size, np.nan)
    domain = record.domain[position] if position < len(record.domain) else REAL
    for edge in {domain.low, domain.high, *domain.without} - {-np.inf, np.inf}:
        found[x == edge] = np.nan
    return found
