"""Linear maps recognised from outside: what comes out tells how the map is made, and random vectors prove it.

A map known as a selection, a sum over dims or a matrix product is transposed at once, however big. No
name of an operation is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.structure_products import product

__all__ = ["Adjoint", "recognised"]

EPS = float(np.finfo(np.float64).eps)
DIMS = 6  # tensors of more dims are not searched for sums over some of them

Forward = Callable[[Any], Any]  # (K, *shape) -> (K, M), linear


class Adjoint(NamedTuple):
    """The transpose of a linear map.

    Attributes:
        pull: cotangent (M,) -> cotangent (N,).
        size: the same with all coefficients made positive, for bounds.
    """

    pull: Callable[[Any], Any]
    size: Callable[[Any], Any]


def recognised(
    forward: Forward, shape: tuple[int, ...], outputs: Sequence[tuple[int, ...]], others: Sequence[Any]
) -> Adjoint | None:
    """Returns the transpose of a map that is a selection, a sum or a product with one of `others`.

    Args:
        forward: the map.
        shape: of its argument.
        outputs: the shapes of its results.
        others: the other float arguments of the operation, which may be the coefficients.
    """
    size = math.prod(shape)
    random = np.random.default_rng(size)
    proof = random.standard_normal((2, *shape))
    told = forward(np.concatenate([np.arange(1.0, size + 1).reshape(1, *shape), np.ones((1, *shape)), proof]))
    found = _selection(told, proof.reshape(2, size))
    if found is not None:
        return found
    if len(outputs) != 1:
        return None
    found = _sum(told, proof, outputs[0])
    if found is not None:
        return found
    pulls = product(told[2:], proof, others)
    return None if pulls is None else Adjoint(*pulls)


def _selection(told: Any, proof: Any) -> Adjoint | None:
    """Each result is an element times a weight, or zero."""
    size = proof.shape[1]
    labels, weights = told[0], told[1]
    with np.errstate(all="ignore"):
        ratio = labels / weights
    used = weights != 0
    if not np.isfinite(ratio[used]).all() or np.any(labels[~used]):
        return None
    places = np.zeros(len(labels), np.int64)
    places[used] = np.rint(ratio[used]).astype(np.int64) - 1
    if np.any((places < 0) | (places >= size)):
        return None
    expected = np.where(used, weights * proof[:, places], 0) if size else np.zeros_like(told[2:])
    if not np.all(abs(told[2:] - expected) <= 4 * EPS * abs(expected)):
        return None
    if used.all() and np.all(weights == 1):
        pull = lambda g: np.bincount(places, g, size)  # noqa: E731 - one of two
        return Adjoint(pull, pull)
    return Adjoint(
        lambda g: np.bincount(places, np.where(used, weights * g, 0), size),
        lambda g: np.bincount(places, np.where(used, abs(weights) * g, 0), size),
    )


def _sum(told: Any, proof: Any, output: tuple[int, ...]) -> Adjoint | None:
    """The sum over some dims times one number."""
    shape = proof.shape[1:]
    if len(shape) > DIMS or not math.prod(shape):
        return None
    for count in range(1, len(shape) + 1):
        for dims in combinations(range(len(shape)), count):
            kept = tuple(1 if d in dims else n for d, n in enumerate(shape))
            if math.prod(kept) != math.prod(output):
                continue
            weight = float(told[1].flat[0]) / math.prod(shape[d] for d in dims)
            along = tuple(d + 1 for d in dims)
            expected = weight * proof.sum(along).reshape(2, -1)
            allowed = 1e-13 * abs(weight) * abs(proof).sum(along).reshape(2, -1)
            if np.all(abs(told[2:] - expected) <= allowed):
                return _spread(weight, kept, shape)
    return None


def _spread(weight: float, kept: tuple[int, ...], shape: tuple[int, ...]) -> Adjoint:
    def pull(factor: float) -> Callable[[Any], Any]:
        return lambda g: np.broadcast_to(factor * g.reshape(kept), shape).ravel()

    return Adjoint(pull(weight), pull(abs(weight)))
