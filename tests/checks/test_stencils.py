"""Slopes told from points around are right within their bounds, whatever is uneven or repeats itself."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.witnesses.stencils import SHARE, slopes

SMOOTH = {
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "log": (lambda x: np.log(abs(x)), lambda x: 1 / x),
    "square root": (lambda x: np.sqrt(abs(x)), lambda x: np.sign(x) / 2 / np.sqrt(abs(x))),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x / x),
    "square": (np.square, lambda x: 2 * x),
}


def found(f, x, noise=1.0):
    """Slopes of one function at many points, and which are known."""
    with np.errstate(all="ignore"):
        one = slopes(lambda points, which: f(points)[..., None], x, f(x)[:, None], noise=noise)
    return one.values[:, 0], one.bounds[:, 0], np.isfinite(one.bounds[:, 0])


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e3, 1e8])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_are_told_within_three_bounds(name, scale):
    f, slope = SMOOTH[name]
    x = scale * np.random.default_rng(3).standard_normal(5000)
    values, bounds, known = found(f, x)
    assert known.mean() > 0.99
    error = abs(values - slope(x)) - 4e-16 * abs(slope(x))
    assert np.all(error[known] <= 3 * bounds[known])


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [1e-15, 1e-13, 1e-10, 1e-7, 1e-5, 1e-2, 1.0])
@pytest.mark.parametrize("smooth", [(lambda x: 3 * x, lambda x: 3 + 0 * x), (np.sin, np.cos)])
def test_a_jump_of_any_derivative_anywhere_is_in_the_bound(order, size, smooth):
    random = np.random.default_rng(order)
    f, slope = smooth
    x = random.uniform(0.5, 2.0, 5000) * np.where(random.random(5000) < 0.3, 1e-4, 1)
    sharp = x + random.choice([-1, 1], 5000) * 10.0 ** random.uniform(-13, 0.3, 5000)

    def evaluate(points, which):
        beyond = points - sharp[which]
        return (f(points) + size * np.where(beyond > 0, beyond**order, 0))[..., None]

    one = slopes(evaluate, x, evaluate(x, np.arange(5000)), noise=4.0)
    beyond = x - sharp
    expected = slope(x) + size * np.where(beyond > 0, order * beyond ** max(order - 1, 0), 0)
    assert one.bounds.shape == (5000, 1)
    error = abs(one.values[:, 0] - expected) - 1e-15 * abs(expected)
    known = np.isfinite(one.bounds[:, 0])
    assert known.mean() > 0.5
    assert np.all(error[known] <= 3 * one.bounds[known, 0])


@pytest.mark.parametrize("share", [SHARE / 3, SHARE / 4, SHARE / 28, SHARE])
@pytest.mark.parametrize("times", [1, 2, 3, 8])
@pytest.mark.parametrize("beside", [0.0, 1e-9, 1e-4])
def test_what_repeats_itself_from_point_to_point_is_not_taken_for_constant(share, times, beside):
    often = 2 * np.pi * times / share * (1 + beside)
    x = np.random.default_rng(0).uniform(0.5, 1.0, 300)
    values, bounds, known = found(lambda x: np.sin(often * x), x, noise=1 + 4 * often)
    assert known.mean() > 0.98
    assert np.all((abs(values - often * np.cos(often * x)) <= 3 * bounds)[known])
    assert np.all(bounds[known] <= 1e-6 * often)


def test_a_unit_on_a_kink_has_no_slope():
    x = np.array([0.0, 1.0, -2.0])
    one = slopes(lambda points, which: abs(points)[..., None], x, abs(x)[:, None])
    assert one.kinked[:, 0].tolist() == [True, False, False]
    assert one.values[1:, 0] == pytest.approx([1, -1], rel=1e-12)


def test_a_kink_beside_a_unit_is_not_its_own():
    x = np.random.default_rng(0).uniform(0.5, 2.0, 2000)
    sharp = x + 10.0 ** np.random.default_rng(1).uniform(-11, 0, 2000)

    def evaluate(points, which):
        return np.maximum(points, 2 * points - sharp[which])[..., None]

    one = slopes(evaluate, x, evaluate(x, np.arange(2000)))
    assert not one.kinked.any()
    assert np.all(abs(one.values - 1) <= 3 * one.bounds)


def test_beside_the_edge_of_a_domain_slopes_are_told_inside_it():
    values, _, known = found(np.log, np.array([1e-3, 1e-12, 0.0]))
    assert known.tolist() == [True, True, False]
    assert values[:2] == pytest.approx([1e3, 1e12], rel=1e-11)


def test_a_few_units_unlike_the_others_are_told_too():
    x = np.linspace(0.5, 1.5, 8000)
    wild = np.arange(8000) % 97 == 5

    def evaluate(points, which):
        return np.where(wild[which], np.log(points), 2 * points)[..., None]

    one = slopes(evaluate, x, evaluate(x, np.arange(8000)))
    assert one.values[:, 0] == pytest.approx(np.where(wild, 1 / x, 2.0), rel=1e-11)


def test_each_output_of_a_unit_is_told_for_itself():
    x = np.array([0.0, 0.3, 2.0])

    def evaluate(points, _which):
        return np.stack([points**3, abs(points), np.sin(points)], -1)

    one = slopes(evaluate, x, evaluate(x, np.arange(3)))
    assert one.kinked.tolist() == [[False, True, False], [False] * 3, [False] * 3]
    assert one.values[1:] == pytest.approx(np.stack([3 * x**2, np.ones(3), np.cos(x)], -1)[1:], rel=1e-12)
    assert one.values[0, [0, 2]] == pytest.approx([0, 1], abs=1e-12)


def test_rounding_that_is_larger_than_was_said_is_no_kink_after_a_smooth_neighbourhood():
    x = np.random.default_rng(6).uniform(0.5, 2.0, 2000)

    def rounded(points):
        return np.exp(np.sin(points)) + np.sin(1e17 * points) * 4e-15

    values, _, known = found(rounded, x)
    assert known.all()
    assert np.all(abs(values - np.exp(np.sin(x)) * np.cos(x)) <= 1e-10)
