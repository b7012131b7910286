"""What a program does again and again, and an order in which equal operations stand side by side.

An unrolled loop repeats its steps; those of different turns that do not wait for one another may run
together. Steps are of one kind if they and what led to them, a few operations back, look the same. Between
kinds the dependences make a graph: a kind on no cycle has all its steps independent of one another, and
they share one level; on a cycle (the true recurrence) a step's level is its depth.

In `h = tanh(h + x[i] * w)`, turn by turn, the products depend on no sum: they are a level. Sums and tanhs
depend on one another: every one of them has a level of its own.
Sources: Allen and Kennedy, Automatic translation of Fortran programs to vector form (1987), loop
distribution; Neubig, Goldberg and Dyer, On-the-fly operation batching in dynamic computation graphs (2017).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.components import components, distances

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Order", "ordered"]

OFTEN = 8  # how often a step has to be repeated on average
GAIN = 0.9  # the levels' distinct operations, as a part of all, up to which it pays
ROUNDS = 4  # so many operations back two steps of a kind look the same
LOOKED_AT = 4  # arguments that tell what a step looks like
SEED = np.uint64(0x9E3779B97F4A7C15)


class Order(NamedTuple):
    """When nodes may be computed, and which are of a kind.

    Attributes:
        levels: by node; it reads what lower levels give.
        kinds: by node.
        last: by node the last level that reads it, or its own.
    """

    levels: list[int]
    kinds: list[int]
    last: list[int]


def ordered(looks: Sequence[int], reads: Sequence[tuple[int, ...]]) -> Order | None:
    """Returns an order that gathers what is repeated; None where nothing is. Linear in the nodes.

    Args:
        looks: by node a number from 0 on, the same for the same operation.
        reads: by node those that it depends on, which come before it.
    """
    graph = _graph(looks, reads)
    kinds = _kinds(graph)
    count = int(kinds.max()) + 1
    if count * OFTEN > len(looks):
        return None
    levels = _levels(graph, kinds, count)
    if _distinct(levels, graph.looks) > GAIN * len(looks):
        return None
    last = levels.copy()
    np.maximum.at(last, graph.starts, levels[graph.ends])
    return Order(levels.tolist(), kinds.tolist(), last.tolist())


class _Graph(NamedTuple):
    """Nodes by number, and edges from what is read to what reads it, in the order of the latter.

    Attributes:
        looks: by node.
        starts: by edge the node that is read.
        ends: by edge the node that reads it.
        positions: by edge the position among what that reads.
    """

    looks: Any
    starts: Any
    ends: Any
    positions: Any


def _graph(looks: Sequence[int], reads: Sequence[tuple[int, ...]]) -> _Graph:
    counts = np.fromiter(map(len, reads), np.int64, len(reads))
    starts = np.fromiter((x for one in reads for x in one), np.int64)
    return _Graph(
        np.asarray(looks),
        starts,
        np.repeat(np.arange(len(reads)), counts),
        np.arange(len(starts)) - np.repeat(np.cumsum(counts) - counts, counts),
    )


def _kinds(graph: _Graph) -> Any:
    """By node the number of its kind, found by refining looks: each round sees one operation further back.

    Source: Weisfeiler and Leman, The reduction of a graph to canonical form (1968); colours are hashes.
    """
    count = len(graph.looks)
    seen = np.full((LOOKED_AT, count), count)  # by position and node what is read; `count` for nothing
    near = graph.positions < LOOKED_AT
    seen[graph.positions[near], graph.ends[near]] = graph.starts[near]
    own = _mixed(graph.looks.astype(np.uint64) * SEED + SEED)
    colours = np.append(own, SEED)
    seeds = np.arange(1, LOOKED_AT + 1, dtype=np.uint64)[:, None] * SEED
    for _ in range(ROUNDS):
        colours[:-1] = _mixed(own + _mixed(colours[seen] + seeds).sum(0, dtype=np.uint64))
    return np.unique(colours[:-1], return_inverse=True)[1]


def _levels(graph: _Graph, kinds: Any, count: int) -> Any:
    """By node its level: by kind how far from the sources, and by node how deep in its recurrence."""
    pairs = np.unique(kinds[graph.starts] * count + kinds[graph.ends])
    after: list[list[int]] = [[] for _ in range(count)]
    for pair in pairs.tolist():
        after[pair // count].append(pair % count)
    of_kind = components(after)
    component = np.asarray(of_kind)[kinds]
    rank = np.asarray(distances(after, of_kind))[component]
    inside = component[graph.starts] == component[graph.ends]
    edges = list(zip(graph.starts[inside].tolist(), graph.ends[inside].tolist(), strict=True))
    found = [rank * len(kinds) + np.asarray(depths) for depths in _depths(edges, len(kinds))]
    return min(found, key=lambda levels: _distinct(levels, graph.looks))


def _depths(edges: Sequence[tuple[int, int]], count: int) -> tuple[list[int], list[int]]:
    """By node how many edges come before it, one after the other, as early and as late as possible."""
    early, late = [0] * count, [0] * count
    for start, end in edges:
        early[end] = max(early[end], early[start] + 1)
    for start, end in reversed(edges):
        late[start] = min(late[start], late[end] - 1)
    first = min(late)
    return early, [depth - first for depth in late]


def _distinct(levels: Any, looks: Any) -> int:
    """How many calls are left at best, if what looks the same in a level is one."""
    return len(np.unique(levels * (int(looks.max()) + 1) + looks))


def _mixed(bits: Any) -> Any:
    """Scatters bits (the finaliser of SplitMix64: Steele, Lea and Flood, 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
