"""Steps as calls that write into an array, and the numbers that they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.ops.catalog import catalog
from gradcli.plan.forms import in_dtype, writing_form
from gradcli.plan.trace import Literal, Step

SINGLE, DOUBLE = np.ones(3, np.float32), np.ones(3)


def _step(name: str, *arguments: Any) -> Step:
    return Step(catalog()[name], arguments, {}, (9,), None)


def test_a_number_beside_floats_becomes_an_array_of_their_dtype() -> None:
    found = in_dtype(_step("add", 0, Literal(0.1)), [SINGLE, 0.1], 0.1)
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.shape) == (np.float32, ())
    np.testing.assert_array_equal(SINGLE + found, SINGLE + 0.1)


@pytest.mark.parametrize("values", [[np.ones(3, np.int64), 2], [SINGLE, DOUBLE, 2], [2, 3]])
def test_a_number_beside_anything_else_stays(values: list[Any]) -> None:
    assert in_dtype(_step("add", 0, Literal(values[-1])), values, values[-1]) is values[-1]


def test_reciprocals_are_numpys_own_to_the_bit() -> None:
    x = np.array([3.0, -0.0, 0.0, np.inf, -np.inf, np.nan, 5e-324, 1.7e308, 0.1])
    out = np.empty_like(x)
    form = writing_form(_step("reciprocal", 0))
    assert form is not None
    with np.errstate(all="ignore"):
        form(x, out=out)
        np.testing.assert_array_equal(out, np.reciprocal(x))
    np.testing.assert_array_equal(np.signbit(out), np.signbit(x))
