from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.term_algebra import Terms


@pytest.fixture
def m():
    return Terms()


def named(m, *names):
    return [m.named(name, np.ones((2, 2))) for name in names]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda m, x, y: 3 * x * 2, "6*x"),
        (lambda m, x, y: x / 4, "1/4*x"),
        (lambda m, x, y: y * (1 / x), "y/x"),
        (lambda m, x, y: x * x, "x**2"),
        (lambda m, x, y: x + x, "2*x"),
        (lambda m, x, y: x - x, "0"),
        (lambda m, x, y: (x + y) * 2, "2*(x + y)"),
        (lambda m, x, y: x - (y - x), "x - (y - x)"),
        (lambda m, x, y: x - (y * 1 - 2), "x - (y - 2)"),
        (lambda m, x, y: -(x + y), "-(x + y)"),
        (lambda m, x, y: x**1, "x"),
        (lambda m, x, y: (2 * x) ** 3, "(2*x)**3"),
        (lambda m, x, y: x**-2, "1/x**2"),
        (lambda m, x, y: 1 / (x * y), "1/(x*y)"),
        (lambda m, x, y: m.exp(x) * 0.5, "1/2*exp(x)"),
        (lambda m, x, y: m.matmul_batched(x * y, y), "(x*y) @ y"),
        (lambda m, x, y: x * m.matmul_batched(x, y), "x*(x @ y)"),
        (lambda m, x, y: m.logical_not(m.le(x, 0)), "x > 0"),
        (lambda m, x, y: m.where(m.gt(x, 0), y, 0), "where(x > 0, y, 0)"),
        (lambda m, x, y: x * float("inf"), "x*inf"),
    ],
)
def test_arithmetic_on_terms_reads_as_people_write_it(m, formula, text):
    assert formula(m, *named(m, "x", "y")).text == text


def test_the_numbers_of_a_term_are_those_of_its_text(m):
    x = m.named("x", np.array([1.0, 2.0, 3.0]))
    term = (x * x - x / 4 + m.exp(x)) * 2
    plain = term.text.replace("exp", "np.exp")
    found = eval(plain, {"np": np, "x": x.array})  # noqa: S307 - a text of our own
    assert found == pytest.approx(term.array)


def test_a_sum_over_broadcast_dims_of_equal_numbers_is_their_multiple(m):
    ones = m.lift(1).with_array(np.ones((4, 3)))
    assert m.conform(ones, (3,), np.float64).text == "4"
    g = m.named("g", np.ones((4, 3)))
    assert m.conform(g, (3,), np.float64).text == "sum(g, dim=0)"
    assert m.conform(g, (), np.float64).text == "sum(g)"
