"""What a mask keeps of an array is what np.where keeps, to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.ops.masks import FEW, kept_where

SIZES = (3, FEW, FEW + 1, 3 * FEW)
ODD = (np.nan, -0.0, 0.0, np.inf, -np.inf, 5e-324, -1e-40)


def same_bits(found, expected):
    return (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def values(size, dtype):
    draws = np.random.default_rng(size)
    found = draws.standard_normal(size).astype(dtype)
    found[draws.integers(0, size, 7)] = np.array(ODD).astype(dtype)
    return found, draws.standard_normal(size) > 0


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.complex128])
@pytest.mark.parametrize("size", SIZES)
def test_it_keeps_every_bit_and_puts_plain_zeros_elsewhere(size, dtype):
    value, mask = values(size, dtype)
    before = value.copy()
    assert same_bits(kept_where(mask, value), np.where(mask, value, 0))
    assert same_bits(value, before)


@pytest.mark.parametrize(
    ("mask", "value"),
    [
        ((64, 1), (64, 64)),
        ((64,), (64, 64)),
        ((3, 64, 64), (64, 64)),
        ((), (64, 64)),
    ],
)
def test_masks_and_values_broadcast(mask, value):
    draws = np.random.default_rng(0)
    mask, value = np.asarray(draws.standard_normal(mask) > 0), draws.standard_normal(value)
    assert same_bits(kept_where(mask, value), np.where(mask, value, 0))


def test_values_and_masks_may_lie_in_memory_in_any_way():
    value, mask = values(4 * FEW, np.float64)
    value, mask = value.reshape(2, -1).T, mask.reshape(-1, 2)[::-1]
    assert np.array_equal(kept_where(mask, value), np.where(mask, value, 0), equal_nan=True)
    assert np.array_equal(
        kept_where(mask[::2], value[::2]), np.where(mask[::2], value[::2], 0), equal_nan=True
    )


def test_numbers_and_masks_that_are_none_are_left_to_numpy():
    assert same_bits(kept_where(np.ones(5000, np.int8), np.ones(5000)), np.ones(5000))
    assert kept_where(True, 2.5) == 2.5
