"""Rprop.

Source: Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning (1993).
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
    kept,
    not_negative,
    number,
    remembered,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Steps by the gradient's sign, longer while it stays and shorter where it turned.

    Raises:
        ValueFault: the learning rate is negative, or the factors are not on both sides of 1.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        not_negative(learning_rate=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueFault("E303", f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        (shorter, longer), (least, most) = group["etas"], group["step_sizes"]
        counted(state)
        before = remembered(state, "prev", param)
        if "step_size" not in state:
            state["step_size"] = kept(np.full_like(grad, number(group["lr"])))
        size = remembered(state, "step_size", param)
        turn = np.sign(grad * before)
        size *= np.where(turn > 0, longer, np.where(turn < 0, shorter, 1)).astype(size.dtype)
        np.clip(size, least, most, out=size)
        grad = np.where(turn < 0, 0, grad).astype(grad.dtype)
        param -= np.sign(grad) * size
        before[...] = grad
