"""torch.float32 and its like, and the default dtype."""

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.diagnostics import TypeFault
from gradcli.ops import dtypes
from gradcli.ops.dtypes import DType

__all__ = ["dtype", "get_default_dtype", "set_default_dtype", *dtypes.NAMES]  # noqa: PLE0604 - the names of a table of strings

dtype = DType
globals().update({name: dtypes.named(name) for name in dtypes.NAMES})


def unwrap(value: Any) -> Any:
    """Returns the NumPy dtype of a PyTorch dtype, of Python's float, int or bool, or None of None.

    Raises:
        TypeFault: it is none of these.
    """
    if value is None:
        return None
    if isinstance(value, DType):
        return value.dtype
    python = {float: context.default_dtype, int: dtypes.INT64, bool: dtypes.BOOL}
    if not isinstance(value, type) or value not in python:
        raise TypeFault("E303", f"expected a dtype such as float64, but got {type(value).__name__}")
    return python[value]


def get_default_dtype() -> DType:
    """Returns the dtype of floats without one."""
    return dtypes.named(context.default_dtype.name)


def set_default_dtype(d: Any) -> None:
    """Makes a floating dtype that of floats without one."""
    if not isinstance(d, DType) or not d.is_floating_point:
        raise TypeFault("E303", "only floating-point types are supported as the default type")
    context.default_dtype = d.dtype
