"""Growth: time and memory per node, in a chain and in a balanced tree, from 10^3 to 10^6 nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from row import Contestant, Row, begin_session

__all__ = ["ROWS"]

CHAINS = (1_000, 10_000, 100_000, 1_000_000)
TREES = (1_024, 16_384, 131_072, 1_048_576)
PEERS_TO = 100_000  # their memory and their recursion end there
PLANS_TO = 100_000  # to make one takes a hundred times as long as to run it
THERE = {1_000: 4.5e-6, 100_000: 12.4e-6}  # PyTorch's seconds for an operation where the goals are from
START = np.linspace(0.1, 1.0, 8)


def _torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def _ours() -> Any:
    from gradcli import torch

    begin_session()
    return torch


def _differentiated(torch: Any, program: Callable[[Any], Any]) -> Callable[[], Any]:
    x = torch.tensor(START, dtype=torch.float64, requires_grad=True)

    def call() -> Any:
        x.grad = None
        program(x).backward()
        return x.grad

    return call


def _planned(program: Callable[[Any], Any]) -> Callable[[], Any]:
    from gradcli.plan.arrays import ARRAYS
    from gradcli.plan.bound import Bound
    from gradcli.plan.gradient import gradient_program
    from gradcli.plan.simplify import simplified

    x = _ours().tensor(START, requires_grad=True)
    found = gradient_program(lambda: [program(x)], lambda: [x])
    facts = found.trace.run([START], ARRAYS.apply, np.asarray)
    run = Bound(simplified(found.trace, facts), [START]).run
    return lambda: run()[1]


def _chain(length: int) -> Callable[[Any], Any]:
    def program(x: Any) -> Any:
        y = x
        for _ in range(length // 2):
            y = y.sin() * 1.01
        return y.sum()

    return program


def _tree(leaves: int) -> Callable[[Any], Any]:
    def program(x: Any) -> Any:
        level = [x * (1.0 / leaves)] * leaves
        while len(level) > 1:
            level = [level[i] + level[i + 1] for i in range(0, len(level), 2)]
        return level[0].sum()

    return program


def _chain_gradient(length: int) -> Any:
    y, slope = START, np.ones(8)
    for _ in range(length // 2):
        slope = slope * 1.01 * np.cos(y)
        y = np.sin(y) * 1.01
    return slope


def _contestants(program: Callable[[Any], Any], count: int, *, plan: bool) -> dict[str, Contestant]:
    found: dict[str, Contestant] = {"gradcli": lambda: _differentiated(_ours(), program)}
    if plan:
        found["gradcli plan"] = lambda: _planned(program)
    if count <= PEERS_TO:
        found["PyTorch"] = lambda: _differentiated(_torch(), program)
    return found


ROWS = [
    Row(
        f"chain-{length}",
        f"y = sin(y)*1.01 on 8 float64, {length:,} operations, per operation",
        _contestants(_chain(length), length, plan=length <= PLANS_TO),
        expected=lambda length=length: _chain_gradient(length),
        tolerance=1e-9,
        goals={"gradcli": 4e-6, "gradcli plan": 0.8e-6},
        there={"PyTorch": THERE[length]} if length in THERE else {},
        units=length,
    )
    for length in CHAINS
] + [
    Row(
        f"tree-{leaves}",
        f"a balanced tree of {leaves - 1:,} sums of 8 float64, per sum",
        _contestants(_tree(leaves), leaves, plan=False),  # it would see that all sums are the same
        expected=lambda: np.ones(8),
        tolerance=1e-9,
        units=leaves - 1,
    )
    for leaves in TREES
]
