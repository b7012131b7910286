from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.autograd.random.fused import affine


def rounded(exact, dtype):
    """The number of the dtype nearest to an exact fraction, ties to even."""
    double = float(exact)  # Fraction rounds correctly
    if dtype == np.float64:
        return double
    single = np.float32(double)
    around = {single, np.nextafter(single, np.float32(np.inf)), np.nextafter(single, np.float32(-np.inf))}
    return min(around, key=lambda x: (abs(Fraction(float(x)) - exact), int(x.view(np.int32)) & 1))


MODERATE = st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(x=st.lists(MODERATE, min_size=1, max_size=5), scale=MODERATE, shift=MODERATE)
def test_the_result_is_the_exact_one_rounded_once(dtype, x, scale, shift):
    x = np.array(x, dtype)
    result = affine(x, scale, shift)
    assert result.dtype == dtype
    scale, shift = Fraction(float(dtype(scale))), Fraction(float(dtype(shift)))
    for before, after in zip(x, result, strict=True):
        assert after == rounded(Fraction(float(before)) * scale + shift, dtype)


def test_a_product_that_two_roundings_would_spoil_is_right():
    # (1 + a) * (1 + 2a) - 1 = 3a + 2a**2, and the last term is lost when the product is rounded.
    for dtype in (np.float32, np.float64):
        a = float(np.finfo(dtype).eps)
        assert affine(np.array([1 + a], dtype), 1 + 2 * a, -1.0).item() == 3 * a + 2 * a**2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bounds_near_the_largest_number_do_not_overflow_on_the_way(dtype):
    largest = float(np.finfo(dtype).max)
    x = np.array([0.0, 0.25, 0.75], dtype)
    assert affine(x, largest, -largest / 2).tolist() == [-largest / 2, -largest / 4, largest / 4]


def test_nothing_gives_nothing():
    assert affine(np.empty(0, np.float32), 2.0, 1.0).size == 0
    assert affine(np.empty(0), 2.0, 1.0).size == 0
