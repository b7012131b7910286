"""NAdam and RAdam.

Sources: Dozat, Incorporating Nesterov Momentum into Adam (2016); Liu et al., On the Variance of the Adaptive
Learning Rate and Beyond (2020).
"""

# ruff: noqa: PLR0913, SLF001 - PyTorch's signatures; Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.tensor import make
from gradcli.torch.optim.moments import blend, blend_square, check_betas, decayed
from gradcli.torch.optim.optimizer import Array, Optimizer, State, counted, not_negative, number, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NAdam", "RAdam"]

FADING = 0.96  # of NAdam's momentum
ENOUGH = 5.0  # degrees of freedom from which on RAdam trusts its variance


class NAdam(Optimizer):
    """Adam with Nesterov's momentum.

    Raises:
        ValueFault: a setting is negative, or a beta is not in [0, 1).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr, epsilon_value=eps)
        check_betas(betas)
        not_negative(weight_decay_value=weight_decay, momentum_decay_value=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        lr, (beta1, beta2), fade = number(group["lr"]), group["betas"], group["momentum_decay"]
        step = counted(state)
        if "mu_product" not in state:
            state["mu_product"] = make(np.ones((), np.float32))
        product = state["mu_product"]._array
        mean = remembered(state, "exp_avg", param)
        square = remembered(state, "exp_avg_sq", param)
        grad = decayed(param, grad, group)
        now = beta1 * (1.0 - 0.5 * FADING ** (step * fade))
        following = beta1 * (1.0 - 0.5 * FADING ** ((step + 1) * fade))
        product *= now
        blend(mean, grad, 1 - beta1)
        blend_square(square, grad, beta2)
        scale = np.sqrt(square / (1 - beta2**step)) + group["eps"]
        so_far = float(product)
        param -= grad * (lr * (1.0 - now) / (1.0 - so_far)) / scale
        param -= mean * (lr * following / (1.0 - so_far * following)) / scale


class RAdam(Optimizer):
    """Adam that is not adaptive until its variance can be trusted.

    Raises:
        ValueFault: a setting is negative, or a beta is not in [0, 1).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr, epsilon_value=eps)
        check_betas(betas)
        not_negative(weight_decay_value=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        step = counted(state)
        mean = remembered(state, "exp_avg", param)
        square = remembered(state, "exp_avg_sq", param)
        grad = decayed(param, grad, group)
        blend(mean, grad, 1 - beta1)
        blend_square(square, grad, beta2)
        direction = mean / (1 - beta1**step) * number(group["lr"])
        most = 2 / (1 - beta2) - 1
        freedom = most - 2 * step * beta2**step / (1 - beta2**step)
        if freedom > ENOUGH:
            rectified = ((freedom - 4) * (freedom - 2) * most / ((most - 4) * (most - 2) * freedom)) ** 0.5
            direction = direction * ((1 - beta2**step) ** 0.5 / (np.sqrt(square) + group["eps"])) * rectified
        param -= direction
