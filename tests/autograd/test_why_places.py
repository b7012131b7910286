"""What errors about the graph know: the nodes and tensors they speak of, and two places."""

from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.autograd import context, session
from gradcli.autograd.node import GraphFault
from gradcli.diagnostics import Source, Span

SOURCE = Source("program", "forward call change")
FORWARD, CALL = Span(SOURCE, 0, 7), Span(SOURCE, 8, 12)


@pytest.fixture(autouse=True)
def _own_session():
    with session():
        yield


class Heard:
    """A journal that keeps everything."""

    def __init__(self):
        self.roots, self.freed, self.filled = [], [], []

    def began(self, roots, inputs):
        self.roots.append(([node for node, _ in roots], inputs))
        return self.freed.append

    def accumulating(self, leaf):
        self.filled.append(leaf)


def squares():
    """A leaf and a root whose nodes stand at FORWARD."""
    context.span = FORWARD
    x = torch.ones(2, requires_grad=True)
    root = (x * x).sum()
    context.span = None
    return x, root


def failure(act) -> GraphFault:
    with pytest.raises(GraphFault) as caught:
        act()
    return caught.value


def test_a_freed_graph_is_reported_at_the_call_with_the_operation_beside_it():
    _, root = squares()
    root.backward()
    context.span = CALL
    fault = failure(root.backward)
    found = fault.diagnostic
    assert found.span == CALL
    assert [(label.span, label.text) for label in found.related] == [
        (FORWARD, "MulBackward0 saved values here that are freed")
    ]
    assert fault.about[0].name() == "MulBackward0"


def test_where_no_program_called_the_operation_is_the_place():
    _, root = squares()
    root.backward()
    found = failure(root.backward).diagnostic
    assert found.span == FORWARD
    assert found.related == ()


def test_a_changed_value_is_reported_at_the_call_with_the_operation_that_saved_it():
    x, _ = squares()
    context.span = FORWARD
    y = torch.exp(x)
    context.span = None
    y.add_(1)
    context.span = CALL
    fault = failure(y.sum().backward)
    assert fault.diagnostic.span == CALL
    assert [label.span for label in fault.diagnostic.related] == [FORWARD]
    node, saved = fault.about
    assert node.name() == "ExpBackward0"
    assert saved[2][0] > saved[3]


def test_a_nan_in_anomaly_mode_is_reported_at_the_call_with_the_operation_it_came_from():
    context.span = FORWARD
    x = torch.zeros(1, requires_grad=True)
    root = (x.sqrt() * 0).sum()
    context.span, context.anomaly = CALL, True
    found = failure(root.backward).diagnostic
    assert found.code == "E405"
    assert found.span == CALL
    assert [label.span for label in found.related] == [FORWARD]


@pytest.mark.parametrize(
    "act",
    [
        lambda x, c: c.sum().backward(),
        lambda x, c: torch.autograd.grad(x.sum(), c),
        lambda x, c: x.sum().backward(inputs=[c]),
        lambda x, c: c.retain_grad(),
        lambda x, c: c.register_hook(print),
    ],
)
def test_an_error_about_a_tensor_without_gradient_knows_the_tensor(act):
    x, c = torch.ones(1, requires_grad=True), torch.ones(1)
    assert not failure(lambda: act(x, c)).about[0].requires_grad


def test_an_error_about_a_leaf_changed_in_place_knows_the_leaf():
    x = torch.ones(2, requires_grad=True)
    assert failure(lambda: x.add_(1)).about == (x,)
    assert failure(lambda: x[0].add_(1)).about == (x,)


def test_a_root_that_is_no_scalar_is_told_its_shape_and_three_ways_out():
    x = torch.ones(3, requires_grad=True)
    found = failure((x * 2).backward).diagnostic
    for word in ("[3]", ".sum()", "ones_like", "jacobian"):
        assert word in found.help


def test_a_journal_hears_of_passes_of_freed_nodes_and_of_leaves():
    x, root = squares()
    context.journal = heard = Heard()
    root.backward(retain_graph=True)
    assert heard.freed == []
    root.backward()
    assert [roots for roots, _ in heard.roots] == [[root.grad_fn]] * 2
    assert {node.name() for node in heard.freed} == {"SumBackward0", "MulBackward0"}
    assert heard.filled == [x, x]


def test_a_journal_hears_of_no_leaf_where_gradients_are_only_returned():
    x, root = squares()
    context.journal = heard = Heard()
    torch.autograd.grad(root, x)
    assert heard.filled == []
    assert [inputs is None for _, inputs in heard.roots] == [False]


def test_a_session_begins_without_a_journal_and_puts_the_old_one_back():
    context.journal = heard = Heard()
    with session():
        assert context.journal is None
    assert context.journal is heard
