"""The witness of the complex step is right within its bounds, and silent where an operation has none."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd.context import session
from gradcli.autograd.tensor import Tensor
from gradcli.checks.sample import choose
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import complexstep, forward
from gradcli.plan import taped

X = np.random.default_rng(1).standard_normal((3, 4))

PROGRAMS = {
    "softmax": lambda x: x.softmax(-1) * x,
    "products": lambda x: (x @ x.t()).sin(),
    "powers": lambda x: (x**2 + 1) ** 1.5 / (x.exp() + 1),
    "abs": lambda x: x.abs().sqrt(),
    "choice": lambda x: x.where(x > 0, x.exp()),
    "written over": lambda x: x.clone().mul_(x).add_(1).log(),
    "norm": lambda x: x.norm(),
    "index": lambda x: x[1:, ::2] * x[0, 1],
}


def _subject(program, x):
    with session():
        leaf = Tensor(np.asarray(x), requires_grad=True)
        with taped() as tape:
            tape.input(leaf)
            out = program(leaf)
        trace = tape.trace([out])
        ones = np.ones(out.shape)
        out.backward(Tensor(ones))
    return Subject(trace, (Variable("x", np.asarray(x), leaf.grad.numpy()),), (ones,))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_complex_step_meets_the_gradient_within_its_bounds(name):
    subject = _subject(PROGRAMS[name], X)
    (words,) = complexstep.testify(subject, choose(subject, 64, 0)).words
    error = abs(words.values - subject.variables[0].gradient)
    assert words.spoke.all()
    assert np.all(error <= 3 * words.bounds + 4e-16 * abs(words.values))
    assert np.all(words.bounds <= 1e-11)


def test_an_operation_without_a_complex_step_is_named():
    subject = _subject(lambda x: (x / 9).erfinv(), X)
    testimony = complexstep.testify(subject, choose(subject, 64, 0))
    assert testimony.words == ()
    assert testimony.silence == "erfinv has no complex step"


def test_lost_digits_are_in_the_bound_of_the_complex_step():
    subject = _subject(lambda x: (1e8 * x**2).sin(), np.array([12345.678]))
    (words,) = complexstep.testify(subject, choose(subject, 64, 0)).words
    assert words.bounds[0] > 1e8


def test_forward_mode_agrees_with_the_right_gradient_alone():
    subject = _subject(PROGRAMS["softmax"], X)
    assert forward.transposition(subject).agrees == (True,)
    wrong = subject.variables[0]._replace(gradient=subject.variables[0].gradient * 1.000001)
    found = forward.transposition(subject._replace(variables=(wrong,)))
    assert found.agrees == (False,)
    assert 4 < found.digits[0] < 9


BY_STEPS = {
    "products": lambda x: (x @ x.t()).sin().sum(),
    "choice": lambda x: x.where(x > 0, x.exp()).mean(),
    "broadcast": lambda x: (x * x[0] / (x.sum(1, keepdim=True) ** 2 + 9)).t().flip(0),
    "cast": lambda x: x.double().cos() * x.long(),
    "index": lambda x: (x[1:, ::2] * x[0, 1]).sum(0),
}


@pytest.mark.parametrize("name", BY_STEPS)
def test_a_big_program_is_asked_step_by_step_and_says_the_same(name, monkeypatch):
    subject = _subject(BY_STEPS[name], X)
    sample = (np.array([0, 5, 11]),)
    (whole,) = complexstep.testify(subject, sample).words
    monkeypatch.setattr(complexstep, "BIG", 0)
    monkeypatch.setattr(complexstep, "_one", None)  # it is not asked
    (words,) = complexstep.testify(subject, sample).words
    assert np.flatnonzero(words.spoke).tolist() == [0, 5, 11]
    spoke = words.spoke
    assert np.all((abs(words.values - whole.values) <= words.bounds + whole.bounds)[spoke])
    assert np.all((abs(words.values - subject.variables[0].gradient) <= 3 * words.bounds + 1e-15)[spoke])
    assert np.all(words.bounds[spoke] <= 1e-12)


@pytest.mark.parametrize(
    ("program", "silence"),
    [(lambda x: (x / 9).erfinv(), "erfinv has no complex step"), (lambda x: x.softmax(-1) ** 2, "")],
)
def test_what_cannot_be_asked_step_by_step_is_asked_as_a_whole(program, silence, monkeypatch):
    subject = _subject(program, X)
    sample = (np.array([0, 5, 11]),)
    whole = complexstep.testify(subject, sample)
    monkeypatch.setattr(complexstep, "BIG", 0)
    found = complexstep.testify(subject, sample)
    assert found.silence == whole.silence == silence
    for one, other in zip(found.words, whole.words, strict=True):
        assert np.array_equal(one.values, other.values, equal_nan=True)


def test_lost_digits_are_in_the_bound_step_by_step_too(monkeypatch):
    subject = _subject(lambda x: (1e8 * x**2).sin().sum(), np.array([12345.678, 1.2]))
    monkeypatch.setattr(complexstep, "BIG", 0)
    (words,) = complexstep.testify(subject, (np.arange(2),)).words
    assert words.bounds[0] > 1e8
    exact = 2e8 * 1.2 * np.cos(np.longdouble(1e8) * np.longdouble(1.2) ** 2)
    assert abs(words.values[1] - exact) <= 3 * words.bounds[1]
