"""What operators refuse before they compute: truth values to subtract, numbers too big."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import GradcliError, RuntimeFault
from gradcli.ops.dtypes import BOOL

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OverflowFault", "check_operand", "negated"]

LEAST, MOST = -(2**63), 2**63 - 1
TWO_MASKS = (
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
    "operator instead."
)
ONE_MASK = (
    "{what}, the `-` operator, {place} a bool tensor is not supported. If you are trying to invert a mask, "
    "use the `~` or `logical_not()` operator instead."
)


class OverflowFault(GradcliError, OverflowError):
    """PyTorch's OverflowError for a Python integer of more than 64 bits."""


def check_operand(tensor: Tensor, other: Any, *, subtracts: bool) -> None:
    """Returns if a tensor and another operand can be computed with.

    Raises:
        OverflowFault: the other is a Python integer of more than 64 bits.
        RuntimeFault: truth values would be subtracted.
    """
    if other.__class__ is int and not LEAST <= other <= MOST:
        raise OverflowFault(
            "E304", "int too big to convert", help=f"write it as a float: {float_text(other)}"
        )
    if not subtracts or tensor._array.dtype != BOOL:
        return
    if isinstance(other, Tensor):
        if other._array.dtype == BOOL:
            raise RuntimeFault("E304", TWO_MASKS, help="a ^ b says where they differ")
    else:
        raise RuntimeFault("E304", ONE_MASK.format(what="Subtraction", place="with"), help="write ~mask")


def float_text(number: int) -> str:
    """Returns a big integer in scientific notation, of as many digits as show its size."""
    try:
        return f"{float(number):.3e}"
    except OverflowError:
        return "float('inf')"


def negated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the negation that refuses truth values."""

    def method(self: Tensor) -> Any:
        if self._array.dtype == BOOL:
            raise RuntimeFault("E304", ONE_MASK.format(what="Negation", place="on"), help="write ~mask")
        return function(self)

    return method
