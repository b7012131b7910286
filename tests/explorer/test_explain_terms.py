from __future__ import annotations

import pytest

from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import Backward, EvalRequest


def formula(expression, **options):
    report = record_graph(EvalRequest((expression,), **options), lambda _: None)
    return {answer.name: answer.formula for answer in report.answers}


@pytest.mark.parametrize(
    ("expression", "variables", "expected"),
    [
        ("mean(3*(x+2)**2)", (), {"x": "3/2*(x + 2)"}),
        ("sum(x**2)", (), {"x": "2*x"}),
        ("x*x*x", ("x=2",), {"x": "3*x**2"}),
        ("sum(x)/3", (), {"x": "1/3"}),
        ("exp(2*x)", ("x=1",), {"x": "2*exp(2*x)"}),
        ("a*b", ("a=2", "b=3"), {"a": "b", "b": "a"}),
        ("sum((A@x - b)**2)", ("A=ones(3,2)", "x=ones(2)", "b=ones(3)"), None),
        ("1/x", ("x=2",), {"x": "-1/x**2"}),
        ("sum(relu(x))", (), {"x": "where(relu(x) > 0, 1, 0)"}),
        ("sum(x@w)", ("x=ones(2,3)", "w=ones(3,2)"), {"x": "ones(2, 2) @ w.T", "w": "x.T @ ones(2, 2)"}),
        ("sum(x*b)", ("x=ones(2,3)", "b=ones(3)"), {"x": "b", "b": "sum(x, dim=0)"}),
    ],
)
def test_the_gradient_of_each_variable_is_a_formula(expression, variables, expected):
    found = formula(expression, variables=variables)
    if expected is not None:
        assert found == expected
    assert all(found.values())


def test_truth_values_stand_in_formulas_as_the_numbers_that_they_are_taken_for():
    assert formula("sum(atan2(isnan(y), x))", variables=("y=2.", "x=3.")) == {
        "x": "where(hypot(isnan(y), x) != 0, -isnan(y)/hypot(isnan(y), x)**2, 0)"
    }


def test_what_a_rule_without_a_formula_leads_to_has_none():
    assert formula("x.prod()", variables=("x=[[1,2],[3,4]]",)) == {"x": ""}


def test_words_that_no_user_can_call_are_explained():
    report = record_graph(EvalRequest(("softmax(x, 0)[1]",), variables=("x=[1,2]",)), lambda _: None)
    assert dict(report.glossary) == {
        "select_put": "Zeros with the slice at one index set: the transpose of select."
    }


def test_a_condition_that_variables_decide_stays_a_condition():
    assert formula("sum(where(x > 0, 2*x, x))") == {"x": "where(x <= 0, 1, 0) + 2*where(x > 0, 1, 0)"}


def test_a_condition_of_constants_is_decided():
    assert formula("sum(where(c, 2*x, x))", constants=("c=[True, True]",)) == {"x": "2"}


def test_only_what_wrt_names_is_answered_also_what_is_no_leaf():
    asked = Backward(wrt=("y",))
    report = record_graph(EvalRequest(("y = x*2; sum(y*y)",), backward=asked), lambda _: None)
    assert [(answer.name, answer.formula) for answer in report.answers] == [("y", "2*y")]
    assert report.answers[0].gradient.tolist() == [[4, 4], [4, 4]]
