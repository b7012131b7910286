"""A right formula that loses digits is right; a wrong one of a tiny derivative is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest, Judging
from gradcli.explorer.request import EvalRequest

FAST = Judging(witnesses=("complex", "fd"))
EXACT = Judging(witnesses=("symbolic",))
NORMED = (
    "m = x.mean(1,keepdim=True); v = ((x-m)**2).mean(1,keepdim=True)+1e-5; h = (x-m)/sqrt(v); "
    "x = (c - c.mean(1,keepdim=True) - h*(c*h).mean(1,keepdim=True))/sqrt(v)"
)


def _check(expression, *variables, against, constants=(), dtype="float64", judging=FAST):
    what = EvalRequest((expression,), variables, constants, dtype=dtype)
    return check_expressions(CheckRequest(what, judging, tuple(against)), lambda _: None)


def test_a_formula_that_cancels_is_right_and_its_lost_digits_are_told():
    report = _check("(1-cos(x))/x", "x=1e-6", against=["x = sin(x)/x-(1-cos(x))/x**2"], judging=EXACT)
    assert report.verdict == "agrees"
    assert "lost up to 11.9 digits (4.0 are left); with 40 digits it is right" in report.variables[0].notes[0]


def test_a_formula_of_whose_arithmetic_no_digit_is_left_is_not_decided():
    report = _check("(1-cos(x))/x", "x=1e-9", against=["x = sin(x)/x-(1-cos(x))/x**2"], judging=EXACT)
    assert report.verdict == "inconclusive"
    assert "no digit is left" in report.variables[0].notes[0]


def test_a_wrong_formula_that_cancels_is_wrong():
    report = _check("(1-cos(x))/x", "x=1e-6", against=["x = sin(x)/x-2*(1-cos(x))/x**2"], judging=EXACT)
    assert report.verdict == "wrong"


@pytest.mark.parametrize(
    ("expression", "variable", "constants", "claim"),
    [
        ("sum((x-100)**3)", "x=[100.01,100.7]", (), "x = 3*x**2 - 600*x + 30000"),
        ("sum(F.layer_norm(x,[6])*c)", "x=100+randn(4,6)", ("c=randn(4,6)",), NORMED),
    ],
)  # fmt: skip
def test_a_formula_of_a_float32_program_is_judged_as_float64_has_it(expression, variable, constants, claim):
    report = _check(expression, variable, constants=constants, against=[claim], dtype="float32")
    assert report.verdict in ("agrees", "kink")
    assert any("float32: computed in float64 the formula is right" in x for x in report.variables[0].notes)


def test_a_slip_in_a_float32_formula_is_named():
    report = _check(
        "F.cross_entropy(X@W,t)", "W=randn(7,4)", constants=("X=randn(9,7)", "t=arange(9)%4"),
        against=["W = X.T@(softmax(X@W,1)-F.one_hot(t,4))"], dtype="float32",
    )  # fmt: skip
    assert "1/n is missing: the mean is over 9 elements" in report.causes[0].message


def test_numbers_from_a_float32_file_need_not_be_better_than_float32(tmp_path):
    np.save(tmp_path / "g.npy", (2 * np.array([1.0, 2.0]) / 3).astype(np.float32))
    np.save(tmp_path / "w.npy", (2.01 * np.array([1.0, 2.0]) / 3).astype(np.float32))
    right, wrong = (_check("sum(x**2)/3", "x=[1,2.]", against=[f"x=@{tmp_path}/{name}.npy"]) for name in "gw")
    assert (right.verdict, wrong.verdict) == ("agrees", "wrong")


@pytest.mark.parametrize(
    ("expression", "claim", "verdict"),
    [
        ("sum(x)*1e-10", "x = 0", "wrong"),
        ("sum(x)*1e-10", "x = 1e-10", "agrees"),
        ("sum(x**2)*1e-12", "x = 3*x*1e-12", "wrong"),
        ("sum(x**2)*1e-12", "x = 2*x*1e-12", "agrees"),
        ("sum(x-x)", "x = 1e-17*x", "agrees"),
        ("sum(x*0)", "x = 0", "agrees"),
    ],
)
def test_the_tolerance_is_relative_to_the_size_of_the_derivative(expression, claim, verdict):
    assert _check(expression, "x=[1.,2]", against=[claim]).verdict == verdict


def test_an_absolute_tolerance_that_is_asked_for_is_absolute():
    judging = FAST._replace(atol=1e-9)
    assert _check("sum(x)*1e-10", "x=1.", against=["x = 0"], judging=judging).verdict == "agrees"
