"""The same backward with many digits: lost digits are told from wrong rules."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.checks.ruling import digits_lost, relative_errors
from gradcli.checks.witnesses import symbolic
from gradcli.checks.witnesses.rerun import rerun
from gradcli.ops.catalog import catalog

RANDOM = np.random.default_rng(5)


def errors(subject):
    """The relative errors of gradcli's own gradient, per variable."""
    pairs = zip(subject.variables, rerun(subject).gradients, strict=True)
    return [relative_errors(variable.gradient, exact) for variable, exact in pairs]


PROGRAMS = {
    "polynomial": (lambda x: (3 * (x + 2) ** 2).mean(), [(2, 3)]),
    "broadcasting": (lambda a, b: (a * b + b.exp()).sum(), [(2, 3), (3,)]),
    "a number for a row": (lambda a: (a + torch.ones(4, 2, dtype=torch.float64)).prod(), [()]),
    "softmax": (lambda x: (x.softmax(0) * x).sum(), [(3, 2)]),
    "cross entropy": (
        lambda x: torch.nn.functional.cross_entropy(x, torch.tensor([0, 2])), [(2, 3)],
    ),
    "dropped branches": (lambda x: x.relu().sqrt().sum(), [(6,)]),
    "maximum": (lambda x: x.max() * x.min(), [(6,)]),
    "linear algebra": (lambda a: torch.linalg.inv(a + 3 * torch.eye(3)).norm(), [(3, 3)]),
    "several results": (lambda x: sum(part.prod() for part in x.unbind(0)), [(3, 2)]),
    "values beside indices": (lambda x: (x.sort(0)[0] * x).sum(), [(4,)]),
    "convolution": (lambda x, w: torch.nn.functional.conv1d(x, w).pow(3).sum(), [(1, 2, 5), (3, 2, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_symbols_say_is_what_the_rules_say_with_many_digits(subject_of, name):
    program, shapes = PROGRAMS[name]
    subject = subject_of(program, *(RANDOM.standard_normal(shape) for shape in shapes))
    again = rerun(subject)
    sample = tuple(np.arange(np.size(variable.value)) for variable in subject.variables)
    witness = symbolic.testify(subject, sample)
    for exact, words, error in zip(again.gradients, witness.words, errors(subject), strict=True):
        assert exact.shape == words.values.shape
        assert (np.abs(exact - words.values)[words.spoke] <= 3 * words.bounds[words.spoke]).all()
        assert np.nanmax(error) < 1e-12


def test_where_all_digits_are_lost_the_rules_are_still_right(subject_of):
    subject = subject_of(lambda x: (1e8 * x**2).sin().sum(), [12345.678, 1.0])
    again = rerun(subject)
    (words,) = symbolic.testify(subject, (np.arange(2),)).words
    assert np.array_equal(again.gradients[0], words.values)
    spent, kept = errors(subject)[0]
    assert digits_lost(spent) > 15
    assert digits_lost(kept) < 10


def test_more_digits_are_taken_where_forty_are_not_enough(subject_of):
    subject = subject_of(lambda x: (x * x).sin().sum(), [1e40])
    again = rerun(subject)
    (words,) = symbolic.testify(subject, (np.arange(1),)).words
    assert again.gradients[0][0] == words.values[0] != subject.variables[0].gradient[0]


def test_a_wrong_rule_stays_wrong(subject_of, monkeypatch):
    record = catalog()["tanh"]
    monkeypatch.setattr(record, "rules", (lambda m, y: 1 - y,))
    monkeypatch.setattr(record, "compiled", {})
    subject = subject_of(lambda x: x.tanh().sum(), [0.5])
    again = rerun(subject)
    (words,) = symbolic.testify(subject, (np.arange(1),)).words
    assert errors(subject)[0][0] < 1e-14
    assert abs(again.gradients[0][0] - words.values[0]) > 0.1


def test_exact_elements_have_lost_nothing(subject_of):
    (found,) = errors(subject_of(lambda x: (2 * x).sum(), [1.0, 0.1]))
    assert found.tolist() == [0.0, 0.0]
    assert digits_lost(found[0]) == 0


def test_a_variable_that_nothing_depends_on_has_a_gradient_of_zero(subject_of):
    subject = subject_of(lambda x, y: (x + 0 * y).sum(), [1.0, 2.0], [1.0, 2.0])
    assert rerun(subject).gradients[1].tolist() == [0.0, 0.0]


def test_infinite_elements_are_the_same_with_more_digits(subject_of):
    subject = subject_of(lambda x: x.sqrt().sum(), [0.0, 4.0])
    assert rerun(subject).gradients[0].tolist() == [np.inf, 0.25]
    assert errors(subject)[0].tolist() == [0.0, 0.0]


def test_a_matrix_of_which_one_triangle_is_read_need_not_be_symmetric(subject_of):
    subject = subject_of(lambda a: torch.linalg.cholesky(a).sum(), [[2.0, 0.1], [0.5, 1.0]])
    assert np.max(errors(subject)[0]) < 1e-14


def test_a_program_that_would_take_too_long_is_not_begun(subject_of):
    again = rerun(subject_of(lambda x: x.sin().sum(), np.ones(300_000)), max_time=2.0)
    assert not again.gradients
    assert again.silence.startswith("the backward with 40 digits would take about")
