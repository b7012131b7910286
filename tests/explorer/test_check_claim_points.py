"""A claim is judged beside the bindings too, at points that show what the bindings hide."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest, Judging
from gradcli.explorer.points import moved, styles_of
from gradcli.explorer.request import EvalRequest
from gradcli.explorer.structures import structure_of

FAST = Judging(witnesses=("fd", "complex"))
COVARIANCE = "S=[[2.,.5],[.5,1]]"
GAUSSIAN = "-0.5*(x-m)@inverse(S)@(x-m) - 0.5*logdet(S)"


def _check(expression, *variables, against, constants=(), **more):
    request = CheckRequest(EvalRequest((expression,), variables, constants), FAST, tuple(against), **more)
    return check_expressions(request, lambda _: None)


@pytest.mark.parametrize(
    ("expression", "variables", "claim"),
    [
        ("sum(relu(x))", ("x=[1,2.]",), "x = 1"),
        ("sum(abs(x))", ("x=[1,2.]",), "x = 1"),
        ("sum(clamp(x,-1,1))", ("x=[.1,.2]",), "x = 1"),
        ("sum(where(x>0,x,2*x))", ("x=[1,2.]",), "x = 1"),
        ("sum(relu(x@w))", ("x=rand(3,4)", "w=rand(4,2)"), "w = x.T@ones(3,2)"),
        ("abs(x)", ("x=3.",), "x = 1"),
    ],
)  # fmt: skip
def test_a_forgotten_mask_is_wrong_though_the_bindings_are_all_on_one_side(expression, variables, claim):
    assert _check(expression, *variables, against=[claim]).verdict == "wrong"


@pytest.mark.parametrize(
    ("expression", "claim"),
    [
        ("sum(log(x)+sqrt(x))", "x = 1/x + 0.5/sqrt(x)"),
        ("sum(log(x))", "x = exp(-log(x))"),
        ("sum(acosh(x))", "x = 1/sqrt(x**2-1)"),
    ],
)
def test_points_stay_in_the_domain(expression, claim):
    report = _check(expression, "x=[1.5,2.]", against=[claim])
    assert (report.verdict, report.points) == ("agrees", 4)


def test_every_style_of_points_has_its_turn_at_being_first():
    value, random = np.array([1.0, 2.0, 3.0]), np.random.default_rng(0)
    near, mirrored, anywhere = (styles_of(n)[0](random, value) for n in range(3))
    assert (near > 0).all()
    assert {*np.sign(mirrored)} == {-1, 1}
    assert not np.allclose(np.abs(anywhere / value), 1, atol=0.5)
    assert styles_of(3) == styles_of(0)
    assert {*styles_of(1)} == {*styles_of(0)}


@pytest.mark.parametrize(
    "claim",
    ["m = inverse(S)@(x-m)", "S = 0.5*outer(inverse(S)@(x-m),inverse(S)@(x-m)) - 0.5*inverse(S)"],
)  # fmt: skip
def test_a_formula_for_symmetric_matrices_is_right(claim):
    report = _check(GAUSSIAN, "x=[1.,2]", "m=[0.,.5]", COVARIANCE, against=[claim])
    assert (report.verdict, report.points) == ("agrees", 4)


def test_a_formula_that_needs_labels_to_sum_to_one_is_right():
    report = _check("-sum(y*log_softmax(z,0))", "z=[.1,.2,.3]", "y=[0,1,0]", against=["z = softmax(z,0) - y"])
    assert report.verdict == "agrees"


def test_a_formula_that_needs_the_structure_of_the_bindings_is_said_to():
    symmetric = _check("x@S@x", "x=[1.,2]", COVARIANCE, against=["x = 2*S@x"])
    assert symmetric.notes == (
        "the claim for x is right as long as S is symmetric and positive definite, as it is bound",
    )
    labels = _check("sum(y*x**2)", "x=[1.,2]", "y=[0,1]", against=["x = 2*y**2*x"])
    assert labels.notes == ("the claim for x is right as long as y is made of 0 and 1, as it is bound",)
    assert not _check("x@S@x", "x=[1.,2]", COVARIANCE, against=["x = (S+S.T)@x"]).notes


def test_a_structure_hides_no_slip_where_all_elements_are_equal():
    assert _check("sum((W@x)**2)", against=["W = 2*x@(W@x).T"]).verdict == "wrong"


def test_points_at_which_a_claim_cannot_be_computed_are_told():
    claim = "x = cholesky(outer(x,x)*sign(x[0]*x[1]) + eye(2))[0]*0 + 2*x"
    report = _check("sum(x**2)", "x=[1.,2]", against=[claim])
    assert report.verdict == "agrees"
    assert report.notes == ("the claim for x cannot be computed at 1 random point",)


@pytest.mark.parametrize(
    "value",
    [
        [[2.0, 1], [1, 2]],
        [[0.0, 1], [1, 0]],
        [[1.0, 0], [2, 3]],
        [[1.0, 4], [0, 3]],
        [0.0, 1, 0],
        [[0.2, 0.8], [0.5, 0.5]],
    ],
)
def test_random_points_have_the_structure_of_the_bindings(value):
    value, random = np.array(value), np.random.default_rng(0)
    name = structure_of(value, claimed=False).name
    for number in range(6):
        point = moved(styles_of(number)[0], random, {"x": value}, claimed=())["x"]
        assert name in structure_of(point, claimed=False).name


@pytest.mark.parametrize("value", [np.ones((2, 2)), np.array([1.0, 2.0]), np.array(3.0), np.zeros(0)])
def test_equal_elements_are_no_structure(value):
    assert structure_of(value, claimed=False) is None
