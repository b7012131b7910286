"""requires_grad and grad: what may be set, and PyTorch's words where it may not."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.context import context
from gradcli.autograd.node import graph_fault
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.shapes import size_text

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor

__all__ = ["UNSAVABLE", "check_flag", "check_flag_method", "check_grad", "warn_of_non_leaf"]

ONLY_LEAVES = "you can only change requires_grad flags of leaf variables."
USE_DETACH = (
    " If you want to use a computed variable in a subgraph that doesn't require differentiation use "
    "var_no_grad = var.detach()."
)
MAKE_IT_FLOAT = "give it a floating-point dtype first: .float() or .double()"
GRAD_OF_NON_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't "
    "be populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
    "non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by "
    "mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for "
    "more information."
)

UNSAVABLE = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
    "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor "
    "and use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
)


def check_flag(tensor: Tensor, value: Any) -> None:
    """Returns if `tensor.requires_grad = value` is allowed.

    Raises:
        RuntimeFault: the value is no bool, or the tensor is no leaf, not of a floating dtype, or an
            inference tensor outside of inference mode.
    """
    if not isinstance(value, bool):
        raise RuntimeFault("E404", "requires_grad must be a bool")
    if not tensor.is_leaf:
        raise graph_fault("E404", ONLY_LEAVES if value else ONLY_LEAVES + USE_DETACH, tensor)
    if value and tensor._array.dtype.kind not in "fc":
        raise RuntimeFault(
            "E404",
            "only Tensors of floating point and complex dtype can require gradients",
            help=MAKE_IT_FLOAT,
        )
    _check_inference(tensor, value)


def check_flag_method(tensor: Tensor, value: Any) -> bool:
    """Returns whether `tensor.requires_grad_(value)` has anything to set; raises as `check_flag` does."""
    if not isinstance(value, bool):
        kind = type(value).__name__
        raise TypeFault(
            "E404", f"requires_grad_(): argument 'requires_grad' (position 1) must be bool, not {kind}"
        )
    if not tensor.is_leaf:
        if value:
            return False
        raise graph_fault("E404", ONLY_LEAVES + USE_DETACH, tensor)
    if value and tensor._array.dtype.kind not in "fc":
        raise RuntimeFault(
            "E404", "only Tensors of floating point dtype can require gradients", help=MAKE_IT_FLOAT
        )
    _check_inference(tensor, value)
    return True


def _check_inference(tensor: Tensor, value: bool) -> None:
    if value and tensor._counter is None and not context.inference:
        raise RuntimeFault(
            "E404", "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
        )


def check_grad(tensor: Tensor, grad: Tensor) -> None:
    """Returns if a tensor may be assigned to another's `.grad`.

    Raises:
        RuntimeFault: it is the tensor itself, or of another dtype or shape.
    """
    if grad is tensor:
        raise RuntimeFault("E404", "can't assign Variable as its own grad")
    if grad._array.dtype != tensor._array.dtype:
        raise RuntimeFault(
            "E404",
            f"attempting to assign a gradient with dtype '{scalar_type(grad._array.dtype).lower()}' to a "
            "tensor "
            f"with grad_dtype '{scalar_type(tensor._array.dtype)}'. The gradient must match the tensor's "
            "grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute "
            "with a "
            "specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the "
            "dtypes of a "
            "tensor and its gradient may break downstream systems that assume they match.",
            help="cast the gradient first: .to(x.dtype)",
        )
    if grad._array.shape != tensor._array.shape:
        raise RuntimeFault(
            "E404",
            f"attempting to assign a gradient of size '{size_text(grad._array.shape)}' to a tensor of size "
            f"'{size_text(tensor._array.shape)}'. Please ensure that the gradient and the tensor are the "
            "same size",
        )


def warn_of_non_leaf() -> None:
    """Warns as PyTorch does where `.grad` of a tensor is read that will never have one."""
    from warnings import warn  # a mistake; not worth the start-up

    warn(GRAD_OF_NON_LEAF, UserWarning, stacklevel=3)
