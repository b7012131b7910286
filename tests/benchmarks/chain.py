"""Growth: y = sin(y)*1.01 repeated on 8 elements, forward and backward, per operation."""

from __future__ import annotations

import importlib.util
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)


def run() -> list[dict[str, Any]]:
    """Time per operation and resident size at each length, every length in a process of its own."""
    names = ["gradcli"] + ["PyTorch"] * bool(importlib.util.find_spec("torch"))
    rows = []
    for name in names:
        for length in LENGTHS if name == "gradcli" else LENGTHS[:3]:  # PyTorch's memory grows past 10^5
            found = subprocess.run(
                [sys.executable, __file__, name, str(length)], check=True, capture_output=True, text=True
            ).stdout.split()
            rows.append({"what": f"{name}, {length:,} operations", "µs per operation": float(found[0]),
                         "bytes per operation": int(found[1])})  # fmt: skip
    return rows


def measure(name: str, length: int) -> None:
    """Prints the best of several runs (µs per operation) and the growth of the process (bytes each)."""
    if name == "gradcli":
        from gradcli import torch
        from gradcli.autograd import session

        with session():
            _measure(torch, length)
    else:
        import torch

        torch.set_num_threads(1)
        _measure(torch, length)


def _measure(torch: Any, length: int) -> None:
    best = float("inf")
    size = _resident()
    for _ in range(max(1, min(20, 200_000 // length))):
        x = torch.tensor(np.linspace(0.1, 1.0, 8), requires_grad=True)
        start = time.perf_counter()
        y = x
        for _ in range(length // 2):
            y = y.sin() * 1.01
        y.sum().backward()
        best = min(best, time.perf_counter() - start)
        grown = _resident() - size
        del y
    print(round(best / length * 1e6, 3), grown // length)


def _resident() -> int:
    """Bytes that the process holds now; its peak would be its parent's, which a child inherits."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]))
