"""What asks for a check besides `check`: `run --check`, `eval --check`, and functions of Python files."""

from __future__ import annotations

import json

import pytest

from gradcli.cli.app import run

NOTHING_EXPECTED = '[[case]]\nname = "a"\nexpr = "sum(x**2)"\nvars.x = [1, 2]\n'
LOST = '[[case]]\nname = "b"\nexpr = "sum(sin(1e8*x**2))"\nvars.x = [12345.678]\n'
LOST_DIGITS = ["eval", "sum(sin(1e8*x**2))", "-v", "x=[12345.678]", "--check"]
CODE = """\
def f(x, y): return (x**2 * y).sum()
def dx(x, y): return 2 * x * y
def dy(x, y): return x**2
def both(x, y): return 2 * x * y, x**2
"""
BOUND = ["sum(x**2*y)", "-v", "x=[1,2]", "-v", "y=[3,4]", "--witness", "fd"]


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    (tmp_path / "nothing.toml").write_text(NOTHING_EXPECTED, encoding="utf-8")
    (tmp_path / "lost.toml").write_text(LOST, encoding="utf-8")
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_a_case_that_expects_nothing_is_checked_if_all_are(capsys):
    assert run(["run", "nothing.toml"]) == 2
    assert "the case expects nothing" in capsys.readouterr().err
    assert run(["run", "--check", "nothing.toml"]) == 0
    assert "1 passed" in capsys.readouterr().out


def test_run_allows_what_nobody_can_tell_if_asked_to():
    assert run(["run", "--check", "lost.toml"]) == 3
    assert run(["run", "--check", "--allow-inconclusive", "lost.toml"]) == 0


def test_eval_allows_what_nobody_can_tell_if_asked_to():
    assert run(LOST_DIGITS) == 3
    assert run([*LOST_DIGITS, "--allow-inconclusive"]) == 0


def test_sums_over_several_passes_have_the_verdict_of_one(capsys):
    assert run(["eval", "x**2", "-v", "x=3", "--check", "--passes", "2", "--retain-graph", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["gradients"][0]["verdict"] == "agrees"
    assert "the verdicts are on the gradients of one backward pass" in found["notes"]


def test_a_check_without_gradients_is_refused(capsys):
    assert run(["eval", "x**2", "-v", "x=3", "--check", "--no-backward"]) == 2
    assert "--no-backward makes none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("claims", "code"),
    [(["x=code.py:dx"], 0), (["x = code.py:dx", "y=code.py:both"], 0), (["x=code.py:dy"], 1)],
)
def test_a_python_function_may_be_a_claim_for_one_variable(claims, code):
    assert run(["check", *BOUND, *(word for claim in claims for word in ("--against", claim))]) == code


def test_a_python_function_for_no_variable_is_an_error(capsys):
    assert run(["check", *BOUND, "--against", "z=code.py:dx"]) == 2
    assert "no variable is called `z`" in capsys.readouterr().err


def test_who_judges_a_function_with_against_is_told_of_grad(capsys):
    assert run(["check", "code.py:f", "--against", "code.py:both", "-v", "x=1", "-v", "y=2"]) == 2
    assert "write gradcli check code.py:f --grad code.py:both" in capsys.readouterr().err
