"""Adam and AdamW.

Sources: Kingma and Ba, Adam (2015); Reddi et al., On the Convergence of Adam and Beyond (2018) for amsgrad;
Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019) for AdamW.
"""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.torch.optim.moments import blend, blend_square, check_betas, decayed
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
        check_betas(betas)
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
        lr, (beta1, beta2) = number(group["lr"]), group["betas"]
        step = counted(state)
        mean = remembered(state, "exp_avg", param)
        square = remembered(state, "exp_avg_sq", param)
        grad = decayed(param, grad, group)
        blend(mean, grad, 1 - beta1)
        blend_square(square, grad, beta2)
        if group["amsgrad"]:
            largest = remembered(state, "max_exp_avg_sq", param)
            square = np.maximum(largest, square, out=largest)
        scale = np.sqrt(square) / (1 - beta2**step) ** 0.5
        param -= mean * (lr / (1 - beta1**step)) / (scale + group["eps"])


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
