"""Formulas speak in the user's words: no object of ours, and no operation that nobody can call."""

from __future__ import annotations

import pytest

from gradcli.cli.app import run

IMAGE = "x=[[[1,3,2,4]]]"


@pytest.mark.parametrize(
    ("expression", "bindings", "shown", "hidden"),
    [
        ("F.max_pool1d(x,2)", [IMAGE], "= F.max_pool1d(x,2)", "max_pool(v1"),
        ("F.conv1d(x,w)", [IMAGE, "w=[[[1,2]]]"], "v1 = F.conv1d(x,w)", "convolution(x, w,"),
        ("F.group_norm(x,1)", [IMAGE], "v1 = F.group_norm(x,1)", "group_statistics_norm("),
        ("mse_loss(x,zeros(3))", ["x=[1,2,3]"], "v1 = mse_loss(x,zeros(3))", "squared_error("),
        ("x%2", ["x=[1.5,2.5]"], "v1 = x%2", "remainder_by("),
        ("F.nll_loss(log_softmax(x,0),tensor(1))", ["x=[1.5,2.5]"], "v2 = F.nll_loss(log_softmax", "nll(v1"),
    ],
)
def test_a_forward_step_shows_what_the_user_wrote(capsys, expression, bindings, shown, hidden):
    assert run(["explain", f"sum({expression})", *(part for one in bindings for part in ("-v", one))]) == 0
    out = capsys.readouterr().out
    assert shown in out
    assert hidden not in out
    assert not [word for word in ("Tap(", "Geometry(", "object at") if word in out]


@pytest.mark.parametrize("operation", ["conv2d", "max_pool2d", "max_pool", "convolution", "unfold"])
def test_the_rules_of_operations_dump_no_object(capsys, operation):
    assert run(["ops", operation]) == 0
    out = capsys.readouterr().out
    assert not [word for word in ("Tap(", "Geometry(", "object at") if word in out]


def test_a_sum_keeps_its_own_name(capsys):
    assert run(["explain", "softmax(x, 0).sum()", "-v", "x=[1,2]"]) == 0
    assert "v1 = softmax(x)" in capsys.readouterr().out


def test_several_steps_of_one_call_are_told_apart(capsys):
    assert run(["explain", "quantile(x, 0.3)", "-v", "x=[1.5,2.5,0.3]"]) == 0
    computed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  computed")]
    assert len(computed) > 1
    assert sum("= quantile(x, 0.3)" in line for line in computed) <= 1


def test_a_word_of_a_forward_step_that_nobody_can_call_is_explained(capsys):
    assert run(["explain", "quantile(x, 0.3)", "-v", "x=[1.5,2.5,0.3]"]) == 0
    out = capsys.readouterr().out
    assert "v2 = pick_along(" in out
    assert "\n  pick_along: " in out
