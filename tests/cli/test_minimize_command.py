"""`gradcli minimize` from the command line: curve, JSON, CSV, exit codes, and the examples of its help."""

from __future__ import annotations

import importlib.util
import json
import shlex

import pytest

from gradcli.cli.app import run
from gradcli.cli.minimize import minimize
from gradcli.views.curve import curve_lines

DESCENT = ["minimize", "x**2", "-v", "x=1", "--optimizer", "sgd", "--lr", "0.25"]
EXAMPLES = [line.strip() for line in minimize.__doc__.splitlines() if line.strip().startswith("gradcli ")]


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_of_the_help_come_down(capsys, line):
    assert run(shlex.split(line)[1:]) == 0
    out = capsys.readouterr().out
    assert "│█" in out
    assert "converged: " in out or "stopped: 2000 steps are over" in out


def test_there_is_an_example_for_each_of_the_three_classics():
    assert len(EXAMPLES) == 3


def test_the_end_is_told_with_values_and_gradients(capsys):
    assert run([*DESCENT, "--steps", "3"]) == 0
    captured = capsys.readouterr()
    assert "loss 1 -> 0.015625, gradient norm 2 -> 0.25  (lr 0.25)" in captured.out
    assert "stopped: 3 steps are over; the gradient norm is 0.25, above --tol 1e-06" in captured.out
    assert captured.err == ""


def test_divergence_ends_with_1(capsys):
    assert run(["minimize", "x**2", "-v", "x=1", "--optimizer", "sgd", "--lr", "3"]) == 1
    out = capsys.readouterr().out
    assert "diverged: the loss grows: from 1 at step 0" in out
    assert "try --lr 0.5: the largest eigenvalue of the Hessian at the start is 2 in magnitude" in out


def test_json_has_the_whole_history(capsys):
    assert run([*DESCENT, "--steps", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "gradcli.minimize/1"
    assert (found["status"], found["steps"], found["loss"]) == ("stopped", 3, 0.015625)
    assert [one["loss"] for one in found["history"]] == [1, 0.25, 0.0625, 0.015625]
    assert found["variables"][0]["grad"] == 0.25


def test_numbers_that_json_does_not_have_are_strings(capsys):
    assert run(["minimize", "log(x)", "-v", "x=-1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["loss"] == "nan"


def test_the_history_is_written_as_csv(tmp_path):
    path = tmp_path / "steps.csv"
    assert run([*DESCENT, "--steps", "2", "--history", str(path)]) == 0
    assert path.read_text() == "step,loss,gradient_norm\n0,1.0,2.0\n1,0.25,1.0\n2,0.0625,0.5\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["minimize"],
        ["minimize", "x**2"],
        ["minimize", "sum(x)", "y"],
        [*DESCENT, "--history", "steps.txt"],
        [*DESCENT, "--history", "no/such/folder.csv"],
        [*DESCENT, "--optimizer", "downhill"],
        [*DESCENT, "--steps", "0"],
        ["minimize", "x**2", "-v", "x=1", "--lr", "0.1"],
    ],
)
def test_bad_input_ends_with_2(capsys, arguments):
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "E999" not in captured.err


def test_a_missing_plot_library_is_said_before_the_work(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = tmp_path / "steps.png"
    assert run([*DESCENT, "--plot", str(path)]) == 2
    assert 'pip install "gradcli[plot]"' in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_history_is_drawn(tmp_path, kind, begins):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"steps.{kind}"
    assert run([*DESCENT, "--steps", "2", "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(begins)


def test_a_curve_falls_from_the_left_to_the_right():
    lines = curve_lines([4.0, 3.0, 2.0, 1.0], 80)
    assert lines[0].endswith("│█▁") or lines[0].endswith("│█")
    assert lines[0].startswith("4 ")
    assert lines[5].startswith("1 │███")
    assert lines[-1].endswith("step 3")


def test_a_curve_over_many_decades_is_logarithmic():
    assert curve_lines([1e6, 1.0, 1e-6], 80)[-1].endswith("(logarithmic)")
    assert not curve_lines([2.0, 1.0, -1.0], 80)[-1].endswith("(logarithmic)")


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_a_curve_fits_the_terminal(columns):
    lines = curve_lines([1 / (k + 1) for k in range(1000)], columns)
    assert max(len(line) for line in lines[:-1]) <= columns


def test_a_curve_keeps_to_ascii_where_that_is_asked_for():
    assert "".join(curve_lines([3.0, 2.0, 1.0], 80, ascii_only=True)).isascii()


@pytest.mark.parametrize(
    "numbers",
    [[1.0], [float("nan"), 1.0], [1.7e308, -1.7e308], [5.0, 5.0], [float("inf"), 2.0, 1.0], [5e-324, 1.0]],
)
def test_no_series_breaks_the_curve(numbers):
    lines = curve_lines(numbers, 80)
    assert lines == [] or len(lines) == 8
