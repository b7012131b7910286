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


HARD = [3.0, -3.0, -0.0, 0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1.7e308, 0.1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "plain"), [("reciprocal", np.reciprocal), ("relu", lambda x: np.maximum(x, 0))]
)
def test_forms_that_are_quicker_give_what_numpys_own_give(name: str, plain: Any, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        x = np.array(HARD * 9, dtype)
        out, form = np.empty_like(x), writing_form(_step(name, 0))
        assert form is not None
        form(x, out=out)
        np.testing.assert_array_equal(out, plain(x))
        np.testing.assert_array_equal(np.signbit(out), np.signbit(plain(x)))


@pytest.mark.parametrize("dtype", [np.int64, np.float16])
def test_other_dtypes_have_a_relu_too(dtype: Any) -> None:
    x = np.arange(-5, 5).astype(dtype)
    out, form = np.empty_like(x), writing_form(_step("relu", 0))
    assert form is not None
    form(x, out=out)
    np.testing.assert_array_equal(out, np.maximum(x, 0))
