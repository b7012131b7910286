"""torch.optim.lr_scheduler: rates that rise and fall in cycles.

Sources: Smith, Cyclical Learning Rates (2017); Smith and Topin, Super-Convergence (2018); Loshchilov and
Hutter, SGDR (2017).
"""

# ruff: noqa: N803, PLR0913 - PyTorch's names and signatures

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import ValueFault
from gradcli.torch.optim.lr_scheduler import LRScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.torch.optim.optimizer import Optimizer

__all__ = ["CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]

NO_MOMENTUM = "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"


def _per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """A setting for each group."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ValueFault(
            "E303",
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, "
            f"param_groups has {count}.",
        )
    return list(value)


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def _begin_momentum(optimizer: Optimizer, base: Any, most: Any) -> None:
    """Gives groups the momentum that a cycle begins with, and its limits."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueFault("E303", NO_MOMENTUM, help="give cycle_momentum=False")
    bases = _per_group("base_momentum", optimizer, base)
    mosts = _per_group("max_momentum", optimizer, most)
    for group, low, high in zip(optimizer.param_groups, bases, mosts, strict=True):
        _set_momentum(group, high)
        group["max_momentum"], group["base_momentum"] = high, low


class CyclicLR(LRScheduler):
    """Rates between two limits, up and down in lines.

    Raises:
        ValueFault: an option will not do.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        bases = _per_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, bases, strict=True):
                group["lr"] = rate
        self.max_lrs = _per_group("max_lr", optimizer, max_lr)
        up = float(step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueFault("E303", "mode is invalid and scale_fn is None")
        self.mode, self.gamma, self._scale = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            _begin_momentum(optimizer, base_momentum, max_momentum)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = bases

    def scale_fn(self, x: float) -> float:
        """How high a cycle is, or an epoch in it."""
        if self._scale is not None:
            return float(self._scale(x))
        if self.mode == "triangular2":
            return float(1 / 2.0 ** (x - 1))
        return float(self.gamma**x) if self.mode == "exp_range" else 1.0

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                most = group["max_momentum"]
                _set_momentum(group, most - (most - group["base_momentum"]) * height * scale)
        return [
            base + (most - base) * height * scale
            for base, most in zip(self.base_lrs, self.max_lrs, strict=True)
        ]


class OneCycleLR(LRScheduler):
    """Rates that rise once to a limit and then fall far below where they began.

    Raises:
        ValueFault: an option will not do, or more steps are made than were said.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueFault("E303", f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueFault(
                "E303", f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal = _cosine if anneal_strategy == "cos" else _line
        # Per phase: its last step, and the names of the rates and momentums it goes from and to.
        up, down = ("initial_lr", "max_lr"), ("max_lr", "initial_lr" if three_phase else "min_lr")
        less, more = ("max_momentum", "base_momentum"), ("base_momentum", "max_momentum")
        self._phases = [(float(pct_start * self.total_steps) - 1, up, less)]
        if three_phase:
            self._phases.append((float(2 * pct_start * self.total_steps) - 2, down, more))
            down, more = ("initial_lr", "min_lr"), ("max_momentum", "max_momentum")
        self._phases.append((self.total_steps - 1, down, more))
        if last_epoch == -1:
            rates = _per_group("max_lr", optimizer, max_lr)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            _begin_momentum(optimizer, base_momentum, max_momentum)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueFault(
                "E303",
                f"Tried to step {step} times. The specified number of total steps is {self.total_steps}",
            )
        place = next((i for i, phase in enumerate(self._phases) if step <= phase[0]), len(self._phases) - 1)
        end, rates, momentums = self._phases[place]
        start = self._phases[place - 1][0] if place else 0.0
        part = (step - start) / (end - start)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                _set_momentum(group, self._anneal(group[momentums[0]], group[momentums[1]], part))
        return [self._anneal(group[rates[0]], group[rates[1]], part) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """All that it knows but the optimizer and the function between two rates."""
        return {key: value for key, value in super().state_dict().items() if key != "_anneal"}


def _total(steps: int | None, epochs: int | None, per_epoch: int | None) -> int:
    given = {"total_steps": steps} if steps is not None else {"epochs": epochs, "steps_per_epoch": per_epoch}
    if None in given.values():
        raise ValueFault("E303", "You must define either total_steps OR (epochs AND steps_per_epoch)")
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueFault("E303", f"Expected positive integer {name}, but got {value}")
    return math.prod(value for value in given.values() if value is not None)


def _cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def _line(start: float, end: float, part: float) -> float:
    return (end - start) * part + start


class CosineAnnealingWarmRestarts(LRScheduler):
    """Rates that follow half a cosine down to eta_min, and begin anew; each time T_mult times as slowly.

    Raises:
        ValueFault: T_0 is no positive integer, or T_mult none from 1 on.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ValueFault("E303", f"Expected positive integer T_0, but got {T_0}")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueFault("E303", f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0 = self.T_i = T_0
        self.T_mult, self.eta_min = T_mult, eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        part = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * part for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Goes on to the next epoch, or to the one given, which may be a fraction."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self._jump(epoch)
        self.last_epoch = math.floor(epoch)
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = rate
        self._last_lr = self._current()

    def _jump(self, epoch: float) -> None:
        if epoch < 0:
            raise ValueFault("E303", f"Expected non-negative epoch, but got {epoch}")
        self.T_i, self.T_cur = self.T_0, epoch
        if epoch >= self.T_0:
            if self.T_mult == 1:
                self.T_cur = epoch % self.T_0
            else:
                times = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
                self.T_cur = epoch - self.T_0 * (self.T_mult**times - 1) / (self.T_mult - 1)
                self.T_i = self.T_0 * self.T_mult**times
