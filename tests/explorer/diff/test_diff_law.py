"""The law of formulas: whatever the program, its formula gives the numbers of autograd."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.diagnostics import GradcliError
from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import Backward, EvalRequest
from gradcli.ops.catalog import catalog

BINDINGS = ("x=[[0.3,0.7],[0.2,0.45]]", "y=[[1.1,-0.4],[0.6,0.9]]", "u=[0.5,-1.5]")
UNARY = (
    "sin({})", "cos({})", "tanh({})", "sigmoid({})", "exp(-({})**2)", "relu({})", "abs({})", "({})**2",
    "({}).T", "softmax({}, 0)", "log_softmax({}, 1)", "F.softplus({})", "cumsum({}, 1)", "({})[:, :1]",
    "({})[1]*({})", "mean({}, 0)", "sum({}, 1)", "({}).flip(0)", "2*({})", "-({})",
    "({}).reshape(4).reshape(2, 2)", "1/(2 + ({})**2)", "where({} > 0.1, {}, 0.5)", "log(1 + ({})**2)",
    "sqrt(1 + ({})**2)", "tril({})", "({}) - mean({})", "logsumexp({}, 1)", "({}).unsqueeze(0).squeeze(0)",
    "amax({}, 1)", "norm({})*({})", "prod({}, 0)", "clamp({}, -1, 0.5)",
)  # fmt: skip
BINARY = (
    "({}) + ({})", "({}) - ({})", "({})*({})", "({})/(3 + ({})**2)", "({}) @ ({})", "({}).T @ ({})",
    "torch.maximum({}, {})", "outer(({}).sum(0), ({}).sum(0))", "cat([{}, {}], 0)[1:3]",
)  # fmt: skip


def _wide(text):
    """The expression as a matrix of 2 by 2, whatever its shape."""
    return f"({text} + 0*x)"


def _programs():
    leaves = st.sampled_from(["x", "y", "(u*x)", "(u @ x + y)"])
    unary = st.sampled_from(UNARY)
    binary = st.sampled_from(BINARY)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(unary, inner).map(lambda one: _wide(one[0].replace("{}", one[1]))),
            st.tuples(binary, inner, inner).map(lambda one: _wide(one[0].format(one[1], one[2]))),
        ),
        max_leaves=4,
    )


def _gradients(request):
    return {row.name: row.grad for row in evaluate(request, lambda _: None).gradients}


def _value(request, program):
    plain = request._replace(expressions=(program,), backward=Backward(run=False))
    return evaluate(plain, lambda _: None).roots[0].array


@settings(max_examples=60)
@given(_programs(), st.sampled_from(["sum({})", "mean({})", "norm({})", "sum(({})*y)"]))
def test_a_formula_gives_the_numbers_of_autograd(text, total):
    request = EvalRequest((total.format(text),), BINDINGS)
    report = explore_diff(request, DiffRequest(), lambda _: None)
    expected = _gradients(request)
    for one in report.derivatives:
        (name,) = one.variables
        assert one.program is not None or one.named
        if one.program is None:
            continue
        found = _value(request, one.program)
        wanted = np.zeros_like(found) if expected[name] is None else expected[name]
        assert found.shape == wanted.shape
        assert np.allclose(found, wanted, rtol=1e-6, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("name", sorted(name for name, record in catalog().items() if record.example))
def test_an_operation_is_a_formula_or_appears_by_its_name(name):
    request = EvalRequest((f"sum({catalog()[name].example})",), ("x=[[0.3,0.7],[0.2,0.45]]",), seed=3)
    try:
        expected = _gradients(request)
    except GradcliError:
        pytest.skip("has no sum, or none that is differentiable")
    if expected.get("x") is None:
        pytest.skip("has no gradient")
    (one,) = explore_diff(request, DiffRequest(), lambda _: None).derivatives
    assert one.simplified
    if one.program is None:
        assert one.named
    else:
        found = _value(request, one.program)
        assert np.allclose(found, expected["x"], rtol=1e-6, atol=1e-9)
