"""Where a function is not smooth: found to the last digit, and nothing else is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.explorer.plot.explore import PlotRequest, explore_plot
from gradcli.explorer.plot.marks import find_marks
from gradcli.explorer.request import EvalRequest
from gradcli.reports.plots import CurvePlot


def plotted(expression: str, over: str, points: int = 0, order: int = 1) -> CurvePlot:
    report = explore_plot(PlotRequest(EvalRequest((expression,)), (over,), points, order), print)
    assert isinstance(report, CurvePlot)
    return report


def marks(expression: str, over: str, points: int = 0) -> list[tuple[str, float]]:
    return [(mark.kind, mark.at) for mark in plotted(expression, over, points).marks]


@pytest.mark.parametrize("points", [400, 401])  # with and without a sample on the place itself
@pytest.mark.parametrize(
    ("expression", "over", "expected"),
    [
        ("abs(x)", "x=-3:3", [("kink", 0.0)]),
        ("relu(x - 1) + abs(x + 0.3)", "x=-3:3", [("kink", -0.3), ("kink", 1.0)]),
        ("clamp(x, -1, 1)", "x=-3:3", [("kink", -1.0), ("kink", 1.0)]),
        ("max(x, 1 - x)", "x=-3:3", [("kink", 0.5)]),
        ("sum(relu(x - linspace(-1, 1, 3)))", "x=-2:2", [("kink", -1.0), ("kink", 0.0), ("kink", 1.0)]),
        ("1e9 + abs(x)", "x=-1:1", [("kink", 0.0)]),
        ("1e-9*abs(x)", "x=-1:1", [("kink", 0.0)]),
        ("1/x", "x=-3:3", [("pole", 0.0)]),
        ("1/x**2", "x=-3:3", [("pole", 0.0)]),
        ("abs(x - 1) + 1/x", "x=-3:3", [("pole", 0.0), ("kink", 1.0)]),
        ("log(x)", "x=-1:4", [("pole", 0.0)]),
        ("sqrt(x)", "x=-1:4", [("edge", 0.0)]),
        ("sqrt(abs(x))", "x=-1:1", [("cusp", 0.0)]),
        ("sign(x)*abs(x)**(1/3)", "x=-1:1", [("vertical", 0.0)]),
        ("where(x > 0.25, 1.0, 0.0)", "x=-1:1", [("jump", 0.25)]),
        ("x % 1", "x=-1.5:1.5", [("jump", -1.0), ("jump", 0.0), ("jump", 1.0)]),
    ],
)
def test_what_is_not_smooth_is_marked_where_it_is(expression, over, expected, points):
    assert marks(expression, over, points) == expected


@pytest.mark.parametrize(
    "expression",
    ["sin(x)", "x**3 - x", "sin(100*x)", "tanh(50*x)", "exp(exp(x))", "relu(x)**2", "exp(-1/x**2)",
     "(x + 1)**2 - x**2 - 2*x", "softplus(x)", "0*x", "3*x - 1"],
)  # fmt: skip
def test_what_is_smooth_has_no_marks(expression):
    assert marks(expression, "x=-3:3") == []


def test_poles_at_numbers_without_an_end_are_found_to_ten_digits():
    found = marks("tan(x)", "x=-5:5")
    assert [kind for kind, _ in found] == ["pole"] * 4
    assert [at for _, at in found] == pytest.approx([k * math.pi / 2 for k in (-3, -1, 1, 3)], rel=1e-10)


def test_a_kink_has_the_slopes_beside_it_and_what_autograd_takes():
    (mark,) = plotted("where(x > 0, 3*x, -2*x) + abs(x)", "x=-1:1").marks
    assert (mark.left, mark.right, mark.taken, mark.value) == (-3.0, 4.0, -2.0, 0.0)


def test_a_kink_behind_a_branch_is_found_though_points_are_evaluated_one_by_one():
    assert marks("x if x > 0 else -2*x", "x=-1:1", 50) == [("kink", 0.0)]


def test_most_narrows_the_search_to_the_roughest_intervals():
    points = np.linspace(-1, 1, 10)
    asked = []

    def at(x):
        asked.append(len(x))
        return np.abs(x), np.sign(x)

    found = find_marks(at, points, *at(points), most=1)
    assert [mark.at for mark in found] == [0.0]
    assert max(asked) == 10
