"""Random points at which an expression has a value and a finite gradient: the domain, found by trying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import GradcliError
from gradcli.explorer.tracing import Traced, trace_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gradcli.explorer.job import Job

__all__ = ["STYLES", "random_points", "simplest"]

TRIES = 12  # draws of each style for one point
SIMPLIFICATIONS = 60  # points tried while a failure is made simpler


def random_points(job: Job, here: Traced, count: int, *, order: int = 1) -> list[Traced]:
    """Returns runs at `count` seeded random points of the domain; fewer where none is found.

    A point is near the one given first (its signs kept, so that logarithms and roots stay defined), then in
    (0, 1), then anywhere: whatever gives finite values and gradients. No two elements are equal.
    """
    random = np.random.default_rng([job.request.seed, 1])
    found: list[Traced] = []
    for _ in range(count):
        point = _one(job, here, random, order)
        if point is not None:
            found.append(point)
    return found


def _one(job: Job, here: Traced, random: np.random.Generator, order: int) -> Traced | None:
    for style in STYLES:
        for _ in range(TRIES):
            values = {
                variable.name: style(random, np.asarray(variable.value, np.float64))
                for variable in here.subject.variables
                if variable.name in here.space.leaves
            }
            traced = _run(job, values, order)
            if traced is not None:
                return traced
    return None


def _run(job: Job, values: Mapping[str, Any], order: int) -> Traced | None:
    """The run at a point; None where it fails or is not finite."""
    try:
        traced = trace_job(job, values, order=order)
    except GradcliError:
        return None
    finite = all(np.isfinite(variable.gradient).all() for variable in traced.subject.variables)
    return traced if finite else None


def _near(random: np.random.Generator, value: Any) -> Any:
    """Every element times something between 2/5 and 5/2; zeros become small."""
    scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
    moved = value * np.exp(0.9 * random.uniform(-1, 1, value.shape))
    return np.where(value == 0, 0.3 * scale * random.standard_normal(value.shape), moved)


def _unit(random: np.random.Generator, value: Any) -> Any:
    return random.uniform(0.05, 0.95, value.shape)


def _anywhere(random: np.random.Generator, value: Any) -> Any:
    return np.asarray(random.standard_normal(value.shape))


STYLES: tuple[Callable[[np.random.Generator, Any], Any], ...] = (_near, _unit, _anywhere)


def simplest(job: Job, failing: Traced, fails: Callable[[Traced], bool], *, order: int = 1) -> dict[str, Any]:
    """Returns the values of the simplest point found at which a check still fails.

    Args:
        job: what is checked.
        failing: a run that fails.
        fails: judges a run.
        order: as for `trace_job`.
    """
    point = {
        variable.name: np.asarray(variable.value, np.float64)
        for variable in failing.subject.variables
        if variable.name in failing.space.leaves
    }
    tries = SIMPLIFICATIONS
    for name, value in list(point.items()):
        for simpler in _simpler(value):
            if not tries:
                return point
            tries -= 1
            candidate = point | {name: simpler}
            traced = _run(job, candidate, order)
            if traced is not None and fails(traced):
                point = candidate
                break
    return point


def _simpler(value: Any) -> Iterator[Any]:
    """Simpler arrays of the same shape, the simplest first."""
    yield np.ones_like(value)
    yield np.full_like(value, 2.0)
    yield np.arange(1.0, value.size + 1).reshape(value.shape)
    for decimals in (0, 1, 2):
        yield np.round(value, decimals)
