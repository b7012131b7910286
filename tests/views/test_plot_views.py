"""Pictures of functions: charts, maps, files and JSON."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise

import numpy as np
import pytest

from gradcli.explorer.plot.explore import PlotRequest, explore_plot
from gradcli.explorer.request import EvalRequest
from gradcli.reports.plots import Curve, CurvePlot, FieldPlot, Mark
from gradcli.views.console import Console
from gradcli.views.plot_json import plot_json
from gradcli.views.plot_map import field_map
from gradcli.views.plot_words import limits, mark_text, pieces


def explored(expression, *over, points=0, order=1):
    return explore_plot(PlotRequest(EvalRequest((expression,)), over, points, order), print)


def drawn(draw, report, columns=100, **how):
    text = io.StringIO()
    draw(report, Console(text, columns, colour=False), **how)
    return text.getvalue().splitlines()


def charts(report, columns=100, **how):
    pytest.importorskip(
        "plotille", reason="curves in the terminal are drawn by plotille, of the extra `plot`"
    )
    from gradcli.views.plot_terminal import curve_charts

    return drawn(curve_charts, report, columns, **how)


def curve(values, order=0):
    return Curve("f(x)", order, np.asarray(values, float))


def test_a_parabola_fills_its_chart_from_corner_to_corner():
    lines = charts(explored("x**2", "x=-2:2", order=0))
    rows = [re.split("[┤│]", line)[1] for line in lines[1:13]]
    assert lines[0] == "f(x) = x**2"
    assert lines[1].startswith(" 4.16 ┤")
    assert len(rows[0]) == 72
    assert rows[0] == rows[0].strip()  # from the left end to the right one
    assert all(len(upper) > len(lower) for upper, lower in pairwise(rows))
    assert lines[-1] == "400 points, all at once"


def test_values_as_large_as_floats_go_are_drawn():
    lines = charts(explored("1e308*x", "x=-1.7:1.7"))
    assert lines[1].startswith(" 1.8e+308 ┤")


def test_a_function_without_a_value_has_empty_charts_and_says_so():
    lines = charts(explored("log(-1-x)", "x=0:1"))
    assert all(set(re.split("[┤│]", line)[1]) <= {" "} for line in lines[1:13] + lines[14:26])
    assert lines[-1] == "no value is finite"


def test_of_many_marks_some_are_told():
    lines = charts(explored("floor(8*x)", "x=-1:1"))
    assert sum(line.startswith("jump at") for line in lines) == 12
    assert "and 4 more" in lines


def test_kinks_are_drawn_and_put_into_words():
    lines = charts(explored("abs(x)", "x=-3:3"))
    assert any("◆" in line for line in lines[:13])
    assert any("┴" in line for line in lines)
    assert "kink at x = 0: slope -1 on the left, 1 on the right; the derivative taken is 0" in lines


def test_poles_are_dotted_and_cut_off():
    lines = charts(explored("1/x", "x=-1:1", order=0))
    assert sum("┊" in line for line in lines) >= 10
    assert "pole at x = 0" in lines
    assert float(lines[1].split()[0]) < 100


def test_ascii_terminals_get_ascii():
    for lines in (
        charts(explored("abs(x) + 1/(x-1)", "x=-3:3"), ascii_only=True),
        drawn(field_map, explored("x*y", "x=-1:1", "y=-1:1"), ascii_only=True),
    ):
        assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_a_chart_fits_the_terminal(columns):
    lines = charts(explored("sin(x)", "x=-3:3"), columns)
    assert max(len(line) for line in lines) <= columns


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_a_map_fits_the_terminal(columns):
    lines = drawn(field_map, explored("x*y", "x=-3:3", "y=-1:1"), columns)
    assert max(len(line) for line in lines[:-2]) <= columns


def test_a_map_is_darkest_where_the_value_is_largest_and_its_arrows_point_there():
    lines = drawn(field_map, explored("x + y", "x=-1:1", "y=-1:1"))
    assert lines[1].endswith("█│")
    assert lines[25].startswith("-1 │ ")
    arrows = {one for line in lines[1:26] for one in line if one in "→↗↑↖←↙↓↘"}
    assert arrows == {"↗"}


def test_a_map_says_where_it_has_no_value():
    lines = drawn(field_map, explored("log(x) + y", "x=-1:1", "y=-1:1", points=10))
    assert "! where it is not finite (50 points)" in lines[-2]


def test_a_line_breaks_where_the_function_does():
    report = CurvePlot(
        "", "x", np.arange(6.0), (curve([1, 1, np.nan, 3, 4, 5]),), (Mark("jump", 3.5, 4, 0, 0, 0),), ""
    )
    assert [x.tolist() for x, _ in pieces(report, report.curves[0])] == [[0, 1], [3], [4, 5]]


def test_a_kink_breaks_the_derivative_and_not_the_function():
    mark = Mark("kink", 1.5, 0, -1, 1, 0)
    report = CurvePlot("", "x", np.arange(4.0), (curve([1, 0, 0, 1]), curve([-1, -1, 1, 1], 1)), (mark,), "")
    assert [len(list(pieces(report, one))) for one in report.curves] == [1, 2]


def test_a_sample_on_a_kink_belongs_to_neither_side_of_the_derivative():
    report = explored("abs(x)", "x=-1:1", points=5)
    f, slope = ([x.tolist() for x, _ in pieces(report, one)] for one in report.curves)
    assert f == [[-1, -0.5, 0, 0.5, 1]]
    assert slope == [[-1, -0.5], [0.5, 1]]


def test_a_line_reaches_to_the_edge_of_the_domain():
    report = explored("sqrt(x)", "x=-1:1", points=5)
    assert [x.tolist() for x, _ in pieces(report, report.curves[0])] == [[0, 0.5, 1]]


def test_axes_reach_beyond_the_values_and_constants_have_room():
    assert limits(curve([0, 10]), ()) == pytest.approx((-0.4, 10.4))
    low, high = limits(curve([5, 5]), ())
    assert low < 5 < high
    assert limits(curve([np.nan]), ()) == (-1.0, 1.0)


def test_numbers_as_large_as_floats_go_have_axes():
    low, high = limits(curve([-1.7e308, 1.7e308]), ())
    assert low < -1.7e308
    assert high > 1.7e308


@pytest.mark.parametrize("kind", ["kink", "cusp", "vertical", "jump", "pole", "edge"])
def test_every_mark_has_words(kind):
    assert " at x = 2" in mark_text(Mark(kind, 2.0, 0.0, 1.0, 2.0, 1.5), "x")


def test_json_has_everything_and_strings_for_what_json_lacks():
    found = json.loads(plot_json(explored("1/x", "x=-1:1", points=3, order=2)))
    assert (found["schema"], found["kind"], found["variables"]) == ("gradcli.plot/1", "curve", ["x"])
    assert found["points"] == [-1, 0, 1]
    assert [one["values"][0] for one in found["curves"]] == [-1, -1, -2]
    assert found["curves"][0]["values"][1] == "inf"
    assert (found["marks"][0]["kind"], found["marks"][0]["at"]) == ("pole", 0)
    field = json.loads(plot_json(explored("x*y", "x=0:1", "y=0:2", points=2)))
    assert (field["kind"], field["values"]) == ("field", [[0, 0], [0, 2]])
    assert field["gradient"] == [[[0, 0], [2, 2]], [[0, 1], [0, 1]]]


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
@pytest.mark.parametrize(
    "report",
    [
        ("abs(x) + 1/x", ("x=-1:1",)),
        ("x*y", ("x=-1:1", "y=-1:1")),
        ("0*x*y", ("x=-1:1", "y=-1:1")),
        ("log(x)*y", ("x=-1:1", "y=-1:1")),
    ],
)
def test_files_are_pictures(report, kind, begins):
    pytest.importorskip("matplotlib", reason="files are drawn by matplotlib, of the extra `plot`")
    from gradcli.views.plot_picture import write_picture

    stream = io.BytesIO()
    write_picture(explored(report[0], *report[1], points=20), stream, kind)
    assert stream.getvalue().startswith(begins)


def test_a_dollar_in_the_expression_begins_no_formula():
    pytest.importorskip("matplotlib", reason="files are drawn by matplotlib, of the extra `plot`")
    from gradcli.views.plot_picture import write_picture

    field = FieldPlot("'$x$ $'", ("x", "y"), (np.arange(2.0),) * 2, np.eye(2), (np.eye(2),) * 2, "")
    stream = io.BytesIO()
    write_picture(field, stream, "svg")
    assert b"<svg" in stream.getvalue()
