"""What may be changed in place, and PyTorch's words for what may not."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.autograd.context import context
from gradcli.autograd.node import graph_fault, short_name
from gradcli.autograd.viewing import INFERENCE, NO_GRAD, SEVERAL
from gradcli.diagnostics import RuntimeFault

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor

__all__ = ["check_history", "check_origin", "check_writable"]

LEAF_IN_PLACE = "a leaf Variable that requires grad is being used in an in-place operation."
OUT_OF_PLACE = "write the out-of-place form (x = x + 1), or change it inside `with torch.no_grad():`"
BOTH_INSIDE = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
    "moving both the view and the inplace either both inside the {mode} block (if you don't want the inplace "
    "to be tracked) or both outside (if you want the inplace to be tracked)."
)
ONE_OF_SEVERAL = (
    " This view is the output of a function that returns multiple views. Such functions do not allow the "
    "output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
)


def check_writable(tensor: Tensor) -> None:
    """Returns if the tensor may be changed in place.

    Raises:
        RuntimeFault: its elements share memory with each other; it is an inference tensor outside of
            inference mode; or grad mode is on and it is a leaf that requires grad, a view of one, one of
            several views, or a view made in no_grad mode.
    """
    if not tensor._array.flags.writeable:
        raise RuntimeFault(
            "E403",
            "unsupported operation: more than one element of the written-to tensor refers to a single memory "
            "location. Please clone() the tensor before performing the operation.",
        )
    if tensor._counter is None and not context.inference:
        raise RuntimeFault(
            "E403",
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a "
            "clone to get a "
            "normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for "
            "more details.",
            help="write y = y.clone() first",
        )
    if context.grad_enabled and tensor.requires_grad:
        check_history(tensor)


def check_history(tensor: Tensor) -> None:
    """Returns if a recorded in-place operation may give the tensor a new history."""
    base = tensor._base
    if base is not None:
        check_origin(tensor, "is being")
        if base._requires_grad and base._edge is None:
            raise graph_fault(
                "E403",
                "a view of a leaf Variable that requires grad is being used in an in-place operation.",
                base,
                help=OUT_OF_PLACE,
            )
    if tensor.requires_grad and tensor.edge() is None:
        raise graph_fault("E403", LEAF_IN_PLACE, tensor, help=OUT_OF_PLACE)


def check_origin(view: Tensor, changed: str) -> None:
    """Raises PyTorch's error for a view that cannot follow a change: `changed` says what was changed."""
    origin, edge = view._origin, view._edge
    if origin is None:
        return
    if origin == SEVERAL and edge is not None:
        start = f"Output {edge[1]} of {short_name(edge[0])} is a view and"
    elif edge is not None:
        start = f"Output {edge[1]} of {short_name(edge[0])} is a view of a view which was created in"
    else:
        start = "A view was created in"
    if origin == INFERENCE:
        start += " inference mode and"
    elif origin == NO_GRAD or edge is None:
        start += " no_grad mode and"
    end = " in normal mode." if origin == INFERENCE else "."
    if origin == NO_GRAD or (edge is None and origin == SEVERAL):
        end = " with grad mode enabled."
    why = ONE_OF_SEVERAL if origin == SEVERAL else BOTH_INSIDE.format(mode=origin)
    raise RuntimeFault("E403", f"{start} {changed} modified inplace{end}{why}", help=OUT_OF_PLACE)
