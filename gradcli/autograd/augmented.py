"""`a -= b` where it only writes numbers: the step of an optimizer, which needs no result of its own."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.context import context
from gradcli.autograd.inplace import check_writable
from gradcli.autograd.tensor import Tensor
from gradcli.ops.dtypes import FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.record import Record

__all__ = ["augmented"]


def augmented(record: Record, general: Callable[[Tensor, Any], Any]) -> Callable[[Tensor, Any], Any]:
    """Returns the in-place operator of a two-argument record; `general` serves where it has to be told."""
    compute = record.numpy
    if compute is None:
        return general

    def operate(self: Tensor, other: Any) -> Any:
        if not _only_writes(self, other):
            return general(self, other)
        check_writable(self)
        self._array[...] = compute(self._array, other._array if isinstance(other, Tensor) else other)
        if self._counter is not None:
            self._counter[0] += 1
        return self

    return operate


def _only_writes(tensor: Tensor, other: Any) -> bool:
    """Whether nothing is recorded, nobody looks, and no view, dtype or shape is to be reconciled."""
    if context.attended or tensor._base is not None or (context.grad_enabled and tensor._requires_grad):
        return False
    array = tensor._array
    if array.dtype not in FLOATS:
        return False
    if not isinstance(other, Tensor):
        return other.__class__ is float
    right = other._array
    if context.grad_enabled and other.requires_grad:
        return False
    return right.dtype is array.dtype and right.shape in (array.shape, ())
