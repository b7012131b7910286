"""torch.optim.lr_scheduler: schedules made of schedules."""

# ruff: noqa: SLF001 - LRScheduler's fields are this package's own

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LRScheduler,
    MultiStepLR,
    StepLR,
)
from gradcli.torch.optim.plateau import ReduceLROnPlateau
from gradcli.torch.optim.schedules import ConstantLR, LinearLR, PolynomialLR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.torch.optim.optimizer import Optimizer

__all__ = ["ChainedScheduler", "SequentialLR"]

# What PyTorch computes a first epoch of without looking at the rates before: those that begin at the base
# rates, and those that have a formula.
FROM_BASE = (CosineAnnealingLR, ExponentialLR, MultiStepLR, StepLR)
CLOSED = (ConstantLR, LinearLR, PolynomialLR)


def _check(name: str, schedulers: Sequence[Any], optimizer: Optimizer) -> None:
    for place, one in enumerate(schedulers):
        if not hasattr(one, "optimizer"):
            raise TypeFault("E303", f"{name} at index {place} should have `optimizer` as its attribute.")
        if isinstance(one, ReduceLROnPlateau):
            raise ValueFault(
                "E303",
                f"{name} does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to "
                f"be specified when calling `step`, but got one at index {place} in the given schedulers "
                "sequence.",
            )
        if one.optimizer is not optimizer:
            raise ValueFault(
                "E303",
                f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                f"{type(one).__name__} at index {place} has {one.optimizer}, which is different from "
                f"{type(optimizer).__name__}.",
            )


class ChainedScheduler(LRScheduler):
    """Several schedules at once.

    Raises:
        TypeFault, ValueFault: there is none, or they are not for one optimizer.
    """

    def __init__(self, schedulers: Sequence[Any], optimizer: Optimizer | None = None) -> None:
        if not schedulers:
            raise ValueFault(
                "E303", "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler."
            )
        self.optimizer = optimizer or schedulers[0].optimizer
        _check("ChainedScheduler", schedulers, self.optimizer)
        self._schedulers = schedulers
        self._last_lr = self._current()

    def step(self) -> None:
        """Goes on to the next epoch of every schedule."""
        for one in self._schedulers:
            one.step()
        self._last_lr = self._current()


class SequentialLR(LRScheduler):
    """Schedules one after the other; each milestone is the epoch at which the next begins.

    Raises:
        TypeFault, ValueFault: there is none, they are not for one optimizer, or the milestones do not fit.
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[Any], milestones: list[int], last_epoch: int = -1
    ) -> None:
        if not schedulers:
            raise ValueFault("E303", "SequentialLR expects at least one scheduler, but got no scheduler.")
        _check("SequentialLR", schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueFault(
                "E303",
                "Sequential Schedulers expects number of schedulers provided to be one more than the number "
                f"of milestone points, but got number of schedulers {len(schedulers)} and the number of "
                f"milestones to be equal to {len(milestones)}",
            )
        self._schedulers, self._milestones = schedulers, milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for one in schedulers:
            _undo(one)
        first = schedulers[bisect_right(milestones, 0)]
        first._step_count = 0
        first.step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:
        """Goes on to the next epoch of the schedule that is on."""
        self.last_epoch += 1
        place = bisect_right(self._milestones, self.last_epoch)
        now = self._schedulers[place]
        if place > 0 and self._milestones[place - 1] == self.last_epoch:
            _start(now)
        else:
            now.step()
        self._last_lr = now.get_last_lr()


def _undo(scheduler: Any) -> None:
    """Takes back the step that a schedule makes when it is made."""
    if isinstance(scheduler, (ChainedScheduler, SequentialLR)):
        for one in scheduler._schedulers:
            _undo(one)
    else:
        scheduler.last_epoch -= 1


def _start(scheduler: Any) -> None:
    """Sets the rates of a schedule's first epoch."""
    scheduler.last_epoch = 0
    if isinstance(scheduler, FROM_BASE):
        rates = scheduler.base_lrs
    elif isinstance(scheduler, CLOSED):
        rates = scheduler.closed_form()
    else:
        rates = scheduler.get_lr()
    for group, rate in zip(scheduler.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    scheduler._last_lr = scheduler._current()
