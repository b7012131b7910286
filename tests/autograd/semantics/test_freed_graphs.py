"""Saved tensors: freed by the first backward, kept by retain_graph, missed only where a node saved some."""

from __future__ import annotations

import pytest

SECOND_TIME = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they "
    "have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or "
    "autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors "
    "after calling backward."
)
SAVE_NOTHING = {
    "x + 3": lambda torch, x: x + 3,
    "x - 3": lambda torch, x: x - 3,
    "3 - x": lambda torch, x: 3 - x,
    "-x": lambda torch, x: -x,
    "sum": lambda torch, x: x.sum(),
    "mean": lambda torch, x: x.mean(),
    "T": lambda torch, x: x.T,
    "view": lambda torch, x: x.view(-1),
    "x[0]": lambda torch, x: x[0],
    "cat": lambda torch, x: torch.cat([x, x]),
    "clone": lambda torch, x: x.clone(),
    "double": lambda torch, x: x.double(),
    "cumsum": lambda torch, x: x.cumsum(0),
    "floor": lambda torch, x: x.floor(),
    "sign": lambda torch, x: x.sign(),
    "x % 2": lambda torch, x: x % 2,
}
SAVE = {
    "x * 3": lambda torch, x: x * 3,
    "x / 3": lambda torch, x: x / 3,
    "3 / x": lambda torch, x: 3 / x,
    "x ** 2": lambda torch, x: x**2,
    "relu": lambda torch, x: x.relu(),
    "abs": lambda torch, x: x.abs(),
    "clamp": lambda torch, x: x.clamp(0, 1),
    "where": lambda torch, x: torch.where(x > 0, x, -x),
    "max": lambda torch, x: x.max(),
    "maximum": lambda torch, x: torch.maximum(x, 2 * x.detach()),
    "@": lambda torch, x: x @ x,
    "x[[0]]": lambda torch, x: x[[0]],
    "linear": lambda torch, x: torch.nn.functional.linear(x, torch.ones(2, 2)),
    "mse": lambda torch, x: torch.nn.functional.mse_loss(x, torch.ones(2, 2)),
    "l1": lambda torch, x: torch.nn.functional.l1_loss(x, torch.ones(2, 2)),
    "exp": lambda torch, x: x.exp(),
    "prod": lambda torch, x: x.prod(),
}


def twice(torch, operation):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = operation(torch, x)
    weights = torch.ones(tuple(y.shape), dtype=y.dtype)
    y.backward(weights)
    y.backward(weights)


@pytest.mark.parametrize("name", SAVE_NOTHING)
def test_a_graph_that_saved_nothing_runs_again(torch, name):
    twice(torch, SAVE_NOTHING[name])


@pytest.mark.parametrize("name", SAVE)
def test_a_graph_that_saved_something_does_not_run_again(torch, message, name):
    assert message(RuntimeError, lambda: twice(torch, SAVE[name])) == SECOND_TIME


@pytest.mark.parametrize("name", SAVE)
def test_retain_graph_keeps_what_was_saved(torch, name):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = SAVE[name](torch, x)
    y = y if not y.shape else y.sum()
    (first,) = torch.autograd.grad(y, x, retain_graph=True)
    (second,) = torch.autograd.grad(y, x)
    assert first.tolist() == second.tolist()


def test_two_losses_over_one_graph_need_retain_graph(torch, message):
    x = torch.ones(2, requires_grad=True)
    shared = x * x
    first, second = shared.sum(), (shared * 2).sum()
    first.backward(retain_graph=True)
    second.backward()
    assert x.grad.tolist() == [6, 6]
    assert message(RuntimeError, first.backward) == SECOND_TIME


def test_create_graph_retains_unless_told_otherwise(torch, message):
    x = torch.ones(2, requires_grad=True)
    y = (x**3).sum()
    torch.autograd.grad(y, x, create_graph=True)
    torch.autograd.grad(y, x, create_graph=True, retain_graph=False)
    assert message(RuntimeError, lambda: torch.autograd.grad(y, x)) == SECOND_TIME


def test_a_change_through_a_view_is_freed_as_well(torch, message):
    y = torch.ones(2, requires_grad=True) + 1
    y.view(2, 1).add_(1)
    y.sum().backward()
    assert message(RuntimeError, lambda: y.sum().backward()) == SECOND_TIME


def test_only_what_a_needed_partial_names_is_saved(torch):
    x = torch.ones(2, requires_grad=True)
    w = torch.full((2,), 3.0)
    y = x * w  # saves w, not x
    with torch.no_grad():
        x.add_(1)
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]
