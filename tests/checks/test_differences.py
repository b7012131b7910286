"""The witness of finite differences is right, and within its own bounds, on programs of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.sample import choose
from gradcli.checks.witnesses import differences
from gradcli.checks.witnesses.rerun import rerun
from gradcli.checks.witnesses.stencils import slopes
from gradcli.torch import nn


def draw(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


TENSORS = {
    "mean": (lambda x: (3 * (x + 2) ** 2).mean(), [draw(2, 3)]),
    "softmax": (lambda x: (x.softmax(-1) * x).sum(), [draw(2, 3)]),
    "matrix product": (lambda x, w: (x @ w).sin(), [draw(2, 3), draw(3, 4, seed=1)]),
    "stack of products": (lambda x, w: (x @ w).sin(), [draw(5, 2, 3), draw(3, 4, seed=1)]),
    "matrix and vector": (lambda x, w: (x @ w).exp(), [draw(2, 3), draw(3, seed=1)]),
    "linear layer": (
        lambda x, w, b: nn.functional.linear(x, w, b).tanh(),
        [draw(5, 3), draw(4, 3, seed=1), draw(4, seed=2)],
    ),
    "product": (lambda x: x.prod(), [draw(7)]),
    "running product": (lambda x: x.cumprod(0).sin(), [draw(4, 2)]),
    "broadcast": (lambda x, y: x * y / (x * x + 1), [draw(4, 1), draw(3)]),
    "selection": (lambda x: x.t()[1:, ::2].flip(0).exp(), [draw(4, 3)]),
    "sorted": (lambda x: x.sort(-1)[0].cumsum(-1), [draw(3, 4)]),
    "norm": (lambda x: x.norm(), [draw(6)]),
    "convolution": (lambda x, w: nn.functional.conv2d(x, w).tanh(), [draw(2, 2, 5, 5), draw(3, 2, 2, 2)]),
}


@pytest.mark.parametrize("name", TENSORS)
def test_differences_meet_the_gradient_within_their_bounds(subject_of, name):
    program, arrays = TENSORS[name]
    subject = subject_of(program, *arrays)
    testimony = differences.testify(subject, choose(subject, 8, 0))
    assert not testimony.silence
    for variable, words in zip(subject.variables, testimony.words, strict=True):
        assert words.spoke.all()
        error = abs(words.values - variable.gradient)
        assert np.all(error <= 3 * words.bounds + 1e-15 * abs(variable.gradient))
        assert np.all(words.bounds <= 1e-9 * (abs(variable.gradient).max() + 1e-3))


SMOOTH = {
    "sin": (np.sin, np.cos),
    "arctan": (np.arctan, lambda x: 1 / (1 + x * x)),
    "cube": (lambda x: x * x * x, lambda x: 3 * x * x),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x / x),
    "log": (lambda x: np.log(abs(x)), lambda x: 1 / x),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "fraction": (lambda x: x - np.floor(x), np.ones_like),
}


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e3, 1e8])
@pytest.mark.parametrize("name", SMOOTH)
def test_true_errors_stay_within_three_bounds_at_every_scale(name, scale):
    f, slope = SMOOTH[name]
    x = scale * np.random.default_rng(5).standard_normal(4000)
    noise = 4.0 if name in ("cube", "fraction") else 1.0
    found = slopes(lambda points, which: f(points)[..., None], x, f(x)[:, None], noise=noise)
    known = np.isfinite(found.bounds[:, 0])
    with np.errstate(over="ignore"):
        error = abs(found.values[:, 0] - slope(x))[known]
    assert known.mean() > 0.99
    assert np.all(error <= 3 * found.bounds[known, 0])


@pytest.mark.parametrize(
    ("f", "point", "slope"),
    [(np.log, 1e-3, 1e3), (np.sqrt, 1e-4, 50.0), (lambda x: x**3, 1e-4, 3e-8), (np.log, 1e-8, 1e8)],
)
def test_next_to_an_edge_the_slope_is_right_to_twelve_digits(f, point, slope):
    x = np.array([point])
    found = slopes(lambda points, which: f(points)[..., None], x, f(x)[:, None], noise=4.0)
    assert not found.kinked.any()
    assert found.values[0, 0] == pytest.approx(slope, rel=1e-12)


KINKS = {
    "relu": (lambda x: x.relu(), [0.0, 1.0, -1.0], [0], [0.0], [1.0]),
    "abs": (lambda x: x.abs(), [2.0, 0.0], [1], [-1.0], [1.0]),
    "square root": (lambda x: x.sqrt(), [0.0, 4.0], [0], [np.nan], [np.inf]),
    "tie": (lambda x: x.max(), [3.0, 1.0, 3.0], [0, 2], [0.0, 0.0], [1.0, 1.0]),
    "norm": (lambda x: x.norm(), [0.0, 0.0], [0, 1], [-1.0, -1.0], [1.0, 1.0]),
    "clamp": (lambda x: x.clamp(0, 1), [1.0, 0.5], [0], [1.0], [0.0]),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_is_found_with_both_of_its_slopes(subject_of, name):
    program, point, places, left, right = KINKS[name]
    subject = subject_of(program, np.array(point))
    testimony, kinks = differences.examine(subject, choose(subject, 8, 0))
    (kink,) = kinks.kinks
    assert kink.places.tolist() == places
    assert kink.left == pytest.approx(left, rel=1e-6, abs=1e-6, nan_ok=True)
    assert kink.right == pytest.approx(right, rel=1e-6, abs=1e-6, nan_ok=True)
    assert np.flatnonzero(kinks.reached[0]).tolist() == places
    assert np.flatnonzero(~testimony.words[0].spoke).tolist() == places


def test_a_kink_that_nothing_depends_on_is_none(subject_of):
    subject = subject_of(lambda x: x.relu() * x, np.array([0.0, 1.0]))
    testimony, kinks = differences.examine(subject, choose(subject, 8, 0))
    assert not kinks.kinks
    assert testimony.words[0].values == pytest.approx([0.0, 2.0])


def test_a_comparison_about_to_flip_is_a_kink_of_what_it_chooses(subject_of):
    subject = subject_of(lambda x: x.where(x > 1, x * 2), np.array([1.0, 2.0]))
    _, kinks = differences.examine(subject, choose(subject, 8, 0))
    assert kinks.reached[0].tolist() == [True, False]


def test_lost_digits_are_in_the_bound(subject_of):
    subject = subject_of(lambda x: (1e8 * x**2).sin(), np.array([12345.678, 1.2]))
    (words,) = differences.testify(subject, choose(subject, 8, 0)).words
    assert not words.spoke[0]
    exact = 2e8 * 1.2 * np.cos(np.longdouble(1e8) * np.longdouble(1.2) ** 2)
    assert abs(words.values[1] - exact) <= 3 * words.bounds[1]


CANCELLING = {
    "a probability near 1": (lambda x: x.log_softmax(0)[2], [0.0, -10.0, 20.0, 5.0]),
    "a matrix nearly singular": (lambda a: a.inverse()[0, 0], [[1.0, 2, 3], [4, 5, 6], [7, 8, 9.0001]]),
}


@pytest.mark.parametrize("name", CANCELLING)
def test_what_cancels_inside_an_operation_is_in_the_bound(subject_of, name):
    program, array = CANCELLING[name]
    subject = subject_of(program, array)
    (words,) = differences.testify(subject, (np.arange(np.size(array)),)).words
    (exact,) = rerun(subject).gradients
    assert words.spoke.all()
    assert np.all(abs(words.values - exact) <= 3 * words.bounds)


def test_what_is_too_big_is_answered_for_the_sample_and_says_so(subject_of):
    subject = subject_of(lambda x: (x.softmax(-1) ** 2).sum(), draw(20, 30))
    sample = choose(subject, 5, 3)
    testimony = differences.testify(subject, sample, budget=1e4)
    (words,) = testimony.words
    assert "softmax" in testimony.silence
    assert 1 <= words.spoke.sum() <= 5
    assert set(np.flatnonzero(words.spoke)) <= set(sample[0].tolist())
    error = abs(words.values - subject.variables[0].gradient)[words.spoke]
    assert np.all(error <= 3 * words.bounds[words.spoke])
