from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import EvalRequest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

VALUES = {
    "x": [[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]],
    "w": [[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]],
    "b": [0.5, -3.0],
    "s": 0.7,
}
EXPRESSIONS = [
    "(3*(x+2)**2).mean()",
    "torch.relu(x@w + b).sum()",
    "torch.softmax(x, 1)[0, 1]",
    "torch.nn.functional.cross_entropy(x, torch.tensor([0, 2]))",
    "s.sin()*s.sin() + s.exp()*s",
    "x.max(1)[0].sum() + x.norm()",
    "(x.t() * s).std()",
    "torch.cat([x, x*2]).logsumexp(1).prod()",
    "x[0, 1:].sum() / s",
    "torch.where(x > 0, x, s).sum()",
    "torch.sigmoid(x @ w).log().mean()",
    "(w @ x).inverse().sum() if False else (x @ w).inverse().sum()",
    "x.sum(1).max()",
    "torch.stack([s, s*2])[1]",
]


def theirs(expression):
    leaves = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in VALUES.items()
    }
    root = eval(expression, {"torch": torch, **leaves})  # noqa: S307 - our own texts
    names = {id(leaf): name for name, leaf in leaves.items()}
    return root, leaves, names


def shape_of(node, names, seen):
    """The graph below a node as nested tuples, each node once."""
    if node is None:
        return None
    name = type(node).__name__
    if name == "AccumulateGrad":
        return (name, names[id(node.variable)])
    if node in seen:
        return ("seen", seen[node])
    seen[node] = len(seen)
    return (name, tuple((shape_of(to, names, seen), output) for to, output in node.next_functions))


def our_shape(report, number, seen):
    node = report.nodes[number - 1]
    if node.variable:
        return (node.name, node.variable)
    if number in seen:
        return ("seen", seen[number])
    seen[number] = len(seen)
    return (
        node.name,
        tuple(
            (None if flow.to is None else our_shape(report, flow.to, seen), flow.output)
            for flow in node.flows
        ),
    )


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_names_and_next_functions_are_pytorchs(expression):
    root, _, names = theirs(expression)
    report = record_graph(EvalRequest((expression,), variables=bindings()), lambda _: None)
    seen = {}
    assert our_shape(report, report.roots[0][0], {}) == shape_of(root.grad_fn, names, seen)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_order_of_visits_and_the_cotangents_are_pytorchs(expression):
    root, leaves, _ = theirs(expression)
    visits = []

    def watch(node):
        if type(node).__name__ != "AccumulateGrad":
            node.register_hook(lambda _, came: visits.append((type(node).__name__, came[0])))

    found, waiting = {}, [root.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found[node] = None
            watch(node)
            waiting += [to for to, _ in node.next_functions]
    root.backward()
    report = record_graph(EvalRequest((expression,), variables=bindings()), lambda _: None)
    ours = [node for node in report.nodes if node.visited and not node.variable]
    assert [node.name for node in ours] == [name for name, _ in visits]
    for node, (_, came) in zip(ours, visits, strict=True):
        if came is not None:
            np.testing.assert_allclose(node.results[0].gradient, came.numpy(), rtol=1e-12, atol=1e-15)
    for answer in report.answers:
        if leaves[answer.name].grad is not None:
            np.testing.assert_allclose(
                answer.gradient, leaves[answer.name].grad.numpy(), rtol=1e-10, atol=1e-14
            )


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_ledger_says_of_a_second_backward_what_pytorch_does(expression):
    root, _, _ = theirs(expression)
    root.backward()
    try:
        root.backward()
        raised = False
    except RuntimeError:
        raised = True
    report = record_graph(EvalRequest((expression,), variables=bindings()), lambda _: None)
    assert any(node.again for node in report.nodes) == raised


SAVING = [
    "torch.tanh(x).sum()", "(x*2).sum()", "(x/s).sum()", "(2/x).sum()", "(x**2).sum()", "(x**s).sum()",
    "x.abs().sum()", "x.clamp(0, 1).sum()", "torch.maximum(x, s).sum()", "x.std()", "x.var(1).sum()",
    "torch.log_softmax(x, 1).sum()", "torch.nn.functional.mse_loss(x, x*2)", "x.cumsum(0).sum()",
    "torch.nn.functional.linear(x, w.t(), b).sum()", "x[[0]].sum()", "x.norm()",
    "torch.nn.functional.gelu(x).sum()", "x.sort(1)[0].sum()", "x.max()", "x.median()", "x.mean(1).sum()",
    "torch.atan2(x, x + 1).sum()", "torch.where(x > 0, x*2, x).sum()", "x.detach().mul(x).sum()",
    "torch.einsum('ij,jk->ik', x, w).sum()", "torch.bmm(x[None], w[None]).sum()", "x.sum()*x.sum()",
    "torch.nn.functional.binary_cross_entropy_with_logits(x, x*0 + 0.5)", "torch.addmm(b, x, w).sum()",
    "torch.logsumexp(x, 1).sum()", "torch.lerp(x, x*2, 0.3).sum()", "torch.erf(x).sum()",
    "(x - x.mean()).pow(2).mean().sqrt()",
]  # fmt: skip


@pytest.mark.parametrize("expression", SAVING)
def test_the_ledger_saves_what_pytorch_saves(expression):
    """By shapes and dtypes; of some operations PyTorch saves results too that a rule could do without."""
    packed = []

    def pack(tensor):
        packed.append((tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        theirs(expression)
    report = record_graph(EvalRequest((expression,), variables=bindings()), lambda _: None)
    saved = [(one.shape, one.dtype) for node in report.nodes for one in node.saved if one.dtype != "number"]
    assert sorted(saved) == sorted(packed)


def bindings():
    return tuple(f"{name}={value}" for name, value in VALUES.items())
