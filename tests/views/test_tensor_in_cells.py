from __future__ import annotations

import re

import numpy as np
import pytest

from gradcli.views.numbers import number_text, shape_text, tensor_text


@pytest.mark.parametrize(
    ("number", "expected"),
    [(27.0, "27"), (4.5, "4.5"), (1 / 3, "0.333333"), (1e-20, "1e-20"), (12345678.0, "1.23457e+07"), (3, "3"),
     (True, "True"), (float("nan"), "nan"), (float("-inf"), "-inf"), (-0.0, "-0")],
)  # fmt: skip
def test_a_number_has_six_significant_digits(number: object, expected: str):
    assert number_text(number) == expected


def test_precision_sets_the_significant_digits():
    assert number_text(1 / 3, 3) == "0.333"
    assert number_text(1 / 3, 17) == "0.33333333333333331"


def test_a_scalar_has_no_brackets_and_an_empty_tensor_nothing_between_them():
    assert tensor_text(np.array(27.0)) == "27"
    assert tensor_text(np.zeros((0, 3))) == "[]"


def test_the_columns_of_a_matrix_are_aligned():
    assert tensor_text(np.array([[1.0, 20.5], [300.0, 4.0]])) == "[[  1, 20.5],\n [300,    4]]"


def test_a_stack_of_matrices_stands_apart():
    assert tensor_text(np.arange(8).reshape(2, 2, 2)) == "[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]"


def test_a_long_row_is_broken_at_the_width_and_loses_nothing():
    text = tensor_text(np.arange(50), columns=20)
    assert max(map(len, text.split("\n"))) <= 20
    assert [int(number) for number in re.findall(r"\d+", text)] == list(range(50))


def test_the_lines_of_a_broken_row_are_aligned():
    text = tensor_text(np.arange(-3, 12), columns=24)
    ends = [[found.end() for found in re.finditer(r"\d(?=[,\]])", line)] for line in text.split("\n")]
    assert len(ends) > 2
    assert all(line == ends[0][: len(line)] for line in ends)


def test_a_big_tensor_is_summarised_unless_it_is_asked_for_in_full():
    big = np.full(1000, 2.0)
    assert tensor_text(big) == "min 2  mean 2  max 2\nnorm 63.2456  (1000 elements)"
    assert tensor_text(big, full=True).count("2") == 1000


def test_a_summary_counts_what_is_not_finite_and_leaves_it_out():
    big = np.ones(200)
    big[:3], big[3] = np.nan, np.inf
    assert tensor_text(big).split("\n")[0] == "min 1  mean 1  max 1"
    assert "nan 3  inf 1" in tensor_text(big)
    assert tensor_text(np.full(200, np.nan)) == "nan 200  of 200"


def test_the_norm_of_huge_numbers_does_not_overflow():
    assert "norm 1.41421e+201" in tensor_text(np.full(200, 1e200))


def test_a_mask_is_summarised_by_how_many_are_true():
    assert tensor_text(np.arange(200) < 5) == "5 of 200 are True"


def test_shapes_are_lists():
    assert shape_text(()) == "[]"
    assert shape_text((2, 3)) == "[2, 3]"
