"""The whole Jacobian of a step for one argument, by perturbing its elements, all rows of a batch at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.stencils import EPS, LEVELS, slopes
from gradcli.checks.witnesses.structure_axes import independent_rows

if TYPE_CHECKING:
    from gradcli.checks.witnesses.differences_step import LocalStep

__all__ = ["Jacobian", "TooBigError", "jacobian"]

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
    inside, outside = independent_rows(lambda stack: local.at({position: stack}), x, local.center, shapes)
    linear = local.linear_part(position)
    if inside.shape[1] * work * (1 if linear is not None else 2 * LEVELS + 6) > budget:
        raise TooBigError
    if linear is not None:
        values = _by_units(linear, x.shape, inside, outside)
        return Jacobian(values, 2 * EPS * abs(values), np.zeros(values.shape, bool), inside, outside)
    return _by_slopes(local, position, inside, outside)


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


def _by_slopes(local: LocalStep, position: int, inside: Any, outside: Any) -> Jacobian:
    """The matrix of any map, from differences; the units of the stencils are all elements of the argument."""
    x = np.asarray(local.arguments[position])
    rows, inner = inside.shape
    width = outside.shape[1]
    parts = []
    chunk = max(1, ROOM // (2 * LEVELS * max(x.size, outside.size)))
    for start in range(0, inner, chunk):
        columns = inside[:, start : start + chunk]
        flat = columns.ravel()  # unit = (row, column)

        def evaluate(points: Any, which: Any, columns: Any = columns, flat: Any = flat) -> Any:
            row, column = which // columns.shape[1], which % columns.shape[1]
            used, slot = np.unique(column, return_inverse=True)
            stack = np.broadcast_to(x.ravel(), (len(points), len(used), x.size)).copy()
            stack[:, slot, flat[which]] = points
            found = local.at({position: stack.reshape(-1, *x.shape)}).reshape(len(points), len(used), -1)
            return found[:, slot[:, None], outside[row]]

        center = np.broadcast_to(local.center[outside][:, None], (rows, columns.shape[1], width))
        noise = 4.0 + math.sqrt(inner)
        parts.append(slopes(evaluate, x.ravel()[flat], center.reshape(-1, width), noise=noise))
    values, bounds, kinked = (
        np.concatenate([part[k].reshape(rows, -1, width) for part in parts], 1) for k in range(3)
    )
    lost = kinked | ~np.isfinite(bounds)
    return Jacobian(np.where(lost, 0, values), np.where(lost, 0, bounds), lost, inside, outside)
