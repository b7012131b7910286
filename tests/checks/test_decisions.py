"""What rounding or the sign of a zero decides is no matter for witnesses that know neither."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, session
from gradcli.checks.hearing import Asked, hear
from gradcli.checks.judge import judge
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import precise
from gradcli.checks.witnesses.decisions import zero_with_a_sign
from gradcli.checks.witnesses.rerun import rerun
from gradcli.plan import taped


def _subject(program, values):
    values = np.asarray(values, float)
    with session():
        x = Tensor(values, requires_grad=True)
        with taped() as tape:
            tape.input(x)
            out = program(x)
        trace = tape.trace([out])
        out.backward(Tensor(np.ones(out.shape)))
    return Subject(trace, (Variable("x", values, x.grad.numpy()),), (np.ones(out.shape),))


def _silent(found, name):
    (one,) = [one for one in found.testimonies if one.witness == name]
    assert not one.words
    return one.silence


ROUNDED = {  # sigmoid(50) and sigmoid(60) are 1 in float64
    "argmax": lambda x: (x.sigmoid().argmax() * x).sum(),
    "gt": lambda x: torch.where(x.sigmoid() > x.sigmoid().flip(0), x, 3 * x).sum(),
    "cummax": lambda x: (x.sigmoid().flip(0).cummax(0)[1] * x).sum(),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_an_index_or_a_branch_that_rounding_decides_is_nothing_for_many_digits(name):
    subject = _subject(ROUNDED[name], [50.0, 60.0])
    found = precise.testify(subject, (np.arange(2),))
    assert not found.words
    assert found.silence.startswith(f"rounding to float64 decides {name}")
    assert f"rounding to float64 decides {name}" in rerun(subject).silence


@pytest.mark.parametrize("witness", ["complex", "symbolic", "precise"])
def test_the_sign_of_a_zero_is_nothing_for_numbers_that_have_none(witness):
    subject = _subject(lambda x: (torch.atan2(x, torch.full((2,), -1.0)) ** 2).sum(), [-0.0, 1.0])
    assert zero_with_a_sign(subject) == "atan2"
    assert "the sign of a zero decides atan2" in _silent(hear(subject, Asked()), witness)
    assert "the sign of a zero decides atan2" in rerun(subject).silence


def test_a_negative_zero_that_decides_nothing_disturbs_nobody():
    subject = _subject(lambda x: (x.exp() * x).sum(), [-0.0, 1.0])
    assert zero_with_a_sign(subject) == ""
    assert (judge(subject, Asked()).findings[0].verdicts == "agrees").all()
