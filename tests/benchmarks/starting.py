"""Whole processes: what a user waits for before the first result."""

from __future__ import annotations

import sys
from functools import partial

from row import Process, Row

__all__ = ["ROWS"]

EXPRESSION = "mean(3*(x+2)**2)"
TORCH = """
import torch
x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
out = (3 * (x + 2) ** 2).mean()
out.backward()
print(out, x.grad)
"""
AUTOGRAD = """
import autograd.numpy as np
from autograd import value_and_grad
print(value_and_grad(lambda x: np.mean(3 * (x + 2) ** 2))(np.ones((2, 2))))
"""
# 33 rounds of six operations.
ROUNDS = 33
LONG = "y = x\n" + "y = tanh(y * w) + exp(-y) * x\n" * ROUNDS + "mean(y)"


def _python(*words: str) -> Process:
    # In the Python that the contestant's own process runs in: that with its library.
    return Process(sys.executable, *words)


def _long(command: str) -> Process:
    return _python("-m", "gradcli", command, LONG, "-v", "x=[1.,2.]", "-v", "w=[0.5,0.25]")


ROWS = [
    Row(
        "start-eval",
        f"the whole process of `gradcli eval {EXPRESSION!r}`",
        {
            "gradcli eval": lambda: _python("-m", "gradcli", "eval", EXPRESSION),
            "import numpy": lambda: _python("-c", "import numpy"),
            "PyTorch": lambda: _python("-c", TORCH),
            "autograd": lambda: _python("-c", AUTOGRAD),
        },
        ratios={"import numpy": 1.8, "PyTorch": 1 / 8},
    ),
    Row(
        "start-check",
        f"the whole process of `gradcli check {EXPRESSION!r}`, symbolic witness included",
        {
            "gradcli check": lambda: _python("-m", "gradcli", "check", EXPRESSION, "-v", "x=[1.,2.]"),
            "import sympy": lambda: _python("-c", "import sympy"),
        },
        ratios={"import sympy": 1.6},
    ),
    *(
        Row(
            f"start-{command}-200",
            f"the whole process of `gradcli {command}` for an expression of 200 nodes",
            {f"gradcli {command}": partial(_long, command)},
            goals={f"gradcli {command}": 0.5},
        )
        for command in ("explain", "graph", "diff")
    ),
]
