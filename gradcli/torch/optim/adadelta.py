"""Adadelta. Source: Zeiler, Adadelta: An Adaptive Learning Rate Method (2012)."""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import ValueFault
from gradcli.torch.optim.moments import blend_square, decayed
from gradcli.torch.optim.optimizer import Array, Optimizer, State, counted, not_negative, number, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Steps as long as the steps so far, over the root of a running mean of squared gradients.

    Raises:
        ValueFault: a setting is negative, or rho is above 1.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueFault("E303", f"Invalid rho value: {rho}")
        not_negative(epsilon_value=eps, weight_decay_value=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        rho, eps = group["rho"], group["eps"]
        counted(state)
        square = remembered(state, "square_avg", param)
        steps = remembered(state, "acc_delta", param)
        grad = decayed(param, grad, group)
        blend_square(square, grad, rho)
        delta = np.sqrt(steps + eps) / np.sqrt(square + eps) * grad
        blend_square(steps, delta, rho)
        param -= delta * number(group["lr"])
