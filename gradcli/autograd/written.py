"""Constants written over a tensor: its history goes on, with a gradient of zero."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.autograd.inplace import become
from gradcli.autograd.node import Node
from gradcli.autograd.tensor import Tensor, make
from gradcli.autograd.writable import check_writable

__all__ = ["write"]


class _Written(Node):
    """The node of a tensor that was overwritten with numbers that do not depend on it."""

    __slots__ = ("title",)

    def __init__(self, title: str, tensor: Tensor) -> None:
        self._begin((tensor.gradient_edge(),), (tensor,))
        self.title = title

    def name(self) -> str:
        return self.title

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        return (m.zeros_like(cotangents),)


def write(tensor: Tensor, array: Any, node: str) -> Tensor:
    """Returns the tensor after its elements were replaced; `node` names what its history goes on with.

    Raises:
        RuntimeFault: it may not be changed in place.
    """
    check_writable(tensor)
    result = make(array.astype(tensor._array.dtype, copy=False))
    if context.grad_enabled and tensor.requires_grad:
        result._edge, result._requires_grad = (_Written(node, tensor), 0), True
    return become(tensor, result)
