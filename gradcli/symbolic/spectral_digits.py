"""Eigenvalues and singular values that lie close together, by mpmath's own iterations in many digits.

Newton's method from NumPy's vectors (`spectral`) does not get there: of values that differ by 1e-8 of the
largest they are right to eight digits only, and to none of values that float64 cannot tell apart.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from gradcli.diagnostics import NotImplementedFault
from gradcli.symbolic.elimination import stacked
from gradcli.symbolic.spectral import floats

__all__ = ["eigh", "svd"]

GAP = 1e-13  # relative; of closer values NumPy's vectors, which decide the signs, are any
MOST = 12  # rows: the iterations take n^3 and are slow


def eigh(P: Any, a: Any, uplo: Literal["L", "U"]) -> tuple[Any, Any]:  # noqa: N803 - as records call it
    """Returns eigenvalues, ascending, and eigenvectors (columns) of symmetric (..., n, n).

    Raises:
        NotImplementedFault: eigenvalues coincide, or the matrices are large.
    """
    found = stacked(lambda one: _eigh(P, one, uplo), a)
    return found[..., 0, :], found[..., 1:, :]


def _eigh(P: Any, a: Any, uplo: Literal["L", "U"]) -> Any:  # noqa: N803 - as above
    _check(a, np.linalg.eigvalsh(floats(a), UPLO=uplo))
    values, vectors = P.eigsy(P.matrix(a.tolist()))
    found = _array(vectors)
    signs = _signs(found, np.linalg.eigh(floats(a), UPLO=uplo)[1])
    return np.concatenate([np.array([list(values)], dtype=object), found * signs])


def svd(P: Any, a: Any) -> tuple[Any, Any, Any]:  # noqa: N803 - as above
    """Returns U, the singular values, descending, and V^T of (..., m, n), without what is beyond the smaller.

    Raises:
        NotImplementedFault: singular values coincide, one is zero, or the matrices are large.
    """
    rows = a.shape[-2]
    found = stacked(lambda one: _svd(P, one), a)  # (..., rows + 1 + columns, inner)
    return found[..., :rows, :], found[..., rows, :], np.swapaxes(found[..., rows + 1 :, :], -1, -2)


def _svd(P: Any, a: Any) -> Any:  # noqa: N803 - as above
    numbers = floats(a)
    _check(a, np.append(np.linalg.svd(numbers, compute_uv=False), 0.0))
    u, s, vh = P.svd_r(P.matrix(a.tolist()))
    left = _array(u)
    signs = _signs(left, np.linalg.svd(numbers, full_matrices=False)[0])
    return np.concatenate([left * signs, np.array([list(s)], dtype=object), _array(vh).T * signs])


def _check(a: Any, values: Any) -> None:
    gaps = np.abs(np.diff(np.sort(values)))
    if max(a.shape) > MOST or (gaps.size and gaps.min() <= GAP * np.abs(values).max()):
        raise NotImplementedFault("E308", "two of the values coincide: no derivative in closed form")


def _signs(vectors: Any, numbers: Any) -> Any:
    """Per column 1 or -1, so that it points where NumPy's does."""
    return np.where(np.sum(floats(vectors) * numbers, axis=0) < 0, -1, 1)


def _array(matrix: Any) -> Any:
    found = np.empty((matrix.rows, matrix.cols), dtype=object)
    found.ravel()[:] = list(matrix)
    return found
