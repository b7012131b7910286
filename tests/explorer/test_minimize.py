"""Minimisation comes down, says why it ended, and where it diverged suggests a learning rate that works."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.descent import OPTIMIZERS, SCIPY
from gradcli.explorer.minimize import MinimizeRequest, explore_minimum
from gradcli.explorer.request import Backward, EvalRequest

LINE = ("mean((w*x + b - y)**2)", ("w=0", "b=0"), ("x=[1,2,3,4]", "y=[3,5,7,9]"))
ROSENBROCK = "sum(100*(x[1:]-x[:-1]**2)**2 + (1-x[:-1])**2)"


def _minimum(expression, variables=(), constants=(), *, told=lambda _: None, wrt=(), **settings):
    what = EvalRequest((expression,), tuple(variables), tuple(constants), backward=Backward(wrt=tuple(wrt)))
    return explore_minimum(MinimizeRequest(what, **settings), lambda _: None, told)


def _values(report):
    return {one.name: one.array for one in report.variables}


def test_a_line_is_fitted():
    report = _minimum(*LINE)
    assert report.status == "converged"
    assert _values(report)["w"] == pytest.approx(2, abs=1e-6)
    assert _values(report)["b"] == pytest.approx(1, abs=1e-6)
    assert report.history[-1].gradient_norm <= 1e-6


def test_a_logistic_regression_is_fitted():
    data = ("x=[-2.,-1,0,1,2]", "y=[0.,0,1,0,1]")
    reports = [
        _minimum("F.binary_cross_entropy_with_logits(w*x + b, y)", ("w=0", "b=0"), data, optimizer=name)
        for name in ("lbfgs", "newton")
    ]
    x, y = np.array([-2.0, -1, 0, 1, 2]), np.array([0.0, 0, 1, 0, 1])
    for report in reports:
        found = _values(report)
        residual = 1 / (1 + np.exp(-(found["w"] * x + found["b"]))) - y
        assert abs(residual.sum()) < 1e-4
        assert abs(residual @ x) < 1e-4


def test_the_polynomial_of_the_samples_comes_out():
    report = _minimum(
        "sum((a + b*x + c*x**2 + d*x**3 - sin(x))**2)",
        ("a=0", "b=0", "c=0", "d=0"),
        ("x=linspace(-pi, pi, 2000)",),
    )
    x = np.linspace(-np.pi, np.pi, 2000)
    expected = np.polynomial.polynomial.polyfit(x, np.sin(x), 3)
    assert np.allclose([_values(report)[name] for name in "abcd"], expected, atol=1e-6)


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *SCIPY])
def test_every_optimizer_lowers_the_loss(optimizer):
    report = _minimum("sum((x - 3)**2)", ["x=[1,2]"], optimizer=optimizer, steps=50)
    assert report.status in {"converged", "stopped"}
    assert report.history[-1].loss < report.history[0].loss
    assert [one.step for one in report.history] == list(range(len(report.history)))


@pytest.mark.parametrize("optimizer", SCIPY)
def test_rosenbrocks_valley_is_followed_to_its_end(optimizer):
    report = _minimum(ROSENBROCK, ["x=zeros(8)"], optimizer=optimizer)
    assert report.status == "converged"
    assert np.allclose(_values(report)["x"], 1, atol=1e-5)


def test_gradient_descent_takes_the_steps_of_the_formula():
    report = _minimum("x**2", ["x=1"], optimizer="sgd", lr=0.25, steps=4)
    assert [one.loss for one in report.history] == [1, 0.25, 0.0625, 0.015625, 0.00390625]
    assert report.gradients["x"] == 0.125
    assert report.status == "stopped"


def test_the_start_may_be_the_end():
    report = _minimum("x**2", ["x=0"])
    assert (report.status, len(report.history)) == ("converged", 1)


def test_whoever_listens_hears_of_every_step():
    heard = []
    report = _minimum("x**2", ["x=1"], optimizer="sgd", lr=0.25, steps=4, told=heard.append)
    assert tuple(heard) == report.history


def test_wrt_keeps_the_other_variables_where_they_are():
    report = _minimum("(x - y)**2", ["x=1", "y=5"], wrt=["x"])
    assert _values(report).keys() == {"x"}
    assert _values(report)["x"] == pytest.approx(5, abs=1e-5)


def test_a_program_that_assigns_its_own_variable_starts_afresh_at_every_step():
    report = _minimum("x = x * 2; (x - 4)**2", ["x=1"])
    assert report.status == "converged"
    assert _values(report)["x"] == pytest.approx(2, abs=1e-5)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_a_rate_beyond_stability_diverges_and_the_suggested_one_converges(optimizer):
    report = _minimum(*LINE, optimizer=optimizer, lr=1.0)
    assert report.status == "diverged"
    assert "the loss grows: from 41 at step 0" in report.cause
    # The Hessian is [[15, 5], [5, 2]].
    assert report.curvature == pytest.approx(np.linalg.eigvalsh([[15, 5], [5, 2]])[-1], rel=1e-3)
    assert report.suggestion <= 1 / report.curvature
    again = _minimum(*LINE, optimizer=optimizer, lr=report.suggestion, steps=20_000)
    assert again.status == "converged"


def test_an_adaptive_optimizer_is_given_a_smaller_rate_that_was_tried():
    report = _minimum("sum(x**4)", ["x=[1,2]"], optimizer="adam", lr=1e6, steps=3)
    assert report.status == "diverged"
    again = _minimum("sum(x**4)", ["x=[1,2]"], optimizer="adam", lr=report.suggestion, steps=25)
    assert again.history[-1].loss < again.history[0].loss


def test_a_step_out_of_the_domain_is_named():
    report = _minimum("x - log(x)", ["x=0.1"], optimizer="sgd", lr=10.0)
    assert math.isnan(report.history[-1].loss)
    assert "the loss is nan at step" in report.cause
    assert "log in `log(x)`" in report.cause
    assert report.suggestion is not None


@pytest.mark.parametrize(("optimizer", "lr"), [("sgd", 1.0), ("lbfgs", None), ("newton", None)])
def test_what_has_no_minimum_is_said_to_fall_without_bound(optimizer, lr):
    report = _minimum("-x**2", ["x=1"], optimizer=optimizer, lr=lr)
    assert report.status == "diverged"
    assert "without bound" in report.cause
    assert report.suggestion is None


def test_a_start_outside_of_the_domain_is_said():
    report = _minimum("log(x)", ["x=-1"], optimizer="sgd")
    assert report.status == "diverged"
    assert "at the start" in report.cause
    assert any("inside the domain" in note for note in report.notes)


def test_a_loss_that_ends_above_its_start_has_diverged():
    report = _minimum("x**2", ["x=1"], optimizer="sgd", lr=1.5, steps=3)
    assert report.status == "diverged"
    assert "above the 1 of the start" in report.cause


@pytest.mark.parametrize(
    ("expression", "settings", "code"),
    [
        ("x**2", {}, "E401"),
        ("sum(x**2)", {"lr": 1.0}, "E508"),
        ("sum(x**2)", {"optimizer": "sgd", "lr": -1.0}, "E508"),
        ("sum(x**2)", {"optimizer": "sgd", "lr": math.nan}, "E508"),
        ("sum(x**2)", {"tol": math.inf}, "E508"),
        ("sum(x**2)", {"optimizer": "downhill"}, "E508"),
        ("sum(x**2)", {"wrt": ["z"]}, "E505"),
        ("sum(x.detach())", {}, "E401"),
        ("3.0", {}, "E506"),
    ],
)
def test_what_cannot_be_minimised_is_refused(expression, settings, code):
    with pytest.raises(GradcliError) as caught:
        _minimum(expression, **settings)
    assert caught.value.diagnostic.code == code
    assert caught.value.diagnostic.help


@pytest.mark.parametrize("optimizer", SCIPY)
@pytest.mark.parametrize("start", [20.0, 0.01])
def test_a_way_that_leaves_the_domain_turns_back(optimizer, start):
    report = _minimum("x - log(x)", [f"x={start}"], optimizer=optimizer)
    assert report.status == "converged"
    assert _values(report)["x"] == pytest.approx(1, abs=1e-5)


def test_a_loss_drawn_at_random_has_not_diverged():
    text = "mean((w - randn(3))**2)"
    report = _minimum(text, ["w=[0,0,0]"], optimizer="sgd", lr=1e-3, steps=40)
    assert report.status == "stopped"


def test_no_rate_is_tried_that_is_too_small_for_a_number():
    report = _minimum("2*x.detach() - x", ["x=0"], optimizer="sgd", lr=5e-324, steps=3)
    assert (report.status, report.suggestion) == ("diverged", None)
