"""What evenly spaced stencils settle is right within its bound; the rest they leave to others."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.witnesses.stencils_even import settled

SMOOTH = {
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "log": (lambda x: np.log(abs(x)), lambda x: 1 / x),
    "square root": (lambda x: np.sqrt(abs(x)), lambda x: np.sign(x) / 2 / np.sqrt(abs(x))),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x / x),
    "square": (np.square, lambda x: 2 * x),
}


def functions(f):
    return lambda points, which: f(points)[..., None]


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_are_settled_within_three_bounds(name, scale):
    f, slope = SMOOTH[name]
    x = scale * np.random.default_rng(3).standard_normal(3000)
    found = settled(functions(f), x, f(x), noise=1.0)
    assert found.known.mean() > 0.85
    error = abs(found.values - slope(x)) - 4e-16 * abs(slope(x))
    assert np.all(error[found.known] <= 3 * found.bounds[found.known])
    assert np.all(found.steps[found.known] > 0)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [1e-15, 1e-13, 1e-10, 1e-5, 1.0])
def test_a_jump_of_any_derivative_anywhere_is_in_the_bound_or_leaves_the_unit_open(order, size):
    random = np.random.default_rng(order)
    x = random.uniform(0.5, 2.0, 3000)
    sharp = x + random.choice([-1, 1], 3000) * 10.0 ** random.uniform(-13, 0.3, 3000)

    def evaluate(points, which):
        beyond = points - sharp[which]
        return (3 * points + size * np.where(beyond > 0, beyond**order, 0))[..., None]

    found = settled(evaluate, x, evaluate(x, np.arange(3000))[:, 0], noise=4.0)
    beyond = x - sharp
    slope = 3 + size * np.where(beyond > 0, order * beyond ** max(order - 1, 0), 0)
    assert np.all((abs(found.values - slope) <= 3 * found.bounds)[found.known])


def test_a_unit_on_a_kink_is_left_open():
    x = np.array([0.0, 1.0, -2.0])
    found = settled(functions(np.abs), x, abs(x), noise=1.0)
    assert found.known.tolist() == [False, True, True]
    assert found.values[1:] == pytest.approx([1, -1], rel=1e-12)


def test_a_unit_beside_the_edge_of_a_domain_is_settled_inside_it():
    x = np.array([1e-3, 1e-12, 0.0])
    with np.errstate(all="ignore"):
        found = settled(functions(np.log), x, np.log(x), noise=1.0)
    assert found.known.tolist() == [True, True, False]
    assert found.values[:2] == pytest.approx([1e3, 1e12], rel=1e-11)


def test_a_few_units_unlike_the_others_are_settled_too():
    x = np.linspace(0.5, 1.5, 2000)
    wild = np.arange(2000) % 97 == 5

    def evaluate(points, which):
        return np.where(wild[which], np.log(points), 2 * points)[..., None]

    found = settled(evaluate, x, evaluate(x, np.arange(2000))[:, 0], noise=1.0)
    assert found.known.all()
    assert found.values == pytest.approx(np.where(wild, 1 / x, 2.0), rel=1e-11)
