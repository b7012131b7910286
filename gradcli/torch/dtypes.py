"""torch.float32 and its like: dtypes as PyTorch names and prints them."""

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.diagnostics import TypeFault
from gradcli.ops import dtypes

__all__ = ["dtype", "get_default_dtype", "set_default_dtype", *dtypes.NAMES]


class dtype:  # noqa: N801 - PyTorch's name
    """A dtype: prints as `torch.float32`, and is what NumPy's dtype of that name is to arrays."""

    __slots__ = ("name", "numpy")

    def __init__(self, numpy: Any) -> None:
        self.numpy = numpy
        self.name = dtypes.dtype_name(numpy)

    @property
    def is_floating_point(self) -> bool:
        """Whether it is a floating-point dtype."""
        return self.numpy.kind == "f"  # type: ignore[no-any-return] # a bool

    def __repr__(self) -> str:
        return f"torch.{self.name}"


_MADE = {numpy: dtype(numpy) for numpy in dict.fromkeys(dtypes.NAMES.values())}
globals().update({name: _MADE[numpy] for name, numpy in dtypes.NAMES.items()})


def wrap(numpy: Any) -> dtype:
    """Returns PyTorch's dtype object for a NumPy dtype."""
    return _MADE[numpy]


def unwrap(value: Any) -> Any:
    """Returns the NumPy dtype of a PyTorch dtype, of Python's float, int or bool, or None of None.

    Raises:
        TypeFault: it is none of these.
    """
    if value is None:
        return None
    if isinstance(value, dtype):
        return value.numpy
    python = {float: context.default_dtype, int: dtypes.INT64, bool: dtypes.BOOL}.get(value)
    if python is None:
        raise TypeFault("E303", f"expected a dtype such as float64, but got {type(value).__name__}")
    return python


def get_default_dtype() -> dtype:
    """Returns the dtype of floats without one."""
    return wrap(context.default_dtype)


def set_default_dtype(d: Any) -> None:
    """Makes a floating dtype that of floats without one."""
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeFault("E303", "only floating-point types are supported as the default type")
    context.default_dtype = d.numpy
