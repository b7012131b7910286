"""`gradcli jacobian`, `hessian`, `jvp` and `hvp` as commands: tables, JSON, archives, exit codes."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from gradcli.cli.app import run
from gradcli.views.console import Console
from gradcli.views.matrix import print_matrix


def _out(capsys, *arguments):
    assert run(list(arguments)) == 0
    return capsys.readouterr().out


def test_a_jacobian_is_a_table_with_the_names_of_elements(capsys):
    text = _out(capsys, "jacobian", "x*y", "-v", "x=[1,2]", "-v", "y=3")
    assert "d x*y / d x, y\n" in text
    assert "x[1]" in text
    assert "forward mode: 3 columns" not in text
    assert "reverse mode: 2 rows, all at once (forward mode would take 3 columns)" in text


def test_a_forced_mode_is_said(capsys):
    text = _out(capsys, "jacobian", "x*y", "-v", "x=[1,2]", "-v", "y=3", "--mode", "forward")
    assert "forward mode: 3 columns, in 2 batches (as asked for)" in text


def test_a_big_matrix_is_a_heat_map_with_a_summary(capsys):
    text = _out(capsys, "jacobian", "x**2", "-v", "x=arange(1., 41)")
    assert "heat map: █ is 80 in magnitude, each cell the largest of 2x2 elements" in text
    assert "norm" in text


def test_the_hessian_shows_eigenvalues_and_the_kind_of_point(capsys):
    text = _out(capsys, "hessian", "x**2 + 3*x*y + y**2", "-v", "x=0", "-v", "y=0")
    for words in ("eigenvalues", "condition number", "symmetry defect", "saddle: the gradient is zero"):
        assert words in text


@pytest.mark.parametrize(
    ("arguments", "schema", "found"),
    [
        (["jacobian", "x**2", "-v", "x=[1,2]"], "gradcli.jacobian/1", lambda one: one["blocks"][0]["value"]),
        (["hessian", "sum(x**2)", "-v", "x=[1,2]"], "gradcli.hessian/1", lambda one: one["matrix"]),
        (
            ["jvp", "x**2", "-v", "x=[1,2]", "--tangent", "x=[1,0]"],
            "gradcli.jvp/1",
            lambda one: [one["results"][0]["value"], [0, 0]],
        ),
        (
            ["hvp", "sum(x**2)", "-v", "x=[1,2]", "--vector", "x=[1,0]"],
            "gradcli.hvp/1",
            lambda one: [one["results"][0]["value"], [0, 0]],
        ),
    ],
)
def test_json_has_a_schema_and_all_numbers(capsys, arguments, schema, found):
    document = json.loads(_out(capsys, *arguments, "--json"))
    assert document["schema"] == schema
    expected = {"jacobian": [[2, 0], [0, 4]], "hessian": [[2, 0], [0, 2]]}.get(arguments[0], [[2, 0], [0, 0]])
    assert found(document) == expected


def test_infinite_numbers_are_strings_in_json(capsys):
    document = json.loads(_out(capsys, "hessian", "sum(x)**2", "-v", "x=[1,-1]", "--json"))
    assert document["condition"] == "inf"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["jacobian", "x**2", "-v", "x=[1,2]"], "jacobian_0_x"),
        (["hessian", "sum(x**2)", "-v", "x=[1,2]"], "hessian"),
        (["jvp", "x**2", "-v", "x=[1,2]", "--tangent", "x=1"], "jvp_0"),
        (["hvp", "sum(x**2)", "-v", "x=[1,2]", "--vector", "x=1"], "hvp_x"),
    ],
)
def test_derivatives_are_saved(capsys, tmp_path, arguments, name):
    path = tmp_path / "found.npz"
    _out(capsys, *arguments, "--save", str(path))
    with np.load(path) as archive:
        assert archive[name].shape[-1:] == (2,)
        assert archive["value_x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["hessian", "x**2"],
        ["jacobian", "x**2", "--save", "no/such/folder.npz"],
        ["jacobian", "x**2", "--mode", "sideways"],
        ["jvp", "x**2", "-v", "x=1"],
        ["hvp", "x**2", "-v", "x=1", "--vector", "y=1"],
        ["jacobian"],
    ],
)
def test_bad_input_ends_with_2_and_no_traceback(capsys, arguments):
    assert run(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def _printed(matrix, *, colour=False, ascii_only=False, columns=80, full=False):
    stream = io.StringIO()
    console = Console(stream, columns, colour=colour)
    names = [str(i) for i in range(max(matrix.shape))]
    chosen = (names[: matrix.shape[0]], names[: matrix.shape[1]])
    print_matrix("m", matrix, chosen, console, ascii_only=ascii_only, full=full)
    return stream.getvalue()


def test_without_colour_shades_stand_before_the_numbers():
    text = _printed(np.array([[4.0, -1.0], [0.0, np.nan]]))
    assert "█ 4" in text
    assert "░ -1" in text
    assert "! nan" in text
    assert "\x1b" not in text


def test_with_colour_the_cells_are_shaded_and_the_signs_differ(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    text = _printed(np.array([[4.0, -4.0]]), colour=True)
    assert "48;5;160" in text
    assert "48;5;27" in text
    assert "█" not in text


@pytest.mark.parametrize("matrix", [np.eye(3), np.eye(50)])
def test_ascii_is_respected(matrix):
    assert _printed(matrix, ascii_only=True).isascii()


@pytest.mark.parametrize("shape", [(40, 40), (3, 500), (500, 3), (1, 101), (101, 1)])
@pytest.mark.parametrize("columns", [20, 80, 200])
def test_a_heat_map_is_no_wider_than_the_terminal(shape, columns):
    text = _printed(np.ones(shape), columns=columns)
    drawn = [line for line in text.splitlines() if line.startswith("│")]
    assert drawn
    assert max(map(len, drawn)) <= columns


def test_the_largest_of_a_group_is_what_a_cell_shows():
    matrix = np.zeros((64, 64))
    matrix[63, 0] = -5
    matrix[0, 63] = 2
    rows = [line for line in _printed(matrix).splitlines() if line.startswith("│")]
    assert rows[-1].startswith("│██")
    assert rows[0].endswith("▒▒│")


def test_all_numbers_are_shown_where_that_is_asked_for():
    assert _printed(np.arange(1.0, 145).reshape(12, 12), full=True).count("143") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["jacobian", "x[:0]", "-v", "x=[1,2]"],
        ["jacobian", "x*2", "-v", "x=zeros(0)"],
        ["jacobian", "sum(x)", "-v", "x=zeros(2, 0)"],
        ["hessian", "sum(x)", "-v", "x=zeros(0)"],
        ["jvp", "x*2", "-v", "x=zeros(0)", "--tangent", "x=1"],
        ["hvp", "sum(x)", "-v", "x=zeros(0)", "--vector", "x=1"],
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_tensors_without_elements_are_no_mistake(capsys, arguments, form):
    assert run([*arguments, *form]) == 0
    assert capsys.readouterr().err == ""


def test_an_hvp_says_that_its_curvature_is_of_the_direction_alone(capsys):
    assert run(["hvp", "sum(x**3)", "-v", "x=[1,2]", "--vector", "x=[1,1]"]) == 0
    assert "slope along it 15; curvature along it, scaled to length 1, 9" in capsys.readouterr().out


def test_a_zero_has_no_sign_in_a_hessian(capsys):
    assert run(["hessian", "-x**2 - y**4", "-v", "x=0.0", "-v", "y=0.0"]) == 0
    assert "-0" not in capsys.readouterr().out
