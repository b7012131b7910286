"""Samples of a function: at once or one by one, they are what eval gives."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.plot.explore import PlotRequest, explore_plot
from gradcli.explorer.request import Backward, EvalRequest


def explored(expression, *over, points=7, order=1, **what):
    request = EvalRequest((expression,), **what)
    return explore_plot(PlotRequest(request, over, points, order), lambda _: None)


def reference(expression, names, point, constants=()):
    """Value and gradients of one point by eval."""
    bound = tuple(f"{name}={number!r}" for name, number in zip(names, point, strict=True))
    request = EvalRequest((expression,), variables=bound, constants=constants, backward=Backward(wrt=names))
    report = evaluate(request, lambda _: None)
    return [float(report.roots[0].array), *(float(row.grad) for row in report.gradients)]


@pytest.mark.parametrize(
    "expression",
    [
        "sin(x)*x", "sum(w*x**2)", "det(A*x)", "softmax(x*w, 0)[0]", "x if x > 0 else exp(x)",
        "y = w.clone(); y[0] = x; prod(y)", "cumsum(x*w, 0)[-1]", "logsumexp(x*A, (0, 1))",
        "F.cross_entropy(x*A, tensor([0, 1]))", "sum((x*w)[w > 0.7])", "norm(x*w)",
    ],
)  # fmt: skip
def test_a_curve_is_what_eval_gives_at_each_point(expression):
    constants = ("w=[1., 0.5, 2]", "A=[[1., 2], [3, 5]]")
    report = explored(expression, "x=-2:1.5", constants=constants)
    for i, number in enumerate(report.points.tolist()):
        found = [curve.values[i] for curve in report.curves]
        assert found == pytest.approx(reference(expression, ("x",), (number,), constants), rel=1e-12)


def test_a_field_has_a_row_for_each_value_of_the_second_variable():
    expression = "x**2*y + sin(y)"
    report = explored(expression, "x=-1:2", "y=0:3", points=4)
    assert report.values.shape == (4, 4)
    for i, y in enumerate(report.points[1].tolist()):
        for j, x in enumerate(report.points[0].tolist()):
            found = [report.values[i, j], report.gradient[0][i, j], report.gradient[1][i, j]]
            assert found == pytest.approx(reference(expression, ("x", "y"), (x, y)), rel=1e-12)


def test_the_second_derivative_is_that_of_the_first():
    report = explored("exp(2*x)", "x=0:1", order=2)
    assert [curve.name for curve in report.curves] == ["f(x)", "f'(x)", "f''(x)"]
    assert np.allclose(report.curves[2].values, 4 * np.exp(2 * report.points), rtol=1e-13)


def test_a_program_that_looks_at_its_values_is_run_point_by_point():
    for expression in ("x**2", "sum(x*ones(3))/len(ones(3))", "(x*ones(3)).mean(0).reshape(())"):
        assert "all at once" in explored(expression, "x=-1:1").how
    for expression in ("x if x > 0.9 else 0*x", "x*x.item()", "x*float(x)"):
        assert "one by one" in explored(expression, "x=-1:1").how


def test_values_of_a_branch_are_those_of_the_branch_taken():
    report = explored("x*x.item()", "x=-1:1", points=3)
    assert report.curves[0].values.tolist() == [1.0, 0.0, 1.0]
    assert report.curves[1].values.tolist() == [-1.0, 0.0, 1.0]


def test_the_ends_of_a_range_are_expressions():
    report = explored("sin(t)", "t=-pi:2*pi", points=4)
    assert report.points.tolist() == pytest.approx([-np.pi, 0, np.pi, 2 * np.pi])


def test_what_does_not_depend_on_the_variable_has_the_derivative_zero_and_a_note():
    report = explored("x.detach()**2", "x=0:1", points=3)
    assert report.curves[1].values.tolist() == [0, 0, 0]
    assert report.notes == ("no derivative leads from the value to x: the gradient is zero",)


def test_names_that_nothing_binds_are_told():
    report = explored("a*x", "x=0:1", default="3")
    assert report.notes == ("a is not bound: 3 by default; -v a=... binds it",)


@pytest.mark.parametrize(
    ("expression", "over", "what", "message"),
    [
        ("x", ("x=1",), {}, "--over needs NAME=FROM:TO"),
        ("x", ("2x=1:2",), {}, "--over needs NAME=FROM:TO"),
        ("x", ("x=1:2:3",), {}, "--over needs NAME=FROM:TO"),
        ("x", ("x=2:1",), {}, "--over x: 2:1 is empty"),
        ("x", ("x=0:inf",), {}, "the end of a range is one finite number"),
        ("x", ("x=-1e308:1e308",), {}, "--over x: -1e+308:1e+308 is wider than numbers reach"),
        ("x", ("x=0:ones(2)",), {}, "the end of a range is one finite number"),
        ("x", ("y=0:1",), {}, "--over: the expression does not use `y`"),
        ("x", (), {}, "a picture has one range or two, not no range"),
        ("x*y*z", ("x=0:1", "y=0:1", "z=0:1"), {}, "a picture has one range or two, not 3 ranges"),
        ("x", ("x=0:1", "x=0:2"), {}, "`x` is bound twice"),
        ("x", ("x=0:1",), {"variables": ("x=3",)}, "`x` is bound twice"),
        ("a*x", ("x=0:1",), {}, "a plot needs a value of one element, and this one has shape [2, 2]"),
        ("x > 0", ("x=0:1",), {}, "the value is of dtype bool, which has no derivative"),
        (
            "x",
            ("x=0:1",),
            {"backward": Backward(wrt=("x",))},
            "--wrt: --over says what is differentiated for",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(expression, over, what, message):
    with pytest.raises(GradcliError) as caught:
        explored(expression, *over, **what)
    assert caught.value.diagnostic.message == message
    assert caught.value.diagnostic.help


def test_a_field_has_no_second_order():
    with pytest.raises(GradcliError, match="--order is of curves"):
        explored("x*y", "x=0:1", "y=0:1", order=2)


def test_a_field_that_would_not_fit_is_refused_before_it_is_made():
    with pytest.raises(GradcliError, match="elements; the limit is"):
        explored("x*y", "x=0:1", "y=0:1", points=100_000)


def test_big_values_are_evaluated_in_parts_and_give_the_same():
    report = explored("sum(x*ones(200_000))", "x=0:1", points=50)
    assert np.allclose(report.curves[0].values, 200_000 * report.points, rtol=1e-12)
    assert np.allclose(report.curves[1].values, 200_000, rtol=1e-12)
