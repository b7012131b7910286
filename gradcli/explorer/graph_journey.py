"""A backward pass watched from hooks: which nodes it visits, in which order, with which cotangents."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.hooks import add, hooks_of
from gradcli.autograd.node import RecordNode, kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.autograd import Tensor
    from gradcli.autograd.node import Edge, Node, Saved

__all__ = ["Journey"]


class Journey:
    """What backward did; to be made before it runs.

    Attributes:
        order: the nodes in the order in which they were visited.
        seen: the same nodes, to ask for.
        arrived: per output, the cotangent that the node worked with.
        saved: per node, what it held for backward before that ran.
        sent: per node, what its rule gave for each entry of next_functions.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.order: list[Node] = []
        self.seen: set[Node] = set()
        self.arrived: dict[Edge, Any] = {}
        self.sent: dict[Node, tuple[Any, ...]] = {}
        self.saved: dict[Node, tuple[Saved, ...]] = {
            node: tuple(map(kept, node.saved or ())) for node in nodes if isinstance(node, RecordNode)
        }
        for node in nodes:
            for output in range(len(node.outputs)):
                add(hooks_of(node).tensor.setdefault(output, {}), self._arrival(node, output))
            if node.edges:
                add(hooks_of(node).post, self._departure(node))

    def _arrival(self, node: Node, output: int) -> Any:
        def arrive(g: Tensor) -> None:
            if node not in self.seen:
                self.seen.add(node)
                self.order.append(node)
            self.arrived[node, output] = self.frozen(g._array)

        return arrive

    def _departure(self, node: Node) -> Any:
        def depart(sent: tuple[Tensor | None, ...], _came: object) -> None:
            self.sent[node] = tuple(None if one is None else self.frozen(one._array) for one in sent)

        return depart

    @staticmethod
    def frozen(array: Any) -> Any:
        """The array as it is now, in memory that nobody else changes."""
        copy = array.copy()
        copy.flags.writeable = False
        return copy
