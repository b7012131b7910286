"""Stochastic gradient descent.

Source of momentum and Nesterov's form: Sutskever et al., On the importance of initialization and momentum in
deep learning (2013), with PyTorch's placing of the learning rate outside of the momentum buffer.
"""

# ruff: noqa: PLR0913, SLF001 - PyTorch's signatures; Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import ValueFault
from gradcli.torch.optim.moments import decayed
from gradcli.torch.optim.optimizer import Array, Optimizer, State, kept, not_negative, number

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SGD"]


class SGD(Optimizer):
    """Steps along the negative gradient, or along a running sum of gradients.

    Raises:
        ValueFault: a setting is negative, or Nesterov's form is asked for without momentum.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        not_negative(learning_rate=lr, momentum_value=momentum, weight_decay_value=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueFault("E303", "Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        grad = decayed(param, grad, group)
        momentum = group["momentum"]
        if momentum:
            held = state.get("momentum_buffer")
            if held is None:
                state["momentum_buffer"] = kept(np.array(grad))
                buffer = grad
            else:
                buffer = held._array
                buffer *= momentum
                buffer += grad * (1 - group["dampening"])
            grad = grad + buffer * momentum if group["nesterov"] else buffer
        param -= grad * number(group["lr"])
