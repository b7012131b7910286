"""Printed text and expected text: what is the same, and where they first differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.explorer.running.comparing import Difference, Tolerance, first_difference, without_addresses

DEFAULT = Tolerance()
SAME = [
    ("loss 4.5000\n", "loss 4.5001\n"),
    ("1.4000e-08", "1.3999e-08"),
    ("0.8999999761581421", "0.9000000000000000"),
    ("<AddBackward0 object at 0x7f12ab>", "<AddBackward0 object at 0x...>"),
    ("[ 9.9999, 1.0000]", "[10.0000, 1.0000]"),
    ("tensor([[-0.0001,  2.0000]])", "tensor([[ 0.0000,  2.0000]])"),
    ("a\nb", "a\nb\n"),
    ("27.", "27.0000"),
    ("1378.60%", "1378.61%"),
    ("loss=1.0000e+02", "loss=1.0001e+02"),
    ("1000000.0", "1000000.1"),
]
DIFFERENT = [
    ("loss 4.5000", "loss 4.5002"),
    ("step 3", "step 4"),
    ("27", "27.0"),
    ("float32", "float64"),
    ("nan", "1.0000"),
    ("tensor(2.)", "tensor(3.)"),
    ("10000.", "10001."),
    ("0.1", "0.2"),
    ("1.4e-08", "1.5e-08"),
    ("1.0000", "inf"),
    ("a  b", "a b"),
    ("x  1.0000", "x 1.0000"),
    ("1.2.3", "1.2.4"),
    ("1.5j", "1.6j"),
    ("0x12", "12"),
    ("a\n\n", "a\n"),
    ("9" * 401 + ".0", "9" * 401 + ".1"),
    ("", "a"),
]


@pytest.mark.parametrize(("expected", "printed"), SAME)
def test_these_are_the_same(expected: str, printed: str):
    assert first_difference(expected, printed, DEFAULT) is None


@pytest.mark.parametrize(("expected", "printed"), DIFFERENT)
def test_these_differ(expected: str, printed: str):
    assert first_difference(expected, printed, DEFAULT) is not None


def test_the_first_difference_has_a_line_and_columns():
    assert first_difference("a 1.0\nb 2.0 c", "a 1.0\nb 3.5 c", DEFAULT) == Difference(1, (2, 5), (2, 5))
    assert first_difference("hello wurld x", "hello world x", DEFAULT) == Difference(0, (7, 11), (7, 11))


def test_a_text_that_ends_early_or_late_differs_in_the_line_that_one_lacks():
    assert first_difference("a\nb\n", "a\n", DEFAULT) == Difference(1, (0, 1), None)
    assert first_difference("a\n", "a\nb\n", DEFAULT) == Difference(1, None, (0, 1))


def test_a_tolerance_replaces_the_last_digit():
    assert first_difference("1.00", "1.05", Tolerance(rtol=0.1)) is None
    assert first_difference("1.00", "1.01", Tolerance(rtol=1e-9)) is not None
    assert first_difference("0.00", "0.05", Tolerance(atol=0.1)) is None
    assert first_difference("1.00", "1.01", Tolerance(rtol=0, atol=0)) is not None
    assert first_difference("3", "4", Tolerance(atol=10)) is not None  # whole numbers are counts


@given(st.text(alphabet="a1.-e+ 0x\n[]", max_size=40), st.text(alphabet="a1.-e+ 0x\n[]", max_size=40))
def test_any_two_texts_compare_without_fuss_and_each_is_itself(one: str, other: str):
    assert first_difference(one, one, DEFAULT) is None
    found = first_difference(one, other, DEFAULT)
    if other and not other.endswith("\n"):
        assert first_difference(one, f"{other}\n", DEFAULT) == found


def test_addresses_are_made_alike():
    assert without_addresses("<A at 0x7Ff0> 0x1") == "<A at 0x...> 0x..."
