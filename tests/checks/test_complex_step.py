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
