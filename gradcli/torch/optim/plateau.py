"""torch.optim.lr_scheduler.ReduceLROnPlateau: rates that fall when a number stops getting better."""

# ruff: noqa: PLR0913 - PyTorch's signatures

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.torch.optim.lr_scheduler import LRScheduler
from gradcli.torch.optim.optimizer import Optimizer

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """Rates times a factor after `patience` epochs without a better number.

    Args:
        optimizer: whose rates change.
        mode: "min" where smaller is better, "max" where larger is.
        factor: below 1.
        patience: how many epochs may pass without a better number.
        threshold: by how much a number must be better, relative ("rel") or absolute ("abs").
        threshold_mode: which of the two.
        cooldown: epochs after a change that do not count.
        min_lr: below which no rate falls, or one per group.
        eps: changes smaller than this are not made.

    Raises:
        TypeFault, ValueFault: an option will not do.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: Any = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueFault("E303", "Factor should be < 1.0.")
        if not isinstance(optimizer, Optimizer):
            raise TypeFault("E303", f"{type(optimizer).__name__} is not an Optimizer")
        groups = len(optimizer.param_groups)
        if isinstance(min_lr, (list, tuple)) and len(min_lr) != groups:
            raise ValueFault("E303", f"expected {groups} min_lrs, got {len(min_lr)}")
        if mode not in ("min", "max"):
            raise ValueFault("E303", f"mode {mode} is unknown!")
        if threshold_mode not in ("rel", "abs"):
            raise ValueFault("E303", f"threshold mode {threshold_mode} is unknown!")
        self.optimizer, self.factor, self.patience, self.cooldown = optimizer, factor, patience, cooldown
        self.min_lrs = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * groups
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.eps, self.mode, self.threshold, self.threshold_mode = eps, mode, threshold, threshold_mode
        self.last_epoch = 0
        self._last_lr = self._current()
        self._reset()

    def _reset(self) -> None:
        self.best = math.inf if self.mode == "min" else -math.inf
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    @property
    def in_cooldown(self) -> bool:
        """Whether epochs do not count yet after a change."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any = None) -> None:
        """Takes the number of an epoch, and lowers the rates if it is time."""
        current = float(metrics)
        self.last_epoch += 1
        if self.is_better(current, self.best):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._current()

    def _reduce(self) -> None:
        for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            new = max(group["lr"] * self.factor, least)
            if group["lr"] - new > self.eps:
                group["lr"] = new

    def is_better(self, a: float, best: float) -> bool:
        """Whether a number is better than the best so far."""
        if self.threshold_mode == "rel":
            limit = best * (1.0 - self.threshold if self.mode == "min" else 1.0 + self.threshold)
        else:
            limit = best - self.threshold if self.mode == "min" else best + self.threshold
        return a < limit if self.mode == "min" else a > limit
