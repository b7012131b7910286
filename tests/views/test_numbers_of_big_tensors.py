"""Summaries of big tensors: facts of the finite elements, whatever is among them."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.views.numbers import summary_lines


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.arange(200.0), ["min 0  mean 99.5  max 199", "norm 1626.87  (200 elements)"]),
        (np.full(200, 1e308), ["min 1e+308  mean inf  max 1e+308", "norm inf  (200 elements)"]),
        (np.full(400, 1e-300), ["min 1e-300  mean 1e-300  max 1e-300", "norm 2e-299  (400 elements)"]),
        (np.full(200, np.nan), ["nan 200  of 200"]),
        (np.arange(200) > 5, ["194 of 200 are True"]),
    ],
)
def test_extremes_are_told_and_sums_do_not_overflow_where_they_need_not(array, expected):
    assert summary_lines(array) == expected


def test_what_is_not_finite_is_counted_apart():
    array = np.ones(70_000)
    array[[3, 69_999]] = np.nan, -np.inf
    assert summary_lines(array) == [
        "min 1  mean 1  max 1",
        f"norm {np.sqrt(69_998):.6g}  (70000 elements)",
        "nan 1  inf 1  (not counted above)",
    ]


def test_many_elements_give_the_same_as_numpy_over_all_of_them():
    array = np.random.default_rng(0).standard_normal((300, 700)).astype(np.float32)
    numbers = array.astype(np.float64)
    assert summary_lines(array) == [
        f"min {numbers.min():.6g}  mean {numbers.mean():.6g}  max {numbers.max():.6g}",
        f"norm {np.linalg.norm(numbers):.6g}  (210000 elements)",
    ]
