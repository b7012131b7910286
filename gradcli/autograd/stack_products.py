"""Products of a batch and one matrix or vector that it shares, each done as a single product.

NumPy walks a matrix that broadcasting repeats member by member, and past its fast libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["product"]


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
_BY_RECORD = {"mv": (_mv, 2, 1), "dot": (_dot, 1, 1), "vdot": (_dot, 1, 1), "mm_matrix": (_mm, 2, 2)}


def product(name: str, operands: Sequence[Any]) -> Any:
    """Returns the product of a record of that name, the batch on axis 0; None where there is no quick way.

    Args:
        name: any record's.
        operands: stacked arrays. Formulas hand a record also stacks of matrices, which go the usual way.
    """
    form = _BY_RECORD.get(name)
    if form is None:
        return None
    (multiply, *ranks), (a, b) = form, operands
    if a.batched == b.batched or ranks != [a.ndim, b.ndim]:
        return None
    return multiply(a.array, b.array, left=a.batched)
