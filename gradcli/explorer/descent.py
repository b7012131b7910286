"""The way down by PyTorch's optimizers, step by step, and how any way down is told to be over."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.objective import Objective
    from gradcli.reports.descent import Progress

__all__ = ["OPTIMIZERS", "SCIPY", "Course", "Descent", "descend", "ending", "out_of_steps", "settings_of"]

# The class in torch.optim, and what it is given besides the learning rate.
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "rmsprop": ("RMSprop", {}),
    "adagrad": ("Adagrad", {}),
}
DEFAULT_LR = {"rmsprop": 1e-2, "adagrad": 1e-2}  # PyTorch's, where it is not 1e-3
SCIPY = {"lbfgs": "L-BFGS-B", "newton": "trust-ncg"}

PATIENCE = 10  # steps in a row that raise the loss
GROWTH = 10.0  # times what there was to lose at the start
BOTTOMLESS = 1e12  # as deep as that, in units of the loss at the start, no minimum lies


class Course:
    """The way down so far.

    Attributes:
        steps: the start and what followed, in order.
        best: the step of least loss.
    """

    def __init__(self, start: Progress) -> None:
        self.steps = [start]
        self.best = start

    def add(self, found: Progress) -> None:
        """Takes one step more."""
        self.steps.append(found)
        self.best = min(self.best, found, key=lambda one: one.loss)

    def amend(self, found: Progress) -> None:
        """Takes another look at where the last step led."""
        self.steps[-1] = found
        self.best = min(self.best, found, key=lambda one: one.loss)

    def over(self, status: str, cause: str) -> Descent:
        """Returns it as one that has ended here."""
        return Descent(tuple(self.steps), status, cause)


class Descent(NamedTuple):
    """How a minimisation went; for status and cause see `reports.Minimization`."""

    history: tuple[Progress, ...]
    status: str
    cause: str


def settings_of(optimizer: str, lr: float | None) -> dict[str, float]:
    """Returns an optimizer's numbers."""
    if optimizer in SCIPY:
        return {}
    numbers = {name: value for name, value in OPTIMIZERS[optimizer][1].items() if value is not True}
    return {"lr": DEFAULT_LR.get(optimizer, 1e-3) if lr is None else lr, **numbers}


def descend(  # noqa: PLR0913 - what a run is made of
    objective: Objective,
    optimizer: str,
    lr: float,
    steps: int,
    tol: float,
    told: Callable[[Progress], None],
) -> Descent:
    """Steps down with one of PyTorch's optimizers.

    Args:
        objective: at its start; afterwards at the end, with its gradient.
        optimizer: one of OPTIMIZERS.
        lr: the learning rate.
        steps: at most so many.
        tol: the gradient norm at which it ends.
        told: of every step.
    """
    from gradcli.torch.namespace import names  # what only this command needs

    name, numbers = OPTIMIZERS[optimizer]
    stepper = names("optim")[name](objective.parameters(), lr=lr, **numbers)
    course = Course(objective.at(0))
    while True:
        told(course.steps[-1])
        found = ending(course, objective, tol)
        if found is not None:
            return found
        if len(course.steps) > steps:
            return out_of_steps(course, tol)
        stepper.step()
        course.add(objective.at(len(course.steps)))


def ending(course: Course, objective: Objective, tol: float) -> Descent | None:
    """Returns how it ends here; None where it goes on."""
    cause = _trouble(course, objective)
    if cause:
        return course.over("diverged", cause)
    if course.steps[-1].gradient_norm <= tol:
        return course.over("converged", _reached(course.steps[-1], tol))
    return None


def _reached(last: Progress, tol: float) -> str:
    return f"the gradient norm is {last.gradient_norm:.3g} after {_steps(last.step)}, within --tol {tol:g}"


def out_of_steps(course: Course, tol: float) -> Descent:
    """Returns how it ends where the steps are used up: diverged, if the loss rose."""
    steps = course.steps
    first, last = steps[0], steps[-1]
    # A quarter at each end, because a loss may be drawn at random.
    few = max(len(steps) // 4, 1)
    started, ended = [[one.loss for one in part] for part in (steps[:few], steps[-few:])]
    if min(ended) > max(started) + 1e-9 * abs(first.loss):
        cause = (
            f"the loss is {last.loss:.6g} after {_steps(last.step)}, above the {first.loss:.6g} of the start"
        )
        return course.over("diverged", cause)
    cause = (
        f"{_steps(last.step)} are over; the gradient norm is {last.gradient_norm:.3g}, above --tol {tol:g}"
    )
    return course.over("stopped", cause)


def _steps(count: int) -> str:
    return f"{count} step{'s' * (count != 1)}"


def _trouble(course: Course, objective: Objective) -> str:
    """Why it makes no sense to go on; empty where it does."""
    first, last, best = course.steps[0], course.steps[-1], course.best
    at = f"at step {last.step}" if last.step else "at the start"
    if not math.isfinite(last.loss):
        origin = objective.origin()
        return f"the loss is {last.loss:g} {at}" + (f"; {origin}" if origin else "")
    if not math.isfinite(last.gradient_norm):
        return f"the gradient is not finite {at}, where the loss is {last.loss:.6g}"
    unit = max(abs(first.loss), 1.0)
    if last.loss < first.loss - BOTTOMLESS * unit:
        return f"the loss falls without bound: it is {last.loss:.6g} {at}"
    recent = course.steps[-PATIENCE - 1 :]
    if len(recent) <= PATIENCE or not all(one.loss < two.loss for one, two in pairwise(recent)):
        return ""
    scale = max(abs(first.loss), first.loss - best.loss, 1e-12)
    if last.loss - best.loss > GROWTH * scale:
        return f"the loss grows: from {best.loss:.6g} at step {best.step} to {last.loss:.6g} {at}"
    return ""
