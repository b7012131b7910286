"""Whether an operation has a derivative at all where differences along single elements have found one.

QR of a singular matrix, a quotient at its jump: along each element alone the slope may exist, and along
others it does not, so that no rule can be held against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.witnesses.structure_symmetry import TRIANGULAR, symmetrised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.witnesses.differences_pull import Cotangent
    from gradcli.checks.witnesses.differences_step import LocalStep

__all__ = ["allowed_direction", "is_differentiable"]

DIRECTIONS = 3
STEP = 1e-5  # of the argument
ROUGHLY = 0.05  # of the terms: how far a slope is off the sum of the partial derivatives, at most


def is_differentiable(
    local: LocalStep, position: int, gs: Sequence[Any], found: Cotangent, place: int
) -> bool:
    """Returns whether <g, y> grows along random directions, to both sides, as its partial derivatives say.

    Args:
        local: an operation at a point.
        position: of the argument that moves.
        gs: the cotangents of the floating-point results.
        found: the partial derivatives, by differences; elements on a kink stay where they are.
        place: the element in question; of an elementwise operation it alone moves.
    """
    x = np.asarray(local.arguments[position])
    weights = np.concatenate([np.ravel(g) for g in gs])
    known = np.isfinite(found.values + found.bounds) & ~found.kinked
    if local.step.record.kind == "elementwise":
        known &= np.arange(x.size) == place
    random = np.random.default_rng(position)
    h = STEP * (float(np.max(np.abs(x[known.reshape(x.shape)]), initial=0.0)) or 1.0)
    for _ in range(DIRECTIONS):
        direction = allowed_direction(local, position, np.where(known, random.standard_normal(x.size), 0.0))
        terms = np.where(known, found.values, 0.0) * direction
        steps = (x + k * h * direction.reshape(x.shape) for k in (-2, -1, 0, 1, 2))
        values = [float(local.at({position: moved[np.newaxis]})[0] @ weights) for moved in steps]
        if not np.isfinite(values).all():
            continue  # nothing can be said along this direction
        left = (3 * values[2] - 4 * values[1] + values[0]) / (2 * h)
        right = (4 * values[3] - 3 * values[2] - values[4]) / (2 * h)
        slack = ROUGHLY * float(np.sum(np.abs(terms))) + 1e-12 * float(np.abs(weights).sum()) / h
        apart = max(abs(left - terms.sum()), abs(right - terms.sum())) > slack
        if apart and abs(left - right) > slack:  # two sides that are one are a slope, whoever it is of
            return False
    return True


def allowed_direction(local: LocalStep, position: int, direction: Any) -> Any:
    """Returns a direction (flat) made one of those in which the argument may move: triangular, symmetric."""
    name, shape = local.step.record.name, local.shape(position)
    if TRIANGULAR.get(name) == position:
        kept = np.triu if local.step.params["upper"] else np.tril
        return kept(direction.reshape(shape)).ravel()
    return np.ravel(symmetrised(local, direction, shape))
