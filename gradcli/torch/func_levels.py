"""One level of differentiation inside another: stand-ins for the inputs, and results that forget them.

A transform differentiates with respect to stand-ins of its own, known by identity, so that levels
never mix. What it returns keeps the history that leads outside (to a caller's tensors or to those of
an enclosing transform) and loses the one that leads to its stand-ins alone.
"""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.engine import run
from gradcli.autograd.forward import tangent_of
from gradcli.autograd.node import Node
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.torch.func_trees import leaves, transformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.autograd.node import Edge

__all__ = ["Level"]


class _Entry(Node):
    """Where a history ends at a stand-in."""

    __slots__ = ("level",)

    def __init__(self, level: Level, tensor: Tensor) -> None:
        self._begin((), (tensor,))
        self.level = level

    def name(self) -> str:
        return "GradTrackingTensor"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        del m, cotangents
        return ()


class Level:
    """One run of a transform: its stand-ins, and whether what is outside is recorded.

    Attributes:
        open: the function that is transformed still runs, so that its stand-ins matter to levels inside.
    """

    def __init__(self) -> None:
        self.recorded = context.grad_enabled
        self.open = True
        self.edges: list[Edge] = []
        self.inputs: list[Tensor] = []

    def enter(self, tree: Any) -> Any:
        """A tree with stand-ins for its tensors, all to be differentiated.

        Raises:
            ValueFault: a leaf is no tensor.
            RuntimeFault: a tensor is not of floating dtype.
        """
        for leaf in leaves(tree):
            if not isinstance(leaf, Tensor):
                raise ValueFault("E408", f"Thing passed to transform API must be Tensor, got {type(leaf)}")
        return transformed(self._stand_in, tree)

    def _stand_in(self, tensor: Tensor) -> Tensor:
        if tensor._array.dtype.kind not in "fc":
            raise RuntimeFault(
                "E404",
                "only Tensors of floating point dtype can require gradients",
                help="give it a floating-point dtype first: .float() or .double()",
            )
        if tensor.requires_grad and self.recorded:
            alias: Tensor = TENSORS.view_as_self(tensor)
        else:
            alias = self._alias(tensor)
            alias._edge, alias._requires_grad = (_Entry(self, tensor), 0), True
        self.edges.append(alias.gradient_edge())
        self.inputs.append(alias)
        return alias

    def _alias(self, tensor: Tensor) -> Tensor:
        alias = Tensor(tensor._array)
        alias._counter = tensor._shared_counter()
        if context.tape is not None:
            context.tape.alias(alias, tensor)
        if context.dual:
            tangent = tangent_of(tensor)
            alias._tangent = None if tangent is None else self.leave(tangent)
        return alias

    def leads_outside(self, tensors: Sequence[Tensor]) -> bool:
        """Whether the history of some tensor reaches a leaf, or a stand-in of a level around this one."""
        if not self.recorded:
            return False
        seen: set[Node] = set()
        stack = [tensor.gradient_edge()[0] for tensor in tensors if tensor.requires_grad]
        while stack:
            node = stack.pop()
            if node.sequence < 0 or (isinstance(node, _Entry) and node.level.open and node.level is not self):
                return True
            if node not in seen:
                seen.add(node)
                stack.extend(target for target, _ in node.edges)
        return False

    def close(self) -> None:
        """Ends the level: to others, its stand-ins are constants from now on."""
        self.open = False

    def leave(self, tensor: Tensor) -> Tensor:
        """The tensor as it may be seen outside: without a history that ends at the stand-ins."""
        if not tensor.requires_grad:
            tangent = tensor._tangent
            if tangent is not None and tangent.requires_grad:
                tensor._tangent = self.leave(tangent)
            return tensor
        return tensor if self.leads_outside([tensor]) else self._alias(tensor)

    def leave_all(self, tree: Any) -> Any:
        """A tree with all its tensors as they may be seen outside."""
        return transformed(self.leave, tree)

    def pull(
        self, outputs: Sequence[Tensor], cotangents: Sequence[Tensor | None], *, keep: bool, record: bool
    ) -> list[Tensor]:
        """The gradient for each stand-in; zeros where the outputs do not depend on it.

        What is recorded (`record`) or asked for again (`keep`) is kept.

        Raises:
            RuntimeFault: a cotangent is not of its output's shape.
        """
        roots: list[Edge] = []
        seeds: list[Tensor] = []
        for index, (output, cotangent) in enumerate(zip(outputs, cotangents, strict=True)):
            if cotangent is not None and output.requires_grad:
                _check_shape(index, output, cotangent)
            if output.requires_grad:
                roots.append(output.gradient_edge())
                seeds.append(make(np.ones_like(output._array)) if cotangent is None else cotangent)
        found = run(roots, seeds, keep=keep or record, record=record, inputs=self.edges) if roots else []
        return [
            make(np.zeros_like(x._array)) if g is None else g
            for g, x in zip(found or [None] * len(self.inputs), self.inputs, strict=True)
        ]


def _check_shape(index: int, output: Tensor, cotangent: Tensor) -> None:
    if cotangent.shape != output.shape:
        raise RuntimeFault(
            "E401",
            f"Mismatch in shape: grad_output[{index}] has a shape of {cotangent.shape} and output[{index}] "
            f"has a shape of {output.shape}.",
            help="a cotangent has the shape of its output",
        )
