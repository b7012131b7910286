"""Making tensors: from numbers, from shapes, from random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.ops.dtypes import BOOL, INT64
from gradcli.ops.shapes import flat_sizes
from gradcli.torch.dtypes import unwrap

__all__ = ["ones", "tensor", "zeros"]


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: ARG001
    """Returns a leaf with a copy of the data: a number, nested lists, an array or a tensor."""
    wanted = unwrap(dtype)
    if isinstance(data, Tensor):
        array = np.array(data._array, dtype=wanted)  # noqa: SLF001 - a friend of Tensor
    elif isinstance(data, np.ndarray):
        array = np.array(data, dtype=wanted)
    else:
        array = np.array(data)
        kind = {"b": BOOL, "i": INT64}.get(array.dtype.kind, context.default_dtype)
        array = array.astype(wanted or kind)
    made = Tensor(array)
    if requires_grad:
        made.requires_grad_()
    return made


def _filled(value: float, sizes: tuple[Any, ...], dtype: Any, requires_grad: bool) -> Tensor:
    shape = flat_sizes(sizes)
    context.budget.ask(shape)
    made = Tensor(np.full(shape, value, unwrap(dtype) or context.default_dtype))
    return made.requires_grad_() if requires_grad else made


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: ARG001
    """Returns zeros of a shape."""
    return _filled(0, size, dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: ARG001
    """Returns ones of a shape."""
    return _filled(1, size, dtype, requires_grad)
