"""What a bound array is besides numbers, a covariance matrix, say: random points that leave it so.

A formula for symmetric matrices is right for those alone, and labels that are 0 or 1 are not 0.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Structure", "structure_of"]

SAME = 1e-9  # relative, of what is one but for rounding
LEAST = 0.3  # on the diagonal of a Cholesky factor, so that its square is well conditioned


class Structure(NamedTuple):
    """A set of arrays, as what is made of freely moving coordinates.

    Attributes:
        name: what its arrays are, as in `S is symmetric`.
        coordinates: of an array in the set.
        made_of: the array of any coordinates.
    """

    name: str
    coordinates: Callable[[Any], Any]
    made_of: Callable[[Any], Any]


def structure_of(value: Any, *, claimed: bool) -> Structure | None:
    """Returns the structure that an array has, None where it is but numbers.

    An array of equal elements, as the default is, has none: that is what random points are for.

    Args:
        value: the array that the user bound, float64.
        claimed: whether the user says a derivative for it: that has to hold beside 0 and 1, too.
    """
    if not value.size or not np.isfinite(value).all() or (value == value.flat[0]).all():
        return None
    found = None
    if value.ndim > 1 and value.shape[-1] == value.shape[-2]:
        found = _of_matrix(value)
    return found if claimed or found is not None else _of_rows(value)


def _of_matrix(value: Any) -> Structure | None:
    if _same(value, np.swapaxes(value, -1, -2)):
        return _DEFINITE if _is_definite(value) else _SYMMETRIC
    return next((one for one in (_LOWER, _UPPER) if (value == one.made_of(value)).all()), None)


def _of_rows(value: Any) -> Structure | None:
    if np.isin(value, (0, 1)).all():
        return Structure("made of 0 and 1", np.asarray, _ones_like(value))
    if (value >= 0).all() and _same(value.sum(-1), np.ones(value.shape[:-1])):
        return _SHARES
    return None


def _same(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=0, atol=SAME * float(np.max(np.abs(b), initial=0.0))))


def _is_definite(value: Any) -> bool:
    try:
        np.linalg.cholesky(value)
    except np.linalg.LinAlgError:
        return False
    return True


def _mirrored(lower: Any) -> Any:
    return np.tril(lower) + np.swapaxes(np.tril(lower, -1), -1, -2)


def _square(factor: Any) -> Any:
    lower = np.tril(factor, -1)
    diagonal = np.diagonal(factor, axis1=-2, axis2=-1)
    lower = lower + np.maximum(np.abs(diagonal), LEAST)[..., None] * np.eye(factor.shape[-1])
    return lower @ np.swapaxes(lower, -1, -2)


def _ones_like(value: Any) -> Callable[[Any], Any]:
    """Makes arrays with as many ones in each row: where the coordinates are largest."""
    ones = value.sum(-1, keepdims=True)
    return lambda moved: np.asarray((-moved).argsort(-1).argsort(-1) < ones, np.float64)


def _shares(moved: Any) -> Any:
    weights = np.abs(moved) + SAME
    return weights / weights.sum(-1, keepdims=True)


_SYMMETRIC = Structure("symmetric", np.asarray, _mirrored)
_DEFINITE = Structure("symmetric and positive definite", np.linalg.cholesky, _square)
_LOWER = Structure("lower triangular", np.asarray, np.tril)
_UPPER = Structure("upper triangular", np.asarray, np.triu)
_SHARES = Structure("made of shares that sum to 1", np.asarray, _shares)
