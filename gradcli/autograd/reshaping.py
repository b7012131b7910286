"""Methods that give a tensor itself another shape or dtype: `t_`, `squeeze_`, `view(dtype)`."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import FLOATS, DType, scalar_type
from gradcli.ops.shapes import flat_sizes, size_text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["reinterpreted", "reshaping", "resize_"]


def reshaping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the method that makes a tensor the view of itself that a function gives."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_writable(self)
        old = Tensor(self._array, self._requires_grad)
        old._edge, old._base, old._view = self.edge(), self._base, self._view
        old._counter, old._view_version, old._tangent = (
            self._shared_counter(),
            self._view_version,
            self._tangent,
        )
        view = function(old, *args, **kwargs)
        self._array, self._tangent = view._array, view._tangent
        if context.grad_enabled:
            self._edge, self._requires_grad = view._edge, view._requires_grad
        self._accumulator = None  # a leaf's knew the old shape
        if self._base is not None:
            self._view = view._view
        if self._counter is not None:
            self._count_change()
            self._view_version = self._counter[0]
        return self

    return method


def resize_(tensor: Tensor, *sizes: Any, memory_format: Any = None) -> Tensor:
    """Returns the tensor with the first elements of its memory under a shape; what is new is zero.

    Raises:
        RuntimeFault: it requires grad, or a size is negative.
    """
    del memory_format
    shape = flat_sizes(sizes)
    if tensor.requires_grad:
        raise RuntimeFault(
            "E403",
            "cannot resize variables that require grad",
            help="write y = x.detach().clone().resize_(...)",
        )
    if any(size < 0 for size in shape):
        raise RuntimeFault("E301", f"requested resize to {size_text(shape)} ({math.prod(shape)} elements)")
    context.budget.ask(shape)
    memory = tensor._array
    start = memory.ctypes.data
    while isinstance(memory.base, np.ndarray) and memory.base.dtype == memory.dtype:
        memory = memory.base
    kept = memory.reshape(-1)[(start - memory.ctypes.data) // memory.itemsize :]
    count = math.prod(shape)
    if count > kept.size:
        kept = np.concatenate([kept, np.zeros(count - kept.size, kept.dtype)])
    tensor._array = kept[:count].reshape(shape)
    tensor._count_change()
    return tensor


def reinterpreted(tensor: Tensor, dtype: DType) -> Tensor:
    """Returns the bytes of a tensor as elements of another dtype, memory shared.

    Raises:
        RuntimeFault: the last dim does not hold a whole number of such elements.
    """
    array, wanted = tensor._array, dtype.dtype
    if wanted == array.dtype:
        return tensor
    names = f"{scalar_type(array.dtype)} as {scalar_type(wanted)} (different element sizes)"
    if wanted.itemsize != array.itemsize and not array.ndim:
        raise RuntimeFault("E304", f"self.dim() cannot be 0 to view {names}")
    ratio = wanted.itemsize // array.itemsize
    if ratio > 1 and array.shape[-1] % ratio:
        raise RuntimeFault(
            "E304",
            f"self.size(-1) must be divisible by {ratio} to view {names}, but got {array.shape[-1]}",
            help="to convert the numbers themselves write .to(dtype)",
        )
    if wanted.itemsize != array.itemsize and array.strides[-1] != array.itemsize:
        raise RuntimeFault("E304", f"self.stride(-1) must be 1 to view {names}, but got another")
    out = Tensor(array.view(wanted) if array.ndim else np.asarray(array.view(wanted)))
    out._counter = tensor._shared_counter()
    if context.tape is not None:
        context.tape.unexplained()  # no operation gives these numbers
    if tensor.requires_grad and wanted in FLOATS and context.grad_enabled:
        raise RuntimeFault(
            "E304", "a view as another dtype has no derivative", help="write x.detach().view(dtype)"
        )
    return out
