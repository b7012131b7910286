"""Rows of the table: one piece of work, done by several contestants who must all find the same.

How a row is added: put a `Row` into the list `ROWS` of a module that `table.MODULES` names. Each contestant
is a maker: it imports its library and builds its inputs, which is not timed, and returns a function without
arguments, which is. What that function returns (numbers, arrays, tensors of any library; tuples and lists of
them) is compared with `expected()` before anything is timed. Every contestant runs in a process of its own,
in the first Python that has its library, and they are timed in turns.

    def _ours():
        from gradcli.plan... import ...
        x = np.ones((2, 2))
        return lambda: run(x)                      # -> (value, gradient)

    ROWS = [
        Row(
            "mean-2x2", "mean(3*(x+2)**2), 2x2 float64: value and gradient",
            {"gradcli plan": _ours, "PyTorch": _torch, "NumPy by hand": _numpy},
            expected=lambda: (27.0, np.full((2, 2), 4.5)),
            goals={"gradcli plan": 2e-6},
        ),
    ]

The first contestant is what the others' ratios refer to. A contestant whose name begins with that of a peer
(PEERS) takes part where a Python has it; all others run in the Python that runs the table.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["PEERS", "Contestant", "Process", "Row", "begin_session", "mismatch", "needs"]

PEERS = {"PyTorch": "torch", "JAX": "jax", "autograd": "autograd", "numdifftools": "numdifftools"}

TINY = 2.3e-308  # below it numbers lose digits

Contestant = Callable[[], Callable[[], Any]]


class Row(NamedTuple):
    """One piece of work.

    Attributes:
        name: for the command line, and unique.
        work: what is done, in words.
        contestants: who does it: the maker of the function that is timed.
        expected: the right result; of the contestants' shapes. None: they need not agree, as processes.
        tolerance: the largest difference of an element, relative to the largest of its array.
        goals: by contestant, seconds (for one of `units`).
        there: what others took on the machine that the goals are of. Where they take longer on this one, so
            may ours: a goal is also told at the pace of the one that is slowed down least.
        limits: by contestant, the most MiB that its first call may add to its process.
        ratios: by contestant, the most that the first one may take as a multiple of its time.
        units: how many pieces the work has: times and memory are given for one of them.
        threads: how many each contestant may use.
    """

    name: str
    work: str
    contestants: dict[str, Contestant]
    expected: Callable[[], Any] | None = None
    tolerance: float = 1e-12
    goals: Mapping[str, float] = MappingProxyType({})
    there: Mapping[str, float] = MappingProxyType({})
    limits: Mapping[str, float] = MappingProxyType({})
    ratios: Mapping[str, float] = MappingProxyType({})
    units: int = 1
    threads: int = 1

    def call(self, who: str) -> Any:
        """What is timed of a contestant; the tensors of ours have all methods, as in any Python program."""
        if not needs(who):
            from gradcli.autograd.methods import complete_all

            complete_all()
        return self.contestants[who]()


def begin_session(**settings: Any) -> None:
    """Begins the session that programs run in; it lasts as long as the contestant's process."""
    from gradcli.autograd import session

    SESSIONS.append(session(**settings))
    SESSIONS[-1].__enter__()


SESSIONS: list[Any] = []  # a session that nobody holds is over


def needs(who: str) -> str:
    """Returns the module without which a contestant cannot take part; empty for NumPy and our own."""
    return next((module for name, module in PEERS.items() if who.startswith(name)), "")


class Process:
    """What a contestant that is a whole process calls: the command, whose output is not compared."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self) -> None:
        subprocess.run(self.words, check=True, capture_output=True)


def mismatch(found: Any, expected: Any, tolerance: float) -> str:
    """Returns how a result differs from the expected one; empty where it does not."""
    ours, theirs = list(_arrays(found)), list(_arrays(expected))
    if len(ours) != len(theirs):
        return f"{len(ours)} arrays instead of {len(theirs)}"
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if one.shape != other.shape:
            return f"result {place} has shape {one.shape} instead of {other.shape}"
        worst = float(np.max(np.abs(one - other), initial=0.0))
        scale = float(np.max(np.abs(other), initial=0.0))
        if not worst <= tolerance * scale + TINY:
            return f"result {place} is off by {worst:.3g}, of {scale:.3g}"
    return ""


def _arrays(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for one in value:
            yield from _arrays(one)
    else:
        if hasattr(value, "detach"):  # tensors, PyTorch's and ours
            value = value.detach().numpy()
        yield np.asarray(value, np.float64)
