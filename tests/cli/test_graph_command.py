from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from gradcli.cli.app import run

MEAN = "mean(3*(x+2)**2)"


def test_the_tree_is_what_is_shown(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert run(["graph", MEAN]) == 0
    out = capsys.readouterr().out
    assert out.startswith("node ")
    assert "#5 AccumulateGrad x" in out


def test_backward_shows_the_order_and_each_cotangent(capsys):
    assert run(["graph", MEAN, "--backward"]) == 0
    out = capsys.readouterr().out
    assert "#4 v1: 2*dL/dv2*v1 = all 4.5" in out
    assert "added to x.grad" in out


def test_the_ledger_shows_what_a_second_backward_would_do(capsys):
    assert run(["graph", MEAN, "--ledger"]) == 0
    freed = capsys.readouterr().out
    assert run(["graph", MEAN, "--ledger", "--retain-graph"]) == 0
    kept = capsys.readouterr().out
    assert "a second backward would raise at #2 MulBackward0: freed by the first backward" in freed
    assert "2 values, 32 bytes" in freed
    assert "a second backward would run" in kept


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", "<?xml"),
        ("html", "<!DOCTYPE"),
        ("dot", "digraph"),
        ("mmd", "flowchart"),
        ("json", "{"),
        ("txt", "node"),
    ],
)
def test_a_file_is_written_in_the_format_of_its_suffix(tmp_path, capsys, suffix, start):
    path = tmp_path / f"graph.{suffix}"
    assert run(["graph", MEAN, "-o", str(path)]) == 0
    assert path.read_text(encoding="utf-8").startswith(start)
    assert capsys.readouterr().out == ""


def test_the_format_can_be_said(capsys):
    assert run(["graph", MEAN, "--format", "svg"]) == 0
    ET.fromstring(capsys.readouterr().out.encode())  # noqa: S314 - our own


def test_json_has_a_schema(capsys):
    assert run(["graph", MEAN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "gradcli.graph/1"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-o", "graph.xyz"], "its suffix says no format"),
        (["-o", "/nowhere/graph.svg"], "does not exist"),
        (["--max-nodes", "3"], "the graph has 5 nodes, more than the 3"),
        (["--backward", "--json"], "--backward is a table in the terminal"),
        (["--backward", "--no-backward"], "exclude each other"),
        (["-c", "x=ones(2)"], "there is no graph"),
    ],
)
def test_bad_input_is_refused_with_a_reason(capsys, args, message):
    assert run(["graph", MEAN, *args]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_an_unwritable_path_is_refused_before_the_work(capsys):
    assert run(["graph", "1 +", "-o", "/nowhere/graph.svg"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_nan_draws_a_warning_that_names_its_origin(capsys):
    assert run(["graph", "log(x)", "-v", "x=-1.0"]) == 0
    assert "log" in capsys.readouterr().err
