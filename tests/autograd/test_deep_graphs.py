"""Graphs a hundred thousand nodes deep or wide: forward, backward and freed, without recursion."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref

import pytest

from gradcli import torch
from gradcli.autograd import session

DEEP = 100_000


@pytest.fixture(autouse=True)
def fresh():
    with session(default_dtype=torch.float64.dtype):
        yield


def chain(x):
    y = x
    for _ in range(DEEP):
        y = y + 1
    return y


def chain_in_place(x):
    y = x * 1
    for _ in range(DEEP):
        y += 1
    return y


def chain_of_views(x):
    y = x * 1
    for _ in range(DEEP // 10):
        y = y.view(2)
    return y


def changes_through_views(x):
    y = x * 1
    for _ in range(DEEP // 10):
        y.view(2, 1).mul_(1.0)
    return y


def balanced_tree(x):
    level = [x * 1 for _ in range(2**15)]
    while len(level) > 1:
        level = [a + b for a, b in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def fan(x):
    total = x * 0
    shared = x * 1
    for _ in range(DEEP // 10):
        total = total + shared
    return total


def doubling(x):
    y = x  # 2**40 paths, 40 nodes
    for _ in range(40):
        y = y + y
    return y


@pytest.mark.parametrize(
    ("program", "slope"),
    [
        (chain, 1),
        (chain_in_place, 1),
        (chain_of_views, 1),
        (changes_through_views, 1),
        (balanced_tree, 2**15),
        (fan, DEEP // 10),
        (doubling, 2**40),
    ],
)
def test_backward_runs_and_the_graph_is_freed(program, slope):
    limit = sys.getrecursionlimit()
    x = torch.ones(2, requires_grad=True)
    y = program(x)
    node = weakref.ref(y.grad_fn)
    y.sum().backward()
    assert x.grad.tolist() == [slope, slope]
    assert sys.getrecursionlimit() == limit
    del y
    gc.collect()
    assert node() is None


def test_a_deep_graph_is_differentiated_twice():
    x = torch.tensor([1.0], requires_grad=True)
    y = x
    for _ in range(DEEP // 20):
        y = y * 1.0
    (first,) = torch.autograd.grad(y * y, x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    assert (first.tolist(), second.tolist()) == ([2], [2])


def test_only_the_nodes_between_roots_and_inputs_run():
    x, w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    y = chain(x) * w
    (found,) = torch.autograd.grad(y.sum(), w)
    assert found.tolist() == [DEEP + 1, DEEP + 1]


def test_a_graph_dies_with_its_last_tensor_even_without_the_collector():
    x = torch.ones(2, requires_grad=True)
    gc.disable()
    try:
        y = (x * 3).exp().sum()
        node = weakref.ref(y.grad_fn)
        y.backward()
        del y
        assert node() is None
    finally:
        gc.enable()


def products(x, count):
    for _ in range(count):
        x = x.sin() * 1.01
    return x


def sums(x, count):
    level = [x * 0.5] * count
    while len(level) > 1:
        level = [a + b for a, b in zip(level[::2], level[1::2], strict=True)]
    return level[0]


@pytest.mark.parametrize("program", [products, sums])
def test_memory_grows_with_the_nodes_and_no_faster(program):
    def size(count):
        tracemalloc.start()
        try:
            y = program(torch.ones(8, requires_grad=True), count).sum()
            held = tracemalloc.get_traced_memory()[0]
            y.backward()
            return held, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    size(8)  # what is made only once
    small, big = size(2**13), size(2**15)
    assert big[0] == pytest.approx(4 * small[0], rel=0.1)  # Python keeps some tuples to use again
    assert big[1] == pytest.approx(4 * small[1], rel=0.2)  # tables of what waits grow in steps
