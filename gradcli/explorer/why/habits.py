"""A training loop that never zeroes its gradients: suspected while a script runs, proved by another run.

The suspicion costs next to nothing where gradients are cleared, which is where it matters.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.autograd import Tensor
    from gradcli.autograd.node import Edge

__all__ = ["ENOUGH", "Habits"]

ENOUGH = 3  # updates in a row that used gradients of the turns before
MOST_LOOKS = 50  # at a leaf whose gradient is neither None nor suspicious
MOST_LEAVES = 4096


class _State:
    """What was seen of a leaf: its values' mark at the last backward, and how often it looked wrong."""

    __slots__ = ("leaf", "looks", "mark", "stale")

    def __init__(self, leaf: Tensor) -> None:
        self.leaf = weakref.ref(leaf)
        self.mark = _mark(leaf)
        self.looks = 0
        self.stale = 0


def _mark(leaf: Tensor) -> tuple[Any, ...]:
    """Something that an update changes: the count of changes, and for those by .data a value."""
    array = leaf._array
    return (leaf._counter and leaf._counter[0], array.item(0) if array.size else None)


class Habits:
    """The journal of a script's own run.

    Attributes:
        suspected: whether a leaf was updated and its gradient added to several times in a row.
    """

    __slots__ = ("_leaves", "suspected")

    def __init__(self) -> None:
        self.suspected = False
        self._leaves: dict[int, _State] = {}

    def began(self, roots: Sequence[Edge], inputs: Sequence[Edge] | None) -> None:
        """Nothing is asked about single passes."""

    def accumulating(self, leaf: Tensor) -> None:
        """Looks whether the gradient that is added to was used by an update before."""
        held = leaf._grad
        if held is None:
            if self._leaves:
                self._leaves.pop(id(leaf), None)
            return
        state = self._leaves.get(id(leaf))
        if state is None or state.leaf() is not leaf:
            if len(self._leaves) > MOST_LEAVES:
                self._leaves.clear()
            self._leaves[id(leaf)] = _State(leaf)
        elif state.looks < MOST_LOOKS and not self.suspected:
            self._look(state, leaf, held)

    def _look(self, state: _State, leaf: Tensor, held: Tensor) -> None:
        state.looks += 1
        mark = _mark(leaf)
        if not held._array.any():
            state.stale = 0
        elif mark != state.mark:
            state.stale += 1
            self.suspected = state.stale >= ENOUGH
        state.mark = mark
