"""In-place operations that only write numbers: the step of an optimizer, which needs no result of its own."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.writable import check_writable
from gradcli.ops.dtypes import FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.record import Record

__all__ = ["augmented", "overwriting"]


def overwriting(record: Record, general: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the in-place method of a record; `general` serves where more is to be done than to write."""
    compute = record.numpy
    if compute is None or record.front is not None or len(record.args) > 1:
        return general

    def operate(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not _only_writes(self):
            return general(self, *args, **kwargs)
        return _write(self, compute(self._array))

    return operate


def augmented(record: Record, general: Callable[[Tensor, Any], Any]) -> Callable[[Tensor, Any], Any]:
    """Returns the in-place operator of a two-argument record; `general` serves where it has to be told."""
    compute = record.numpy
    if not isinstance(compute, np.ufunc):
        return general

    def operate(self: Tensor, other: Any) -> Any:
        if not _only_writes(self):
            return general(self, other)
        if isinstance(other, Tensor):
            array: Any = self._array
            right: Any = other._array
            fits = right.dtype is array.dtype and right.shape in (array.shape, ())
            if not fits or (context.grad_enabled and other.requires_grad):
                return general(self, other)
        elif other.__class__ is float:
            array, right = self._array, other
        else:
            return general(self, other)
        check_writable(self)
        compute(array, right, array)
        self._count_change()
        return self

    return operate


def _only_writes(tensor: Tensor) -> bool:
    """Whether nothing is recorded, nobody looks, and the tensor is no view of another."""
    return (
        tensor._base is None
        and not context.attended
        and not (context.grad_enabled and tensor._requires_grad)
        and tensor._array.dtype in FLOATS
    )


def _write(tensor: Tensor, numbers: Any) -> Tensor:
    check_writable(tensor)
    tensor._array[...] = numbers
    tensor._count_change()
    return tensor
