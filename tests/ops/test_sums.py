"""Sums by BLAS are the sums that NumPy gives, within the bound of any order of additions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gradcli.ops.sums import FEW, summed

SHAPES = (
    (600, 2),
    (2, 600),
    (25, 100, 10),
    (3, 500, 1),
    (1, 2000),
    (40, 5, 6, 7),
    (700, 2, 3),
    (FEW + 1, 1),
    (4, 4),
)
UNIT = {np.float32: 2.0**-24, np.float64: 2.0**-53}


def choices(shape):
    """All choices of dims, counted from the right as records have them."""
    dims = range(-len(shape), 0)
    return [some for count in range(1, len(shape) + 1) for some in itertools.combinations(dims, count)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_is_within_the_bound_of_summation(shape, dtype, keepdims):
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    wide = x.astype(np.longdouble)
    for dims in choices(shape):
        found, right = summed(x, dims, keepdims=keepdims), np.add.reduce(wide, axis=dims, keepdims=keepdims)
        count = x.size // max(right.size, 1)
        bound = count * UNIT[dtype] * np.add.reduce(np.abs(wide), axis=dims, keepdims=keepdims)
        assert (np.shape(found), np.asarray(found).dtype) == (right.shape, x.dtype)
        assert np.all(np.abs(found - right) <= bound)


@pytest.mark.parametrize("dims", [(-1,), (-2,), (-2, -1)])
def test_whole_numbers_add_up_exactly_and_nan_and_infinity_stay_in_their_row(dims):
    x = np.random.default_rng(1).integers(-1000, 1000, (30, 50, 8)).astype(np.float64)
    assert np.array_equal(summed(x, dims), np.add.reduce(x, axis=dims))
    x[3, 4, 5], x[7, 1, 2], x[7, 2, 2] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        assert np.array_equal(summed(x, dims), np.add.reduce(x, axis=dims), equal_nan=True)


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.bool_, np.complex128])
def test_other_dtypes_are_left_to_numpy(dtype):
    x = (np.arange(3000).reshape(300, 10) % 7).astype(dtype)
    found, right = summed(x, (-1,)), np.add.reduce(x, axis=-1)
    assert (found.dtype, found.tobytes()) == (right.dtype, right.tobytes())


def test_memory_in_any_order_is_summed():
    x = np.random.default_rng(2).standard_normal((40, 50, 6))
    for view in (x.T, x[::2], x[..., ::-1], np.broadcast_to(x[:1], x.shape)):
        assert np.allclose(summed(view, (-1,)), np.add.reduce(view, axis=-1), rtol=1e-13, atol=1e-13)
