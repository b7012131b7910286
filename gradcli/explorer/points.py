"""Random points at which an expression has a value and a finite gradient: the domain, found by trying."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gradcli.diagnostics import GradcliError
from gradcli.explorer.structures import structure_of
from gradcli.explorer.tracing import Traced, trace_job

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from gradcli.explorer.job import Job

    Style = Callable[[np.random.Generator, Any], Any]

__all__ = ["drawn", "moved", "random_points", "simplest", "simplified", "styles_of"]

Found = TypeVar("Found")

TRIES = 12  # draws of each style for one point
SIMPLIFICATIONS = 60  # points tried while a failure is made simpler
WIDE = 2.0  # standard deviations of what is drawn anywhere


def random_points(  # noqa: PLR0913 - where from, how many, and what is kept
    job: Job,
    here: Traced,
    count: int,
    *,
    order: int = 1,
    claimed: Collection[str] | None = None,
    free: bool = False,
) -> list[Traced]:
    """Returns runs at `count` seeded random points of the domain; fewer where none is found.

    Args:
        job: what is checked.
        here: the run at the bindings.
        count: how many.
        order: as for `trace_job`.
        claimed: the variables with a claim; None: all.
        free: whether to leave the structure that the bindings have (`structures`).
    """
    random = np.random.default_rng([job.request.seed, 1])
    values = {
        variable.name: np.asarray(variable.value, np.float64)
        for variable in here.subject.variables
        if variable.name in here.space.leaves
    }
    names = None if free else (values if claimed is None else claimed)
    return drawn(count, random, values, lambda point: _run(job, point, order), claimed=names)


def drawn(
    count: int,
    random: np.random.Generator,
    values: Mapping[str, Any],
    at: Callable[[dict[str, Any]], Found | None],
    *,
    claimed: Collection[str] | None,
) -> list[Found]:
    """Returns what there is at `count` random points; fewer where nothing is found.

    Args:
        count: how many.
        random: what draws them.
        values: the variables as they are bound, float64.
        at: what there is at a point; None outside of the domain.
        claimed: as for `moved`.
    """
    found: list[Found] = []
    tries = dict.fromkeys(styles_of(0), TRIES)
    for number in range(count):
        for style in styles_of(number):
            points = (moved(style, random, values, claimed=claimed) for _ in range(tries[style]))
            one = next((one for one in map(at, points) if one is not None), None)
            if one is not None:
                found.append(one)
                break
            tries[style] = 1  # it is hardly ever in the domain
    return found


def moved(
    style: Style,
    random: np.random.Generator,
    values: Mapping[str, Any],
    *,
    claimed: Collection[str] | None = None,
) -> dict[str, Any]:
    """Returns a random point.

    Args:
        style: how it is drawn.
        random: what draws it.
        values: the variables as they are bound, float64.
        claimed: those that the user says a derivative for; None: structure is not kept.
    """
    point = {}
    for name, value in values.items():
        structure = None if claimed is None else structure_of(value, claimed=name in claimed)
        if structure is None:
            point[name] = style(random, value)
        else:
            point[name] = structure.made_of(style(random, structure.coordinates(value)))
    return point


def styles_of(number: int) -> tuple[Style, ...]:
    """Returns how the n-th random point may be drawn, the style to be tried first at the front.

    The first point keeps all signs, so that logarithms and roots stay defined, the next changes some, so
    that a forgotten mask shows, the third is anywhere, and so on. What has no finite value there takes
    the next style, at last (0, 1).
    """
    first = number % len(TURNS)
    return (*TURNS[first:], *TURNS[:first], _unit)


def _run(job: Job, values: Mapping[str, Any], order: int) -> Traced | None:
    """The run at a point; None where it fails or is not finite."""
    try:
        traced = trace_job(job, values, order=order)
    except GradcliError:
        return None
    finite = all(np.isfinite(variable.gradient).all() for variable in traced.subject.variables)
    return traced if finite and traced.is_finite else None


def _near(random: np.random.Generator, value: Any) -> Any:
    """Every element times something between 2/5 and 5/2; zeros become small."""
    scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
    near = value * np.exp(0.9 * random.uniform(-1, 1, value.shape))
    return np.where(value == 0, 0.3 * scale * random.standard_normal(value.shape), near)


def _mirrored(random: np.random.Generator, value: Any) -> Any:
    """As `_near`, the signs of half of the elements changed, of one at least."""
    changed = random.permutation(value.size) < (value.size + 1) // 2
    return np.where(changed.reshape(value.shape), -1, 1) * _near(random, value)


def _unit(random: np.random.Generator, value: Any) -> Any:
    return random.uniform(0.05, 0.95, value.shape)


def _anywhere(random: np.random.Generator, value: Any) -> Any:
    return np.asarray(WIDE * random.standard_normal(value.shape))


TURNS: tuple[Style, ...] = (_near, _mirrored, _anywhere)


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

    def still(candidate: dict[str, Any]) -> bool:
        traced = _run(job, candidate, order)
        return traced is not None and fails(traced)

    return simplified(point, still)


def simplified(point: dict[str, Any], fails: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Returns the simplest point found that still fails, with the structure of the given one."""
    tries = SIMPLIFICATIONS
    for name, value in list(point.items()):
        for simpler in islice(_simpler(value), max(tries, 0)):
            tries -= 1
            if fails(point | {name: simpler}):
                point = point | {name: simpler}
                break
    return point


def _simpler(value: Any) -> Iterator[Any]:
    """Simpler arrays of the same shape, with the structure of the given one, the simplest first."""
    structure = structure_of(value, claimed=True)
    plain = value if structure is None else structure.coordinates(value)
    for simpler in (
        np.ones_like(plain),
        -np.ones_like(plain),
        np.full_like(plain, 2.0),
        np.arange(1.0, plain.size + 1).reshape(plain.shape),
        *(np.round(plain, decimals) for decimals in (0, 1, 2)),
    ):
        yield simpler if structure is None else structure.made_of(simpler)
