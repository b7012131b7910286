"""What may stand where somebody types."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor
from gradcli.explorer.completion import complete_expression, complete_operation


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("3*softpl", 6, ["softplus"]),
        ("nn.functional.softpl", 6, ["softplus"]),
        ("torch.linalg.solve_t", 7, ["solve_triangular"]),
        ("x.grad.softm", 5, ["softmax"]),
        ("math.isf", 3, ["isfinite"]),
        ("alpha_b", 7, ["alpha_bar"]),
        ("lamb", 4, ["lambda"]),
    ],
)
def test_a_name_becomes_what_it_begins(text, count, expected):
    values = {"x": Tensor(np.ones(2)), "alpha_bar": 3}
    assert complete_expression(text, values) == (count, expected)


@pytest.mark.parametrize("text", ["", "x + ", "3.", "1.5", "f(x).s", "x[0].s", "pi.s", "no.such.module.s"])
def test_where_no_name_is_typed_or_nothing_is_known_nothing_is_offered(text):
    _, found = complete_expression(text, {})
    assert found == []


def test_attributes_are_offered_behind_a_dot():
    count, found = complete_expression("x.", {})
    assert count == 0
    assert {"grad", "backward", "mean", "T"} <= set(found)
    assert not [name for name in found if name.startswith("_")]


def test_operations_are_found_by_their_beginning():
    assert complete_operation("softpl") == ["softplus"]
    assert complete_operation("xyz") == []
