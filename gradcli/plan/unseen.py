"""A tape for a run on stand-ins: traced, and not computed."""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.functions import grad
from gradcli.autograd.node import kept
from gradcli.autograd.tensor import Tensor
from gradcli.plan.facts import BLIND
from gradcli.plan.standin import GivenUp, StandIn, like, shows_stand_in
from gradcli.plan.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.record import Params, Record
    from gradcli.plan.trace import Trace

__all__ = ["UnseenTape"]


class UnseenTape(Tape):
    """A tape for tensors of stand-ins: gives up at once where elements would decide what happens next."""

    def __init__(self) -> None:
        super().__init__()
        self._known: list[tuple[Tensor, Any]] = []

    def known(self, array: Any) -> Tensor:
        """Returns a tensor for a constant of the program: computed with as little as the variables are."""
        tensor = Tensor(like(array, array.dtype))
        self.input(tensor)
        self._known.append((tensor, array))
        return tensor

    def gradients(
        self, roots: Sequence[Tensor], targets: Sequence[Tensor], weights: Sequence[Tensor | None]
    ) -> list[Tensor | None]:
        """Returns the gradient of weighted roots (None: 1) for each target, traced; None where unused.

        Raises:
            GradcliError: PyTorch's errors.
        """
        given = [
            weight if weight is None and root._array.size != 1
            else self.known(np.ones(root.shape, root.dtype.dtype) if weight is None else weight._array)
            for root, weight in zip(roots, weights, strict=True)
        ]  # fmt: skip
        return list(grad(roots, targets, given, create_graph=True, allow_unused=True))

    def step(self, record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
        """Told of an operation by `apply`, which has made plain arrays of the results."""
        if any(isinstance(value, Tensor) and isinstance(value._array, StandIn) for value in values):
            for out in outs:
                out._array = _restored(record, out._array)
                if out._array.size > context.budget.max_elements:
                    raise GivenUp  # the engine has the words
            edge = outs[0]._edge
            if edge is not None and getattr(edge[0], "saved", None):
                # A saved result would be wrapped anew from its plain array; here the tensor itself is kept.
                node: Any = edge[0]
                node.saved = [
                    one if one[4] < 0 else (one[0], outs[one[4]], *one[2:]) for one in map(kept, node.saved)
                ]
        super().step(record, values, params, outs)

    def overwrite(self, tensor: Tensor, result: Tensor) -> None:
        """Told of a change in place: stand-ins have nothing to change."""
        del tensor, result
        raise GivenUp

    def trace(self, outputs: Sequence[Tensor]) -> Trace:
        """Returns what led to the outputs.

        Raises:
            GivenUp: a stand-in came to the program by another way than its inputs and operations.
        """
        found = super().trace(outputs)
        if any(map(shows_stand_in, found.constants.values())):
            raise GivenUp
        known = {self.number(tensor): array for tensor, array in self._known}
        inputs = tuple(number for number in found.inputs if number not in known)
        return found._replace(inputs=inputs, constants={**found.constants, **known}).pruned()


def _restored(record: Record, array: Any) -> Any:
    """The stand-in that a record gave and `apply` made a plain array of."""
    if shows_stand_in(array):
        return array.view(StandIn)
    if record.name in BLIND:
        return like(array, array.dtype)
    raise GivenUp
