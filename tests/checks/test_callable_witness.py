"""The witness on Python functions: right within its bounds, whatever the function makes of its arrays."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.witnesses import callable as witness

RANDOM = np.random.default_rng(2)
W = RANDOM.standard_normal((4, 5))

FUNCTIONS = {
    "elementwise": (np.sin, np.cos, RANDOM.standard_normal(50)),
    "a sum": (
        lambda x: np.sum(np.sin(x) * x**2), lambda x: np.cos(x) * x**2 + 2 * x * np.sin(x),
        RANDOM.standard_normal(20),
    ),
    "a layer": (
        lambda x: np.tanh(W @ x).sum(), lambda x: W.T @ (1 - np.tanh(W @ x) ** 2), RANDOM.standard_normal(5),
    ),
    "a large constant": (lambda x: 1e6 + np.sin(x), np.cos, RANDOM.standard_normal(30)),
    "quick": (lambda x: np.sin(100 * x), lambda x: 100 * np.cos(100 * x), RANDOM.standard_normal(60)),
    "near an edge": (np.log, lambda x: 1 / x, np.array([1e-3, 1e-8, 2.0])),
    "nearer than 1e-20": (np.log, lambda x: 1 / x, np.array([1e-30, 2.0])),
}  # fmt: skip


def _heard(function, x):
    ones = np.ones(np.shape(function(x)))
    sample = (np.arange(x.size),)
    heard = witness.examine(function, [x], ones, sample)
    return heard, witness.complex_step(function, [x], ones, sample, heard.testimony)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_differentiated_within_its_bounds(name):
    function, slope, x = FUNCTIONS[name]
    heard, stepped = _heard(function, x)
    (words,) = heard.testimony.words
    assert words.spoke.all()
    assert np.all(abs(words.values - slope(x)) <= 3 * words.bounds)
    assert not stepped.silence
    assert np.all(abs(stepped.words[0].values - slope(x)) <= 3 * stepped.words[0].bounds)


def test_a_kink_is_flagged_and_has_no_value():
    heard, stepped = _heard(lambda x: np.abs(x).sum(), np.array([0.0, 1.0, -2.0]))
    assert heard.kinked[0].tolist() == [True, False, False]
    assert heard.testimony.words[0].spoke.tolist() == [False, True, True]
    assert stepped.silence


def test_a_complex_step_that_contradicts_differences_is_not_heard():
    _, stepped = _heard(lambda x: np.real(x) * x, np.array([1.0, 2.0]))
    assert "not analytic" in stepped.silence


def test_noise_is_not_taken_for_a_derivative():
    heard, _ = _heard(lambda x: np.sin(1e8 * x**2), np.array([12345.678]))
    assert not heard.testimony.words[0].spoke.any()
    assert not heard.kinked[0].any()


SINGLE = {
    "an argument cast": (lambda x: float(np.sin(x.astype(np.float32)).sum()), np.cos),
    "a result cast": (lambda x: float(np.float32((x**2).sum())), lambda x: 2 * x),
    "a float32 result": (lambda x: np.float32(1e4 + x.sum()), np.ones_like),
}


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("x", [np.array([1.5, 2.3]), np.array([3.89, 0.04]), RANDOM.standard_normal(20)])
def test_steps_below_the_spacing_of_float32_are_no_derivatives(name, x):
    function, slope = SINGLE[name]
    heard, _ = _heard(function, x)
    (words,) = heard.testimony.words
    assert heard.single
    assert words.spoke.any()
    assert np.all(abs(words.values - slope(x))[words.spoke] <= 3 * words.bounds[words.spoke])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_in_float64_is_not_taken_for_one_in_float32(name):
    function, _, x = FUNCTIONS[name]
    assert not _heard(function, x)[0].single


def test_an_optimum_is_not_taken_for_float32():
    assert not _heard(lambda x: 1 + (x**2).sum() + (x**3).sum(), np.zeros(3))[0].single


@pytest.mark.parametrize("size", [1, 60])
def test_kinks_are_seen_where_the_function_is_zero(size):
    heard, _ = _heard(lambda x: np.abs(x).sum(), np.zeros(size))
    assert heard.kinked[0].all()


def test_where_a_function_raises_there_is_no_value():
    def function(x):
        if x[0] > 2:
            raise KeyError("x")
        return (x**2).sum()

    heard, _ = _heard(function, np.array([2.0, 3.0]))
    assert heard.testimony.words[0].spoke.tolist() == [False, True]


def test_what_numpy_says_of_complex_numbers_is_not_passed_on(recwarn):
    _, stepped = _heard(lambda x: x.astype(np.float64).sum(), np.array([1.0, 2.0]))
    assert stepped.silence
    assert not recwarn.list
