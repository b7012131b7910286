"""The nodes of memory that was changed in place: what backward does with the parts of it."""

# ruff: noqa: SLF001, S101 - Tensor's fields are this package's own; an assert tells mypy what is known

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.node import NO_EDGE, Edge, Node, RecordNode, freed, kept
from gradcli.autograd.tensor import Tensor

__all__ = ["Constant", "CopySlices", "Replay", "walk"]


class Constant(Node):
    """Where a history ends because constants were written over it."""

    __slots__ = ()

    def __init__(self, tensor: Tensor) -> None:
        self._begin(() if tensor._edge is None else (tensor._edge,), (tensor,))

    def name(self) -> str:
        """PyTorch's name of the node."""
        return "FillBackward0"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        """Zeros: what was there before has no part in the constants."""
        return tuple(m.zeros_like(cotangents) for _ in self.edges)


class Replay(Node):
    """A view of a base that was changed after the view was made: the same views, taken anew."""

    __slots__ = ("base_shape", "chain")

    def __init__(self, base: Tensor, view: Tensor) -> None:
        self._begin((base.gradient_edge(),) if base._requires_grad else (), (view,))
        self.chain = view._view
        self.base_shape = base._array.shape

    def name(self) -> str:
        """PyTorch's name of the node."""
        return "AsStridedBackward0"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        """The cotangent at the view's place in the base."""
        if not self.edges:
            return ()
        return (put(m, m.zeros(self.base_shape, cotangents), self.chain, cotangents),)


class CopySlices(Node):
    """A base that was changed through a view: cotangents of the changed part go through the change."""

    __slots__ = ("array", "chain", "freed", "inner", "through_view")

    def __init__(self, base: Tensor, view: Tensor, edge: Edge | None) -> None:
        self.array = base._array
        self.chain = view._view
        self.inner = edge[0] if edge is not None else None
        # The inner node's first edge is the view's own history when the view required grad; the base's
        # old history takes its place.
        self.through_view = self.inner is not None and _reads_view(self.inner, view)
        self.freed = False
        others = self.inner.edges[self.through_view :] if self.inner is not None else ()
        self._begin((*((base.gradient_edge(),) if base._requires_grad else ()), *others), (base,))

    def name(self) -> str:
        """PyTorch's name of the node."""
        return "torch::autograd::CopySlices"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The base's old history, then what else the change depends on."""
        inner = self.inner.next_functions if self.inner is not None else ()
        own = len(self.edges) > len(self.inner.edges[self.through_view :] if self.inner is not None else ())
        rest = inner[1:] if self.through_view or inner[:1] == (NO_EDGE,) else inner
        return (self.edges[0] if own else NO_EDGE, *rest)

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        """The base's cotangent without the changed part's, and what the change hands on."""
        if self.freed:
            raise freed(self)
        part = walk(m, cotangents, self.chain)
        inner: tuple[Any, ...] = ()
        if self.inner is not None:
            shape, dtype = self.inner.outputs[0]
            inner = self._pull_inner(m, m.conform(part, shape, dtype))
        own = inner[0] if self.through_view else None
        others = inner[self.through_view :]
        if len(self.edges) == len(others):
            return tuple(others)
        replacement = m.zeros_like(part) if own is None else m.conform(own, part.shape, part.dtype)
        return (put(m, cotangents, self.chain, replacement), *others)

    def _pull_inner(self, m: Any, part: Any) -> tuple[Any, ...]:
        """The change's cotangents; a result that it saved is the part of this node's output that it wrote."""
        inner = self.inner
        assert inner is not None
        if not isinstance(part, Tensor) or not isinstance(inner, RecordNode) or not inner.saved:
            return inner.pull(m, part)
        base = Tensor(self.array, requires_grad=True)
        base._edge = (self, 0)
        saved = inner.saved
        inner.saved = [
            (one[0], walk(m, base, self.chain), *one[2:4], -1)
            if one[1] is None and one[2] is not None
            else one
            for one in map(kept, saved)
        ]
        try:
            return inner.pull(m, part)
        finally:
            inner.saved = saved

    def release(self) -> None:
        """Frees what the change had saved."""
        self.freed = True
        if self.inner is not None:
            self.inner.release()


def _reads_view(node: Node, view: Tensor) -> bool:
    edge = view._edge
    return bool(node.edges) and edge is not None and node.edges[0] == edge


def walk(m: Any, x: Any, chain: Any) -> Any:
    """Returns the part of x that a chain of views shows."""
    links = []
    while chain is not None:
        chain, *link = chain
        links.append(link)
    for record, params, number in reversed(links):
        x = m.apply(record, (x,), params)
        if isinstance(x, (tuple, list)):
            x = x[number]
    return x


def put(m: Any, x: Any, chain: Any, part: Any) -> Any:
    """Returns a copy of x in which the part that a chain of views shows is replaced."""
    if isinstance(x, Tensor):
        from gradcli.autograd.inplace import become  # it imports this module

        copy = m.clone(x)
        target = walk(m, copy, chain)
        become(target, m.copy(target, part))
        return copy
    copy = np.array(x)
    walk(m, copy, chain)[...] = part
    return copy
