"""The precise witness: right to the last bit, silent at kinks and where it would take long."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

from gradcli import torch
from gradcli.checks.sample import choose
from gradcli.checks.witnesses import precise

ALL = 10**9  # elements


@pytest.fixture
def words_of(subject_of):
    """Gives what is said of a program at a point, and gradcli's own gradient."""

    def words_of(program, values, **limits):
        subject = subject_of(program, values)
        found = precise.testify(subject, choose(subject, ALL, 0), **limits)
        return found, subject.variables[0].gradient

    return words_of


TRAPS = {
    "a small part of a large value": (lambda x: (1e6 + x.sin()).sum(), [1.0], lambda x: mpmath.cos(x)),
    "a cube near zero": (lambda x: (x**3).sum(), [1e-4], lambda x: 3 * x**2),
    "a logarithm near its pole": (lambda x: x.log().sum(), [1e-3], lambda x: 1 / x),
    "a logarithm at the end of the floats": (lambda x: x.log().sum(), [1e-300], lambda x: 1 / x),
    "a fast oscillation": (lambda x: (100 * x).sin().sum(), [0.7], lambda x: 100 * mpmath.cos(100 * x)),
    "a root near zero": (lambda x: x.sqrt().sum(), [1e-4], lambda x: 1 / (2 * mpmath.sqrt(x))),
    "a tiny element beside a number": (lambda x: (1 + x).sum(), [1e-300], lambda x: mpmath.mpf(1)),
    "an argument without digits": (
        lambda x: (1e8 * x**2).sin().sum(), [12345.678], lambda x: 2e8 * x * mpmath.cos(1e8 * x**2),
    ),
    "an exponential that overflows when squared": (
        lambda x: torch.logsumexp(x, 0), [800.0, 790.0], lambda x: 1 / (1 + mpmath.exp(-10)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_the_derivative_is_right_to_the_last_bit(words_of, trap):
    program, values, true = TRAPS[trap]
    found, _ = words_of(program, values)
    with mpmath.workdps(200):
        expected = float(true(mpmath.mpf(values[0])))
    words = found.words[0]
    assert words.spoke.all()
    assert abs(words.values[0] - expected) <= words.bounds[0] <= 1e-12 * abs(expected)


def test_a_float32_program_is_taken_at_its_exact_numbers(words_of):
    x = np.array([0.1], np.float32)
    found, gradient = words_of(lambda x: (x * x).sum(), x)
    assert gradient.dtype == np.float32
    assert found.words[0].values[0] == 2 * float(x[0])


@pytest.mark.parametrize(
    "kinked",
    [
        lambda x: x.abs().sum(), lambda x: x.relu().sum(), lambda x: (x.relu() * 3 - x.sin()).sum(),
        lambda x: torch.maximum(x, 2 * x).sum(),
    ],
)  # fmt: skip
def test_at_a_kink_it_says_that_the_sides_differ(words_of, kinked):
    found, _ = words_of(kinked, [0.0, 1.0])
    assert found.words[0].spoke.tolist() == [False, True]
    assert found.silence == "left and right derivatives differ at 1 element"


@pytest.mark.parametrize(
    "smooth",
    [lambda x: (x**2 * 1e20).sum(), lambda x: (1e8 * x).sin().sum(), lambda x: x.relu().pow(2).sum()],
)
def test_curvature_is_not_taken_for_a_kink(words_of, smooth):
    found, gradient = words_of(smooth, [0.0, 1e-3])
    assert found.words[0].spoke.all()
    assert np.allclose(found.words[0].values, gradient, rtol=1e-9)


def test_at_the_edge_of_the_domain_it_looks_from_one_side(words_of):
    found, _ = words_of(lambda x: (x**1.5 + x).sum(), [0.0])
    assert abs(found.words[0].values[0] - 1) <= 3 * found.words[0].bounds[0] < 1e-6


def test_a_slope_without_a_limit_is_no_word(words_of):
    found, _ = words_of(lambda x: x.sqrt().sum(), [0.0, 4.0])
    assert found.words[0].spoke.tolist() == [False, True]
    assert found.silence == "no finite difference quotient at 1 element"


def test_a_program_that_would_take_too_long_is_not_begun(subject_of):
    subject = subject_of(lambda x: x.sin().sum(), np.ones(50_000))
    found = precise.testify(subject, (np.array([0]),), max_time=0.5)
    assert not found.words
    assert found.silence.startswith("one element would take about")


def test_what_was_found_until_the_time_was_up_is_said(subject_of, monkeypatch):
    subject = subject_of(lambda x: (x.sin() * x).sum(), np.linspace(0.1, 1, 400))
    clock = SimpleNamespace(monotonic=count().__next__)  # a second between one look and the next
    monkeypatch.setattr(precise, "time", clock)
    found = precise.testify(subject, choose(subject, ALL, 0), max_time=200.0)
    spoke = found.words[0].spoke
    assert 0 < spoke.sum() < 400
    assert found.silence == f"the time was up before {400 - spoke.sum()} elements"
    assert np.allclose(found.words[0].values[spoke], subject.variables[0].gradient[spoke], rtol=1e-14)


def test_numbers_beyond_all_range_are_not_computed_with(words_of):
    found, _ = words_of(lambda x: x.exp().exp().sin().sum(), [30.0])
    assert not found.words
    assert "beyond 10^4932" in found.silence


def test_many_elements_of_a_small_sample_are_looked_at(subject_of):
    subject = subject_of(lambda x: (x.sin() * x).sum(), np.linspace(0.1, 1, 200))
    (words,) = precise.testify(subject, (np.array([3, 150]),)).words
    assert np.flatnonzero(words.spoke).tolist() == [3, 150]
    assert np.allclose(words.values[[3, 150]], subject.variables[0].gradient[[3, 150]], rtol=1e-14)


def test_what_moves_a_symmetric_matrix_off_symmetry_is_a_convention(words_of):
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    found, _ = words_of(
        lambda a: (torch.linalg.eigh(a)[1] * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum(), matrix
    )
    assert found.words[0].spoke.tolist() == [[True, False], [False, True]]
    assert "off symmetry" in found.silence
    found, gradient = words_of(lambda a: torch.linalg.eigvalsh(a).log().sum(), matrix)
    assert np.allclose(found.words[0].values, gradient, rtol=1e-12)
