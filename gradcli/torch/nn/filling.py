"""Tensors filled in place with random numbers, as `uniform_`, `normal_` and `bernoulli_` fill them."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.writable import check_writable
from gradcli.torch.nn.state import overwrite

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.autograd.tensor import Tensor

__all__ = ["fill", "fill_normal", "fill_uniform"]


def fill(tensor: Tensor, draw: Callable[[tuple[int, ...]], Any]) -> Tensor:
    """Returns the tensor filled with what is drawn for its shape, in the order of its memory.

    PyTorch visits the elements of a transposed tensor as they lie in memory, so the numbers do too.
    Unrecorded: initialisation is no part of a graph.
    """
    before, context.grad_enabled = context.grad_enabled, False
    try:
        check_writable(tensor)
    finally:
        context.grad_enabled = before
    array = tensor._array
    if array.flags.c_contiguous:
        return overwrite(tensor, draw(array.shape))
    order = sorted(range(array.ndim), key=lambda dim: -abs(array.strides[dim]))
    drawn = draw(tuple(array.shape[dim] for dim in order))
    return overwrite(tensor, np.transpose(drawn, np.argsort(order)))


def fill_uniform(tensor: Tensor, low: float = 0.0, high: float = 1.0, generator: Any = None) -> Tensor:
    """Returns the tensor filled with uniforms in [low, high)."""
    source = generator or context.generator
    return fill(tensor, lambda shape: source.uniform(shape, tensor._array.dtype, low, high))


def fill_normal(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Returns the tensor filled with normals."""
    source, whole = generator or context.generator, bool(tensor._array.flags.c_contiguous)
    return fill(tensor, lambda shape: source.normal(shape, tensor._array.dtype, mean, std, contiguous=whole))
