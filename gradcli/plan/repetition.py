"""What a program does again and again, and an order in which equal operations stand side by side.

An unrolled loop repeats its steps; those of different turns that do not wait for one another may run
together. Steps are of one kind if they and what led to them, a few operations back, look the same. Between
kinds the dependences make a graph: a kind on no cycle has all its steps independent of one another, and
they share one level; on a cycle (the true recurrence) a step's level is its depth.
Sources: Allen and Kennedy, Automatic translation of Fortran programs to vector form (1987), loop
distribution; Neubig, Goldberg and Dyer, On-the-fly operation batching in dynamic computation graphs (2017).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.components import components, distances
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.plan.trace import Step, Trace

__all__ = ["Order", "is_view", "ordered"]

OFTEN = 8  # how often a step has to be repeated on average
GAIN = 0.9  # the levels' distinct operations, as a part of all, up to which it pays
ROUNDS = 4  # so many operations back two steps of a kind look the same
LOOKED_AT = 4  # arguments that tell what a step looks like
SEED = np.uint64(0x9E3779B97F4A7C15)


class Order(NamedTuple):
    """When the steps of a trace may run, and which are of a kind.

    Attributes:
        levels: by step; a step reads what lower levels give, or a view of its own level what it shows.
        kinds: by the number of a value that has memory of its own.
        last: by such a number the last level that reads it.
        roots: by number the one whose memory a value is in.
    """

    levels: list[int]
    kinds: dict[int, int]
    last: dict[int, int]
    roots: dict[int, int]


def ordered(trace: Trace, values: Mapping[int, Any]) -> Order | None:
    """Returns an order that gathers what is repeated; None where nothing is. Linear in the steps.

    Args:
        trace: any.
        values: every value by its number, as arrays of a run.
    """
    graph = _Graph(trace, values)
    kinds = graph.kinds()
    count = int(kinds.max()) + 1
    if count * OFTEN > len(kinds):
        return None
    levels = graph.levels(kinds, count)
    if levels is None:
        return None
    of_node, last = kinds.tolist(), graph.last(levels)
    return Order(
        [levels[node] for node in graph.node_of_step],
        {number: of_node[node] for number, node in graph.owned.items()},
        {number: last[node] for number, node in graph.owned.items()},
        graph.roots,
    )


def is_view(step: Step, values: Mapping[int, Any]) -> bool:
    """Whether a step's result is its argument's memory seen in another way."""
    if step.record.kind != "linear" or len(step.arguments) != 1 or len(step.results) != 1:
        return False
    (number,) = step.arguments
    return number.__class__ is int and (
        step.record.name == "spread" or np.may_share_memory(values[step.results[0]], values[number])
    )


class _Graph:
    """The values that have memory of their own: nodes, each with what its arguments are in.

    Attributes:
        node_of_step: by step the node of its result, or of what that shows.
        owned: by the number of a value its node, but for views.
        roots: by number the one whose memory a value is in.
    """

    def __init__(self, trace: Trace, values: Mapping[int, Any]) -> None:
        self.node_of_step: list[int] = []
        self.owned: dict[int, int] = {}
        self.roots: dict[int, int] = {}
        self._looks: list[int] = []  # by node
        self._arguments: list[tuple[int, ...]] = []  # by node
        known: dict[Any, int] = {}
        node: dict[int, int] = {}  # by number

        def add(number: int, look: Any, arguments: tuple[int, ...]) -> None:
            self.owned[number] = node[number] = len(self._looks)
            self.roots[number] = number
            self._looks.append(known.setdefault(look, len(known)))
            self._arguments.append(arguments)

        for number in (*trace.inputs, *trace.constants):
            add(number, (values[number].shape, values[number].dtype), ())
        for step in trace.steps:
            (result, *more) = step.results
            if is_view(step, values):
                node[result] = node[step.arguments[0]]
                self.roots[result] = self.roots[step.arguments[0]]
            else:
                value = values[result]
                arguments = tuple(node[x] for x in step.arguments if x.__class__ is not Literal)
                add(result, (step.record, value.shape, value.dtype), arguments)
                for number in more:
                    self.owned[number] = node[number] = node[result]
                    self.roots[number] = number
            self.node_of_step.append(node[result])

    def kinds(self) -> Any:
        """Returns by node the number of its kind."""
        count = len(self._looks)
        seen = np.full((count, LOOKED_AT), count)
        for place, arguments in enumerate(self._arguments):
            if arguments:
                few = arguments[:LOOKED_AT]
                seen[place, : len(few)] = few
        own = _mixed(np.asarray(self._looks, np.uint64) * SEED + SEED)
        looks = np.append(own, SEED)
        for _ in range(ROUNDS):
            total = own.copy()
            for position in range(LOOKED_AT):
                total += _mixed(looks[seen[:, position]] + np.uint64(position + 1) * SEED)
            looks[:-1] = _mixed(total)
        found: Any = np.unique(looks[:-1], return_inverse=True)[1]
        return found

    def levels(self, kinds: Any, count: int) -> list[int] | None:
        """Returns by node its level; None where too few steps share one."""
        after = self._between(kinds, count)
        component = components(after)
        distance = distances(after, component)
        size = np.bincount(component)
        recurrent = [size[component[kind]] > 1 or kind in after[kind] for kind in range(count)]
        of_node = [component[kind] if recurrent[kind] else -1 for kind in kinds.tolist()]
        early, late = self._depths(of_node)
        depths = min((early, late), key=self._distinct)
        rank = [distance[component[kind]] for kind in kinds.tolist()]
        many = len(rank) + 1
        levels = [one * many + depth for one, depth in zip(rank, depths, strict=True)]
        return levels if self._distinct(levels) <= GAIN * len(levels) else None

    def last(self, levels: Sequence[int]) -> list[int]:
        """Returns by node the last level that reads it."""
        starts, ends = self._edges()
        there = np.asarray(levels)
        found = there.copy()
        np.maximum.at(found, starts, there[ends])
        return found.tolist()  # type: ignore[no-any-return] # whole numbers

    def _edges(self) -> tuple[Any, Any]:
        """From what is read to what reads it."""
        ends = np.repeat(np.arange(len(self._arguments)), [len(one) for one in self._arguments])
        return np.asarray([x for one in self._arguments for x in one], np.int64), ends

    def _between(self, kinds: Any, count: int) -> list[list[int]]:
        """By kind those that need it."""
        starts, ends = self._edges()
        after: list[list[int]] = [[] for _ in range(count)]
        for pair in np.unique(kinds[starts] * count + kinds[ends]).tolist():
            after[pair // count].append(pair % count)
        return after

    def _depths(self, component: Sequence[int]) -> tuple[list[int], list[int]]:
        """By node how deep in its recurrence it is (0 outside), as early and as late as possible."""
        count = len(component)
        early, late = [0] * count, [0] * count
        for node, arguments in enumerate(self._arguments):
            here = component[node]
            if here >= 0:
                early[node] = 1 + max((early[x] for x in arguments if component[x] == here), default=0)
        for node in range(count - 1, -1, -1):
            here = component[node]
            if here >= 0:
                before = late[node] - 1
                for x in self._arguments[node]:
                    if component[x] == here and late[x] > before:
                        late[x] = before
        lowest = min(late, default=0)
        return early, [
            depth - lowest if here >= 0 else 0 for depth, here in zip(late, component, strict=True)
        ]

    def _distinct(self, levels: Sequence[int]) -> int:
        """How many calls are left at best, if what looks the same in a level is one."""
        return len(set(zip(levels, self._looks, strict=True)))


def _mixed(bits: Any) -> Any:
    """Scatters bits (the finaliser of SplitMix64: Steele, Lea and Flood, 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
