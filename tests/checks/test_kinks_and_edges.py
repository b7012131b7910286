"""What the check says where there is no derivative, or no digit, or nothing to differentiate."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from gradcli.checks import aspects
from gradcli.checks.witnesses.interruption import TimeIsUpError
from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest, Judging
from gradcli.explorer.request import EvalRequest


def check(text, *bindings, against=(), dtype="float64", witnesses=("symbolic", "complex", "fd", "precise")):
    request = CheckRequest(
        EvalRequest((text,), bindings, dtype=dtype), Judging(witnesses=witnesses), against=tuple(against)
    )
    return check_expressions(request, lambda warning: None)


def verdicts(report):
    return {variable.name: variable.verdict for variable in report.variables}


def element(report, variable, *index):
    found = next(one for one in report.variables if one.name == variable)
    return next(one for one in found.elements if one.at == index)


INF = float("inf")
NAN = float("nan")

# text, bindings, verdict, and of the element that sits there: gradient, left, right
PLACES = {
    "relu at 0": ("sum(relu(x))", ("x=[0.0, 1.0]",), "kink", (0.0, 0.0, 1.0)),
    "abs at 0": ("sum(abs(x))", ("x=[0.0, 1.0]",), "kink", (0.0, -1.0, 1.0)),
    "a maximum of equal elements": ("max(x)", ("x=[3.0, 3.0]",), "kink", (0.5, 0.0, 1.0)),
    "a maximum along a dim": ("max(x, dim=0).values", ("x=[3.0, 3.0]",), "kink", (1.0, 0.0, 1.0)),
    "sqrt at 0": ("sum(sqrt(x))", ("x=[0.0, 4.0]",), "edge", (INF, NAN, INF)),
    "a power of 1/2 at 0": ("sum(x ** 0.5)", ("x=[0.0, 4.0]",), "edge", (INF, NAN, INF)),
    "a norm at 0": ("norm(x)", ("x=[0.0, 0.0]",), "kink", (0.0, -1.0, 1.0)),
    "clamp at a bound": ("sum(clamp(x, 0, 1))", ("x=[0.0, 0.5]",), "kink", (1.0, 0.0, 1.0)),
    "a sort of equals": ("sum(sort(x).values * w)", ("x=[1.0, 1.0]", "w=[1, 3.0]"), "kink", (1, 1, 3)),
    "hardtanh at an end": ("sum(hardtanh(x))", ("x=[1.0, 0.5]",), "kink", (0.0, 1.0, 0.0)),
    "1 / 0": ("sum(1 / x)", ("x=[0.0, 2.0]",), "edge", None),
    "log 0": ("sum(log(x))", ("x=[0.0, 2.0]",), "edge", None),
    "where guards nothing": ("sum(where(x > 0, sqrt(x), x * 0))", ("x=[0.0, 4.0]",), "edge", None),
    "overflow": ("sum(exp(x))", ("x=[1000.0, 1.0]",), "edge", None),
    "a cusp": ("sum(pow(abs(x), 0.5))", ("x=[0.0, 1.0]",), "edge", None),
    "kinks that cancel": ("sum(relu(x) - relu(-x))", ("x=[0.0, 1.0]",), "kink", (0.0, 1.0, 1.0)),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_place_without_a_derivative_is_no_false_alarm(place):
    text, bindings, verdict, sides = PLACES[place]
    report = check(text, *bindings)
    assert verdicts(report)["x"] == verdict
    assert report.verdict == verdict
    if sides is not None:
        found = element(report, "x", 0)
        assert (found.gradient, found.left, found.right) == pytest.approx(sides, abs=1e-4, nan_ok=True)


def test_a_derivative_that_is_bounded_as_declared_near_0_and_1_is_a_kink_and_only_there():
    text, target = "F.binary_cross_entropy(x, t)", "t=[0.25]"
    assert verdicts(check(text, "x=[1e-24]", target))["x"] == "kink"
    assert verdicts(check(text, "x=[1e-9]", target))["x"] == "agrees"
    claim = "x = (x - t) / (x * (1 - x)) * 0.9"
    assert verdicts(check(text, "x=[1e-9]", target, against=[claim]))["x"] == "wrong"


def test_what_leaves_the_numbers_between_operations_is_an_edge():
    found = verdicts(check("sum(atan2(x, -entr(y)))", "x=[1.0]", "y=[-1.0]"))
    assert found == {"x": "edge", "y": "edge"}


def test_singular_vectors_that_nothing_uses_need_no_derivative():
    assert verdicts(check("linalg.svdvals(x).sum()", "x=[[1.0, 0.0], [0.0, 1.0]]"))["x"] != "wrong"


def test_what_is_constant_in_a_float32_program_is_constant_as_it_was_rounded():
    text = "sum(special.chebyshev_polynomial_t(sin(y + z), 3) * x) + sum(sin(y + z).detach() * x)"
    found = verdicts(check(text, "y=[2.1e8]", "z=[3.3e7]", "x=[1.0]", dtype="float32"))
    assert found["x"] == "agrees"


def test_an_overflow_of_float32_that_leaves_no_digit_of_float64_is_an_edge():
    found = verdicts(check("sum(sin((-x * x - x) ** 3))", "x=[5.48e7, -2.8e6]", dtype="float32"))
    assert found["x"] == "edge"


def test_factors_of_a_singular_matrix_have_no_derivative_as_declared():
    for text in ("sum(sin(linalg.lu(x)[2]))", "sum(sin(linalg.lu_factor(x)[0]))"):
        assert verdicts(check(text, "x=[[0.0, 2.0], [0.0, 1.0]]"))["x"] in {"kink", "edge"}


def test_a_jump_with_others_close_by_is_told_with_many_digits():
    found = verdicts(check("sum(fmod(v, y))", "y=[1.0]", "v=[-86325184.0]"))
    assert found["y"] in {"kink", "edge"}
    assert found["v"] in {"kink", "edge"}


def test_kinks_that_cancel_are_named_with_what_the_sides_meet_at():
    report = check("sum(relu(x) - relu(-x))", "x=[0.0]")
    assert "the sides meet at 1" in element(report, "x", 0).note


CLAIMS = {
    "both whole": ("x=[1.0, 1.0]", "wrong"),
    "the first alone": ("x=[1.0, 0.0]", "wrong"),  # valid at the bindings, and a constant
    "even shares": ("x=[0.5, 0.5]", "wrong"),  # as above
    "a formula that shares": ("x=(x == max(x)) / sum(x == max(x))", "kink"),
    "a formula that shares nothing": ("x=(x == max(x)) * 1.0", "wrong"),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_at_a_tie_is_a_subgradient_along_every_direction_or_wrong(claim):
    text, verdict = CLAIMS[claim]
    assert check("max(x)", "x=[3.0, 3.0]", against=[text]).verdict == verdict


def test_of_a_claim_that_fails_along_a_direction_the_direction_is_named():
    report = check("max(x)", "x=[3.0, 3.0]", against=["x=(x == max(x)) * 1.0"])
    text = " ".join(note for cause in report.causes for note in cause.notes) + " ".join(report.notes)
    assert "along the direction (1, 1)" in text


def test_a_claim_may_be_any_slope_between_the_sides():
    for slope in ("0.0", "1.0", "0.3"):
        claim = f"x=where(x == 0, {slope}, (x > 0) * 1.0)"
        assert check("sum(relu(x))", "x=[0.0, 2.0]", against=[claim]).verdict == "kink", slope
    report = check("sum(relu(x))", "x=[0.0, 2.0]", against=["x=where(x == 0, 1.5, (x > 0) * 1.0)"])
    assert report.verdict == "wrong"


def test_digits_that_the_arithmetic_lost_are_no_wrong_rule():
    report = check("sin(1e8 * x ** 2)", "x=12345.678")
    assert report.verdict in ("agrees", "inconclusive")
    assert any("digits" in note for variable in report.variables for note in variable.notes)


def test_a_float32_program_is_judged_by_its_rules_and_its_error_told_in_ulps():
    report = check("mean(exp(x) / (1 + x ** 2))", "x=[0.1, 0.7, 1.3]", dtype="float32")
    assert report.verdict == "agrees"
    assert any("ulps of float32" in note for note in report.variables[0].notes)
    assert check("sum(sin(x * 1e6))", "x=[0.1, 0.7]", dtype="float32").verdict == "agrees"


def test_an_overflow_of_float32_alone_is_an_edge():
    assert check("sum(x ** 3 * x ** 3)", "x=[1e8, 1.0]", dtype="float32").verdict == "edge"


def test_nothing_and_constants_have_gradients_that_agree():
    assert check("sum(x * 0 + 3)", "x=[1.0, 2.0]").verdict == "agrees"
    assert verdicts(check("sum(y ** 2)", "x=[1.0, 2.0]", "y=[1.0]")) == {"x": "agrees", "y": "agrees"}
    assert check("sum(x) ** 2", "x=zeros(0)").verdict == "agrees"
    assert check("sum(floor(x))", "x=[1.5, 2.5]").verdict == "agrees"
    assert check("sum(x.detach() * x)", "x=[1.5, 2.5]").verdict == "agrees"


def test_what_has_no_derivative_in_pytorch_is_a_constant_and_said_to_be():
    report = check("sum(x * special.airy_ai(x))", "x=[1.5, 2.5]")
    assert report.verdict == "agrees"
    assert any("airy_ai has no derivative" in note for note in report.notes)


def test_where_there_is_no_variable_that_is_said():
    from gradcli.diagnostics import InputFault

    request = CheckRequest(EvalRequest(("2 + 3",), (), ("c=2",)))
    with pytest.raises(InputFault, match="no variable requires grad"):
        check_expressions(request, lambda warning: None)


def test_integers_among_the_operands_are_floats_to_every_witness():
    report = check("sum(x / (1 + argmax(x, dim=0)))", "x=[1.0, 3.0, 2.0]")
    assert report.verdict == "agrees"
    assert np.isclose(report.variables[0].worst.gradient, 1 / 2)


def test_a_scalar_that_its_partner_makes_a_float16_may_overflow_on_the_way():
    report = check("sum(atan2(x.half(), s) * v)", "x=[0.8, 0.3]", "v=[1.2, 0.3]", "s=48163121.0")
    assert report.verdict == "edge"
    assert any("overflow" in note for note in report.variables[0].notes)


def test_whole_numbers_on_the_way_of_a_float32_program_stay_whole():
    text = "sum(maximum(F.grid_sample(w, y, align_corners=False), s))"
    places = "y=[[[[1.088, -3.537], [0.22, 0.471]], [[-1.36, 1.732], [1.869, -1.849]]]]"
    assert check(text, "w=[[[[1.0, 1.0], [1.0, 1.0]]]]", places, "s=0.0", dtype="float32").verdict == "kink"


def test_a_hole_that_a_broadcast_sum_hides_is_as_declared():
    report = check("sum(sigmoid(nextafter(s, x)))", "x=[[-1.0, -0.4], [0.0, 0.0]]", "s=0.0")
    assert report.verdict == "kink"


def test_rounding_that_looks_like_a_kink_is_none_where_both_sides_are_one():
    report = check("linalg.inv(A).sum()", "A=randn(20, 20)", witnesses=("fd",))
    assert report.verdict == "agrees"


def test_kinked_elements_of_a_claim_at_which_nobody_looked_are_inconclusive():
    few, many = (
        check("sum(relu(x))", f"x=zeros({size})", against=["x = where(x > 0, 1.0, 0.0)"]).variables[0]
        for size in (20, 600)
    )
    assert few.verdict == "kink"
    assert many.verdict == "inconclusive"
    assert many.counts == {"kink": 512, "inconclusive": 88}
    assert any("of 600 elements 512 were looked at" in note for note in many.notes)


def test_the_sides_of_a_claim_are_measured_as_long_as_there_is_time(monkeypatch):
    along, calls = aspects.along, count()

    def slow(subject, direction):
        if next(calls) == 5:
            raise TimeIsUpError
        return along(subject, direction)

    monkeypatch.setattr(aspects, "along", slow)
    found = check("sum(relu(x))", "x=zeros(20)", against=["x = where(x > 0, 1.0, 0.0)"]).variables[0]
    assert found.counts == {"kink": 5, "inconclusive": 15}
    assert any("of 20 elements 5 were looked at" in note for note in found.notes)


def test_no_convention_is_held_against_a_rule_whose_arguments_are_infinite():
    report = check("sum(atan2(v, x / y))", "v=[0.0]", "x=[-1.0]", "y=[0.0]")
    assert report.verdict == "edge"
