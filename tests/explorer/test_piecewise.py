from __future__ import annotations

import pytest

from gradcli.explorer.piecewise import in_words


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("Piecewise((1, Max(0, x) > 0), (0, True))", "1 where Max(0, x) > 0, else 0"),
        ("Piecewise((1, (high >= x) & (low <= x)), (0, True))", "1 where (high >= x) & (low <= x), else 0"),
        ("Piecewise((-1, x < 0), (2*x, x < 1), (0, True))", "-1 where x < 0, 2*x where x < 1, else 0"),
        ("cos(x)", "cos(x)"),
        ("Piecewise((1, x > 0), (0, True)) + 1", "Piecewise((1, x > 0), (0, True)) + 1"),
        ("Piecewise()", "Piecewise()"),
    ],
)
def test_a_piecewise_formula_is_told_in_words_and_any_other_stays(formula: str, expected: str):
    assert in_words(formula) == expected
