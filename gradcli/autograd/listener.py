"""Listener: what stands in `context.tape` while somebody writes down, or draws, what a program does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.autograd.node import Edge
    from gradcli.autograd.tensor import Tensor
    from gradcli.ops.record import Params, Record

__all__ = ["Listener"]


class Listener:
    """Told of what happens to tensors; a subclass takes what it needs.

    Attributes:
        algebra: what a recorded backward pass computes with; None: tensors, as without a listener.
        hears_gradients: whether backward passes that are not recorded are heard too (see `heard`).
    """

    algebra: Any = None
    hears_gradients = False

    def step(self, record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
        """Told of an operation by `apply`."""

    def alias(self, new: Tensor, old: Tensor) -> None:
        """Told of a tensor with another's values but not its history (`detach`, `.data`)."""

    def copied(self, new: Tensor, old: Tensor) -> None:
        """Told of a tensor with another's values in memory of its own, made without an operation."""

    def overwrite(self, tensor: Tensor, result: Tensor) -> None:
        """Told, before it happens, that a tensor takes the values of another of its shape."""

    def changed(self, tensor: Tensor) -> None:
        """Told of every change in place once it is counted, also of those that `overwrite` spoke of."""

    def updating(
        self, step: Callable[[], Any], leaves: Sequence[Tensor], remembered: Sequence[Tensor]
    ) -> None:
        """Told that leaves are about to be changed by their `.grad`, and by what is remembered of them.

        `step` would do the same again.
        """

    def disclose(self, tensor: Tensor) -> None:
        """Told that the elements of a tensor became plain numbers, which may decide what the program does."""

    def unexplained(self) -> None:
        """Told of what no operation explains: a clock was read, an operation refused its arguments."""

    def heard(self, roots: Sequence[Edge]) -> Any:
        """Returns what a backward pass that is not recorded computes with; None: arrays, and is not heard."""
        del roots
        return None

    def mark(self) -> int:
        """Returns the present place, for `adopt`."""
        return 0

    def adopt(self, mark: int) -> None:
        """Told that what happened since a mark was inside a Function, whose backward stands for it."""
