"""Who is believed, who is blamed, and what a rule owes its record's declaration."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad, session
from gradcli.autograd.algebra import TENSORS
from gradcli.checks.account import causes, judged, overall
from gradcli.checks.audit import audit
from gradcli.checks.conventions import follows, words_for
from gradcli.checks.cuts import without_constants
from gradcli.checks.hearing import Asked, hear
from gradcli.checks.judge import judge
from gradcli.checks.reverse import by_rules
from gradcli.checks.subject import Subject, Variable
from gradcli.ops.catalog import catalog
from gradcli.plan import taped

ASKED = Asked(witnesses=("complex", "fd"))


@pytest.fixture(autouse=True)
def fresh():
    with session(default_dtype=np.dtype(np.float64)), np.errstate(all="ignore"):
        yield


def subject(function, *values):
    """A program as the check sees it, with autograd's own gradient."""
    with taped() as tape:
        leaves = [Tensor(np.asarray(value, np.float64), requires_grad=True) for value in values]
        for leaf in leaves:
            tape.input(leaf)
        root = function(*leaves).sum()
        gradients = grad([root], leaves, allow_unused=True)
    variables = tuple(
        Variable(f"x{i}", leaf._array, np.zeros(leaf.shape) if g is None else g._array)
        for i, (leaf, g) in enumerate(zip(leaves, gradients, strict=True))
    )
    return Subject(tape.trace([root]), variables, (np.ones(()),))


def with_rule(one, name, rules):
    """The program with other rules for an operation, and the gradient that they give."""
    wrong = copy(catalog()[name])
    wrong.rules, wrong.compiled = rules, {}
    steps = tuple(
        step._replace(record=wrong) if step.record.name == name else step for step in one.trace.steps
    )
    changed = one._replace(trace=one.trace._replace(steps=steps))
    gradients = by_rules(changed)
    return changed._replace(
        variables=tuple(v._replace(gradient=g) for v, g in zip(changed.variables, gradients, strict=True))
    )


def test_rules_put_together_anew_give_autograds_gradient():
    one = subject(lambda x, y: TENSORS.sin(x * y) / y, [0.3, 2.0], [1.5, 0.7])
    for variable, again in zip(one.variables, by_rules(one), strict=True):
        np.testing.assert_allclose(variable.gradient, again, rtol=1e-15)


def test_a_wrong_rule_is_called_wrong_and_named_with_both_values():
    right = subject(lambda x: TENSORS.exp(TENSORS.sin(x)), [0.3, 2.0])
    wrong = with_rule(right, "sin", (lambda m, x: 2 * m.cos(x),))
    found = judge(wrong, ASKED)
    assert overall(judged(found)) == "wrong"
    assert [fault.step.record.name for fault in found.faults] == ["sin"]
    assert found.faults[0].rule == pytest.approx(2 * found.faults[0].truth)
    assert causes(found)[0].message == "the derivative of sin in x is wrong"
    assert overall(judged(judge(right, ASKED))) == "agrees"


def test_a_flipped_branch_at_a_kink_breaks_the_records_own_convention():
    right = subject(lambda x: x.relu(), [0.0, 1.0])
    flipped = with_rule(right, "relu", (lambda m, x: m.select(m.ge(x, 0), 1),))
    found = judge(flipped, ASKED)
    assert overall(judged(found)) == "wrong"
    assert found.faults[0].at_kink
    assert "breaks its own convention" in causes(found)[0].message


def test_a_gradient_that_no_rule_gives_is_wrong_with_no_operation_to_blame():
    one = subject(lambda x: TENSORS.sin(x), [0.3, 2.0])
    doubled = one._replace(variables=(one.variables[0]._replace(gradient=2 * one.variables[0].gradient),))
    found = judge(doubled, ASKED)
    assert overall(judged(found)) == "wrong"
    assert found.faults == ()
    assert any("how they meet" in note for note in found.notes)


def test_what_the_witnesses_said_before_serves_again():
    one = subject(lambda x: TENSORS.sin(x), [0.3, 2.0])
    hearing = hear(one, ASKED)
    assert judge(one, ASKED, hearing=hearing).hearing is hearing


def test_a_witness_that_stumbles_is_silent(monkeypatch):
    from gradcli.checks.witnesses import complexstep

    def stumble(*_, **__):
        raise IndexError("out of range")

    monkeypatch.setattr(complexstep, "testify", stumble)
    found = judge(subject(lambda x: TENSORS.sin(x), [0.3]), ASKED)
    assert overall(judged(found)) == "agrees"
    assert "could not follow the program" in found.hearing.testimonies[0].silence


def test_the_audit_finds_nothing_in_right_rules():
    one = subject(lambda x, y: (TENSORS.exp(x) * y).relu() / (y + x * x), [0.3, 0.0], [1.5, 0.7])
    assert list(audit(one)) == []


def test_the_rounding_of_a_rule_is_no_fault():
    near = [[1.0, 1.0], [1.0, 1.0 + 1e-7]]
    one = subject(lambda a: TENSORS.inv(a), near)
    assert list(audit(one)) == []


def test_what_no_rule_looks_at_is_a_constant():
    one = subject(lambda x: x * TENSORS.airy_ai(x), [1.5, 2.5])
    cut, names = without_constants(one)
    assert names == ("airy_ai",)
    assert len(cut.trace.steps) == len(one.trace.steps)
    assert without_constants(subject(lambda x: x.relu(), [0.5]))[1] == ()
    guarded = subject(lambda x: TENSORS.where(x > 0, x, x * 0), [0.5])
    assert without_constants(guarded)[1] == ()


CONVENTIONS = {
    "zero": (0.0, 0.5),
    "left": (-1.0, 1.0),
    "right": (2.0, -1.0),
    "smaller": (-1.0, 2.0),
    "larger": (2.0, -1.0),
    "half": (0.5, 0.0),
    "none": (np.nan, 5.0),
}


@pytest.mark.parametrize("word", CONVENTIONS)
def test_a_word_says_what_is_taken_between_two_sides(word):
    left, right = np.array([-1.0]), np.array([2.0])
    kept, broken = CONVENTIONS[word]
    assert follows(np.array([kept]), left, right, (word,), True).all()
    assert not follows(np.array([broken]), left, right, (word,), True).any()


def test_without_a_word_anything_between_the_sides_will_do():
    left, right = np.array([-1.0]), np.array([2.0])
    assert follows(np.array([1.7]), left, right, ()).all()
    assert not follows(np.array([2.1]), left, right, ()).any()


def test_words_are_those_of_the_argument():
    assert words_for(catalog()["fmax"], 0) == ("larger",)
    assert words_for(catalog()["fmax"], 1) == ("smaller",)
    assert words_for(catalog()["sin"], 0) == ()


def test_a_derivative_declared_0_is_a_number_even_where_neither_side_has_one():
    nothing = np.array([np.nan])
    assert follows(np.array([0.0]), nothing, nothing, ("zero", "either"), True).all()
    assert not follows(nothing, nothing, nothing, ("zero", "either"), True).any()
    assert follows(nothing, nothing, nothing, ("zero", "left"), True).all()
    assert follows(nothing, nothing, nothing, ("zero", "either"), False).all()
