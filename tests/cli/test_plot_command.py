"""`gradcli plot` from the command line."""

from __future__ import annotations

import importlib.util
import json

import pytest

from gradcli.cli.app import run


def test_a_curve_is_drawn_with_its_derivative(capsys):
    pytest.importorskip(
        "plotille", reason="curves in the terminal are drawn by plotille, of the extra `plot`"
    )
    assert run(["plot", "a*abs(x)", "--over", "x=-1:1", "-v", "a=2"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("f(x) = a*abs(x)\n")
    assert "\nf'(x)\n" in captured.out
    assert "kink at x = 0: slope -2 on the left, 2 on the right; the derivative taken is 0" in captured.out
    assert captured.err == ""


def test_a_map_needs_no_extra(capsys, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert run(["plot", "x*y", "--over", "x=-1:1", "--over", "y=0:2"]) == 0
    assert capsys.readouterr().out.startswith("f(x, y) = x*y\n2 │")


def test_json_needs_no_extra_either(capsys, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert run(["plot", "x**2", "--over", "x=-1:1", "--points", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["values"] for one in found["curves"]] == [[1, 0, 1], [-2, 0, 2]]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_file_is_written_instead(capsys, tmp_path, suffix):
    pytest.importorskip("matplotlib", reason="files are drawn by matplotlib, of the extra `plot`")
    path = tmp_path / f"curve.{suffix}"
    assert run(["plot", "x**2", "--over", "x=-1:1", "-o", str(path)]) == 0
    assert capsys.readouterr().out == ""
    assert path.stat().st_size > 1000


@pytest.mark.parametrize(("name", "module"), [("curve.png", "matplotlib"), ("", "plotille")])
def test_the_extra_that_is_missing_is_named_before_the_work(capsys, monkeypatch, tmp_path, name, module):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    output = ["-o", str(tmp_path / name)] if name else []
    assert run(["plot", "no_such_function(x)", "--over", "x=-1:1", *output]) == 2
    error = capsys.readouterr().err
    assert f"needs {module}, which is not installed" in error
    assert 'pip install "gradcli[plot]"' in error


@pytest.mark.parametrize("name", ["no/such/folder.png", "curve.pdf", "curve"])
def test_a_file_that_cannot_be_written_is_told_before_the_work(capsys, monkeypatch, tmp_path, name):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert run(["plot", "no_such_function(x)", "--over", "x=-1:1", "-o", str(tmp_path / name)]) == 2
    assert "E520" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["plot"],
        ["plot", "x"],
        ["plot", "x", "--over", "x=1"],
        ["plot", "x", "y", "--over", "x=0:1"],
        ["plot", "x", "--over", "x=0:1", "--points", "1"],
        ["plot", "x", "--over", "x=0:1", "--order", "9"],
    ],
)
def test_bad_input_ends_with_2(capsys, monkeypatch, arguments):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "E999" not in captured.err
