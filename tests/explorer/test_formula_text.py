from __future__ import annotations

import pytest

from gradcli.explorer.operations import one_operation


def rules(name: str) -> dict[str, str]:
    return {part.argument: part.formula for part in one_operation(name).partials if part.whole}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("softmax", {"x": "g*y - y*sum(g*y, dim=1, keepdim=True)"}),
        ("cumsum", {"x": "cumsum(g, dim=0, reverse=True)"}),
        ("matmul", {"a": "g @ b.T", "b": "a.T @ g"}),
    ],
)
def test_the_rule_of_an_operation_on_whole_tensors_is_shown_as_text(name: str, expected: dict[str, str]):
    assert rules(name) == expected


def test_brackets_stand_where_the_text_would_mean_something_else_without_them():
    assert "exp(x - spread(y" in rules("logsumexp")["x"]


def test_a_part_that_only_prepares_the_example_is_no_part_of_the_operation():
    assert {part.through for part in one_operation("linalg.solve").partials} == {"solve_vector"}


def test_the_kinks_of_the_parts_are_those_of_the_whole():
    assert any("tied" in kink for kink in one_operation("max").kinks)


def test_infinity_stands_in_a_rule_as_any_number_does():
    assert "> -inf" in rules("logcumsumexp")["x"]
