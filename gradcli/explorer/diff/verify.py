"""Formulas compared with autograd: at the point, and at others near it, before they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, grad
from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.diff.deriving import ELEMENTWISE, HESSIAN, PRODUCT
from gradcli.explorer.diff.values import value_of
from gradcli.explorer.differentiate import weighed
from gradcli.explorer.job import job_session
from gradcli.explorer.values import array_of
from gradcli.explorer.workspace import prepare
from gradcli.language.program import parse
from gradcli.plan import taped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.explorer.diff.deriving import Derived, Result
    from gradcli.explorer.job import Job
    from gradcli.explorer.workspace import Workspace

__all__ = ["Point", "points", "reproduces", "text_reproduces"]

OTHERS = 3  # points beside the one that is bound
NEAR = 0.1  # how far, of the size of a number and of 1
SMALL = 1e-3  # of this size is what a gradient that is zero may be off by, times the tolerance
TOLERANCES = {"float64": 1e-7, "float32": 1e-3, "float16": 3e-2}


class Point(NamedTuple):
    """What autograd gives somewhere.

    Attributes:
        values: of the variables.
        space: the names there, before the program ran.
        derivatives: per pair of variables, or variable, as `Result.variables` has them.
        directions: what second derivatives are taken along, by variable.
        unreached: the variables that backward does not reach.
    """

    values: dict[str, Any]
    space: Workspace
    derivatives: dict[tuple[str, ...], Any]
    directions: dict[str, Any]
    unreached: tuple[str, ...]


def points(job: Job, variables: Mapping[str, Tensor], order: int) -> list[Point]:
    """Returns the bound point and others where the program takes the same way; inside a session.

    Raises:
        GradcliError: PyTorch would refuse to differentiate the program.
    """
    random = np.random.default_rng(job.request.seed)
    base = {name: np.asarray(array_of(tensor)) for name, tensor in variables.items()}
    first, way = _point(job, base, order, list(variables), random)
    found = [first]
    for _ in range(OTHERS):
        moved = {
            name: array + NEAR * random.uniform(-1, 1, array.shape) * (1 + np.abs(array))
            for name, array in base.items()
        }
        try:
            point, taken = _point(job, moved, order, list(variables), random)
        except GradcliError:  # outside of what the program takes
            continue
        finite = all(np.isfinite(array).all() for array in point.derivatives.values())
        if taken == way and finite:
            found.append(point)
    return found


def _point(
    job: Job, values: dict[str, Any], order: int, names: Sequence[str], random: np.random.Generator
) -> tuple[Point, list[str]]:
    with job_session(job.request):  # with the same random numbers at each point
        clean = _bound(job, values)
    with job_session(job.request), taped() as tape:
        space = _bound(job, values)
        roots = weighed(job.seeds, space, [space.root(program) for program in job.programs])
        way = [step.record.name for step in tape.trace(roots).steps]
    tensors = [space.leaves.get(name, space.values[name]) for name in names]
    moving = [root for root in roots if root.requires_grad]
    ones: list[Tensor | None] = [Tensor(np.ones_like(array_of(root))) for root in moving]
    first = (
        grad(moving, tensors, ones, create_graph=order > 1, allow_unused=True)
        if moving
        else [None] * len(names)
    )
    found: dict[tuple[str, ...], Any] = {}
    directions = {
        name: random.standard_normal(tensor.shape) for name, tensor in zip(names, tensors, strict=True)
    }
    for i, (name, gradient) in enumerate(zip(names, first, strict=True)):
        if order == 1:
            found[name,] = _array_or_zeros(gradient, tensors[i])
            continue
        second = _along(gradient, directions[name], tensors[i:])
        found.update(((name, other), one) for other, one in zip(names[i:], second, strict=True))
    there = {name: array_of(tensor) for name, tensor in zip(names, tensors, strict=True)}
    unreached = tuple(name for name, gradient in zip(names, first, strict=True) if gradient is None)
    return Point(there, clean, found, directions, unreached), way


def _bound(job: Job, values: dict[str, Any]) -> Workspace:
    """The names at a point, before any program ran."""
    space = prepare(job)
    for name, array in values.items():
        if name in space.leaves:
            space.rebind(name, array)
    return space


def _along(gradient: Tensor | None, direction: Any, tensors: Sequence[Tensor]) -> list[Any]:
    """The derivatives of a gradient along a direction, for each variable."""
    found: Sequence[Tensor | None] = [None] * len(tensors)
    if gradient is not None and gradient.requires_grad:
        weight = Tensor(np.asarray(direction, array_of(gradient).dtype))
        found = grad([gradient], tensors, [weight], retain_graph=True, allow_unused=True)
    return [_array_or_zeros(one, tensor) for one, tensor in zip(found, tensors, strict=True)]


def _array_or_zeros(gradient: Tensor | None, tensor: Tensor) -> Any:
    return np.zeros(tensor.shape) if gradient is None else np.asarray(array_of(gradient))


def reproduces(derived: Derived, found: Sequence[Point], dtype: str) -> bool:
    """Returns whether the formulas' own numbers are those of autograd at all points."""
    leaves = derived.reading.leaves
    m = derived.reading.m
    for point in found:
        known = {leaf: point.values.get(name, m.values[leaf]) for name, leaf in leaves.items()}
        known.update({leaf: point.directions[name] for name, leaf in derived.directions.items()})
        if not all(_agrees(value_of(known, one.term), one, point, dtype) for one in derived.results):
            return False
    return True


def text_reproduces(text: str, derived: Derived, result: Result, found: Sequence[Point], job: Job) -> bool:
    """Returns whether `gradcli eval` would find autograd's numbers by a program, at all points."""
    try:
        program = parse(Source("formula", text), job.request.limits)
        for point in found:
            space = point.space
            for name, leaf in derived.directions.items():
                space.values[leaf.data] = Tensor(point.directions[name])
            bound = program.scope.bound
            before = {name: space.values[name] for name in bound if name in space.values}
            value = np.asarray(array_of(space.root(program)))
            for name in bound:
                space.values.pop(name, None)
            space.values.update(before)
            if not _agrees(value, result, point, job.request.dtype):
                return False
    except GradcliError:
        return False
    return True


def _agrees(value: Any, result: Result, point: Point, dtype: str) -> bool:
    expected = point.derivatives[result.variables]
    direction = point.directions[result.variables[0]]
    if result.kind == ELEMENTWISE:
        if value.shape != direction.shape:
            return False
        value = value * direction
    elif result.kind == HESSIAN:
        value = value @ direction
    elif result.kind != PRODUCT and len(result.variables) > 1:
        value = value * direction
    tolerance = TOLERANCES[dtype]
    size = float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected)))
    return value.shape == expected.shape and bool(
        np.allclose(value, expected, rtol=tolerance, atol=tolerance * (size + SMALL), equal_nan=True)
    )
