"""Sine and cosine at once are right to 2 ulps, whatever the angle."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from gradcli.plan.sine import BIGGEST, BLOCK, sin_cos

RANDOM = np.random.default_rng(11)
QUARTERS = np.arange(-1018, 1019) * (np.pi / 2)


def _both(x: Any) -> tuple[Any, Any]:
    sine, cosine = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="ignore"):
        sin_cos(x, sine, cosine)
    return sine, cosine


@pytest.mark.parametrize(
    "x",
    [
        RANDOM.uniform(-4, 4, 3000),
        RANDOM.uniform(-BIGGEST, BIGGEST, 3000),
        np.exp(RANDOM.uniform(-700, 7, 1000)),
        QUARTERS,
        np.nextafter(QUARTERS, np.inf),
        np.nextafter(QUARTERS, -np.inf),
        QUARTERS / 2,
        np.nextafter(QUARTERS / 2, 0),
        np.array([1e4, 1e22, -1e300]),
    ],
)
def test_both_are_within_two_ulps(x: Any) -> None:
    with mpmath.workprec(1200):
        for found, function in zip(_both(x), (mpmath.sin, mpmath.cos), strict=True):
            for angle, y in zip(x, found, strict=True):
                exact = function(mpmath.mpf(float(angle)))
                assert abs(mpmath.mpf(float(y)) - exact) <= 2 * float(np.spacing(abs(float(exact)))), angle


def test_zeros_keep_their_sign_and_the_smallest_numbers_their_value() -> None:
    x = np.array([0.0, -0.0, 5e-324, -5e-324])
    sine, cosine = _both(x)
    np.testing.assert_array_equal(sine, x)
    np.testing.assert_array_equal(np.signbit(sine), np.signbit(x))
    np.testing.assert_array_equal(cosine, 1)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_or_big_is_as_numpy_has_it(odd: float) -> None:
    x = np.array([0.5, odd, -0.0])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(_both(x), [np.sin(x), np.cos(x)])


def test_the_angles_may_lie_where_the_results_go() -> None:
    x = RANDOM.uniform(-9, 9, BLOCK + 7)
    sine, cosine = _both(x)
    for place in (0, 1):
        results = [np.empty_like(x), np.empty_like(x)]
        results[place][...] = x
        sin_cos(results[place], *results)
        np.testing.assert_array_equal(results, [sine, cosine])
