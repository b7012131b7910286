"""Adamax. Source: Kingma and Ba, Adam (2015), section 7.1."""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.torch.optim.moments import blend, check_betas, decayed
from gradcli.torch.optim.optimizer import Array, Optimizer, State, counted, not_negative, number, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Adam with the largest of the fading gradients in the place of the root of their squares.

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
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr, epsilon_value=eps)
        check_betas(betas)
        not_negative(weight_decay_value=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        step = counted(state)
        mean = remembered(state, "exp_avg", param)
        largest = remembered(state, "exp_inf", param)
        grad = decayed(param, grad, group)
        blend(mean, grad, 1 - beta1)
        largest *= beta2
        np.maximum(largest, np.abs(grad) + group["eps"], out=largest)
        param -= mean * (number(group["lr"]) / (1 - beta1**step)) / largest
