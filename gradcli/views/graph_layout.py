"""Where the nodes of a graph stand in a picture: in layers, each node below all that lead to it.

The way of Sugiyama, Tagawa and Toda (1981): layers by the longest path, places within a layer by the mean of
the neighbours' (barycentres), and stand-ins where an edge passes through a layer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Layout", "lay_out"]

SWEEPS = 6
STAND_IN = 12.0  # the width of a place where only an edge passes
LONGEST = 12  # layers; an edge over more of them passes no stand-ins, which would fill the picture
Edge = tuple[int, int]


class Layout(NamedTuple):
    """Centres of nodes, the points that each edge passes, and the size of it all."""

    places: dict[int, tuple[float, float]]
    ways: dict[Edge, list[tuple[float, float]]]
    width: float
    height: float


def lay_out(
    widths: Mapping[int, float], edges: Sequence[Edge], *, gap: float, row: float, margin: float
) -> Layout:
    """Returns the layout of a graph without cycles.

    Args:
        widths: per node, in an order in which each stands before all it leads to.
        edges: from node to node, each once.
        gap: between the nodes of a layer.
        row: from the middle of a layer to that of the next.
        margin: around everything.
    """
    layer = dict.fromkeys(widths, 0)
    ends: dict[int, list[int]] = {node: [] for node in widths}
    for start, end in edges:
        ends[start].append(end)
    for node in widths:
        for end in ends[node]:
            layer[end] = max(layer[end], layer[node] + 1)
    layers: list[list[int]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for node, number in layer.items():
        layers[number].append(node)
    sizes = dict(widths)
    chains: dict[Edge, list[int]] = {}
    for start, end in edges:
        between = range(layer[start] + 1, layer[end])
        chain = [start]
        if len(between) <= LONGEST:
            for number in between:
                stand_in = -1 - len(sizes)
                sizes[stand_in] = STAND_IN
                layers[number].append(stand_in)
                chain.append(stand_in)
        chains[start, end] = [*chain, end]
    near = _neighbours(list(chains.values()), set(sizes))
    x = _horizontal(layers, sizes, near, gap)
    shift = margin - min(x[node] - sizes[node] / 2 for node in sizes)
    depth = {node: margin + row * (number + 0.5) for number, one in enumerate(layers) for node in one}
    places = {node: (x[node] + shift, depth[node]) for node in sizes}
    return Layout(
        {node: places[node] for node in widths},
        {edge: [places[node] for node in chain] for edge, chain in chains.items()},
        max(places[node][0] + sizes[node] / 2 for node in sizes) + margin,
        row * len(layers) + 2 * margin,
    )


def _neighbours(chains: Sequence[Sequence[int]], nodes: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {node: [] for node in nodes}
    for chain in chains:
        for one, other in pairwise(chain):
            found[one].append(other)
            found[other].append(one)
    return found


def _horizontal(
    layers: list[list[int]], sizes: Mapping[int, float], near: Mapping[int, list[int]], gap: float
) -> dict[int, float]:
    """The middle of each node: sweeps down and up that draw it to its neighbours, without overlaps."""
    x: dict[int, float] = {}
    for one in layers:
        _spread(one, dict.fromkeys(one, 0.0), sizes, gap, x)
    for sweep in range(SWEEPS):
        for one in layers if sweep % 2 == 0 else reversed(layers):
            wish = {node: _mean([x[other] for other in near[node]], x[node]) for node in one}
            one.sort(key=wish.__getitem__)
            _spread(one, wish, sizes, gap, x)
    return x


def _spread(
    nodes: Sequence[int],
    wish: Mapping[int, float],
    sizes: Mapping[int, float],
    gap: float,
    x: dict[int, float],
) -> None:
    """Places the nodes of a layer in order, as near as can be to their wishes on the whole."""
    at: list[float] = []
    for node in nodes:
        least = at[-1] + gap + (sizes[node] + sizes[nodes[len(at) - 1]]) / 2 if at else wish[node]
        at.append(max(wish[node], least))
    shift = _mean([wish[node] - place for node, place in zip(nodes, at, strict=True)], 0.0)
    for node, place in zip(nodes, at, strict=True):
        x[node] = place + shift


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
