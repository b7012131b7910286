"""Formulas found at one shape hold at others: their counts are those of the leaves."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import Backward, EvalRequest

LINE = {"x": (2,), "A": (3, 2), "b": (3,)}, {"x": (4,), "A": (5, 4), "b": (5,)}


@pytest.mark.parametrize(
    ("expression", "small", "large"),
    [
        ("mean(3*(x+2)**2)", {"x": (2,)}, {"x": (3, 4)}),
        ("sum((A@x-b)**2) + mean(x)", *LINE),
        ("F.mse_loss(A@x, b)", *LINE),
        ("mean(log(1+exp(-b*(A@x))))", *LINE),
        ("mean((X@W)**2)", {"W": (2, 3), "X": (4, 2)}, {"W": (3, 2), "X": (5, 3)}),
        ("mean(x.T @ x)", {"x": (2, 3)}, {"x": (4, 5)}),
        ("mean(mean(x, 0)**2)", {"x": (2, 3)}, {"x": (5, 4)}),
        ("mean(x, 0).norm()", {"x": (2, 3)}, {"x": (5, 4)}),
        ("var(x) + std(x)", {"x": (3,)}, {"x": (6,)}),
        ("var(x, 0).sum()", {"x": (3, 2)}, {"x": (6, 4)}),
        ("sum((x - mean(x))**3)", {"x": (3,)}, {"x": (6,)}),
        ("mean(x.flatten()**2)", {"x": (3, 2)}, {"x": (6, 4)}),
        ("cumsum(x, 0).sum()", {"x": (3,)}, {"x": (6,)}),
        ("mean(outer(u, v))", {"u": (3,), "v": (2,)}, {"u": (2,), "v": (5,)}),
        ("mean(X + b)", {"X": (3, 2), "b": (2,)}, {"X": (2, 5), "b": (5,)}),
    ],
)  # fmt: skip
def test_a_formula_holds_at_another_shape(expression, small, large):
    def request(shapes):
        bound = [f"{name}=randn({', '.join(map(str, shape))})" for name, shape in shapes.items()]
        return EvalRequest((expression,), tuple(bound))

    report = explore_diff(request(small), DiffRequest(), lambda _: None)
    there = request(large)
    expected = {row.name: row.grad for row in evaluate(there, lambda _: None).gradients}
    for one in report.derivatives:
        plain = there._replace(expressions=(one.program,), backward=Backward(run=False))
        found = evaluate(plain, lambda _: None).roots[0].array
        assert np.allclose(found, expected[one.variables[0]], rtol=1e-9, atol=1e-12)
