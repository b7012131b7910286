"""The algebras of the engine: plain arrays for a first backward, tensors where it is recorded again."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.node import RecordNode, changed_in_place, kept
from gradcli.autograd.tensor import Tensor, apply, make
from gradcli.ops.algebra import Algebra, NumpyAlgebra
from gradcli.ops.sums import summed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ARRAYS", "TENSORS", "ArrayAlgebra", "TensorAlgebra", "sum_to"]


class ArrayAlgebra(NumpyAlgebra):
    """Cotangents as arrays: nothing is recorded."""

    def saved_values(self, node: RecordNode, saved: Sequence[Any]) -> list[Any]:
        """The arrays a node saved; raises if one was changed in place since."""
        return [self.saved_value(node, value) for value in saved]

    def saved_value(self, node: RecordNode, value: Any) -> Any:
        """One of them."""
        if isinstance(value, Tensor):  # as `kept` reads it, without its call
            if value._counter[0]:  # type: ignore[index] # it was no inference tensor when it was saved
                raise changed_in_place(node, value)
            return value._array
        if value.__class__ is tuple:
            version = value[2]
            if version is not None and version[0] != value[3]:
                raise changed_in_place(node, value)
            return value[0]
        return value

    def conform(self, g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        """The cotangent summed to a shape and cast to a dtype."""
        if g.shape != shape:
            g = sum_to(g, shape)
        return g if g.dtype == dtype else g.astype(dtype)

    def wrap(self, g: Any) -> Tensor:
        """A cotangent as hooks see it."""
        return make(g)

    def unwrap(self, tensor: Tensor) -> Any:
        """A cotangent as this algebra computes with it."""
        return tensor._array

    def own(self, g: Any) -> Tensor:
        """A result as a tensor that nothing else shares."""
        return make(np.array(g))


class TensorAlgebra(Algebra):
    """Cotangents as tensors: the backward pass is an ordinary program, recorded if grad mode is on."""

    apply = staticmethod(apply)  # without a call of its own between

    def saved_values(self, node: RecordNode, saved: Sequence[Any]) -> list[Any]:
        """The tensors a node saved, with their history."""
        return [_restore(node, value) for value in saved]

    def conform(self, g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        """The cotangent summed to a shape and cast to a dtype."""
        if g.shape != shape:
            lead = g.ndim - len(shape)
            over = tuple(
                i for i in range(-g.ndim, 0) if i < -len(shape) or (shape[i] == 1 and g.shape[i] != 1)
            )
            g = self.sum_dims(g, dims=over, keepdim=True)
            if lead:
                g = self.reshape(g, shape=shape, rank=g.ndim)
        return g if g.dtype == dtype else self.cast(g, dtype=dtype)

    def wrap(self, g: Any) -> Tensor:
        """A cotangent as hooks see it."""
        return g  # type: ignore[no-any-return] # a tensor by construction

    def unwrap(self, tensor: Tensor) -> Any:
        """A cotangent as this algebra computes with it."""
        return tensor

    def own(self, g: Any) -> Tensor:
        """A result as a tensor."""
        return g  # type: ignore[no-any-return] # as above

    def zeros_like(self, x: Any) -> Any:
        """Zeros of the shape and dtype of x."""
        return make(np.zeros(x.shape, x.dtype))

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros of a shape, of the dtype of `like`."""
        return make(np.zeros(shape, like.dtype))

    def array(self, values: Any, like: Any) -> Any:
        """Plain numbers as a tensor of the dtype of `like`."""
        return make(np.asarray(values, like.dtype))

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number of x's dtype."""
        return float(np.finfo(x.dtype).eps)


def _restore(node: RecordNode, value: Any) -> Any:
    """The saved value as part of the graph: the input itself, or the output rebuilt on its node."""
    array, tensor, version, expected, output = kept(value)
    if version is not None and version[0] != expected:
        raise changed_in_place(node, value)
    if tensor is not None:
        return tensor
    if version is None:
        return make(array) if isinstance(array, np.generic) else array
    out = make(array)
    out._edge = (node, output)  # of whole numbers, too: by it a tape knows what they are
    out._requires_grad = out.dtype.kind == "f"
    return out


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Returns an array summed over the dims that broadcasting to its shape had added or stretched."""
    if not shape:  # a number beside a tensor, the usual case
        return np.add.reduce(g, axis=None)
    if len(shape) == 1 == g.ndim and shape[0] == 1:  # a bias of one element, kept short
        return np.add.reduce(g, 0, keepdims=True)
    lead = g.ndim - len(shape)
    if lead < 0:  # a cotangent of lower rank stands for all it broadcasts to
        return np.broadcast_to(g, shape)
    stretched = [i for i, size in enumerate(shape, lead) if size == 1 and g.shape[i] != 1]
    if stretched:
        total = summed(g, (*range(lead), *stretched), keepdims=True)
        return total.reshape(shape) if lead else total
    if lead > 0:
        return summed(g, range(lead))
    return np.broadcast_to(g, shape)


ARRAYS = ArrayAlgebra()
TENSORS = TensorAlgebra()
