"""What the adaptive optimizers share: weight decay, and running means of gradients and their squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import ValueFault
from gradcli.torch.optim.optimizer import number

if TYPE_CHECKING:
    from gradcli.torch.optim.optimizer import Array

__all__ = ["blend", "blend_square", "check_betas", "decayed"]

HALF = 0.5  # from here on a weighted mean is computed from its other end


def check_betas(betas: tuple[Any, Any]) -> None:
    """Returns if both betas are in [0, 1); raises ValueFault else."""
    for place, beta in enumerate(betas):
        if not 0.0 <= number(beta) < 1.0:
            raise ValueFault("E303", f"Invalid beta parameter at index {place}: {beta}")


def decayed(param: Array, grad: Array, group: dict[str, Any]) -> Array:
    """Returns the gradient with weight decay in it, or as it is, the parameter decayed instead."""
    decay = number(group["weight_decay"])
    if not decay:
        return grad
    if group.get("decoupled_weight_decay"):
        param *= 1 - number(group["lr"]) * decay
        return grad
    return grad + param * decay


def blend(mean: Array, new: Array, weight: float) -> None:
    """Moves a running mean towards new values in place, rounded as PyTorch's lerp."""
    if weight < HALF:
        mean += (new - mean) * weight
    else:
        mean[...] = new - (new - mean) * (1 - weight)


def blend_square(mean: Array, new: Array, fading: float) -> None:
    """Moves a running mean of squares towards those of new values in place, rounded as PyTorch's addcmul."""
    mean *= fading
    mean += new * (1 - fading) * new
