"""Whole processes: the README's first `eval` against a bare NumPy import, PyTorch and HIPS autograd."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from measure import process

EXPRESSION = "mean(3*(x+2)**2)"
TORCH = """
import torch
x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
out = (3 * (x + 2) ** 2).mean()
out.backward()
print(out, x.grad)
"""
HIPS = """
import autograd.numpy as np
from autograd import value_and_grad
print(value_and_grad(lambda x: np.mean(3 * (x + 2) ** 2))(np.ones((2, 2))))
"""


def run() -> list[dict[str, Any]]:
    """Median time and memory of each process, with ratios to the bare import."""
    python = sys.executable
    commands = {
        "python -c 'import numpy'": [python, "-c", "import numpy"],
        f"gradcli eval '{EXPRESSION}'": [python, "-m", "gradcli", "eval", EXPRESSION],
    }
    if importlib.util.find_spec("torch"):
        commands["the same in PyTorch"] = [python, "-c", TORCH]
    if importlib.util.find_spec("autograd"):
        commands["the same in HIPS autograd"] = [python, "-c", HIPS]
    rows = process(commands)
    bare = rows[0]["median ms"]
    for row in rows:
        row["× bare import"] = round(row["median ms"] / bare, 2)
    return rows
