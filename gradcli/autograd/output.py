"""`out=`: results written over a tensor that the program gives."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import category, scalar_type
from gradcli.ops.shapes import size_text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["into", "replace"]


def into(
    name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], out: Any
) -> Any:
    """Returns `out` after the function's results were written into it: a tensor, or a tuple of several.

    Raises:
        RuntimeFault: a gradient would be asked for, or the result's dtype does not fit.
        TypeFault: it is no tensor.
    """
    outs = tuple(out) if isinstance(out, (tuple, list)) else (out,)
    for one in outs:
        if not isinstance(one, Tensor):
            raise TypeFault("E303", f"{name}(): argument 'out' must be Tensor, not {type(one).__name__}")
    taking = [one for one in (*args, *kwargs.values()) if isinstance(one, Tensor)]
    if context.grad_enabled and any(one.requires_grad for one in (*taking, *outs)):
        raise RuntimeFault(
            "E403",
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one "
            "of the arguments requires grad.",
            help="write y = f(x) instead of f(x, out=y)",
        )
    results = function(*args, **kwargs)
    found = results if isinstance(results, tuple) else (results,)
    for one, result in zip(outs, found, strict=True):
        replace(one, result)
    return out


def replace(out: Tensor, result: Tensor) -> None:
    """Gives a tensor the values of another, and its shape, with PyTorch's warning where they differ.

    Raises:
        RuntimeFault: the values are of a higher kind than its dtype.
    """
    check_writable(out)
    array, new = out._array, result._array
    if category(new.dtype) > category(array.dtype):
        raise RuntimeFault(
            "E304",
            f"result type {scalar_type(new.dtype)} can't be cast to the desired output type "
            f"{scalar_type(array.dtype)}",
        )
    if array.shape == new.shape:
        array[...] = new
    else:
        if array.size:
            warnings.warn(
                f"An output with one or more elements was resized since it had shape "
                f"{size_text(array.shape)}, which does not match the required output shape "
                f"{size_text(new.shape)}. This behavior is deprecated, and in a future PyTorch release "
                "outputs will not be resized unless they have zero elements. You can explicitly reuse an "
                "out tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
                UserWarning,
                stacklevel=4,
            )
        out._array = new.astype(array.dtype)
    out._count_change()
