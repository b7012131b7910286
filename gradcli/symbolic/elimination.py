"""Linear algebra on object arrays of any exact-enough numbers, by Gaussian elimination.

NumPy's LAPACK knows floats only; mpmath numbers and expressions come here. Elements need arithmetic,
`abs` and comparison; pivots are chosen by size, so the order of the steps follows the numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.symbolic.real import Real

__all__ = ["cholesky", "det", "inv", "solve", "stacked"]


def stacked(function: Any, a: Any, *more: Any) -> Any:
    """Runs a function of matrices over the leading axes that they share after broadcasting."""
    lead = np.broadcast_shapes(*(x.shape[:-2] for x in (a, *more)))
    full = [np.broadcast_to(x, lead + x.shape[-2:]) for x in (a, *more)]
    found = {at: np.asarray(function(*(x[at] for x in full)), dtype=object) for at in np.ndindex(*lead)}
    if not found:
        return np.empty(lead + (full[-1].shape[-2:] if more or function is not _det else ()), dtype=object)
    first = next(iter(found.values()))
    result = np.empty(lead + first.shape, dtype=object)
    for at, value in found.items():
        result[at] = value[()] if not first.ndim else value
    return result


def _eliminate(a: Any, b: Any) -> tuple[Any, Any, int]:
    """Row echelon form with partial pivoting; returns (upper, transformed right side, sign)."""
    a, b, sign = np.array(a, dtype=object), np.array(b, dtype=object), 1
    count = a.shape[0]
    for k in range(count):
        pivot = max(range(k, count), key=lambda i: _size(a[i, k]))
        if pivot != k:
            a[[k, pivot]], b[[k, pivot]], sign = a[[pivot, k]], b[[pivot, k]], -sign
        for i in range(k + 1, count):
            factor = a[i, k] / a[k, k]
            # The array comes first: mpmath would write it all out, only to say that it is no number.
            a[i, k:] = a[i, k:] - a[k, k:] * factor
            b[i] = b[i] - b[k] * factor
    return a, b, sign


def _size(x: Any) -> Any:
    """The magnitude; of an element that carries a float that float's, which writes nothing down."""
    return abs(x.number) if isinstance(x, Real) else abs(x)


def _solve(a: Any, b: Any) -> Any:
    upper, right, _ = _eliminate(a, b)
    for i in reversed(range(upper.shape[0])):
        for k in range(i + 1, upper.shape[0]):
            right[i] = right[i] - upper[i, k] * right[k]
        right[i] = right[i] / upper[i, i]
    return right


def _det(a: Any) -> Any:
    count = a.shape[0]
    if not count:
        return 1
    upper, _, sign = _eliminate(a, np.zeros((count, 0), dtype=object))
    product = upper[0, 0]
    for k in range(1, count):
        product = product * upper[k, k]
    return product * sign


def _cholesky(a: Any, root: Any) -> Any:
    count = a.shape[0]
    lower = np.zeros((count, count), dtype=object)
    for i in range(count):
        for j in range(i + 1):
            rest = a[i, j]
            for k in range(j):
                rest = rest - lower[i, k] * lower[j, k]
            lower[i, j] = root(rest) if i == j else rest / lower[j, j]
    return lower


def solve(a: Any, b: Any) -> Any:
    """Returns X of A X = B, both object arrays of shape (..., n, n) and (..., n, k)."""
    return stacked(_solve, a, b)


def det(a: Any) -> Any:
    """Returns the determinants of (..., n, n), of shape (...)."""
    return stacked(_det, a)


def inv(a: Any) -> Any:
    """Returns the inverses of (..., n, n)."""
    return solve(a, np.eye(a.shape[-1], dtype=object))


def cholesky(a: Any, root: Any) -> Any:
    """Returns the lower triangular factors of (..., n, n); `root` is the elements' square root."""
    return stacked(lambda one: _cholesky(one, root), a)
