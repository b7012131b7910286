"""Where the nodes of a graph stand in a picture: in layers, each node below all that lead to it.

The way of Sugiyama, Tagawa and Toda (1981): layers by the longest path, places within a layer by the mean of
the neighbours' (barycentres), and stand-ins where an edge passes through a layer. Edges to the same node
share their stand-ins: a variable that is used everywhere gets one trunk, not a line from each layer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Layout", "lay_out"]

SWEEPS = 6
STAND_IN = 12.0  # the width of a place where only an edge passes
Edge = tuple[int, int]


class Layout(NamedTuple):
    """Centres of nodes, the points that each edge passes, and the size of it all.

    An edge's first point is below its node and its last above the other, both at the edge of the layer. From
    there on it is upright and straight between the top and the bottom of a layer, and bends between layers.
    """

    places: dict[int, tuple[float, float]]
    ways: dict[Edge, list[tuple[float, float]]]
    width: float
    height: float


def lay_out(  # noqa: PLR0913 - the measures of a picture
    widths: Mapping[int, float],
    edges: Sequence[Edge],
    *,
    gap: float,
    high: float,
    between: float,
    margin: float,
) -> Layout:
    """Returns the layout of a graph without cycles.

    Args:
        widths: per node, in an order in which each stands before all it leads to.
        edges: from node to node, each once.
        gap: between the nodes of a layer.
        high: the height of a layer.
        between: from a layer to the next.
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
    trunks: dict[Edge, int] = {}  # per node and layer, the stand-in on the way to it
    chains: dict[Edge, list[int]] = {}
    for start, end in edges:
        chain = [start]
        for number in range(layer[start] + 1, layer[end]):
            if (end, number) not in trunks:
                stand_in = trunks[end, number] = -1 - len(sizes)
                sizes[stand_in] = STAND_IN
                layers[number].append(stand_in)
            chain.append(trunks[end, number])
        chains[start, end] = [*chain, end]
    x = _horizontal(layers, sizes, _neighbours(chains.values(), sizes), gap)
    shift = margin - min(x[node] - sizes[node] / 2 for node in sizes)
    depth = {
        node: margin + high / 2 + (high + between) * number
        for number, one in enumerate(layers)
        for node in one
    }
    places = {node: (x[node] + shift, depth[node]) for node in sizes}
    return Layout(
        {node: places[node] for node in widths},
        {edge: _way([places[node] for node in chain], high / 2) for edge, chain in chains.items()},
        max(places[node][0] + sizes[node] / 2 for node in sizes) + margin,
        (high + between) * len(layers) - between + 2 * margin,
    )


def _way(middles: Sequence[tuple[float, float]], half: float) -> list[tuple[float, float]]:
    ends = [point for x, y in middles for point in ((x, y - half), (x, y + half))]
    return ends[1:-1]


def _neighbours(chains: Iterable[Sequence[int]], nodes: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {node: [] for node in nodes}
    for one, other in dict.fromkeys(pair for chain in chains for pair in pairwise(chain)):
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
