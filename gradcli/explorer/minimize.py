"""`minimize`: where is an expression smallest, and how does one get there?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.diagnostics import GradcliError, InputFault
from gradcli.explorer.derivatives import said
from gradcli.explorer.descent import OPTIMIZERS, SCIPY, Descent, descend, settings_of
from gradcli.explorer.descent_scipy import descend_by_scipy
from gradcli.explorer.job import read_job
from gradcli.explorer.objective import Objective
from gradcli.reports.descent import Minimization

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.request import EvalRequest
    from gradcli.reports.descent import Progress

__all__ = ["MinimizeRequest", "explore_minimum"]

TRIAL = 25  # steps that a suggested learning rate is tried for
TRIALS = 8  # learning rates tried, each a quarter of the one before
CURVED = ("sgd", "momentum", "nesterov")  # whose stability the largest eigenvalue decides


class MinimizeRequest(NamedTuple):
    """One `minimize`.

    Attributes:
        what: the expression, its bindings, and the variables to vary.
        optimizer: `sgd`, `momentum`, `nesterov`, `adam`, `adamw`, `rmsprop`, `adagrad`, `lbfgs` or `newton`.
        lr: the learning rate; None: PyTorch's default.
        steps: at most so many.
        tol: the gradient norm at which it ends.
    """

    what: EvalRequest
    optimizer: str = "lbfgs"
    lr: float | None = None
    steps: int = 1000
    tol: float = 1e-6


def explore_minimum(
    request: MinimizeRequest,
    warn: Callable[[Diagnostic], None],
    told: Callable[[Progress], None] = lambda _: None,
) -> Minimization:
    """Returns how the minimisation went and where it ended.

    Args:
        request: what, and how.
        warn: told of what stops nothing.
        told: of every step.

    Raises:
        GradcliError: a text cannot be read or run, its value is not one number, has no derivative, or the
            settings do not fit.
    """
    _check(request)
    settings = settings_of(request.optimizer, request.lr)
    with said(request.what, warn):
        job = read_job(request.what)
        objective = Objective(job)
        if request.optimizer in SCIPY:
            run = descend_by_scipy(objective, request.optimizer, request.steps, request.tol, told)
        else:
            run = descend(objective, request.optimizer, settings["lr"], request.steps, request.tol, told)
        report = Minimization(
            expression=job.programs[0].source.text.strip(),
            optimizer=request.optimizer,
            settings={**settings, "steps": request.steps, "tol": request.tol},
            status=run.status,
            cause=run.cause,
            variables=objective.shown_variables(),
            gradients=objective.shown_gradients(),
            history=run.history,
            notes=tuple(objective.notes()),
        )
        return _advised(report, run, objective) if run.status == "diverged" else report


def _check(request: MinimizeRequest) -> None:
    known = (*OPTIMIZERS, *SCIPY)
    if request.optimizer not in known:
        raise InputFault(
            "E508", f"there is no optimizer `{request.optimizer}`", help=f"choose among {', '.join(known)}"
        )
    if request.lr is not None and request.optimizer in SCIPY:
        raise InputFault(
            "E508",
            f"--lr: {request.optimizer} finds the length of its steps itself",
            help=f"leave --lr out, or take one of {', '.join(OPTIMIZERS)}",
        )
    for name, number in (("--lr", request.lr), ("--tol", request.tol)):
        least = 0 if name == "--tol" else math.ulp(0)
        if number is not None and not least <= number < math.inf:
            raise InputFault("E508", f"{name}: {number:g} is no positive number", help=f"{name} 0.01")


def _advised(report: Minimization, run: Descent, objective: Objective) -> Minimization:
    """The report on a divergence, with a learning rate that does better where there is one."""
    notes = list(report.notes)
    if not math.isfinite(run.history[0].loss):
        notes.append("the start itself has no finite loss: bind the variables inside the domain")
        return report._replace(notes=tuple(notes))
    objective.rewind()
    curvature = objective.steepest()
    suggestion = None
    if "lr" in report.settings and "without bound" not in report.cause:
        suggestion = _better_rate(report, curvature, objective)
    if suggestion is not None:
        why = f"of {TRIAL} steps from the same start it was tried for"
        if curvature and report.optimizer in CURVED:
            why = f"the largest eigenvalue of the Hessian at the start is {curvature:.4g} in magnitude"
        notes.append(f"try --lr {suggestion:g}: {why}")
    elif "without bound" in report.cause:
        notes.append("it has no minimum to find: look at the sign, or add what keeps the variables small")
    elif "lr" in report.settings:
        notes.append("no smaller learning rate that was tried lowers the loss from this start")
    return report._replace(suggestion=suggestion, curvature=curvature, notes=tuple(notes))


def _better_rate(report: Minimization, curvature: float | None, objective: Objective) -> float | None:
    """A learning rate at which the first steps lower the loss.

    Gradient descent is stable below 2 over the largest eigenvalue, and half of that is safe. Of optimizers
    that scale their steps themselves the eigenvalue says nothing: a tenth of the rate is tried.
    """
    lr = float(report.settings["lr"])
    rate = 1 / curvature if curvature and report.optimizer in CURVED else lr / 10
    rate = min(rate, lr / 2)
    for _ in range(TRIALS):
        if not rate:  # too small for a float
            return None
        candidate = _one_digit(rate)
        objective.rewind()
        try:
            tried: Any = descend(objective, report.optimizer, candidate, TRIAL, 0.0, lambda _: None)
        except GradcliError:
            return None
        if tried.status != "diverged" and tried.history[-1].loss < tried.history[0].loss:
            return candidate
        rate /= 4
    return None


def _one_digit(number: float) -> float:
    """The number rounded down to one significant digit."""
    unit = 10.0 ** math.floor(math.log10(number))
    return float(f"{max(math.floor(number / unit), 1) * unit:.1g}")
