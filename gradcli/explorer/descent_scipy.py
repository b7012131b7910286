"""The way down by SciPy: L-BFGS and a trust-region Newton method.

Source: Nocedal and Wright, Numerical Optimization (2006), chapters 7.2 and 7.1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explorer.descent import SCIPY, Course, Descent, ending, out_of_steps
from gradcli.explorer.objective import product

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.objective import Objective
    from gradcli.reports.descent import Progress

__all__ = ["descend_by_scipy"]

# Their own tests of progress are off: the gradient norm is what was asked for.
LBFGS = {"ftol": 0.0, "gtol": 0.0}
NEWTON = {"gtol": 0.0, "max_trust_radius": 1e10}  # wide, so that what has no minimum is soon found out
EVALUATIONS = 30  # per step, for the line searches


def descend_by_scipy(
    objective: Objective, optimizer: str, steps: int, tol: float, told: Callable[[Progress], None]
) -> Descent:
    """Goes down with SciPy.

    Args:
        objective: at its start; afterwards at the end, with its gradient.
        optimizer: `lbfgs` or `newton`.
        steps: at most so many.
        tol: the gradient norm at which it ends.
        told: of every step.
    """
    import scipy.optimize  # 200 ms that only these two pay for

    way = _Way(objective, tol, told)
    found = way.ending()
    if found is not None:
        return found
    newton = optimizer == "newton"
    result = scipy.optimize.minimize(
        way.value,
        objective.point(),
        jac=True,
        hessp=way.times if newton else None,
        method=SCIPY[optimizer],
        callback=way.seen,
        options={"maxiter": steps, **(NEWTON if newton else {**LBFGS, "maxfun": EVALUATIONS * steps})},
    )
    objective.move(result.x)
    last = objective.at(len(way.course.steps) - 1)
    way.course.amend(last)
    found = way.ending()
    if found is not None:
        return found
    if last.step >= steps:
        return out_of_steps(way.course, tol)
    cause = (
        f"no step lowers the loss any more after step {last.step}; the gradient norm is "
        f"{last.gradient_norm:.3g}, above --tol {tol:g}"
    )
    return way.course.over("stopped", cause)


class _Way:
    """What SciPy asks for on its way, and where it has been."""

    def __init__(self, objective: Objective, tol: float, told: Callable[[Progress], None]) -> None:
        self._objective, self._tol, self._told = objective, tol, told
        start = objective.at(0)
        self.course = Course(start)
        told(start)
        self._good = start, objective.point()  # the last finite value, and where it is
        self._held: tuple[Any, Any] | None = None  # where the gradient was made linear last, and that

    def ending(self) -> Descent | None:
        """How it ends here, if it does."""
        return ending(self.course, self._objective, self._tol)

    def value(self, point: Any) -> tuple[float, Any]:
        """The loss and its gradient at a point."""
        self._objective.move(point)
        found = self._objective.at(0)
        if not math.isfinite(found.loss + found.gradient_norm):
            return _wall(point, *self._good)
        self._good = found, point.copy()
        return found.loss, self._objective.gradient()

    def times(self, point: Any, vector: Any) -> Any:
        """The Hessian at a point, times a vector."""
        if self._held is None or (self._held[0] != point).any():
            self._objective.move(point)
            self._held = point.copy(), self._objective.second()
        return product(self._held[1], vector)

    def seen(self, intermediate_result: Any) -> None:
        """Told of every step; SciPy finds out by the argument's name what to hand over."""
        self._objective.move(intermediate_result.x)
        self.course.add(self._objective.at(len(self.course.steps)))
        self._told(self.course.steps[-1])
        if self.ending() is not None:
            raise StopIteration


def _wall(point: Any, near: Progress, where: Any) -> tuple[float, Any]:
    """A value and a gradient for a point outside of the domain, where there are none.

    SciPy's line searches and trust regions go wrong on nan; a slope that rises from the last good point
    turns them back.
    """
    way = point - where
    length = float(np.linalg.norm(way)) or 1.0
    steep = max(near.gradient_norm, 1.0)
    return near.loss + steep * length, 2 * steep * way / length
