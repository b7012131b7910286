"""The symbolic witness: exact on small programs, within its bounds on large ones, silent with a reason."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from gradcli import torch
from gradcli.checks.sample import choose
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import precise, symbolic
from gradcli.ops.catalog import catalog
from gradcli.ops.record import general
from gradcli.plan.trace import Literal, Step, Trace

RANDOM = np.random.default_rng(3)
ALL = 10**9  # elements
WORST = 3  # the true error is at most so many bounds


PROGRAMS = {
    "polynomial": (lambda x: (3 * (x + 2) ** 2).mean(), [(2, 3)]),
    "softmax": (lambda x: (x.softmax(0) * x).sum(), [(3, 2)]),
    "product": (lambda a, b: (a @ b).tanh().sum(), [(2, 3), (3, 2)]),
    "inverse": (lambda a: torch.linalg.inv(a + 3 * torch.eye(3)).exp().sum(), [(3, 3)]),
    "convolution": (lambda x, w: torch.nn.functional.conv2d(x, w).pow(2).sum(), [(1, 2, 4, 4), (3, 2, 2, 2)]),
    "running sum": (lambda x: (x.cumsum(0) * x.sin()).sum(), [(4,)]),
    "norm": (lambda x: x.norm() + x.std(), [(4,)]),
}
program = pytest.mark.parametrize("name", PROGRAMS)


@program
def test_a_small_program_is_known_to_the_last_bit(subject_of, name):
    function, shapes = PROGRAMS[name]
    subject = subject_of(function, *(RANDOM.standard_normal(shape) for shape in shapes))
    found = symbolic.testify(subject, choose(subject, ALL, 0))
    digits = precise.testify(subject, choose(subject, 2, 0))
    for words, others in zip(found.words, digits.words, strict=True):
        assert words.spoke.all()
        assert (words.bounds <= np.spacing(np.abs(words.values))).all()
        assert np.array_equal(words.values[others.spoke], others.values[others.spoke])


@program
def test_what_rounded_numbers_cost_is_within_the_bound(subject_of, name, monkeypatch):
    function, shapes = PROGRAMS[name]
    subject = subject_of(function, *(RANDOM.standard_normal(shape) for shape in shapes))
    exact = symbolic.testify(subject, choose(subject, ALL, 0))
    monkeypatch.setattr(symbolic, "DENSE", -1)
    found = symbolic.testify(subject, choose(subject, 2, 0))
    for true, words in zip(exact.words, found.words, strict=True):
        error = np.abs(true.values - words.values)[words.spoke]
        assert (error <= WORST * words.bounds[words.spoke]).all()
        assert (words.bounds[words.spoke] <= 1e-12 * (1 + np.abs(words.values[words.spoke]))).all()


def test_two_hundred_nested_operations_do_not_explode(subject_of):
    def nested(x):
        for _ in range(50):
            x = x.sin() * x.cos() + x
        return x.sum()

    subject = subject_of(nested, [0.3, -1.2])
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert np.allclose(words.values, subject.variables[0].gradient, rtol=1e-12, atol=1e-25)


def test_a_loop_of_a_thousand_steps_is_followed(subject_of):
    def loop(x):
        for _ in range(1000):
            x = x * 0.999 + 0.001 * x.sin()
        return x.sum()

    subject = subject_of(loop, [0.3])
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert np.allclose(words.values, subject.variables[0].gradient, rtol=1e-12, atol=0)


LARGE = {
    "elementwise": (lambda x: (x.sin() * x**2).sum(), [100_000]),
    "matrix and vector": (lambda w, x: (w @ x).tanh().mean(), [(300, 300), 300]),
    "product": (lambda a, b: (a @ b).sum(), [(300, 300), (300, 300)]),
    "moved": (lambda x: x.reshape(100, 1000).T[3:, ::2].exp().sum(), [100_000]),
    "joined": (lambda x, y: torch.cat([x, y]).pow(2).sum(), [50_000, 50_000]),
    "running sum": (lambda x: x.cumsum(0).sin().sum(), [(300, 300)]),
    "largest": (lambda x: x.max() + x.sort()[0][5] + x.amin(), [100_000]),
    "softmax": (lambda x: x.softmax(1).pow(2).sum(), [(300, 300)]),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_few_symbols_among_many_numbers_agree_with_the_gradient(subject_of, name):
    function, shapes = LARGE[name]
    subject = subject_of(function, *(RANDOM.standard_normal(shape) for shape in shapes))
    found = symbolic.testify(subject, choose(subject, 2, 0))
    for words, variable in zip(found.words, subject.variables, strict=True):
        assert words.spoke.sum() == 2
        assert np.allclose(words.values[words.spoke], variable.gradient[words.spoke], rtol=1e-11, atol=1e-16)
        assert (words.bounds[words.spoke] <= 1e-11 * np.abs(variable.gradient).max()).all()


def test_symbols_that_spread_too_far_are_told_with_their_number(subject_of):
    subject = subject_of(lambda x: x.cumsum(0).sum(), np.ones(50_000))
    found = symbolic.testify(subject, (np.array([7]),))
    assert not found.words
    assert found.silence.startswith("cumsum: 49993 elements are symbolic, more than the limit of 10000")


def test_a_sample_that_spreads_a_little_too_far_is_cut(subject_of):
    subject = subject_of(lambda x: (x.reshape(1000, 1) + x.exp()).sin().sum(), RANDOM.standard_normal(1000))
    sample = choose(subject, 8, 0)  # a row and a column of 1,000 each
    (words,) = symbolic.testify(subject, sample).words
    assert np.flatnonzero(words.spoke).tolist() == sample[0][:5].tolist()


def test_a_witness_without_time_says_so(subject_of):
    subject = subject_of(lambda x: x.sin().sum(), np.ones(5))
    found = symbolic.testify(subject, choose(subject, ALL, 0), max_time=-1.0)
    assert not found.words
    assert "longer than the time given" in found.silence


TIES = {
    "relu": (lambda x: x.relu().sum(), [0.0, 1.0]),
    "abs": (lambda x: x.abs().sum(), [0.0, 1.0]),
    "max_all": (lambda x: x.max(), [3.0, 3.0, 1.0]),
    "maximum": (lambda x: torch.maximum(x, x * 0 + 1).sum(), [1.0, 2.0]),
    "gt": (lambda x: torch.where(x > 1, x, -x).sum(), [1.0, 2.0]),
    "sort": (lambda x: (x.sort()[0] * torch.arange(3.0)).sum(), [1.0, 2.0, 1.0]),
    "floor": (lambda x: (x.floor() * x).sum(), [1.0, 2.5]),
    "clamp_number": (lambda x: x.clamp(0, 1).sum(), [1.0, 0.5]),
    "max_pool": (lambda x: torch.nn.functional.max_pool1d(x, 2).sum(), [[[1.0, 1.0, 3.0, 4.0]]]),
}


@pytest.mark.parametrize("name", TIES)
def test_a_decision_between_equal_numbers_is_told(subject_of, name):
    function, values = TIES[name]
    subject = subject_of(function, np.array(values))
    found = symbolic.examine(subject, choose(subject, ALL, 0))
    assert [tie.record for tie in found.ties] == [name]
    assert subject.trace.steps[found.ties[0].step].record.name == name


@pytest.mark.parametrize("name", TIES)
def test_off_the_kink_no_decision_is_told(subject_of, name):
    function, values = TIES[name]
    shift = np.arange(np.size(values)).reshape(np.shape(values)) * 0.01 + 0.013
    subject = subject_of(function, np.array(values) + shift)
    assert symbolic.examine(subject, choose(subject, ALL, 0)).ties == ()


def test_a_tie_among_constants_or_beneath_the_maximum_is_none(subject_of):
    subject = subject_of(lambda x: torch.cat([x, torch.tensor([1.0, 1.0])]).max(), np.array([3.0]))
    assert symbolic.examine(subject, choose(subject, ALL, 0)).ties == ()


def test_a_branch_not_taken_has_no_say(subject_of):
    subject = subject_of(lambda x: torch.where(x > 0, x.sqrt(), x * 2).sum(), np.array([0.0, 4.0]))
    found = symbolic.examine(subject, choose(subject, ALL, 0))
    assert found.testimony.words[0].values.tolist() == [2.0, 0.25]
    assert [tie.record for tie in found.ties] == ["gt"]


@pytest.mark.parametrize("branch", ["abs", "relu", "maximum"])
def test_a_branch_that_lost_digits_decide_is_no_word(subject_of, branch):
    take = {
        "abs": lambda y: y.abs(),
        "relu": lambda y: y.relu(),
        "maximum": lambda y: torch.maximum(y, 2 * y),
    }[branch]
    lost = subject_of(lambda x: take((x**2).sin()).sum(), np.pi * np.linspace(1.1e9, 2.3e9, 9))
    assert "rounding to float64 decides a branch" in symbolic.testify(lost, choose(lost, ALL, 0)).silence
    kept = subject_of(lambda x: take((x**2).sin()).sum(), [3.0, 1 / 3, 7.7])
    assert symbolic.testify(kept, choose(kept, ALL, 0)).words[0].spoke.all()


def test_a_power_known_to_be_whole_has_a_derivative_at_zero(subject_of):
    subject = subject_of(lambda x: (x ** torch.tensor([2.0, 1.0, 37.0])).sum(), np.zeros(3))
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert words.values.tolist() == [0.0, 1.0, 0.0]


def test_no_finite_derivative_is_no_word(subject_of):
    subject = subject_of(lambda x: x.sqrt().sum(), np.array([0.0, 1.0]))
    found = symbolic.testify(subject, choose(subject, ALL, 0))
    assert found.words[0].spoke.tolist() == [False, True]
    assert found.silence == "no finite derivative at 1 element"


def _alone(record, *values):
    """The subject of one operation, differentiated for its first argument."""
    arguments = (0, *(Literal(value) for value in values[1:]))
    trace = Trace((0,), {}, (Step(record, arguments, {}, (1,), None),), (1,))
    x = np.array([values[0]])
    return Subject(trace, (Variable("x", x, np.zeros(1)),), (np.ones(1),))


def test_a_derivative_without_a_closed_form_is_told_of():
    found = symbolic.testify(_alone(catalog()["gammainc"], 0.5, 2.0), (np.array([0]),))
    assert not found.words
    assert found.silence == "Mul has no derivative in closed form for this argument"


def test_an_operation_without_symbols_is_named():
    strange = general("strange", numpy=np.linalg.norm, vjps=(None,))
    found = symbolic.testify(_alone(strange, 0.5), (np.array([0]),))
    assert not found.words
    assert found.silence == "strange has no symbolic form"


def test_digits_that_cancel_in_floating_point_do_not_cancel_here(subject_of):
    subject = subject_of(lambda x: (1e8 * x**2).sin().sum(), np.array([12345.678]))
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    (digits,) = precise.testify(subject, choose(subject, ALL, 0)).words
    assert words.values == digits.values
    assert abs(words.values - subject.variables[0].gradient) > 1e6  # no digit of it is left


def test_numbers_made_of_masks_and_indices_count(subject_of):
    subject = subject_of(lambda x: (x.exp() * (x > 1) + x * x.argsort() / 3).sum(), [0.5, 2.0, 1.5])
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert np.allclose(words.values, subject.variables[0].gradient, rtol=1e-14)


def test_indices_that_a_linear_map_moves_beside_floats_are_kept(subject_of):
    subject = subject_of(
        lambda x, w: torch.sum(torch.broadcast_to(torch.cat([x, torch.argsort(x)]), (6,)) * w),
        [0.3, 0.1, 0.2],
        np.ones(6),
    )
    found = symbolic.testify(subject, choose(subject, ALL, 0)).words[1].values
    np.testing.assert_allclose(found, [0.3, 0.1, 0.2, 1, 2, 0])


def test_tails_that_are_lost_beside_one_are_kept(subject_of):
    subject = subject_of(torch.special.log_ndtr, [-1e3, -40.0, 3.0])
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert np.allclose(words.values, subject.variables[0].gradient, rtol=1e-14)
    assert (words.bounds <= np.spacing(words.values)).all()


def test_a_constant_that_is_no_number_has_no_derivative(subject_of):
    subject = subject_of(lambda x: (x * float("nan")).sum(), [1.0])
    assert not symbolic.testify(subject, choose(subject, ALL, 0)).words[0].spoke.any()


def test_outside_of_the_domain_a_formula_is_no_derivative(subject_of):
    subject = subject_of(lambda x: x.logit().sum(), [-0.5, 0.25])
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert words.spoke.tolist() == [False, True]


def test_equal_outputs_add_up_exactly(subject_of):
    subject = subject_of(lambda x: x.expand(3, 1), np.array([0.1]))
    subject = subject._replace(cotangents=(np.array([[1e16], [1.0], [-1e16]]),))
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert words.values.tolist() == [1.0]


def test_an_empty_variable_has_empty_words(subject_of):
    subject = subject_of(lambda x: x.sum(), np.zeros((0, 2)))
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert words.values.shape == (0, 2)


def test_no_text_is_ever_parsed(subject_of, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a string was parsed")

    monkeypatch.setattr(sympy.parsing.sympy_parser, "parse_expr", refuse)
    monkeypatch.setattr(sympy.parsing.sympy_parser, "eval_expr", refuse)
    subject = subject_of(PROGRAMS["softmax"][0], RANDOM.standard_normal((3, 2)))
    assert symbolic.testify(subject, choose(subject, ALL, 0)).words


def test_what_is_picked_among_numbers_that_do_not_move_is_told(subject_of):
    subject = subject_of(lambda x: (x * x.ceil().amax(0)).sum(), [1.5, -0.5])
    (words,) = symbolic.testify(subject, choose(subject, ALL, 0)).words
    assert words.values.tolist() == [2.0, 2.0]
