from __future__ import annotations

import json

import pytest

from gradcli.cli.app import run


def shown(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["ops", *args]) == 0
    return capsys.readouterr().out


def test_all_operations_are_listed_by_family_with_call_and_summary(capsys):
    text = shown(capsys)
    assert "arithmetic" in text
    assert "matmul(input, other)" in text
    assert "Inverse tangent" in text


def test_no_call_shows_where_memory_lies(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    text = shown(capsys)
    assert "object at" not in text
    assert "where(condition, input=..., other=...)" in " ".join(text.split())


def test_the_list_as_json_names_every_family_once(capsys):
    found = json.loads(shown(capsys, "--json"))
    assert found["schema"] == "gradcli.ops/1"
    names = [family["name"] for family in found["families"]]
    assert len(names) == len(set(names))
    assert all(
        line["summary"] and line["signature"] for family in found["families"] for line in family["operations"]
    )


def test_one_operation_shows_its_derivative_domain_source_and_an_example_that_ran(capsys):
    text = shown(capsys, "log")
    assert "1/x" in text
    assert "x > 0" in text
    assert "DLMF" in text
    assert 'gradcli eval "log(x)"' in text
    assert "LogBackward0" in text


def test_a_kink_is_shown_with_its_convention(capsys):
    assert "the derivative at 0 is 0" in shown(capsys, "relu")


@pytest.mark.parametrize(
    "name", ["sin", "torch.sin", "Tensor.sin", "F.relu", "nn.functional.relu", "relu", "linalg.solve"]
)
def test_an_operation_is_found_under_every_spelling(capsys, name: str):
    _, _, bare = name.rpartition(".")
    assert bare in shown(capsys, name)


def test_the_derivative_of_two_arguments_is_shown_for_each(capsys):
    found = json.loads(shown(capsys, "mul", "--json"))
    assert found["schema"] == "gradcli.op/1"
    assert [(part["argument"], part["formula"]) for part in found["derivatives"]] == [("a", "b"), ("b", "a")]
    assert found["example_value"] == [[1, 1], [1, 1]]


def test_an_operation_made_of_others_shows_the_derivatives_of_its_parts(capsys):
    assert "exponent*x**(exponent - 1)" in shown(capsys, "pow")


def test_a_domain_that_has_1_at_its_border_is_tried_inside(capsys):
    found = json.loads(shown(capsys, "asin", "--json"))
    assert found["example_value"] == [[pytest.approx(0.5235987755982989)] * 2] * 2


def test_every_operation_has_an_example_that_runs():
    from gradcli.explorer.operations import list_operations, one_operation

    names = [line.name for family in list_operations().families for line in family.operations]
    assert [name for name in names if one_operation(name).example_result is None] == []
