"""The rules of simplification: each makes terms smaller, leaves their numbers alone, and is used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradcli.diagnostics import RuntimeFault
from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.diff.formulas import Formulas
from gradcli.explorer.diff.rules import RULES
from gradcli.explorer.diff.writing import formula
from gradcli.explorer.request import EvalRequest

BLOCKS = Path(__file__).with_name("textbook.txt").read_text(encoding="utf-8").split("\n\n")
MORE = (
    ("sum(x.T @ ones(2,2)) + sum(eye(2))*sum(x)", "x=[[1.,2],[3,4]]"),
    ("trace(x @ inv(x) @ x)", "x=[[3.,1],[1,2]]"),
    ("sum(inv(inv(x).T))", "x=[[3.,1],[1,2]]"),
    ("sum(exp(log_softmax(x, 0))**2)", "x=[1.,2]"),
    ("sum(exp(x - logsumexp(x, 0))**2)", "x=[1.,2]"),
    ("sum(abs(x)*sign(x)) + sum(abs(x)**3)", "x=[1.,2]"),
    ("sum(exp(x)/(1+exp(x)))", "x=[1.,2]"),
    ("sum(x[0]*x[1] + stack([x[0], x[1]])[0])", "x=[[1.,2],[3,4]]"),
    ("sum(where(x > 1, where(x > 1, x**2, x), x))", "x=[1.,2]"),
    ("sum(where(c > 0, x, 2*x))", "x=[1.,2]"),
    ("sum((x.T + x).T @ x)", "x=[[1.,2],[3,4]]"),
    ("sum(log(exp(x)))", "x=[1.,2]"),
    ("sum(outer(x, x).T @ outer(x, x))", "x=[1.,2]"),
    ("sum(sum(x @ x.T, 0))", "x=[[1.,2],[3,4]]"),
    ("sum(where(x > 1, x, 0*x) + where(x > 1, 0*x, 3*x))", "x=[1.,2]"),
    ("sum((x*c).unsqueeze(0) @ x.unsqueeze(1))", "x=[1.,2]"),
    ("sum(x.expand(3, 2).T)", "x=[1.,2]"),
    ("sum((x.T + eye(2)).T @ x)", "x=[[1.,2],[3,4]]"),
    ("sum(where(x > 1, x, x))", "x=[1.,2]"),
    ("y=x*2; y[0]=5; sum(y**2)", "x=[1.,2]"),
    ("sum(sin(x[:, None]*c))", "x=[1.,2]"),
    ("mean(outer(x, c))", "x=[1.,2]"),
    ("sum(2*(2*x).T)", "x=[[1.,2],[3,4]]"),
)


def _request(block):
    expression, *lines = block.strip().split("\n")
    variables = tuple(line[5:] for line in lines if line.startswith("  -v "))
    constants = tuple(line[5:] for line in lines if line.startswith("  -c "))
    return EvalRequest((expression,), variables, constants)


def test_every_rule_fires_somewhere():
    used = set()
    requests = [_request(block) for block in BLOCKS]
    requests += [EvalRequest((text,), (binding,), ("c=[1.,2]",)) for text, binding in MORE]
    for request in requests:
        for order in (1, 2):
            used.update(one.name for one in explore_diff(request, DiffRequest(order), lambda _: None).rules)
    assert {rule.name for rules in RULES.values() for rule in rules} - used == set()


def test_rules_have_names_of_their_own():
    names = [rule.name for rules in RULES.values() for rule in rules]
    assert len(set(names)) == len(names)


@pytest.fixture
def watched(monkeypatch):
    """Every rule, checked on what it makes: of the same numbers, and smaller."""
    seen = []

    def checked(rule):
        def rewrite(m, term):
            found = rule.rewrite(m, term)
            if found is not None and found.size < term.size and found.shape == term.shape:
                before, after = m.value(term), m.value(found)
                assert np.allclose(before, after, rtol=1e-9, atol=1e-12, equal_nan=True), rule.name
                seen.append(rule.name)
            return found

        return rule._replace(rewrite=rewrite)

    from gradcli.explorer.diff import rules as module

    monkeypatch.setattr(module, "RULES", {op: [checked(one) for one in some] for op, some in RULES.items()})
    return seen


OTHERS = [f"{text}\n  -v {binding}\n  -c c=[1.,2]" for text, binding in MORE]


@pytest.mark.parametrize("block", [*BLOCKS, *OTHERS])
def test_a_rule_leaves_the_numbers_alone(block, watched):
    explore_diff(_request(block), DiffRequest(), lambda _: None)
    if "X.T@A@X" in block:  # where there is something to simplify
        assert watched


def _leaves(m, *names):
    random = np.random.default_rng(1)
    return [m.leaf(name, random.standard_normal((2, 2)), moving=True) for name in names]


def test_like_terms_are_collected():
    m = Formulas()
    a, b = _leaves(m, "A", "B")
    assert formula(a + b * 2 - a * 3 + 5 - b) == "B - 2*A + 5"
    assert formula(a * b / a * b**2) == "B**3"
    assert formula((a + b) - (a + b)) == "zeros((2, 2))"
    assert a * b is b * a


def test_a_root_of_a_square_is_no_power():
    m = Formulas()
    (a,) = _leaves(m, "A")
    assert formula(m.sqrt(a * a)) == "sqrt(A**2)"
    assert formula(m.sqrt(a) ** 2) == "A"


def test_long_sums_and_products_are_taken_in_whole_numbers_of_steps():
    m = Formulas()
    leaves = _leaves(m, *[f"x{i}" for i in range(200)])
    total, product = leaves[0], leaves[0]
    for leaf in leaves[1:]:
        total, product = total + leaf, product * leaf
    assert sum(len(term.args) for term in m._made.values()) < 40 * 2 * len(leaves)
    assert np.allclose(m.value(total), sum(m.values[leaf] for leaf in leaves))


def test_shared_terms_do_not_make_texts_grow():
    text = "y = x; " + "y = y*sin(y); " * 60 + "sum(y)"
    (one,) = explore_diff(EvalRequest((text,), ("x=[0.3,0.4]",)), DiffRequest(), lambda _: None).derivatives
    assert len(one.program) < 60_000


@pytest.mark.parametrize(
    ("expression", "program"),
    [
        ("sum(x*1e300*1e300)", 'float("inf")*ones_like(x)'),
        ("sum((3*x)**100000000)", "300000000*(3*x)**99999999"),
        ("sum(x*1e20)", "1e+20*ones_like(x)"),
        ("sum(x*1e-20)", "1e-20*ones_like(x)"),
        ("sum(x/3)", "ones_like(x)/3"),
        ("sum(x*0.1)", "0.1*ones_like(x)"),
        ("sum(x*math.inf)", 'float("inf")*ones_like(x)'),
    ],
)
def test_numbers_are_exact_as_far_as_they_are_small(expression, program):
    (one,) = explore_diff(
        EvalRequest((expression,), ("x=[0.3,0.3]",)), DiffRequest(), lambda _: None
    ).derivatives
    assert one.program == program


def test_sums_of_sums_inside_one_another_have_a_gradient_though_rules_cannot_reach_their_end():
    text = "; ".join(
        ["y = x", *[f"y = x*c**{i}*where(x > {i}, x, 2*x) + 2*y" for i in range(1, 400)], "sum(y)"]
    )
    report = explore_diff(EvalRequest((text,), ("x=[1.,2]",), ("c=[.9,.8]",)), DiffRequest(), lambda _: None)
    assert [one.simplified for one in report.derivatives] == [False]


def test_a_power_of_powers_of_a_number_is_not_computed_to_its_last_digit():
    text = "x*" + "(" * 6 + "tensor(10.)" + "**64)" * 6
    (one,) = explore_diff(EvalRequest((text,), ("x=1",)), DiffRequest(), lambda _: None).derivatives
    assert len(one.formula) < 40


def test_an_exponent_beyond_floats_is_no_fault():
    with pytest.raises(RuntimeFault, match="no formula was found"):
        explore_diff(EvalRequest(("x**1e308*x**1e308",), ("x=1",)), DiffRequest(), lambda _: None)
