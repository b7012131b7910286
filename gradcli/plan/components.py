"""Strongly connected components of a graph, and how far from its sources each of them is.

Source: Tarjan, Depth-first search and linear graph algorithms (1972).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["components", "distances"]


def components(after: Sequence[Sequence[int]]) -> list[int]:
    """Returns by node the number of its component; what a component leads to has a smaller number.

    Args:
        after: by node the nodes that its edges lead to.
    """
    count = len(after)
    component, index, low = [-1] * count, [-1] * count, [0] * count
    stack: list[int] = []
    found = 0
    time = 0
    for start in range(count):
        if index[start] >= 0:
            continue
        path = [(start, iter(after[start]))]
        index[start] = low[start] = time
        time += 1
        stack.append(start)
        while path:
            node, edges = path[-1]
            for other in edges:
                if index[other] < 0:
                    index[other] = low[other] = time
                    time += 1
                    stack.append(other)
                    path.append((other, iter(after[other])))
                    break
                if component[other] < 0:
                    low[node] = min(low[node], index[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    while component[node] < 0:
                        component[stack.pop()] = found
                    found += 1
    return component


def distances(after: Sequence[Sequence[int]], component: Sequence[int]) -> list[int]:
    """Returns by component the length of the longest path that leads to it."""
    length = [0] * (max(component, default=-1) + 1)
    for node in sorted(range(len(after)), key=component.__getitem__, reverse=True):
        here = component[node]
        for other in after[node]:
            if component[other] != here:
                length[component[other]] = max(length[component[other]], length[here] + 1)
    return length
