"""Adagrad. Source: Duchi, Hazan, Singer, Adaptive Subgradient Methods (2011)."""

# ruff: noqa: PLR0913, SLF001 - PyTorch's signatures; Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.tensor import make
from gradcli.torch.optim.moments import decayed
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

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Steps along gradients over the root of the sum of all their squares so far.

    Raises:
        ValueFault: a setting is negative.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        not_negative(learning_rate=lr, lr_decay_value=lr_decay, weight_decay_value=weight_decay)
        not_negative(initial_accumulator_value_value=initial_accumulator_value, epsilon_value=eps)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:  # remembered from the start, as state_dict shows
            for param in group["params"]:
                start = np.full_like(param._array, initial_accumulator_value)
                self.state[param] = {"step": make(np.zeros((), np.float32)), "sum": make(start)}

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        step = counted(state)
        grad = decayed(param, grad, group)
        lr = number(group["lr"]) / (1 + (step - 1) * group["lr_decay"])
        total = remembered(state, "sum", param)
        total += grad * grad
        param -= grad * lr / (np.sqrt(total) + group["eps"])
