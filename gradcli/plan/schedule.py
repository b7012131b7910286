"""The order of a plan: sweeps over big shapes, tile by tile, and between them what runs as a whole.

What a sweep gives only at its end (a sum over everything) opens a new stage. A value that a later stage
needs is computed again where that is cheap, and kept whole where it is not. One walk forth and one back:
time is linear in the steps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from gradcli.plan.region import How, Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.plan.facts import Fact
    from gradcli.plan.trace import Step, Trace

__all__ = ["BIG", "Stage", "Sweep", "scheduled"]

# Elements; below them steps run whole. A sweep takes some 8 µs to begin, a whole step 3 more than its ufunc.
BIG = 2**9
CHEAP = 8  # what computing a value again may cost, in additions
COSTS = {"elementwise": 4, "rowwise": 16}  # of a step in additions, where its record is none of these:
PLAIN = frozenset((
    "add", "sub", "mul", "neg", "rsub", "rsub_number", "maximum", "minimum", "where", "le", "lt", "ge", "gt",
    "eq", "ne", "logical_not", "logical_and", "relu", "abs", "sign", "cast", "masked_fill_number",
))  # fmt: skip


class Sweep(NamedTuple):
    """What runs over one shape tile by tile.

    Attributes:
        region: the shape, and how every value of it looks to a tile.
        steps: in order.
        kept: the numbers of the values that are wanted whole.
    """

    region: Region
    steps: list[Step]
    kept: list[int]


class Stage(NamedTuple):
    """What can run once the stages before are done: first the steps that run whole, then the sweeps."""

    whole: list[Step]
    sweeps: list[Sweep]


def scheduled(trace: Trace, facts: Mapping[int, Fact]) -> list[Stage]:
    """Returns the stages of a trace.

    Args:
        trace: simplified.
        facts: of every value.
    """
    return _Scheduler(trace, facts).stages()


class _Scheduler:
    def __init__(self, trace: Trace, facts: Mapping[int, Fact]) -> None:
        self.trace = trace
        self.facts = facts
        self.regions: dict[tuple[int, ...], Region] = {}
        self.home: dict[int, Region] = {}  # number -> the region whose tiles have it
        self.level: dict[int, int] = dict.fromkeys((*trace.inputs, *trace.constants), 0)
        self.cost: dict[int, int] = {}
        for step in trace.steps:
            self._place(step)
        self._sink()

    def _place(self, step: Step) -> None:
        """Finds where a step runs, as early as possible."""
        for region in self._candidates(step):
            how = region.accept(step)
            if how is not None:
                self._join(step, region, how)
                return
        level = max((self._whole(n) for n in _numbers(step)), default=0)
        self.level.update(dict.fromkeys(step.results, level))

    def _candidates(self, step: Step) -> list[Region]:
        numbers = _numbers(step)
        found = [self.home[n] for n in numbers if n in self.home and not self._is_late(n)]
        shape = max((self.facts[n].shape for n in (*numbers, *step.results)), key=math.prod)
        if math.prod(shape) >= BIG:
            if shape not in self.regions:
                self.regions[shape] = Region(shape, self.facts)
            found.append(self.regions[shape])
        return list(dict.fromkeys(found))

    def _join(self, step: Step, region: Region, how: How) -> None:
        numbers = _numbers(step)
        (result,) = step.results
        region.made[result] = how
        self.home[result] = region
        self.level[result] = max(
            (self.level[n] if self._in_tile(n, region) else self._whole(n) for n in numbers), default=0
        )
        own = 1 if step.record.name in PLAIN or how.what == "alias" else COSTS.get(how.what, 1)
        cost = own + sum(self.cost.get(n, 0) for n in numbers if self._in_tile(n, region))
        self.cost[result] = min(cost, CHEAP + 1)  # x * x repeated would double it each time

    def _in_tile(self, number: int, region: Region) -> bool:
        return self.home.get(number) is region and not region.made[number].late

    def _whole(self, number: int) -> int:
        """The stage from which on a value can be had whole."""
        return self.level[number] + (number in self.home)

    def _sink(self) -> None:
        """Moves steps to the stage that first needs them, so that fewer values outlive theirs."""
        needed: dict[int, int] = {}
        wanted = set(self.trace.outputs)
        for step in reversed(self.trace.steps):
            (result, *more) = step.results
            region = self.home.get(result)
            if region is not None and not more and not region.made[result].late and result not in wanted:
                self.level[result] = max(self.level[result], needed.get(result, 0))
            for number in _numbers(step):
                level = self.level[result]
                if region is None or not self._in_tile(number, region):
                    level -= number in self.home
                needed[number] = min(needed.get(number, level), level)

    def stages(self) -> list[Stage]:
        """Returns the steps grouped, with what has to be computed again or kept."""
        count = 1 + max(self.level.values(), default=0)
        whole: list[list[Step]] = [[] for _ in range(count)]
        members: list[dict[Region, dict[int, Step]]] = [{} for _ in range(count)]
        makers: dict[int, tuple[int, Step]] = {}  # number -> its step with its place in the trace
        kept = {n for n in self.trace.outputs if n in self.home and not self._is_late(n)}
        for place, step in enumerate(self.trace.steps):
            level, region = self.level[step.results[0]], self.home.get(step.results[0])
            if region is None:
                whole[level].append(step)
                kept.update(n for n in _numbers(step) if n in self.home and not self._is_late(n))
                continue
            makers[step.results[0]] = (place, step)
            members[level].setdefault(region, {})[place] = step
        for level, sweeps in enumerate(members):
            for region, steps in sweeps.items():
                self._complete(level, region, steps, makers, kept)
        return [
            Stage(whole[level], [self._sweep(level, region, steps, kept) for region, steps in sweeps.items()])
            for level, sweeps in enumerate(members)
        ]

    def _is_late(self, number: int) -> bool:
        return self.home[number].made[number].late

    def _complete(
        self, level: int, region: Region, steps: dict[int, Step], makers: dict[int, tuple[int, Step]],
        kept: set[int],
    ) -> None:  # fmt: skip
        """Gives a sweep the steps of earlier stages that it repeats, and notes what those have to keep."""
        waiting = list(steps.values())
        while waiting:
            for number in _numbers(waiting.pop()):
                if number not in self.home or self._is_late(number):
                    continue
                place, step = makers[number]
                if self._in_tile(number, region):
                    if place in steps or self.level[number] == level or number in kept:
                        continue
                    if self.cost[number] <= CHEAP:
                        steps[place] = step
                        waiting.append(step)
                        continue
                kept.add(number)

    def _sweep(self, level: int, region: Region, steps: dict[int, Step], kept: set[int]) -> Sweep:
        ordered = [steps[place] for place in sorted(steps)]
        own = [step.results[0] for step in ordered if self.level[step.results[0]] == level]
        return Sweep(region, ordered, [n for n in own if n in kept or region.made[n].late])


def _numbers(step: Step) -> list[int]:
    return [argument for argument in step.arguments if argument.__class__ is int]
