"""What a verdict says: of witnesses that judged, and of places where none can."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from gradcli.cli.app import run


def said(capsys, *arguments):
    code = run(["check", *arguments])
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("expression", "value"), [("exp(x)", "1000"), ("1/x", "1e-200"), ("log(x)", "0"), ("sqrt(x)", "0")]
)
def test_where_no_witness_speaks_none_is_said_to_agree(capsys, expression, value):
    code, out = said(capsys, expression, "-v", f"x={value}")
    assert code == 0
    assert out.splitlines()[-1] == (
        "edge: at the edge of a domain, where no witness can speak (1 element; seed 0)"
    )


def test_on_a_kink_no_witness_is_said_to_agree(capsys):
    assert said(capsys, "abs(x)", "-v", "x=0")[1].splitlines()[-1] == (
        "kink: on a kink, where no witness can speak; the convention is followed (1 element; seed 0)"
    )


def test_witnesses_that_judged_the_other_elements_are_named(capsys):
    last = said(capsys, "sum(relu(x))", "-v", "x=[0,1]")[1].splitlines()[-1]
    assert last.startswith("kink: every witness agrees, but for kinks")
    assert "by symbolic, complex, fd, precise, forward; seed 0" in last


@pytest.mark.parametrize(("expression", "value"), [("x*abs(x)", "0"), ("x**2", "1e-170")])
def test_a_zero_has_no_digits_that_could_disagree(capsys, expression, value):
    code, out = said(capsys, expression, "-v", f"x={value}")
    assert code == 0
    assert "precise zero" in out
    assert "precise 0" not in out
    assert "by symbolic, complex, fd, precise, forward" in out


def test_digits_that_are_lost_at_a_number_are_still_told(capsys):
    assert "fd zero" not in said(capsys, "sin(1e8*x)", "-v", "x=1")[1]


def test_zero_times_infinity_in_forward_mode_is_no_disagreement(capsys):
    code, out = said(capsys, "sqrt(relu(x))", "-v", "x=-1")
    assert code == 0
    assert "disagrees" not in out
    assert "forward: 0 times an infinite derivative is nan in it" in out


def test_a_claim_beside_a_side_without_derivative_is_not_said_to_lie_between_sides(capsys):
    _, out = said(capsys, "sqrt(x)", "-v", "x=0", "--against", "x = 0.5/sqrt(x)")
    assert "between the two sides" not in out
    assert "a side has no derivative" in out


def test_order_2_says_what_its_gradient_is_the_gradient_of(capsys):
    told = "that of the first gradient's product with random numbers"
    assert told in said(capsys, "x**3", "-v", "x=2", "--order", "2")[1]
    assert told not in said(capsys, "x**3", "-v", "x=2")[1]


def test_reports_for_build_servers_say_where_a_gradient_stands_at_an_edge(tmp_path):
    junit, sarif = tmp_path / "a.xml", tmp_path / "a.sarif"
    run(["check", "exp(x)", "-v", "x=1000", "--junit-xml", str(junit), "--sarif", str(sarif)])
    note = ET.fromstring(junit.read_bytes()).find(".//testcase/system-out").text  # noqa: S314 - our own
    assert note.startswith("edge: at the edge of a domain, where no witness can speak\ngradient inf")
    (result,) = json.loads(sarif.read_text())["runs"][0]["results"]
    assert result["kind"] == "informational"
    assert "inf" in result["message"]["text"]


def test_a_run_says_where_a_gradient_stands_at_an_edge(capsys, tmp_path):
    (tmp_path / "case.toml").write_text(
        '[[case]]\nname = "root"\nexpr = "sqrt(x)"\nvars.x = "0"\ncheck = true\n'
    )
    run(["run", str(tmp_path), "--junit-xml", str(tmp_path / "out.xml")])
    capsys.readouterr()
    found = ET.fromstring((tmp_path / "out.xml").read_bytes()).find(".//testcase")  # noqa: S314 - our own
    assert found.find("failure") is None
    assert found.find("error") is None
    assert "stands at the edge" in ET.tostring(found, encoding="unicode")
