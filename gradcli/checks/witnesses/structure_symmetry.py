"""Operations on symmetric or triangular matrices: what is not free to move has no derivative of its own.

cholesky(a) and eigh(a) are computed from one triangle of a, and their gradients are those along
symmetric changes: what they say along skew ones is convention. A Cholesky factor moves in its own
triangle alone. A derivative depends on the convention if it changes with a cotangent that is skew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradcli.checks.witnesses.differences_step import LocalStep

__all__ = ["NOT_FREE", "TRIANGULAR", "symmetrised", "unseen"]

SYMMETRIC = frozenset({"cholesky", "linalg_eigh"})
TRIANGULAR = {"cholesky_inverse": 0, "solve_cholesky": 1}  # and which argument is the factor
NOT_FREE = SYMMETRIC | TRIANGULAR.keys()


def symmetrised(local: LocalStep, values: Any, shape: tuple[int, ...]) -> Any:
    """Returns a derivative by the elements of one triangle as that along symmetric changes."""
    if local.step.record.name not in SYMMETRIC:
        return values
    matrices = values.reshape(shape)
    return ((matrices + np.swapaxes(matrices, -1, -2)) / 2).ravel()


def unseen(local: LocalStep, position: int, size: float) -> Any:
    """Returns a random cotangent (flat) of an argument to which no allowed change is sensitive; 0.0: none."""
    name, shape = local.step.record.name, local.shape(position)
    if name not in SYMMETRIC and TRIANGULAR.get(name) != position:
        return 0.0
    noise = (size or 1.0) * np.random.default_rng(position).standard_normal(shape)
    if name in SYMMETRIC:
        return (noise - np.swapaxes(noise, -1, -2)).ravel()
    return (np.tril(noise, -1) if local.step.params["upper"] else np.triu(noise, 1)).ravel()
