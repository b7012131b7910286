"""`gradcli check` from the command line: exit codes, JSON, JUnit, SARIF, and a user's own functions."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from gradcli.cli.app import run

MODEL = """\
import numpy as np


def loss(w, X, y):
    return np.mean((X @ w - y) ** 2)


def dloss(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(y)


def half(w, X, y):
    return X.T @ (X @ w - y) / len(y)


def kinked(x):
    return np.sum(np.abs(x))


def dkinked(x):
    return np.sign(x)


def fails(x):
    return 1 / 0
"""
DATA = ["-v", "w=[1,2]", "-c", "X=[[1.,2],[3,4],[5,6]]", "-c", "y=[1.,2,3]"]
FAST = ["--witness", "fd,complex"]


@pytest.fixture
def model(tmp_path):
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    return str(tmp_path / "model.py")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["mean(3*(x+2)**2)"], 0),
        (["sum(relu(x))", "-v", "x=[0,1]"], 0),
        (["sum(sqrt(x))", "-v", "x=[0,1]"], 0),
        (["mean(3*(x+2)**2)", "--against", "x = 6*(x+2)/4"], 0),
        (["mean(3*(x+2)**2)", "--against", "x = 6*(x+2)"], 1),
        (["sum(x)", "-v", "x=[1,2]", "--against", "x = ones(3)"], 1),
        (["sum(x**2)", "--against", "z = 2"], 2),
        (["sum(x**2)", "--against", "x = 2*"], 2),
        (["sum(x**2)", "--witness", "oracle"], 2),
        (["2 + 3"], 2),
        (["sum(x**3)", "--order", "2"], 0),
        (["sum(x)", "--order", "2"], 2),
        (["sum(x*log(x))", "--points", "3"], 0),
    ],
)  # fmt: skip
def test_the_exit_code_says_what_was_found(arguments, code, capsys):
    assert run(["check", *arguments, *FAST]) == code
    told = capsys.readouterr()
    assert told.out if code < 2 else told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["relu(x).sum()", "-v", "x=[0,1]"], "relu: the derivative at 0 is 0"),
        (["amax(x)", "-v", "x=[3,3]"], "amax: tied elements share the cotangent evenly"),
        (["sqrt(x)", "-v", "x=0"], "sqrt: the derivative at 0 is inf"),
        (["where(x > 0, 2*x, 0)", "-v", "x=0"], "gt: the branch changes here"),
        (["abs(x)", "-v", "x=0", "--against", "x = sign(x)"], "anything between the two sides is right"),
    ],
)
def test_a_kink_shows_its_sides_and_the_convention_taken_there(arguments, words, capsys):
    assert run(["check", *arguments]) == 0
    out = capsys.readouterr().out
    assert f"x: at kinks and edges: {words}" in " ".join(out.split())
    assert "left" in out
    assert "right" in out


def test_a_valid_subgradient_that_is_no_derivative_elsewhere_is_right_only_here(capsys):
    assert run(["check", "relu(x)", "-v", "x=0", "--against", "x = 0.5"]) == 1
    assert "right only at this point" in capsys.readouterr().out


def test_what_nobody_can_judge_is_never_passed_silently(capsys):
    noise = ["check", "sum(sin(1e8*x**2))", "-v", "x=12345.678"]
    assert run(noise) == 3
    assert "no digit is left" in capsys.readouterr().out
    assert run([*noise, "--allow-inconclusive"]) == 0


def test_json_has_a_versioned_schema_and_every_number(capsys):
    assert run(["check", "sum(relu(x))", "-v", "x=[0,2]", "--json", *FAST]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == "gradcli.check/1"
    (variable,) = report["variables"]
    assert (variable["verdict"], variable["counts"]) == ("kink", {"kink": 1, "agrees": 1})
    (element,) = variable["elements"]
    assert (element["index"], element["gradient"]) == ([0], 0)
    assert (element["left"], element["right"]) == (pytest.approx(0, abs=1e-9), pytest.approx(1))
    assert [one["name"] for one in variable["witnesses"]] == ["complex", "fd"]


def test_reports_for_build_servers_name_the_slip(tmp_path, capsys):
    junit, sarif = tmp_path / "report.xml", tmp_path / "report.sarif"
    claim = ["--against", "x = 2*x*3"]
    arguments = ["check", "sum(x**2)", "-v", "x=[1,2]", *claim, *FAST]
    assert run([*arguments, "--junit-xml", str(junit), "--sarif", str(sarif)]) == 1
    capsys.readouterr()
    suite = ET.parse(junit).getroot()  # noqa: S314 - written a line ago
    assert suite.get("failures") == "1"
    assert "constant factor" in suite.find(".//failure").text
    (found,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"]
    assert (found["results"][0]["ruleId"], found["results"][0]["level"]) == ("gradient/wrong", "error")
    assert found["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_a_place_in_sarif_is_a_uri_whatever_it_is_called(tmp_path, capsys):
    sarif = tmp_path / "report.sarif"
    assert run(["check", "é**2", "-v", "é=2", "--against", "é = 3*é", "--sarif", str(sarif), *FAST]) == 1
    capsys.readouterr()
    (found,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"]
    place = found["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "--against%20%C3%A9"


def test_a_report_that_cannot_be_written_is_refused_before_the_work(tmp_path, capsys):
    assert run(["check", "sum(x**2)", "--sarif", str(tmp_path / "no" / "report.sarif")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_failure_at_a_random_point_says_how_to_see_it_again(capsys, monkeypatch):
    from gradcli.ops.catalog import catalog

    sin = catalog()["sin"]
    monkeypatch.setattr(sin, "rules", (lambda m, x: m.cos(x) * 1.001,))
    monkeypatch.setattr(sin, "compiled", {})
    assert run(["check", "sum(sin(x))", "-v", "x=[0.3,2]", "--points", "2", *FAST]) == 1
    told = capsys.readouterr().out
    assert "the derivative of sin in x is wrong" in told
    assert "reproduce: gradcli check 'sum(sin(x))' -v 'x=[1.0, 1.0]'" in told


def test_eval_shows_the_verdict_beside_each_gradient(capsys):
    assert run(["eval", "sum(relu(x)*y)", "-v", "x=[0,1]", "-v", "y=[1,2]", "--check", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["gradients"]
    assert {row["name"]: row["verdict"] for row in rows} == {"x": "kink", "y": "agrees"}


def test_a_hand_written_gradient_in_a_python_file_is_judged(model, capsys):
    assert run(["check", f"{model}:loss", "--grad", f"{model}:dloss", *DATA]) == 0
    assert run(["check", f"{model}:loss", "--grad", f"{model}:half", *DATA]) == 1
    assert "constant factor: the claim is 1/2 times the derivative" in capsys.readouterr().out
    assert run(["check", f"{model}:kinked", "--grad", f"{model}:dkinked", "-v", "x=[0,-2]"]) == 0
    assert "kink" in capsys.readouterr().out


CODE = """
import sys
def ends(x): sys.exit(0)
def words(x): return "a"
def rows(x): return [[1], [2, 3]]
def square(x):
    assert (x >= 1).all()
    return (x**2).sum()
def dsquare(x): return 2*x
"""


@pytest.mark.parametrize(
    ("function", "words"),
    [("ends", "raised SystemExit"), ("words", "gives str"), ("rows", "gives list")],
)
def test_what_gives_no_number_is_no_check_passed(tmp_path, function, words, capsys):
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    path = tmp_path / "code.py"
    assert run(["check", f"{path}:{function}", "--grad", f"{path}:dsquare", "-v", "x=[1,2]"]) == 2
    assert words in capsys.readouterr().err


def test_a_file_that_ends_the_program_is_no_check_passed(tmp_path, capsys):
    (tmp_path / "code.py").write_text(f"{CODE}\nsys.exit(0)", encoding="utf-8")
    path = tmp_path / "code.py"
    assert run(["check", f"{path}:square", "--grad", f"{path}:dsquare", "-v", "x=[1,2]"]) == 2
    assert "raised SystemExit" in capsys.readouterr().err


def test_where_a_function_fails_its_domain_ends(tmp_path):
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    path = tmp_path / "code.py"
    assert run(["check", f"{path}:square", "--grad", f"{path}:dsquare", "-v", "x=[1,2]"]) in {0, 3}
    assert run(["check", f"{path}:square", "--grad", f"{path}:dsquare", "-v", "x=[3,2]"]) == 0


def test_an_expressions_gradient_may_come_from_a_python_file(model, capsys):
    expression = "mean((X@w-y)**2)"
    assert run(["check", expression, "--against", f"{model}:dloss", *DATA, *FAST]) == 0
    assert run(["check", expression, "--against", f"{model}:half", *DATA, *FAST]) == 1
    assert "1/2 times the derivative" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("function", "words"),
    [("dloos", "did you mean `dloss`?"), ("fails", "raised ZeroDivisionError (line 25): division by zero")],
)
def test_what_is_wrong_with_a_python_file_is_said(model, function, words, capsys):
    assert run(["check", f"{model}:kinked", "--grad", f"{model}:{function}", "-v", "x=[1]"]) == 2
    assert words in capsys.readouterr().err


def test_a_python_file_that_is_missing_is_named(capsys):
    assert run(["check", "nowhere.py:f", "--grad", "nowhere.py:g", "-v", "x=1"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_right_gradient_is_proven_without_what_explains_a_wrong_one():
    program = (
        "import sys, json\nfrom gradcli.cli.app import run\nrun(['check', 'mean(3*(x+2)**2)'])\n"
        "sys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert not loaded & {
        "typer", "rich", "scipy", "shlex", "gradcli.checks.aspects", "gradcli.checks.audit",
        "gradcli.checks.blame", "gradcli.checks.contradictions", "gradcli.checks.conventions",
        "gradcli.checks.slips", "gradcli.checks.witnesses.rerun", "gradcli.explorer.against",
        "gradcli.explorer.points", "gradcli.explorer.reproduction", "gradcli.explorer.rewrites",
    }  # fmt: skip
    assert "gradcli.checks.witnesses.symbolic" in loaded
