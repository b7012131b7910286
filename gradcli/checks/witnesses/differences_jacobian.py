"""The whole Jacobian of a step for one argument, by perturbing its elements, all rows of a batch at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.differences_rounding import hidden
from gradcli.checks.witnesses.stencils import EPS, EVALUATIONS, POINTS, UNKNOWN, slopes
from gradcli.checks.witnesses.stencils_sides import kinked
from gradcli.checks.witnesses.structure_axes import independent_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.checks.witnesses.differences_step import LocalStep

__all__ = ["Jacobian", "TooBigError", "by_slopes", "jacobian"]

ROOM = 2**22  # elements of the results of one batch of perturbations


class TooBigError(Exception):
    """There are too many elements to perturb them all."""


class Jacobian(NamedTuple):
    """Partial derivatives in blocks: row r of the results has derivatives for row r of the argument alone.

    Attributes:
        values, bounds: (R, E, M'), finite; zero where `kinked`.
        kinked: (R, E, M').
        inside: (R, E) flat positions in the argument.
        outside: (R, M') flat positions in the results.
    """

    values: Any
    bounds: Any
    kinked: Any
    inside: Any
    outside: Any

    def pull(self, g: Any, matrix: Any) -> Any:
        """A cotangent (M,) times a matrix of this form, (N,)."""
        found = np.empty(self.inside.size)
        found[self.inside] = np.matmul(matrix, g[self.outside][:, :, None])[:, :, 0]
        return found


def jacobian(local: LocalStep, position: int, budget: float) -> Jacobian:
    """Returns the Jacobian for the argument at `position`.

    Args:
        local: the step.
        position: of the argument.
        budget: how many numbers may be computed.

    Raises:
        TooBigError: they are more.
    """
    x = np.asarray(local.arguments[position])
    shapes = [y.shape for y in local.outputs]
    work = max(x.size, local.center.size)
    if not x.size or not local.center.size:
        empty = np.zeros((1, x.size, local.center.size))
        return Jacobian(
            empty, empty, empty.astype(bool), np.arange(x.size)[None], np.arange(local.center.size)[None]
        )
    if work > budget / 100:
        raise TooBigError

    def at(stack: Any) -> Any:
        return local.at({position: stack})

    inside, outside = independent_rows(at, x, local.center, shapes)
    linear = local.linear_part(position)
    if inside.shape[1] * work * (1 if linear is not None else EVALUATIONS) > budget:
        raise TooBigError
    if linear is not None:
        values = _by_units(linear, x.shape, inside, outside)
        return Jacobian(values, 2 * EPS * abs(values), np.zeros(values.shape, bool), inside, outside)
    noise = 4.0 + math.sqrt(inside.shape[1])
    rounding = hidden(local, outside, noise)

    def absolute(_: Any, units: Any) -> Any:
        return np.repeat(rounding, len(units) // len(rounding), axis=0)

    return by_slopes(at, x, local.center, inside, outside, noise=noise, absolute=absolute)


def _by_units(linear: Any, shape: tuple[int, ...], inside: Any, outside: Any) -> Any:
    """The matrix of a linear map, from unit vectors."""
    rows, inner = inside.shape
    found = np.empty((rows, inner, outside.shape[1]))
    chunk = max(1, ROOM // max(math.prod(shape), outside.size))
    for start in range(0, inner, chunk):
        some = np.arange(start, min(start + chunk, inner))
        units = np.zeros((len(some), math.prod(shape)))
        units[np.arange(len(some))[:, None], inside[:, some].T] = 1
        found[:, some] = linear(units.reshape(len(some), *shape))[:, outside].swapaxes(0, 1)
    return found


def by_slopes(  # noqa: PLR0913 - a map, its rows, and what is known of its rounding
    at: Callable[[Any], Any],
    x: Any,
    center: Any,
    inside: Any,
    outside: Any,
    *,
    noise: float = 1.0,
    absolute: Any = None,
) -> Jacobian:
    """Returns the Jacobian of any map, from differences in all elements of its argument.

    Args:
        at: the map, (K, *shape) -> (K, M).
        x: its argument.
        center: (M,), its value there.
        inside: the rows of the argument that do not meet, (R, E) flat positions.
        outside: the same of the results, (R, M').
        noise: its rounding, in units of the last place.
        absolute: a function that tells the rounding from (evaluate, x of the units), to be added.
    """
    rows, inner = inside.shape
    width = outside.shape[1]
    parts = []
    chunk = max(1, ROOM // (POINTS * max(x.size, outside.size)))
    for start in range(0, inner, chunk):
        columns = inside[:, start : start + chunk]
        flat = columns.ravel()  # unit = (row, column)

        def evaluate(points: Any, which: Any, columns: Any = columns, flat: Any = flat) -> Any:
            row, column = which // columns.shape[1], which % columns.shape[1]
            used, slot = np.unique(column, return_inverse=True)
            stack = np.broadcast_to(x.ravel(), (len(points), len(used), x.size)).copy()
            stack[:, slot, flat[which]] = points
            found = at(stack.reshape(-1, *x.shape)).reshape(len(points), len(used), -1)
            return found[:, slot[:, None], outside[row]]

        middle = np.broadcast_to(center[outside][:, None], (rows, columns.shape[1], width)).reshape(-1, width)
        extra = 0.0 if absolute is None else absolute(evaluate, x.ravel()[flat])
        found = slopes(evaluate, x.ravel()[flat], middle, noise=noise, absolute=extra)
        doubtful = found.kinked | ~np.isfinite(found.bounds)
        on_kink = kinked(evaluate, x.ravel()[flat], middle, doubtful, noise=noise, absolute=extra)
        bounds = np.where(on_kink, 0, np.where(doubtful, UNKNOWN, found.bounds))
        parts.append((np.where(doubtful, 0, found.values), bounds, on_kink))
    values, bounds, sharp = (
        np.concatenate([part[k].reshape(rows, -1, width) for part in parts], 1) for k in range(3)
    )
    return Jacobian(values, bounds, sharp, inside, outside)
