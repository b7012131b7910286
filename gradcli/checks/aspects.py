"""One-sided derivatives of a whole program, along elements and along directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.differences_step import FAILURES
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.checks.subject import Subject

__all__ = ["Aspect", "along", "element_direction", "random_directions"]

LEVELS = 26  # halvings of the step
GROWS = 1.2  # per halving: a slope without limit
TAIL = 6  # halvings that have to agree on growth


class Aspect(NamedTuple):
    """The derivatives to both sides; inf where one grows without end, nan where there is none."""

    left: float
    right: float

    @property
    def both(self) -> bool:
        """Whether the two sides agree, to what differences can tell."""
        close = abs(self.left - self.right) <= 1e-4 * (1e-3 + abs(self.right))
        return bool(np.isfinite([self.left, self.right]).all() and close)


def element_direction(subject: Subject, position: int, place: int) -> list[Any]:
    """Returns the direction along one element of one variable."""
    found = [np.zeros(np.shape(variable.value)) for variable in subject.variables]
    found[position].flat[place] = 1.0
    return found


def random_directions(masks: Sequence[Any], count: int, seed: int) -> Iterable[list[Any]]:
    """Yields the direction in which all chosen elements move alike, then random ones.

    Args:
        masks: per variable which elements move.
        count: how many random directions.
        seed: of them.
    """
    random = np.random.default_rng(seed)
    yield [mask.astype(float) for mask in masks]
    for _ in range(count):
        yield [mask * random.standard_normal(mask.shape) for mask in masks]


def along(subject: Subject, direction: Sequence[Any]) -> Aspect:
    """Returns the one-sided derivatives of the program along a direction, by evaluating it alone."""
    with np.errstate(all="ignore"):
        point = subject.point()
        start = _value(subject, point)
        scale = max((float(np.max(np.abs(x), initial=0.0)) for x in point), default=0.0) or 1.0
        steps = 0.05 * min(scale, 1.0) * 2.0 ** -np.arange(LEVELS)
        sides = []
        for sign in (-1.0, 1.0):
            slopes = []
            for h in steps:
                moved = _value(subject, [x + sign * h * d for x, d in zip(point, direction, strict=True)])
                slopes.append(sign * _change(moved, start, subject) / h)
            sides.append(_limit(np.array(slopes)))
        return Aspect(*sides)


def _value(subject: Subject, point: Sequence[Any]) -> list[Any]:
    try:
        values = subject.trace.run(point, DOUBLES.apply, DOUBLES.lift)
    except FAILURES:  # a selection of another size, say: the trace stands for its neighbourhood alone
        return [np.full(np.shape(g), np.nan) for g in subject.cotangents]
    return [np.asarray(values[number], np.float64) for number in subject.trace.outputs]


def _change(after: Sequence[Any], before: Sequence[Any], subject: Subject) -> float:
    """How much the scalar function grew; elements whose cotangent is 0 do not count, whatever they are."""
    return float(
        sum(
            np.sum(np.where(g == 0, 0.0, (a - b) * g))
            for g, a, b in zip(subject.cotangents, after, before, strict=True)
        )
    )


def _limit(slopes: Any) -> float:
    """The limit of difference quotients at halved steps: extrapolated where they settle best."""
    if not np.isfinite(slopes).any():
        return float(slopes[-1]) if np.isinf(slopes[-1]) else float("nan")
    late = np.abs(slopes[LEVELS // 2 : LEVELS // 2 + TAIL])
    growth = late[1:] / late[:-1]
    if (growth > GROWS).all():
        return float(np.copysign(np.inf, slopes[LEVELS // 2]))
    first = 2 * slopes[1:] - slopes[:-1]
    second = (4 * first[1:] - first[:-1]) / 3
    errors = np.abs(second[1:] - second[:-1])
    errors = np.where(np.isfinite(errors), errors, np.inf)
    if not np.isfinite(errors).any():
        return float("nan")
    return float(second[1 + int(np.argmin(errors))])
