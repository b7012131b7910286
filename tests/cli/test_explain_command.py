from __future__ import annotations

import json

import pytest

from gradcli.cli.app import run

MEAN = "mean(3*(x+2)**2)"


def test_text_is_what_is_shown(capsys):
    assert run(["explain", MEAN]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Backpropagation through {MEAN}\n")
    assert "dL/dx = 3/2*(x + 2) = all 4.5" in out


@pytest.mark.parametrize(
    ("args", "start"),
    [
        (["--format", "markdown"], "# Backpropagation"),
        (["--format", "latex"], "\\documentclass{article}"),
        (["--format", "latex", "--lang", "zh"], "\\documentclass{ctexart}"),
        (["--lang", "zh"], "反向传播"),
    ],
)
def test_formats_and_languages(capsys, args, start):
    assert run(["explain", MEAN, *args]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_json_has_a_schema(capsys):
    assert run(["explain", MEAN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "gradcli.explain/1"


def test_precision_counts_digits(capsys):
    assert run(["explain", "sin(x)", "-v", "x=1", "--precision", "3"]) == 0
    assert "dL/dx = cos(x) = 0.54\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([MEAN, "-c", "x=ones(2)"], "there is no graph"),
        (["x*2", "-v", "x=[1,2]"], "grad can be implicitly created only for scalar outputs"),
        ([MEAN, "--max-nodes", "2"], "the graph has 5 nodes"),
        ([MEAN, "--lang", "xx"], "lang"),
        ([], "an expression is missing"),
    ],
)
def test_bad_input_is_refused_with_a_reason(capsys, args, message):
    assert run(["explain", *args]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
