"""Formulas are computed again in float64 and with many digits."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.claim_digits import in_doubles, in_many_digits
from gradcli.checks.subject import Subject, Variable
from gradcli.ops.catalog import catalog
from gradcli.plan import Literal, Step, Trace


def _subject(steps, value):
    """A formula of one variable, number 0; step i makes number i + 1."""
    made = tuple(
        Step(catalog()[name], arguments, params, (i,), None)
        for i, (name, arguments, params) in enumerate(steps, 1)
    )
    return Subject(Trace((0,), {}, made, (len(steps),)), (Variable("x", value, value),), (np.ones(()),))


CANCELLING = [("cos", (0,), {}), ("sub", (Literal(1.0), 1), {})]


def test_a_float32_formula_is_computed_in_float64():
    formula = _subject(CANCELLING, np.float32(1e-3) * np.ones(2, np.float32))
    found = in_doubles(formula)
    assert found.dtype == np.float64
    assert found == pytest.approx(np.float64(np.float32(1e-3)) ** 2 / 2, rel=1e-6)


def test_digits_that_cancel_are_there_with_many_of_them():
    formula = _subject(CANCELLING, np.array([1e-9, 1e-3]))
    x = np.array([1e-9, 1e-3])
    assert in_doubles(formula)[0] == 0
    assert in_many_digits(formula, 10.0) == pytest.approx(x**2 / 2 - x**4 / 24, rel=1e-12)


def test_what_would_take_too_long_is_not_begun():
    assert in_many_digits(_subject(CANCELLING, np.ones(1000)), 1e-6) is None


def test_a_branch_that_rounding_decides_is_left_alone():
    steps = [
        ("add", (0, Literal(1.0)), {}),
        ("gt", (1, Literal(1.0)), {}),
        ("where", (2, 0, Literal(0.0)), {}),
    ]
    assert in_many_digits(_subject(steps, np.array([1e-30])), 10.0) is None
