"""`-k`: words joined by and, or, not and brackets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.diagnostics import InputFault
from gradcli.explorer.running.selection import selector
from gradcli.views.diagnostic import diagnostic_text

NAME = "samples/Tutorials/eye.py: an eye and its square"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("eye", True), ("EYE", True), ("tutorials", True), ("sine", False), ("not sine", True),
        ("eye and square", True), ("eye and sine", False), ("sine or eye", True),
        ("sine or eye and cube", False), ("(sine or eye) and square", True), ("not (sine or eye)", False),
        ("not not eye", True), ("'eye and its'", True), ('"its cube" or eye.py', True),
        ("not eye or eye", True), ("samples/tutorials", True), ("android", False),
    ],
)  # fmt: skip
def test_an_expression_finds_what_it_says(text: str, wanted: bool):
    assert selector(text)(NAME) is wanted


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("eye and", "a word is missing", 8),
        ("or eye", "a word is missing before `or`", 1),
        ("(eye", "`)` is missing", 5),
        ("eye)", "`)` does not follow", 4),
        ("eye sine", "`and` or `or` is missing before this", 5),
        ("eye 'sine", "a quote is not closed", 5),
        ("", "a word is missing", 1),
        ("not " * 60 + "a", "this is nested too deeply", 1),
        ("a" * 5000, "this is longer than 4000 characters", 1),
    ],
)
def test_a_slip_is_named_with_its_place(text: str, message: str, column: int):
    with pytest.raises(InputFault) as caught:
        selector(text)
    shown = diagnostic_text(caught.value.diagnostic)
    assert f": {message}\n" in shown
    assert f"-k:1:{column}\n" in shown


@given(st.lists(st.sampled_from(["a", "b", "and", "or", "not", "(", ")", "'", " "]), max_size=12))
def test_any_text_is_an_expression_or_a_fault_and_means_what_python_means(parts: list[str]):
    text = " ".join(parts)
    try:
        test = selector(text)
    except InputFault:
        return
    words = [f"({part!r} in name)" if part in {"a", "b"} else part for part in parts if part != " "]
    if "'" not in parts:
        assert test("a") == eval(" ".join(words), {"name": "a"})  # noqa: S307 - of a few fixed words
