"""Sums over some dims of an array, by BLAS where NumPy goes from row to row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dtypes import FLOAT32, FLOAT64

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["summed"]

BLAS = (FLOAT32, FLOAT64)
FEW = 1024  # elements that NumPy has added up before BLAS begins
SHORT = 64  # elements of a row; in longer ones NumPy is as fast, and its sums of pairs lose fewer digits
LONG = 256  # elements of a matrix that are worth a call of BLAS


def summed(x: Any, dims: Sequence[int], *, keepdims: bool = False) -> Any:
    """Returns the sum of an array over dims, within n·u·Σ|terms| as that of np.add.reduce.

    NumPy begins anew for each row along the last dim, which takes as long as a hundred additions (15 ns).
    Over 25,000 rows of 10 a product with a vector of ones is eight times as fast.
    """
    some = x.__class__ is np.ndarray and x.size > FEW and len(dims) < x.ndim
    if some and x.dtype in BLAS and x.flags.c_contiguous:
        matrices = _as_matrices(x.shape, dims)
        if matrices is not None:
            return _by_products(x.reshape(matrices), _shape_left(x.shape, dims, keepdims=keepdims))
    return np.add.reduce(x, axis=tuple(dims), keepdims=keepdims)  # type: ignore[call-overload] # of a bool, too


def _as_matrices(shape: tuple[int, ...], dims: Sequence[int]) -> tuple[int, int, int] | None:
    """The shape with what is summed in the middle; None where its dims are apart, or BLAS gains nothing."""
    places = sorted([dim % len(shape) for dim in dims])
    if not places or places[-1] - places[0] != len(places) - 1:
        return None
    before, after = math.prod(shape[: places[0]]), math.prod(shape[places[-1] + 1 :])
    count = math.prod(shape[place] for place in places)
    short = count <= SHORT if after == 1 else after <= SHORT and count * after >= LONG
    return (before, count, after) if short and before * after > 1 else None


def _by_products(x: Any, shape: tuple[int, ...]) -> Any:
    """The sums over the middle dim of three."""
    _, count, after = x.shape
    ones = np.ones(count, x.dtype)
    return (np.matmul(x[..., 0], ones) if after == 1 else np.matmul(ones, x)).reshape(shape)


def _shape_left(shape: tuple[int, ...], dims: Sequence[int], *, keepdims: bool) -> tuple[int, ...]:
    over = {dim % len(shape) for dim in dims}
    if keepdims:
        return tuple([1 if dim in over else size for dim, size in enumerate(shape)])
    return tuple([size for dim, size in enumerate(shape) if dim not in over])
