"""Linear maps that are a matrix product with a known matrix, times a number: proven on random vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product as pairs
from typing import Any

import numpy as np

__all__ = ["product"]

PROVEN = 1e-13  # of the sizes of the terms
MATRIX = 2  # dims

Pull = Callable[[Any], Any]


def product(told: Any, proof: Any, others: Sequence[Any]) -> tuple[Pull, Pull] | None:
    """Returns the transpose of the map, and that with all coefficients positive, or None.

    Args:
        told: (2, M), what the map makes of `proof`.
        proof: (2, *shape), random.
        others: arrays that may be the matrix. A vector is tried as a row and as a column, so that dot and
            outer products are found as well; stacks of matrices broadcast.
    """
    for other in others:
        for v, matrix, left in pairs(_as_matrices(proof[0].shape), _as_matrices(other.shape), (True, False)):
            found = _tried(told, proof.reshape(2, *v), other.reshape(matrix), left=left)
            if found is not None:
                return found
    return None


def _as_matrices(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(shape) >= MATRIX:
        yield shape
    elif len(shape) == 1:
        yield from ((1, *shape), (*shape, 1))


def _tried(told: Any, proof: Any, matrix: Any, *, left: bool) -> tuple[Pull, Pull] | None:
    """The transposes, if the map is v -> weight * v @ matrix (`left`) or weight * matrix @ v."""
    shape = proof.shape[1:]
    (rows, inner), (inner_too, columns) = (
        x[-2:] for x in ((shape, matrix.shape) if left else (matrix.shape, shape))
    )
    if inner != inner_too:
        return None
    try:
        lead = np.broadcast_shapes(shape[:-2], matrix.shape[:-2])
    except ValueError:
        return None
    output = (*lead, rows, columns)
    if math.prod(output) != told.shape[1]:
        return None
    multiply = np.matmul if left else lambda v, coefficients: np.matmul(coefficients, v)
    coefficients = abs(matrix)
    made = np.stack([multiply(v, matrix).ravel() for v in proof])
    size = np.stack([multiply(abs(v), coefficients).ravel() for v in proof])
    norm = float(made[0] @ made[0])
    weight = float(told[0] @ made[0]) / norm if norm else math.nan
    if not np.all(abs(told - weight * made) <= PROVEN * abs(weight) * size):
        return None

    def pull(factor: float, known: Any) -> Pull:
        turned = np.swapaxes(known, -1, -2)
        return lambda g: _summed(factor * multiply(g.reshape(output), turned), shape).ravel()

    return pull(weight, matrix), pull(abs(weight), coefficients)


def _summed(g: Any, shape: tuple[int, ...]) -> Any:
    """Summed over the dims of the stack that were broadcast."""
    g = g.sum(tuple(range(g.ndim - len(shape))))
    dims = tuple(d for d, n in enumerate(shape) if n == 1 and g.shape[d] != 1)
    return g.sum(dims, keepdims=True) if dims else g
