"""Listens to a run so that its graph can be told: what made each node, from what, with which values."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.context import context
from gradcli.autograd.listener import Listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.autograd.node import Edge, Node
    from gradcli.ops.record import Params, Record

__all__ = ["Operand", "Origin", "Recorder", "recording"]


class Operand(NamedTuple):
    """An argument of an operation, as it was when the operation ran.

    Attributes:
        value: the tensor or plain number.
        edge: where its gradient goes; None where it has none.
        text: the text of a detached copy.
        varies: whether a variable takes part in it.
        origin: the operation without a gradient that made it.
    """

    value: Any
    edge: Edge | None
    text: str
    varies: bool
    origin: Origin | None = None


class Origin(NamedTuple):
    """The operation that made a node, or a tensor without one."""

    record: Record
    params: Params
    operands: tuple[Operand, ...]


class Recorder(Listener):
    """Takes the place of a tape: told of each operation, of each detached copy and each in-place change.

    Attributes:
        origins: per node, the operation that made it.
        values: per node and output, the array; as it was before later in-place changes.
        order: the nodes as they were made.
    """

    def __init__(self) -> None:
        self.origins: dict[Node, Origin] = {}
        self.values: dict[Edge, Any] = {}
        self.order: list[Node] = []
        self._texts: dict[int, str] = {}  # id(tensor) -> the text that detached it
        self._made: dict[int, Origin] = {}  # id(tensor) -> what made it, where that has no gradient
        self._varying: set[int] = set()  # id(tensor) of what variables take part in
        self._stored: dict[int, list[Edge]] = {}  # id(array that owns the memory) -> whose values lie there
        self._alive: list[Any] = []  # so that no id is used twice, and no leaf's weakly held node is lost

    def step(self, record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
        """Told of an operation by `apply`."""
        varies = any(isinstance(value, Tensor) and self._varies(value) for value in values)
        for out in outs:
            if varies:
                self._varying.add(id(out))
        self._alive += outs
        edges = [out._edge for out in outs if out._edge is not None]
        operands = tuple(self._operand(value) for value in values)
        if not edges:
            self._made |= {id(out): Origin(record, params, operands) for out in outs if len(outs) == 1}
            return
        node = edges[0][0]
        for number, out in enumerate(outs):
            self.values[node, number] = out._array
            self._stored.setdefault(id(_owner(out._array)), []).append((node, number))
        self.origins[node] = Origin(record, params, operands)
        self.order.append(node)

    def alias(self, new: Tensor, old: Tensor) -> None:
        """Told of a tensor with another's values but not its history (`detach`, `.data`)."""
        self._texts[id(new)] = "" if context.span is None else context.span.text
        self._alive.append(new)
        if self._varies(old):
            self._varying.add(id(new))

    def overwrite(self, tensor: Tensor, result: Tensor) -> None:
        """Told, before it happens, that a tensor takes the values of another of its shape."""
        self._alive += (tensor, result)
        memory = id(_owner(tensor._array))
        kept: list[Edge] = []
        for edge in self._stored.get(memory, ()):
            array = self.values[edge]
            if array is not result._array and np.may_share_memory(array, tensor._array):
                self.values[edge] = array.copy()
            else:
                kept.append(edge)
        self._stored[memory] = kept

    def _operand(self, value: Any) -> Operand:
        if not isinstance(value, Tensor):
            return Operand(value, None, "", varies=False)
        self._alive.append(value)
        edge = value.gradient_edge() if value.requires_grad else None
        if edge is not None:
            self._alive.append(edge[0])
        own = id(value)
        return Operand(value, edge, self._texts.get(own, ""), self._varies(value), self._made.get(own))

    def _varies(self, tensor: Tensor) -> bool:
        return tensor.requires_grad or id(tensor) in self._varying


def _owner(array: Any) -> Any:
    """The array whose memory an array is a view of; itself where it is none."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@contextmanager
def recording() -> Iterator[Recorder]:
    """Installs a recorder; inside, it is told of every operation on tensors."""
    before = context.tape
    recorder = context.tape = Recorder()
    try:
        yield recorder
    finally:
        context.tape = before
