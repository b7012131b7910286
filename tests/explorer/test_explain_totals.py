from __future__ import annotations

import re

import numpy as np
import pytest

from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import Backward, EvalRequest
from gradcli.views.explanation_steps import Addition, Summing, Visit, steps

VARIABLES = ("x=[[0.5, -1.0], [2.0, 1.5]]", "w=[[1.0, 2.0], [-1.0, 0.5]]", "b=[0.5, 3.0]", "s=0.7")
EXPRESSIONS = [
    "mean(3*(x+2)**2)",
    "sum(relu(x@w + b)**2)",
    "u = sin(x); sum(u*u + exp(u))",
    "sum(x*b)/x.mean()",
    "mean(softmax(x, 1)*w)",
    "sum(log_softmax(x@w, 1)*x)",
    "sum(tanh(x)/(1 + x**2) - sqrt(exp(x)))",
    "sum((x - b)*(b - x)*2 - x/b)",
    "sum(sigmoid(x) - (x - (b - x)))",
    "sum(x.T @ w - 3*x)",
    "x.max() + x.min()",
    "x.max(0)[0].sum()",
    "x.norm() * w.norm()",
    "x.norm(p=1)",
    "x.std()",
    "x.var(1).sum()",
    "x.prod()",
    "x.prod(1).sum()",
    "x.cumsum(0).prod()",
    "x.sort()[0][0].sum()",
    "sum(x[1:]*2 - x[0])",
    "sum(abs(x) + sign(x))",
    "sum(clamp(x, 0, 1)*w)",
    "sum(maximum(x, w))",
    "sum(where(x > 0, x, s*x))",
    "x.median()",
    "logsumexp(x, 1).sum()",
    "sum(exp(x)**s)",
    "sum(2**x)",
    "s**3 - s/2 + 1/s",
    "trace(x @ w @ x)",
    "linalg.det(x)",
    "linalg.inv(x).sum()",
    "linalg.solve(x, b).sum()",
    "sum(x.T.reshape(4)*s)",
    "torch.cat([x, w]).logsumexp(0).sum()",
    "torch.stack([s, s*2]).sum()",
    "F.mse_loss(x@w, x)",
    "F.cross_entropy(x, torch.tensor([0, 1]))",
    "F.gelu(x).sum() + F.softplus(x).sum()",
    "F.layer_norm(x, [2]).std()",
    "F.leaky_relu(x).sum() + F.elu(x).mean()",
    "F.linear(x, w, b).tanh().sum()",
    "torch.atan2(x, w).sum()",
    "torch.outer(x[0], b).sum()",
    "torch.einsum('ij,jk->ik', x, w).sum()",
    "x.gather(1, torch.tensor([[0], [1]])).sum()",
    "y = x*2; y += w; y.mul_(s); y.sum()",
    "g = grad(sum(x**3), x, create_graph=True)[0]; sum(g*g)",
    "for i in range(3): x = sin(x)*x + s\nx.sum()",
    "sum(x.detach()*x)",
    "torch.erf(x).sum() + (x + 2).log1p().nansum()",
]
# Derivatives by values without a name, parts of results, and words of records that are called otherwise.
UNREADABLE = re.compile(r"constant|\.values|\.indices|dL/|permute\(|reshape\(|reverse=|0\.\d{6}")


@pytest.fixture(scope="module", params=EXPRESSIONS)
def graph(request):
    return record_graph(EvalRequest((request.param,), variables=VARIABLES), lambda _: None)


def test_fifty_expressions_are_judged():
    assert len(EXPRESSIONS) >= 50


def test_what_the_steps_add_up_to_is_the_gradient(graph):
    """Each step's numbers follow from those before it by its own arithmetic, up to the answers."""
    arriving: dict[str, list] = {}
    for step in steps(graph):
        if isinstance(step, Visit):
            for part in step.handed:
                if part.local:
                    np.testing.assert_allclose(step.upstream[0][1] * part.factor, part.sent, rtol=1e-12)
                arriving.setdefault(part.gradient, []).append(part.sent)
        elif isinstance(step, Summing):
            broadcast = arriving[step.gradient].pop()
            assert broadcast.shape == step.broadcast
            arriving[step.gradient].append(broadcast.sum(axis=step.dims).reshape(step.shape))
        elif isinstance(step, Addition):
            np.testing.assert_allclose(sum(value for _, _, value in step.terms), step.value, rtol=1e-12)
    wanted = differentiated(graph.expressions[0])
    assert {answer.name for answer in graph.answers} == wanted.keys()
    for answer in graph.answers:
        total = sum(arriving[f"d{graph.result}/d{answer.name}"])
        np.testing.assert_allclose(total, answer.gradient, rtol=1e-12)
        np.testing.assert_allclose(total, wanted[answer.name], rtol=1e-12)


def differentiated(expression):
    """The gradients that `eval` finds."""
    found = evaluate(EvalRequest((expression,), variables=VARIABLES), lambda _: None)
    return {one.name: one.grad for one in found.gradients if one.grad is not None}


def test_formulas_typed_back_in_compute_the_gradient():
    judged = 0
    for expression in EXPRESSIONS:
        graph = record_graph(EvalRequest((expression,), variables=VARIABLES), lambda _: None)
        names = {one.name: one.value for node in graph.nodes for one in node.results}
        constants = tuple(
            f"{name}=tensor({value.tolist()})" for name, value in names.items() if "." not in name
        )
        internal = [f"{word}(" for word, _ in graph.glossary]
        for answer in graph.answers:
            if not answer.formula or UNREADABLE.search(answer.formula):
                continue
            if any(word in answer.formula for word in internal):
                continue
            typed = EvalRequest((answer.formula,), constants=constants, backward=Backward(run=False))
            value = evaluate(typed, lambda _: None).roots[0].array
            expected = np.broadcast_to(value, answer.gradient.shape)
            np.testing.assert_allclose(expected, answer.gradient, rtol=1e-10, atol=1e-14, err_msg=expression)
            judged += 1
    assert judged >= 50
