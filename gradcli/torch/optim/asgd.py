"""ASGD. Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992)."""

# ruff: noqa: PLR0913, SLF001 - PyTorch's signatures; Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.tensor import make
from gradcli.torch.optim.moments import decayed
from gradcli.torch.optim.optimizer import Array, Optimizer, State, counted, not_negative, number, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Fading steps along gradients; the mean of the parameters from step t0 on is remembered as `ax`.

    Raises:
        ValueFault: a setting is negative.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr, weight_decay_value=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        lr, lambd = number(group["lr"]), group["lambd"]
        step = counted(state)
        if "eta" not in state:
            state["eta"] = make(np.array(lr, np.float32))
            state["mu"] = make(np.ones((), np.float32))
        eta, mu = state["eta"]._array, state["mu"]._array
        mean = remembered(state, "ax", param)
        grad = decayed(param, grad, group)
        param *= 1 - lambd * float(eta)
        param -= grad * float(eta)
        if mu == 1:
            mean[...] = param
        else:
            mean += (param - mean) * mu
        eta[...] = lr / (1 + lambd * lr * step) ** group["alpha"]
        mu[...] = 1 / max(1, step - group["t0"])
