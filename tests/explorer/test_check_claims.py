"""A user's derivative is judged, its slip named, its place underlined."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest, Judging
from gradcli.explorer.request import EvalRequest

MATRIX = "A=[[1.,2],[3,4],[5,6]]"
FAST = Judging(witnesses=("fd", "complex"))


def _check(expression, *variables, against, constants=()):
    request = CheckRequest(EvalRequest((expression,), variables, constants), FAST, tuple(against))
    return check_expressions(request, lambda _: None)


@pytest.mark.parametrize(
    ("expression", "claim"),
    [
        ("mean(3*(x+2)**2)", "x = 6*(x+2)/4"),
        ("sum(sin(x)*x)", "x = sin(x) + x*cos(x)"),
        ("sum(relu(x))", "x = where(x > 0, 1, 0)"),
        ("sum(abs(x))", "x = sign(x)"),
    ],
)  # fmt: skip
def test_a_right_claim_agrees(expression, claim):
    report = _check(expression, against=[claim])
    assert (report.verdict, report.causes, report.points) == ("agrees", (), 4)


@pytest.mark.parametrize(
    ("expression", "claim", "slip"),
    [
        ("mean(3*(x+2)**2)", "x = 6*(x+2)", "1/n is missing: the mean is over 4 elements"),
        ("mean(3*(x+2)**2)", "x = 3*(x+2)/4", "constant factor: the claim is 1/2 times the derivative"),
        ("mean(3*(x+2)**2)", "x = -6*(x+2)/4", "sign: the claim is the negative of the derivative"),
        ("sum(3*(x+2)**2)", "x = 6*(x+2)/4", "a mean for a sum: the claim divides by 4"),
        ("sum(sin(x**2))", "x = cos(x**2)", "a chain-rule factor is missing: the derivative of `x**2`"),
        ("sum(x**2)", "x = 2", "right only at this point: wrong at 3 of 3 random ones"),
        ("sum(x**3)", "x = 3*x", "the exponent"),
        ("sum(sin(x))", "x = sin(x)", "`sin` stands where `cos` belongs"),
    ],
)  # fmt: skip
def test_a_slip_is_named(expression, claim, slip):
    report = _check(expression, against=[claim])
    assert report.verdict == "wrong"
    (cause,) = report.causes
    if slip == "the exponent":
        assert "x" in cause.message
    else:
        assert slip in cause.message


@pytest.mark.parametrize(
    ("claim", "slip", "mended"),
    [
        ("x = 2*A.T*(A@x-b)", "elementwise: `*` stands where the matrix product", "2*A.T@(A@x-b)"),
        ("x = 2*A.T@(A@x+b)", "sign: `-` belongs here", "2*A.T@(A@x-b)"),
        ("x = 2*(A@x-b)@A.T", "transposed: a `.T` too many", "2*(A@x-b)@A"),
    ],
)  # fmt: skip
def test_one_edit_that_mends_a_formula_is_offered(claim, slip, mended):
    constants = ("A=[[1.,2,0],[3,4,1],[5,6,2]]", "b=[1.,1,1]")
    report = _check("sum((A@x-b)**2)", "x=[1,2,3]", against=[claim], constants=constants)
    (cause,) = report.causes
    assert slip in cause.message
    assert cause.help == f"write {mended}"


def test_a_claim_of_the_wrong_shape_is_wrong_with_the_slip_named():
    report = _check("sum(A@x)", "x=[1,2]", against=["x = sum(A, 1)**2"], constants=(MATRIX,))
    assert report.verdict == "wrong"
    assert "the shape is [3], and the variable's [2]" in report.causes[0].message


def test_a_scalar_claim_broadcasts():
    assert _check("sum(3*x)", "x=[1,2]", against=["x = 3"]).verdict == "agrees"


def test_a_subgradient_has_to_be_one_along_every_direction():
    report = _check("x.max()", "x=[3,3]", against=["x = [1., 1]"])
    assert report.verdict == "wrong"
    assert "no subgradient: along the direction (1, 1)" in report.causes[0].notes[0]


def test_a_claim_from_a_file_is_judged_at_the_bindings_alone(tmp_path):
    np.save(tmp_path / "g.npy", np.array([2.0, 4.0]))
    report = _check("sum(x**2)", "x=[1,2]", against=[f"x=@{tmp_path}/g.npy"])
    assert report.verdict == "agrees"


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("z = 2", "E507"),
        ("x", "E507"),
        ("x == 2", "E507"),
        ("x = 2*", "E110"),
        ("x = 2*w", "E201"),
        ("x = zeros(3) @ zeros(4)", "E301"),
    ],
)  # fmt: skip
def test_a_claim_that_cannot_be_judged_is_bad_input_with_its_place(claim, code):
    with pytest.raises(GradcliError) as caught:
        _check("sum(x**2)", "x=[1,2]", against=[claim])
    assert caught.value.diagnostic.span is not None
    assert caught.value.diagnostic.code[:2] == code[:2]


def test_a_variable_has_one_claim():
    with pytest.raises(GradcliError, match="`x` has two claims"):
        _check("sum(x**2)", "x=[1,2]", against=["x = 2*x", "x = x"])


def test_a_wrong_claim_beside_what_has_no_derivative_is_wrong_and_no_broken_subgradient():
    judging = FAST._replace(atol=1e-9)
    what = EvalRequest(("sum(x * special.airy_ai(x))",), ("x=[1.5, 2.5]",))
    claim = "x = special.airy_ai(x) * (1 + 0.1 * sin(7 * x)) + 0.01 * x**3"
    report = check_expressions(CheckRequest(what, judging, (claim,)), lambda _: None)
    assert report.verdict == "wrong"
    assert "no subgradient" not in report.causes[0].message
