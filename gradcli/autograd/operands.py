"""What operators refuse before they compute: truth values to subtract, numbers too big."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import GradcliError, RuntimeFault
from gradcli.ops.dtypes import BOOL

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OverflowFault", "check_operand", "refusing"]

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
    masks = [one for one in (tensor, other) if isinstance(one, Tensor) and one._array.dtype == BOOL]
    if not subtracts or not masks:
        return
    if len(masks) > 1:
        raise RuntimeFault("E304", TWO_MASKS, help="a ^ b says where they differ")
    raise RuntimeFault("E304", ONE_MASK.format(what="Subtraction", place="with"), help="write ~mask")


def float_text(number: int) -> str:
    """Returns a big integer in scientific notation, of as many digits as show its size."""
    try:
        return f"{float(number):.3e}"
    except OverflowError:
        return "float('inf')"


def refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a subtraction or a negation that refuses truth values."""

    def checked(*args: Any, **kwargs: Any) -> Any:
        values = [*args, *kwargs.values()]
        masks = [one for one in values if isinstance(one, Tensor) and one._array.dtype == BOOL]
        if masks and len(values) == 1:
            raise RuntimeFault("E304", ONE_MASK.format(what="Negation", place="on"), help="write ~mask")
        if masks:
            first, second = (*values, None)[:2]
            check_operand(masks[0], second if first is masks[0] else first, subtracts=True)
        return function(*args, **kwargs)

    return checked
