"""The slip in a hand-derived gradient is named, wherever in its formula it is."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.check import check_expressions
from gradcli.explorer.check_request import CheckRequest, Judging
from gradcli.explorer.request import EvalRequest

FAST = Judging(witnesses=("complex", "fd"))
MISSING = "a chain-rule factor is missing: "


def _check(expression, *variables, against, constants=(), **more):
    request = CheckRequest(EvalRequest((expression,), variables, constants), FAST, tuple(against), **more)
    return check_expressions(request, lambda _: None)


def _cause(expression, variables, constants, claim):
    report = _check(expression, *variables.split(), constants=tuple(constants.split()), against=[claim])
    assert report.verdict == "wrong"
    (cause,) = report.causes
    return cause


@pytest.mark.parametrize(
    ("expression", "variables", "constants", "claim", "factor", "help_"),
    [
        ("mean((sigmoid(X@w)-y)**2)", "w=randn(3)", "X=randn(5,3) y=rand(5)",
         "w = 2*X.T@(sigmoid(X@w)-y)/5", "the derivative of `sigmoid(X@w)`",
         "multiply `sigmoid(X@w)-y` by it"),
        ("sum(c*tanh(W@x))", "W=randn(3,4) x=randn(4)", "c=randn(3)", "W = outer(c,x)",
         "the derivative of `tanh(W@x)`", "multiply `c` by it"),
        ("sum(tanh(x@w))", "x=randn(3,2) w=randn(2,4)", "", "w = x.T@ones(3,4)",
         "the derivative of `tanh(x@w)`", "multiply `ones(3,4)` by it"),
        ("h1 = tanh(W@h0); h2 = tanh(W@h1); sum(h2)", "W=randn(3,3)", "h0=randn(3)",
         "W = outer(1-h2**2, h1) + outer(W.T@(1-h2**2), h0)", "the derivative of `tanh(W@h0)`",
         "multiply `W.T@(1-h2**2)` by it"),
        ("h = relu(x@A); sum(tanh(h@B))", "A=randn(3,4) B=randn(4,2)", "x=randn(5,3)",
         "A = x.T@((1-tanh(h@B)**2)@B.T)", "the derivative of `relu(x@A)`",
         "multiply `(1-tanh(h@B)**2)@B.T` by it"),
        ("P = softmax(Q@K.T,1); sum(G*(P@V))", "Q=randn(4,3) K=randn(4,3) V=randn(4,2)", "G=randn(4,2)",
         "Q = (G@V.T - (P*(G@V.T)).sum(1,keepdim=True))@K", "`softmax(Q@K.T,1)`",
         "multiply `G@V.T - (P*(G@V.T)).sum(1,keepdim=True)` by it"),
        ("norm(A@x-b)", "x=randn(3)", "A=randn(5,3) b=randn(5)", "x = A.T@(A@x-b)",
         "1 over `norm(A@x-b)`", ""),
        ("relu(sum((a-p)**2)-sum((a-n)**2)+1)", "a=randn(3) p=randn(3) n=randn(3)", "", "a = 2*(n-p)",
         "the derivative of `relu(sum((a-p)**2)-sum((a-n)**2)+1)`", ""),
        ("mean(relu(((a-p)**2).sum(1)-((a-n)**2).sum(1)+1))", "a=randn(4,3) p=randn(4,3) n=randn(4,3)", "",
         "a = 2*(n-p)/4", "the derivative of `relu(((a-p)**2).sum(1)-((a-n)**2).sum(1)+1)`",
         "multiply `2*(n-p)/4` by it"),
        ("sum(sigmoid(2*x+1))", "x=randn(4)", "", "x = sigmoid(2*x+1)*(1-sigmoid(2*x+1))",
         "the derivative of `2*x`, 2", ""),
        ("sum(relu(x))", "x=[1,2.]", "", "x = 1", "the derivative of `relu(x)`", ""),
    ],
)  # fmt: skip
def test_a_forgotten_factor_is_named_wherever_it_is_missing(  # noqa: PLR0913 - a row of the table
    expression, variables, constants, claim, factor, help_
):
    cause = _cause(expression, variables, constants, claim)
    assert cause.message.endswith(MISSING + factor)
    assert cause.help == help_


@pytest.mark.parametrize(
    ("expression", "variables", "claim", "slip"),
    [
        ("sum(x**2)", "x=[1.,2]", "x = x", "constant factor: the claim is 1/2 times the derivative"),
        ("sum(x**3)", "x=[1.,2,3]", "x = x**2", "constant factor: the claim is 1/3 times the derivative"),
        ("sum(x**2)", "x=[1.,2]", "x = 4*x", "constant factor: the claim is 2 times the derivative"),
        ("sum(x**2)/2", "x=[1.,2]", "x = 2*x", "1/n is missing: the program divides by 2"),
        ("mean(3*(x+2)**2)", "x=randn(4)", "x = 6*(x-2)/4", "sign: `+` belongs here"),
        ("sum(sin(x)+x)", "x=randn(4)", "x = cos(x)", "constant term: the claim is 1 less"),
        ("x.T@A@x", "x=randn(3) A=randn(3,3)", "x = 2*A@x", "`A + A.T` belongs here, which is twice `A`"),
        ("x.T@A@x/2", "x=randn(3) A=randn(3,3)", "x = A@x", "`(A + A.T)/2` belongs here, which is `A`"),
        ("sum((x-m)**2)/(2*s**2)", "x=[1.,2,3] m=1.5 s=2.", "m = -sum(x-m)/s",
         "the exponent: `s**2` belongs here"),
        ("-sum((x-m)**2)/(2*s**2)", "x=[1.,2,3] m=1.5 s=2.", "m = -sum(x-m)/s",
         MISSING + "1 over `s`, and -1"),
        ("sum(exp(-x**2))", "x=randn(4)", "x = exp(-x**2)", MISSING + "the derivative of `x**2`, and -1"),
        ("sum(x**p)", "x=[1.,2] p=[2.,3]", "x = p*x**p", MISSING + "1 over `x`"),
        ("F.mse_loss(x,y)", "x=randn(5) y=randn(5)", "x = 2*(x-y)",
         "1/n is missing: the mean is over 5 elements"),
        ("F.mse_loss(x,y,reduction='sum')", "x=randn(5) y=randn(5)", "x = 2*(x-y)/5",
         "a mean for a sum: the claim divides by 5"),
        ("sum(c*h*g)", "c=randn(4,3) h=randn(4,3) g=randn(3)", "g = (c*h).mean(0)",
         "`mean` stands where `sum` belongs"),
        ("sum(c*h*g)", "c=randn(4,3) h=randn(4,3) g=randn(3)", "g = torch.mean(c*h,0)",
         "`mean` stands where `sum` belongs"),
        ("sum(c*h*g)", "c=randn(4,3) h=randn(4,3) g=randn(3)", "g = (c*h).sum(0)/4",
         "a mean for a sum: the claim divides by 4"),
    ],
)  # fmt: skip
def test_the_slip_that_is_named_is_the_one_that_was_made(expression, variables, claim, slip):
    assert f" is wrong: {slip}" in _cause(expression, variables, "", claim).message


@pytest.mark.parametrize(
    ("reduction", "claim", "slip"),
    [
        ("mean", "z = softmax(z,1)-F.one_hot(t,3)", "1/n is missing: the mean is over 5 elements"),
        ("sum", "z = (softmax(z,1)-F.one_hot(t,3))/5", "a mean for a sum: the claim divides by 5"),
    ],
)
def test_a_mean_over_rows_is_told_from_one_over_elements(reduction, claim, slip):
    expression = f"F.cross_entropy(z,t,reduction='{reduction}')"
    assert slip in _cause(expression, "z=randn(5,3)", "t=arange(5)%3", claim).message


def test_a_scalar_is_not_transposed():
    cause = _cause("1/x", "x=1e-165", "", "x = 1/x**2")
    assert "sign" in cause.message


def test_a_claim_may_name_intermediate_values():
    text = "-sum(y*log_softmax(z,0))"
    for glue in ("; ", "\n"):
        claim = f"p = softmax(z,0){glue}z = p - y"
        assert _check(text, "z=[.1,.2,.3]", constants=("y=[0,1,0]",), against=[claim]).verdict == "agrees"
    (cause,) = _check(
        text, "z=[.1,.2,.3]", constants=("y=[0,1,0]",), against=["p = softmax(z,0); z = p + y"]
    ).causes
    assert cause.message.endswith("sign: `-` belongs here")
    assert cause.span.text == "+"


def test_intermediate_values_of_one_claim_are_not_those_of_the_program_or_another_claim():
    report = _check("h = x*w; sum(h**2)", "x=[1.,2]", "w=[3.,4]", against=["h = 2*w; x = h*x*w", "w = 2*h*x"])
    assert report.verdict == "agrees"


def test_several_claims_may_stand_in_one_text():
    report = _check("sum(x*w)", "x=[1.,2]", "w=[3.,4]", against=["x = w; w = x"])
    assert [variable.name for variable in report.variables] == ["x", "w"]
    assert report.verdict == "agrees"


def test_a_formula_may_begin_on_the_next_line():
    assert _check("sum(x**2)", "x=[1.,2]", against=["x = \n 2*x"]).verdict == "agrees"


def test_a_claim_from_a_file_is_judged_at_one_point(tmp_path):
    np.save(tmp_path / "g.npy", np.array([2.0, 4.0]))
    assert _check("sum(x**2)", "x=[1,2.]", against=[f"x=@{tmp_path}/g.npy"]).points == 1


def test_an_unknown_name_in_a_claim_is_told_which_names_there_are():
    with pytest.raises(GradcliError) as caught:
        _check("mean(x**2)", "x=[1,2.]", constants=("c=2",), against=["x = 2*x/n"])
    assert caught.value.diagnostic.help.startswith("the number of elements of x is x.numel(); the names are")
    assert "c, x" in caught.value.diagnostic.help


def test_a_claim_has_no_second_order():
    with pytest.raises(GradcliError, match="--against judges first derivatives"):
        _check("sum(x**2)", "x=[1,2.]", against=["x = 2*x"], order=2)


def test_a_wrong_claim_is_shown_at_the_simplest_point_with_the_command():
    report = _check("sum(x**2)", "x=[1.7,-2.3]", against=["x = 3*x"], points=5)
    assert report.reproduce == "gradcli check 'sum(x**2)' -v 'x=[1.0, 1.0]' --against 'x = 3*x'"
    hidden = _check("sum(relu(x))", "x=[1,2.]", against=["x = 1"])
    assert hidden.reproduce == "gradcli check 'sum(relu(x))' -v 'x=[-1.0, -1.0]' --against 'x = 1'"
    assert not _check("sum(x**2)", "x=[1.7,-2.3]", against=["x = 2*x"], points=5).reproduce


def test_what_there_is_no_time_to_judge_is_compared_with_autograd_and_said_so():
    what = EvalRequest(("sum(x**2)",), ("x=[1,2.]",))
    judging = FAST._replace(max_time=1e-9)
    for claim, verdict in (("x = 2*x", "agrees"), ("x = where(x > 0, 2*x, x)", "wrong")):
        report = check_expressions(CheckRequest(what, judging, (claim,)), lambda _: None)
        assert report.verdict == verdict
        assert any("autograd's gradient alone" in note for note in report.notes)
