"""Hessians of expressions, and what they say of the point."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.hessian import explore_hessian, spectrum
from gradcli.explorer.request import EvalRequest


def _hessian(*expressions, variables=(), mode=None):
    return explore_hessian(EvalRequest(expressions, tuple(variables)), mode, lambda diagnostic: None)


@pytest.mark.parametrize(
    ("expression", "point", "kind"),
    [
        ("x**2 + y**2", ("x=0", "y=0"), "minimum"),
        ("-x**2 - y**2", ("x=0", "y=0"), "maximum"),
        ("x**2 - y**2", ("x=0", "y=0"), "saddle"),
        ("x**2 + 3*x*y + y**2", ("x=0", "y=0"), "saddle"),
        ("x**2 + y**4", ("x=0", "y=0"), "degenerate"),
        ("x**3 + y**3", ("x=0", "y=0"), "degenerate"),
        ("x*y + z**4", ("x=0", "y=0", "z=0"), "saddle"),
        ("x**2 + y**2", ("x=1", "y=0"), "not stationary"),
        ("x**2 - y**2", ("x=0", "y=1"), "not stationary"),
        ("x + y", ("x=0", "y=0"), "not stationary"),
        ("1e9*x**2", ("x=0",), "minimum"),
        ("1e-9*x**2", ("x=1",), "not stationary"),
        ("1e-9*(x-1)**2", ("x=1",), "minimum"),
        ("sqrt(x) + y", ("x=0", "y=1"), "undefined"),
        ("sum((x-1)**2)", ("x=[1.0000001,1]",), "minimum"),
    ],
)
def test_the_point_is_what_calculus_says(expression, point, kind):
    report = _hessian(expression, variables=point)
    assert report.point == kind
    assert report.verdict.startswith(f"{kind}: ")


def test_eigenvalues_condition_and_symmetry_are_those_of_the_matrix():
    report = _hessian("x[0]**2 + 2*x[1]**2 + x[0]*x[1]", variables=["x=[1,2]"])
    assert report.matrix.tolist() == [[2, 1], [1, 4]]
    assert np.allclose(report.eigenvalues, np.linalg.eigvalsh([[2, 1], [1, 4]]))
    assert report.condition == pytest.approx(np.linalg.cond([[2, 1], [1, 4]]))
    assert report.asymmetry == 0
    assert report.gradient.tolist() == [4, 9]
    assert report.gradient_norm == pytest.approx(97**0.5)


def test_a_singular_matrix_has_an_infinite_condition():
    assert _hessian("sum(x)**2", variables=["x=[1,-1]"]).condition == np.inf


def test_variables_stand_one_after_the_other():
    report = _hessian("x * sum(y**2)", variables=["x=2", "y=[1,3]"])
    assert report.matrix.tolist() == [[0, 2, 6], [2, 4, 0], [6, 0, 4]]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_both_modes_give_the_same_matrix(mode):
    report = _hessian("sum(exp(x) * x.flip(0))", variables=["x=[1,2,3]"], mode=mode)
    assert report.mode == mode
    x = np.array([1.0, 2, 3])
    expected = np.diag(np.exp(x) * x[::-1])
    expected[np.arange(3), np.arange(3)[::-1]] += np.exp(x) + np.exp(x[::-1])
    # The middle element meets itself.
    expected[1, 1] = np.exp(2) * (2 + 2)
    assert np.allclose(report.matrix, expected)


def test_a_value_that_depends_on_nothing_has_zeros():
    report = _hessian("x.detach()**2", variables=["x=3"])
    assert report.matrix.tolist() == [[0]]
    assert "the value depends on no variable" in report.notes


def test_the_hessian_of_rosenbrocks_function_is_banded():
    text = "sum(100*(x[1:]-x[:-1]**2)**2 + (1-x[:-1])**2)"
    report = _hessian(text, variables=["x=ones(60)"])
    diagonal = [802, *[1002] * 58, 200]
    expected = np.diag(np.array(diagonal, float)) - 400 * (np.eye(60, k=1) + np.eye(60, k=-1))
    assert np.allclose(report.matrix, expected)
    assert report.point == "minimum"


@pytest.mark.parametrize(
    ("expressions", "words"),
    [
        (("x**2",), "one element, and this one has shape [2, 2]"),
        (("x", "y"), "one expression, and there are 2"),
    ],
)
def test_what_is_no_number_is_refused_with_the_ways_out(expressions, words):
    with pytest.raises(GradcliError) as caught:
        _hessian(*expressions)
    assert words in caught.value.diagnostic.message
    assert caught.value.diagnostic.help


def test_a_gradient_of_roundings_counts_as_zero_and_a_small_slope_does_not():
    assert spectrum(np.eye(2), np.array([1e-9, 0]), np.ones(2)).point == "minimum"
    assert spectrum(np.eye(2), np.array([1e-4, 0]), np.ones(2)).point == "not stationary"
