"""The witness of finite differences: each operation of the program differentiated by differences, in reverse.

The program runs once. Then its steps are gone through backwards with cotangents, as reverse mode does,
but what a step contributes is found from its forward form alone: an elementwise one with a few
perturbations for all elements at once, a linear map exactly, by recognising it or from unit vectors, any
other by perturbing each element. Bounds are carried along. What is too big for that is answered for the
sampled elements only, by perturbing the whole program.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.checks.testimony import Testimony, Words
from gradcli.checks.witnesses.differences_chain import Chains
from gradcli.checks.witnesses.differences_jacobian import TooBigError
from gradcli.checks.witnesses.differences_partials import Kink
from gradcli.checks.witnesses.differences_pull import Cotangent, pull, scaled
from gradcli.checks.witnesses.differences_rounding import errors
from gradcli.checks.witnesses.differences_step import LocalStep
from gradcli.checks.witnesses.differences_whole import whole
from gradcli.checks.witnesses.stencils import EPS, UNKNOWN
from gradcli.checks.witnesses.structure_symmetry import NOT_FREE, unseen
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.sample import Sample
    from gradcli.checks.subject import Subject

__all__ = ["BUDGET", "Kink", "Kinks", "examine", "sides", "testify"]

BUDGET = 3e8  # numbers that the differences of one step may compute


class Kinks(NamedTuple):
    """Where the program is not differentiable at the point.

    Attributes:
        kinks: the operations that sit on a kink or an edge, and where.
        reached: per variable a bool array of its shape: the elements whose derivative depends on one.
    """

    kinks: tuple[Kink, ...]
    reached: tuple[Any, ...]


def testify(
    subject: Subject,
    sample: Sample,
    *,
    budget: float = BUDGET,  # noqa: PT028 - not a test
) -> Testimony:
    """Returns the derivative of all elements where the structure allows it, else of the sampled ones.

    Args:
        subject: what is judged.
        sample: per variable the flat indices that are looked at where all are too many.
        budget: how many numbers the differences of one step may compute.
    """
    return examine(subject, sample, budget=budget)[0]


def sides(subject: Subject, sample: Sample, *, budget: float = BUDGET) -> Kinks:
    """Returns where the program sits on kinks and edges, with one-sided derivatives."""
    return examine(subject, sample, budget=budget)[1]


def examine(subject: Subject, sample: Sample, *, budget: float = BUDGET) -> tuple[Testimony, Kinks]:
    """Returns what `testify` and `sides` do, from one pass."""
    with np.errstate(all="ignore"):
        found = _Pass(subject, budget)
        if not NOT_FREE.isdisjoint(step.record.name for step in subject.trace.steps):
            found.doubt(_Pass(subject, budget, skew=True))
        return found.result(sample)


class _Pass:
    """One pass through the steps in reverse."""

    def __init__(self, subject: Subject, budget: float, *, skew: bool = False) -> None:
        self.subject = subject
        self.budget = budget
        self.skew = skew
        trace = subject.trace
        self.values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
        self.dependent = trace.dependent()
        self.errors = errors(trace, self.values, self.dependent)
        self.cotangents: dict[int, Cotangent] = {}
        self.lost: dict[int, str] = {}  # values whose cotangent is not known, and why
        self.kinks: list[Kink] = []
        self.chains = Chains(trace, self.values, self.dependent)
        for number, g in zip(trace.outputs, subject.cotangents, strict=True):
            self._add(number, Cotangent.exact(np.asarray(g, np.float64).ravel()))
        for index in range(len(trace.steps) - 1, -1, -1):
            self._step(index)

    def _add(self, number: int, more: Cotangent) -> None:
        known = self.cotangents.get(number)
        self.cotangents[number] = more if known is None else known.plus(more)

    def _step(self, index: int) -> None:
        step = self.subject.trace.steps[index]
        moving = [(i, a) for i, a in enumerate(step.arguments) if a.__class__ is int and a in self.dependent]
        why = next((self.lost[number] for number in step.results if number in self.lost), None)
        if why is not None:
            self.lost.update((number, why) for _, number in moving)
            return
        if not moving or not any(number in self.cotangents for number in step.results):
            return
        if self._chained(index):
            return
        local = LocalStep(step, self.values)
        cotangents = [
            self.cotangents.get(number) or Cotangent.zero(np.size(self.values[number]))
            for number in step.results
        ]
        known = [self.errors.get(a) if a.__class__ is int else None for a in step.arguments]
        for position, number in moving:
            try:
                found, kinks = pull(local, position, cotangents, known, self.budget)
            except TooBigError:
                self.lost[number] = f"too many elements go through {name_of(step)}"
                continue
            if self.skew:
                size = float(abs(found.values).max(initial=0.0))
                found = found._replace(values=found.values + unseen(local, position, size))
            self._add(number, found)
            self.kinks += [kink._replace(step=index) for kink in kinks]

    def _chained(self, index: int) -> bool:
        """Pulls through a chain of steps at once, as far as it can; returns whether nothing is left to do."""
        chain = self.chains.ending(index)
        if chain is None:
            return False
        (number,) = self.subject.trace.steps[index].results
        g = self.cotangents[number]
        found, told = chain.partials(np.flatnonzero(g.matters), self.errors)
        if told.any():
            self._add(chain.source, scaled(g.only(told), found))
        rest = self.cotangents[number] = g.only(~told)
        if rest.matters.any():
            self.chains.part(chain)
        return not rest.matters.any()

    def doubt(self, other: _Pass) -> None:
        """Takes back what another pass, with skew cotangents where these do not count, says otherwise."""
        for number in self.subject.trace.inputs:
            one, two = self.cotangents.get(number), other.cotangents.get(number)
            if one is not None and two is not None:
                apart = ~(abs(one.values - two.values) <= one.bounds + two.bounds)
                self.cotangents[number] = one._replace(bounds=np.where(apart, UNKNOWN, one.bounds))

    def result(self, sample: Sample) -> tuple[Testimony, Kinks]:
        """What is known of the variables."""
        words, reached, why = [], [], ""
        for position, (number, places) in enumerate(zip(self.subject.trace.inputs, sample, strict=True)):
            shape = np.shape(self.subject.variables[position].value)
            if number in self.lost:
                found, kinked = self._sampled(position, places)
                looked = int(found.spoke.sum() + kinked.sum())
                why = f"{self.lost[number]}: {looked} of {math.prod(shape)} were looked at"
            else:
                g = self.cotangents.get(number) or Cotangent.zero(math.prod(shape))
                bounds = g.bounds + 2 * EPS * abs(g.values)
                spoke = ~g.kinked & (bounds < UNKNOWN / 1e100) & np.isfinite(g.values)
                values, bounds = np.where(spoke, g.values, np.nan), np.where(spoke, bounds, np.inf)
                found = Words(*(part.reshape(shape) for part in (values, bounds, spoke)))
                kinked = g.kinked.reshape(shape)
            words.append(found)
            reached.append(kinked)
        return Testimony("fd", tuple(words), why), Kinks(tuple(self.kinks[::-1]), tuple(reached))

    def _sampled(self, position: int, places: Any) -> tuple[Words, Any]:
        """Differences of the whole program; none through matrices that must stay symmetric."""
        names = {step.record.name for step in self.subject.trace.steps}
        if NOT_FREE.isdisjoint(names):
            return whole(self.subject, position, places, self.budget)
        shape = np.shape(self.subject.variables[position].value)
        none = np.zeros(shape, bool)
        return Words(np.full(shape, np.nan), np.full(shape, np.inf), none), none
