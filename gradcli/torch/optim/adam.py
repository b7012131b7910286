"""Adam and AdamW.

Sources: Kingma and Ba, Adam (2015); Reddi et al., On the Convergence of Adam and Beyond (2018) for amsgrad;
Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019) for AdamW.
"""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import ValueFault
from gradcli.torch.optim.optimizer import (
    Array,
    Optimizer,
    State,
    counted,
    not_negative,
    number,
    remembered,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Adam", "AdamW"]

HALF = 0.5  # from here on a weighted mean is computed from its other end


class Adam(Optimizer):
    """Steps along running means of gradients over the roots of running means of their squares.

    Raises:
        ValueFault: a setting is negative, or a beta is not in [0, 1).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        not_negative(learning_rate=lr, epsilon_value=eps)
        for place, beta in enumerate(betas):
            if not 0.0 <= number(beta) < 1.0:
                raise ValueFault("E303", f"Invalid beta parameter at index {place}: {beta}")
        not_negative(weight_decay_value=weight_decay)
        defaults = {
            "lr": lr,
            "betas": (number(betas[0]), number(betas[1])),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        lr, (beta1, beta2), decay = number(group["lr"]), group["betas"], group["weight_decay"]
        step = counted(state)
        mean = remembered(state, "exp_avg", param)
        square = remembered(state, "exp_avg_sq", param)
        if decay and group["decoupled_weight_decay"]:
            param *= 1 - lr * decay
        elif decay:
            grad = grad + param * decay
        blend(mean, grad, 1 - beta1)
        square *= beta2
        square += grad * (1 - beta2) * grad
        if group["amsgrad"]:
            largest = remembered(state, "max_exp_avg_sq", param)
            square = np.maximum(largest, square, out=largest)
        scale = np.sqrt(square) / (1 - beta2**step) ** 0.5
        param -= mean * (lr / (1 - beta1**step)) / (scale + group["eps"])


def blend(mean: Array, new: Array, weight: float) -> None:
    """Moves a running mean towards new values in place, rounded as PyTorch's lerp."""
    if weight < HALF:
        mean += (new - mean) * weight
    else:
        mean[...] = new - (new - mean) * (1 - weight)


class AdamW(Adam):
    """Adam whose weight decay acts on the parameters themselves, not on their gradients."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **named, decoupled_weight_decay=True)
