"""The end of a backward pass: a cotangent is added to a leaf's `.grad`."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.inplace import become
from gradcli.autograd.tensor import Tensor, make

__all__ = ["accumulate"]

# References to a cotangent held by `_settle`, `accumulate`, popitem's unpacked call and getrefcount.
UNSHARED = 4


def accumulate(variable: Tensor, g: Any, *, record: bool) -> None:
    """Adds a cotangent to `variable.grad`: in place, unless the pass is recorded.

    A leaf's post-accumulate hooks are the caller's business.
    """
    if context.journal is not None:
        context.journal.accumulating(variable)
    held = variable._grad
    if context.attended and not record and context.tape is not None and context.tape.hears_gradients:
        variable._grad = TENSORS.clone(g) if held is None else become(held, held + g)
    elif isinstance(g, Tensor):
        if held is not None:
            variable._grad = _sum(held, g) if record else _add_in_place(held, g._array)
        else:
            variable._grad = _copied(g) if record else make(np.array(g._array))
    elif held is not None:
        _add_in_place(held, g)
    else:
        # Two leaves must never share a gradient (a + b hands both the same array), nor may a leaf
        # share one with the user's grad_tensors: taken as it is only where nobody else holds it.
        alone = g.__class__ is np.ndarray and g.base is None and getrefcount(g) <= UNSHARED
        variable._grad = make(g if alone else np.array(g))


def _copied(g: Tensor) -> Any:
    """The first gradient of a recorded pass, as PyTorch keeps it: a copy, with a node of its own."""
    return TENSORS.copy(make(np.zeros(g.shape, g.dtype.dtype)), g) if g.requires_grad else g


def _sum(held: Any, g: Any) -> Any:
    return held + g


def _add_in_place(held: Tensor, g: Any) -> Tensor:
    np.add(held._array, g, out=held._array)
    held._count_change()
    return held
