"""The nodes that wait to run in a backward pass, handed out by falling sequence."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.autograd.node import Node

__all__ = ["Waiting"]


class Waiting:
    """A queue by falling sequence, for nodes that mostly arrive in that order.

    Programs are run backward, so what arrives was mostly made before all that waits: it goes to the end of a
    row. The operands of an operation arrive in the order they were made in, so the last may have to step
    before the one that has just come. Only what fits neither place pays for a heap, whose cost per node grows
    with what waits.
    """

    __slots__ = ("_heap", "_row")

    def __init__(self) -> None:
        self._row: deque[Node] = deque()  # by falling sequence
        self._heap: list[tuple[int, Node]] = []

    def push(self, node: Node) -> None:
        """Adds a node that does not wait yet."""
        row = self._row
        if not row or node.sequence < row[-1].sequence:
            row.append(node)
        elif len(row) == 1 or node.sequence < row[-2].sequence:
            row.insert(len(row) - 1, node)
        else:
            heappush(self._heap, (-node.sequence, node))

    def pop(self) -> Node:
        """Takes out the node of the highest sequence; there must be one."""
        row, heap = self._row, self._heap
        if heap and (not row or row[0].sequence < -heap[0][0]):
            return heappop(heap)[1]
        return row.popleft()
