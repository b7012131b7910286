"""RMSprop.

Sources: Hinton, Neural Networks for Machine Learning, lecture 6; Graves, Generating Sequences (2013) for the
centred form.
"""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.torch.optim.moments import blend, blend_square, decayed
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

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Steps along gradients over the root of a running mean of their squares, or of their variance.

    Raises:
        ValueFault: a setting is negative.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr, epsilon_value=eps, momentum_value=momentum)
        not_negative(weight_decay_value=weight_decay, alpha_value=alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        counted(state)
        lr, alpha, momentum = number(group["lr"]), group["alpha"], group["momentum"]
        square = remembered(state, "square_avg", param)
        buffer = remembered(state, "momentum_buffer", param) if momentum > 0 else None
        grad = decayed(param, grad, group)
        blend_square(square, grad, alpha)
        if group["centered"]:
            mean = remembered(state, "grad_avg", param)
            blend(mean, grad, 1 - alpha)
            scale = np.sqrt(square - mean * mean)
        else:
            scale = np.sqrt(square)
        scale = scale + group["eps"]
        if buffer is not None:
            buffer *= momentum
            buffer += grad / scale
            param -= buffer * lr
        else:
            param -= grad * lr / scale
