from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import EvalRequest

NAMES = {
    "np": np, "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sqrt": np.sqrt,
    "ones": lambda *shape: np.ones(shape), "where": np.where, "sign": np.sign,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "sum": lambda x, dim=None, keepdim=False: np.sum(x, axis=dim, keepdims=keepdim),
    "mean": lambda x, dim=None, keepdim=False: np.mean(x, axis=dim, keepdims=keepdim),
    "softmax": lambda x, dim: np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True),
    "log_softmax": lambda x, dim: x - np.log(np.exp(x).sum(axis=dim, keepdims=True)),
}  # fmt: skip


@pytest.mark.parametrize(
    "expression",
    [
        "mean(3*(x+2)**2)",
        "y = x@w + b; sum(relu(y)**2)",
        "u = sin(x); sum(u*u + exp(u))",
        "sum(x*b)/x.mean()",
        "mean(softmax(x, 1)*w)",
        "sum(log_softmax(x@w, 1)*x)",
        "sum(tanh(x)/(1 + x**2) - sqrt(exp(x)))",
        "sum((x - b)*(b - x)*2 - x/b)",
        "sum(sigmoid(x) - (x - (b - x)))",
        "sum(x.T @ w - 3*x)",
    ],
)
def test_each_formula_computes_the_gradient_that_stands_beside_it(expression):
    variables = ("x=[[0.5, -1.0], [2.0, 1.5]]", "w=[[1.0, 2.0], [-1.0, 0.5]]", "b=[0.5, 3.0]")
    report = record_graph(EvalRequest((expression,), variables=variables), lambda _: None)
    known = dict(NAMES)
    known |= {node.label: node.results[0].value for node in report.nodes}
    judged = 0
    for answer in report.answers:
        if answer.gradient is None:
            continue
        assert answer.formula
        found = eval(answer.formula, known)  # noqa: S307 - a text of our own
        np.testing.assert_allclose(np.broadcast_to(found, answer.gradient.shape), answer.gradient, rtol=1e-12)
        judged += 1
    assert judged


@pytest.mark.parametrize("expression", ["mean(3*(x+2)**2)", "sum(relu(x)*exp(x))", "sum(tanh(x)/x)"])
def test_upstream_times_local_is_downstream(expression):
    report = record_graph(EvalRequest((expression,), variables=("x=[0.5, -1.0]",)), lambda _: None)
    flows = [(node, flow) for node in report.nodes for flow in node.flows if flow.local]
    assert flows
    for node, flow in flows:
        np.testing.assert_allclose(node.results[0].gradient * flow.factor, flow.sent)
