"""The witness of finite differences over all elements against PyTorch's gradcheck, slow mode, one thread.

Both judge the same gradient: gradcheck compares all of PyTorch's against its numerical side, ours is
heard on the gradient that gradcli computed, which must agree with it at every element first.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradcli.autograd.context import session
from gradcli.autograd.tensor import Tensor
from gradcli.checks.sample import choose
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import differences
from gradcli.plan import taped

ROUNDS = 7
FEW = 5  # rounds of what takes seconds


class Program(NamedTuple):
    """A program in the words that PyTorch's tensors and ours share, and where it is judged."""

    name: str
    formula: Callable[[Any, Any], Any]
    point: Any
    weight: Any


def programs() -> list[Program]:
    """What is measured."""
    random = np.random.default_rng(0)
    found = [
        Program(
            f"sum(sin(x) * x**2), n = {n:,}",
            lambda x, w: (x.sin() * x**2).sum(),
            random.standard_normal(n),
            np.zeros(()),
        )
        for n in (1_000, 5_000)
    ]
    found += [
        Program(
            f"tanh(W @ x), n = {n:,}",
            lambda x, w: (w @ x).tanh(),
            random.standard_normal(n),
            random.standard_normal((n, n)) / np.sqrt(n),
        )
        for n in (200, 1_000)
    ]
    return found


def ours(program: Program) -> Callable[[], object]:
    """The check as a call: the run on a tape, its gradient, and the witness on all of its elements."""

    def judge() -> object:
        with session():
            x = Tensor(program.point, requires_grad=True)
            with taped() as tape:
                tape.input(x)
                y = program.formula(x, Tensor(program.weight))
            ones = np.ones(y.shape)
            y.backward(Tensor(ones))
            trace = tape.trace([y])
        subject = Subject(trace, (Variable("x", program.point, x.grad.numpy()),), (ones,))
        (words,) = differences.testify(subject, choose(subject, 64, 0)).words
        assert words.spoke.all()
        apart = abs(words.values - subject.variables[0].gradient)
        assert np.all(apart <= 3 * words.bounds + 1e-6 * abs(words.values))
        return words

    return judge


def theirs(program: Program) -> Callable[[], object] | None:
    """The same by PyTorch, where it is installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    x = torch.tensor(program.point, requires_grad=True)
    w = torch.tensor(program.weight)

    def judge() -> object:
        passed = torch.autograd.gradcheck(lambda x: program.formula(x, w), (x,))
        assert passed
        return passed

    return judge


def run() -> list[dict[str, Any]]:
    """Median times of a whole check, in turns."""
    rows = []
    for program in programs():
        mine, other = ours(program), theirs(program)
        mine()
        times: dict[str, list[float]] = {"ours": [], "gradcheck": []}
        for turn in range(ROUNDS):
            for name, judge in (("ours", mine), ("gradcheck", other)):
                if judge is not None and (name == "ours" or turn < FEW):
                    start = time.perf_counter()
                    judge()
                    times[name].append((time.perf_counter() - start) * 1e3)
        row: dict[str, Any] = {"what": program.name, "ours, ms": round(statistics.median(times["ours"]), 2)}
        if times["gradcheck"]:
            row["gradcheck, ms"] = round(statistics.median(times["gradcheck"]), 1)
            row["ratio"] = round(statistics.median(times["gradcheck"]) / statistics.median(times["ours"]), 1)
        rows.append(row)
    return rows
