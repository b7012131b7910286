"""Products of a batch and one matrix or vector that it shares, each done as a single product.

NumPy walks a matrix that broadcasting repeats member by member, and past its fast libraries.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["PRODUCTS"]


def _mv(a: Any, b: Any, *, left: bool) -> Any:
    return np.matmul(a, b) if left else np.matmul(b, a.T)


def _dot(a: Any, b: Any, *, left: bool) -> Any:
    return np.matmul(a, b) if left else np.matmul(b, a)


def _mm(a: Any, b: Any, *, left: bool) -> Any:
    if left:
        return _rows(a, b)
    # Both transposed, so that the batch is on the left.
    return np.swapaxes(_rows(np.swapaxes(b, 1, 2), a.T), 1, 2)


def _rows(batch: Any, matrix: Any) -> Any:
    """A batch of matrices times one matrix, as one product of all their rows."""
    size, rows, inner = batch.shape
    return np.matmul(batch.reshape(size * rows, inner), matrix).reshape(size, rows, matrix.shape[1])


# By record: of two arrays, of which the first (`left`) or the second carries a batch on axis 0.
PRODUCTS = {"mv": _mv, "dot": _dot, "vdot": _dot, "mm_matrix": _mm}
