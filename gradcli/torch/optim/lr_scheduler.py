"""torch.optim.lr_scheduler: learning rates that change from epoch to epoch.

The module answers for the other schedules too, because Python finds it where the namespace stands.
"""

# ruff: noqa: N803 - PyTorch's names

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import NotImplementedFault, TypeFault, ValueFault
from gradcli.torch.namespace import Namespace
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LambdaLR", "MultiStepLR", "StepLR"]

TOO_EARLY = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you "
    "should call "
    "them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this "
    "will result "
    "in PyTorch skipping the first value of the learning rate schedule. See more details at "
    "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
)

_names = Namespace("optim.lr_scheduler")


def __getattr__(name: str) -> Any:
    return getattr(_names, name)


def __dir__() -> list[str]:
    return dir(_names)


class LRScheduler:
    """What all schedules share; a subclass writes `get_lr`, one rate per parameter group.

    Attributes:
        base_lrs: the rates the groups began with.
        last_epoch: how many steps were made.

    Raises:
        TypeFault: it is given no optimizer.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeFault("E303", f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for place, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueFault(
                    "E303",
                    f"param 'initial_lr' is not specified in param_groups[{place}] "
                    "when resuming scheduler with "
                    "last_epoch >= 0.",
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        self._last_lr: list[Any] = []
        optimizer.stepped = False
        self.step()

    def get_lr(self) -> list[Any]:
        """The rates of this epoch.

        Raises:
            NotImplementedFault: a subclass did not write it.
        """
        raise NotImplementedFault("E303", f"{type(self).__name__} has no schedule")

    def get_last_lr(self) -> list[Any]:
        """The rates that the last step set."""
        return self._last_lr

    def step(self) -> None:
        """Goes on to the next epoch and sets its rates."""
        if self._step_count == 1 and not self.optimizer.stepped:
            from warnings import warn  # a mistake; not worth the start-up

            warn(TOO_EARLY, UserWarning, stacklevel=2)
        self._step_count += 1
        self.last_epoch += 1
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = rate
        self._last_lr = self._current()

    def _current(self) -> list[Any]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def _begins(self) -> bool:
        """Whether the step being made is the one at the schedule's making."""
        return self._step_count == 1

    def state_dict(self) -> dict[str, Any]:
        """All that it knows but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what a state_dict says."""
        self.__dict__.update({key: value for key, value in state_dict.items() if key in self.__dict__})


class LambdaLR(LRScheduler):
    """The first rates times a function of the epoch, or one function per group.

    Raises:
        ValueFault: there are not as many functions as groups.
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Callable[[int], float] | list[Any], last_epoch: int = -1
    ) -> None:
        groups = len(optimizer.param_groups)
        if not isinstance(lr_lambda, (list, tuple)):
            self.lr_lambdas = [lr_lambda] * groups
        elif len(lr_lambda) != groups:
            raise ValueFault("E303", f"Expected {groups} lr_lambdas, but got {len(lr_lambda)}")
        else:
            self.lr_lambdas = list(lr_lambda)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        pairs = zip(self.lr_lambdas, self.base_lrs, strict=True)
        return [base * function(self.last_epoch) for function, base in pairs]

    def state_dict(self) -> dict[str, Any]:
        """All that it knows but the optimizer and the functions."""
        return super().state_dict() | {"lr_lambdas": [None] * len(self.lr_lambdas)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what a state_dict says; the functions stay."""
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "lr_lambdas"})


class StepLR(LRScheduler):
    """Rates times gamma every `step_size` epochs."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        if self.last_epoch == 0 or self.last_epoch % self.step_size:
            return self._current()
        return [rate * self.gamma for rate in self._current()]


class MultiStepLR(LRScheduler):
    """Rates times gamma at each of the epochs given."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        times = self.milestones[self.last_epoch]
        return [rate * self.gamma**times for rate in self._current()] if times else self._current()


class ExponentialLR(LRScheduler):
    """Rates times gamma every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        return self._current() if self._begins() else [rate * self.gamma for rate in self._current()]


class CosineAnnealingLR(LRScheduler):
    """Rates that follow half a cosine from the first ones down to eta_min in T_max epochs, and back.

    Source: Loshchilov and Hutter, SGDR (2017), in the recursive form that PyTorch computes, which keeps what
    else changed the rates.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of this epoch."""
        if self._begins():
            return self._current()
        period, low = self.T_max, self.eta_min
        if (self.last_epoch - 1 - period) % (2 * period) == 0:
            up = (1 - math.cos(math.pi / period)) / 2
            return [
                rate + (base - low) * up for base, rate in zip(self.base_lrs, self._current(), strict=True)
            ]
        now = 1 + math.cos(math.pi * self.last_epoch / period)
        before = 1 + math.cos(math.pi * (self.last_epoch - 1) / period)
        return [now / before * (rate - low) + low for rate in self._current()]
