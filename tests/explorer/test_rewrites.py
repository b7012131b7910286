"""A rewrite is offered only where it was tried: the same value, and a finite gradient."""

from __future__ import annotations

import pytest

from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest, Judging
from gradcli.explorer.request import EvalRequest


def _cause(expression, x="[0.,1]"):
    request = CheckRequest(EvalRequest((expression,), (f"x={x}",)), Judging(witnesses=("fd",)))
    causes = check_expressions(request, lambda _: None).causes
    return causes[0] if causes else None


@pytest.mark.parametrize(
    ("expression", "rewrite"),
    [
        ("sum(where(x>0, sqrt(x), 0))", "sum(where(x>0, sqrt(where(x>0, x, 1)), 0))"),
        ("sum(where(x>0, x.log(), 0))", "sum(where(x>0, where(x>0, x, 1).log(), 0))"),
        ("sum(where(x<=0, 0, x.sqrt()))", "sum(where(x<=0, 0, where(x<=0, 1, x).sqrt()))"),
        ("sum(x**0.5)", "sum((x + 1e-12)**0.5)"),
        ("sum(sqrt(x))", "sum(sqrt(x + 1e-12))"),
        ("sum(where(x>0, 1/x, 0))", "sum(where(x>0, 1/where(x>0, x, 1), 0))"),
        ("sum(where(x!=0, sin(x)/x, 1))", "sum(where(x!=0, sin(x)/where(x!=0, x, 1), 1))"),
        ("sum(where(x>0, x**0.5, 0))", "sum(where(x>0, where(x>0, x, 1)**0.5, 0))"),
        ("sum(x*log(x))", "sum(x*log(x + 1e-12))"),
    ],
)  # fmt: skip
def test_a_safe_form_is_offered(expression, rewrite):
    assert _cause(expression).help.endswith(f"tried here: {rewrite}")


def test_a_norm_gets_a_floor():
    assert _cause("sqrt(sum(x**2))", "[0.,0]").help == "a floor, tried here: sqrt(sum(x**2) + 1e-12)"


def test_a_divisor_that_is_a_norm_gets_a_floor():
    assert _cause("sum(x/norm(x))", "[0.,0]").help.endswith("sum(x/sqrt(sum((x)**2) + 1e-12))")


def test_the_first_infinity_of_a_value_and_what_it_met_are_both_named():
    cause = _cause("sum(x*log(x))")
    assert cause.message == "log makes the first inf, in the value itself"
    assert cause.notes == ("mul makes nan of it: 0 times infinity",)
    assert [label.span.text for label in cause.related] == ["x*log(x)"]


def test_a_mask_hides_an_infinity_from_the_value_and_not_from_the_gradient():
    request = CheckRequest(EvalRequest(("sum(where(x>0, log(x), 0))",), ("x=[0.,1]",)))
    first, second = check_expressions(request, lambda _: None).causes
    assert first.message == "log makes the first inf, in the value itself"
    assert second.message.startswith("0 times infinity: the derivative of log is infinite")


def test_a_value_that_is_nan_is_explained_though_its_gradient_is_a_number():
    assert _cause("log(x)", "-1").message == "log makes the first nan, in the value itself"


def test_the_place_where_0_met_infinity_is_named():
    cause = _cause("sum(where(x>0, sqrt(x), 0))")
    assert "0 times infinity: the derivative of sqrt is infinite" in cause.message
    assert cause.span.text == "sqrt(x)"
    assert "which leaves these elements out" in cause.notes[0]
    other = _cause("sqrt(sum(x**2))", "[0.,0]")
    assert other.related[0].span.text == "x**2"


def test_no_rewrite_is_offered_where_none_has_the_same_value():
    cause = _cause("sum(log(x))")
    assert (cause.message, cause.help) == ("log makes the first inf, in the value itself", "")


def test_a_finite_gradient_needs_no_advice():
    assert _cause("sum(x**2)") is None
