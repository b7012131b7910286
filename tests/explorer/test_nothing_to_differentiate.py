"""Where no graph leads to a variable, every command refuses in eval's words, and recommends what it has."""

from __future__ import annotations

import pytest

from gradcli.cli.app import run

REFUSED = "element 0 of tensors does not require grad and does not have a grad_fn"


def refusal(capsys, *arguments):
    assert run(list(arguments)) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("command", ["eval", "check", "explain", "diff", "graph"])
def test_what_cuts_the_variable_off_is_named(capsys, command):
    told = refusal(capsys, command, "x.detach()", "-v", "x=1")
    assert REFUSED in told
    assert "detach() cuts the graph here" in told
    assert ("--no-backward" in told) == (command in {"eval", "graph"})


@pytest.mark.parametrize("command", ["eval", "check", "explain", "graph"])
@pytest.mark.parametrize(
    ("expression", "reason"), [("x > 1", "`>` gives torch.bool"), ("x.int()", "int() gives torch.int32")]
)
def test_values_without_gradients_are_told_from_variables_without_binding(
    capsys, command, expression, reason
):
    told = refusal(capsys, command, expression, "-v", "x=1.")
    assert reason in told
    assert "bind one with -v" not in told


def test_a_variable_beside_one_that_is_cut_off_still_has_its_formula(capsys):
    assert run(["diff", "x.detach()*w", "-v", "x=1", "-v", "w=2"]) == 0
    assert "no derivative leads from the value to x" in capsys.readouterr().out


def test_a_file_inside_a_formula_is_told_to_be_bound(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = refusal(capsys, "check", "x**2", "-v", "x=1", "--against", "x = 2*@g.npy")
    assert "nothing stands between `*` and `@`" in told
    assert "-c g=@g.npy" in told
