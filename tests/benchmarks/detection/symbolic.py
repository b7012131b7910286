"""The symbolic witness on its default sample of a million elements, each program in a process of its own.

`python tests/benchmarks/detection/symbolic.py [NAME ...]`. The time is from before SymPy is imported to the
testimony; what is said must agree with the gradient, and where symbols spread too far it must be silent.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np  # noqa: E402 - it reads the number of threads when it is loaded

from gradcli import torch  # noqa: E402 - as above
from gradcli.autograd.context import session  # noqa: E402 - as above
from gradcli.autograd.tensor import Tensor  # noqa: E402 - as above
from gradcli.checks.sample import choose  # noqa: E402 - as above
from gradcli.checks.subject import Subject, Variable  # noqa: E402 - as above
from gradcli.checks.witnesses import symbolic  # noqa: E402 - as above
from gradcli.plan import taped  # noqa: E402 - as above

MILLION, ROWS = 10**6, 10**3
ROUNDS = 5

# name -> the program, the shapes of its variables, whether symbols spread too far
PROGRAMS: dict[str, tuple[Callable[..., Any], list[Any], bool]] = {
    "sum(sin(x) * x**2)": (lambda x: (x.sin() * x**2).sum(), [MILLION], False),
    "mean(3 * (x + 2)**2)": (lambda x: (3 * (x + 2) ** 2).mean(), [(ROWS, ROWS)], False),
    "mean(W @ x)": (lambda w, x: (w @ x).mean(), [(ROWS, ROWS), ROWS], False),
    "sum(A @ B)": (lambda a, b: (a @ b).sum(), [(ROWS, ROWS), (ROWS, ROWS)], False),
    "reshape, transpose, slice": (
        lambda x: (x.reshape(ROWS, ROWS).T[3:, ::2] * 2).sum(), [MILLION], False,
    ),
    "cat": (lambda x, y: torch.cat([x, y]).sum(), [MILLION // 2, MILLION // 2], False),
    "cumsum over rows": (lambda x: x.cumsum(0).sum(), [(ROWS, ROWS)], False),
    "sum(tanh(W @ x))": (lambda w, x: (w @ x).tanh().sum(), [(ROWS, ROWS), ROWS], False),
    "sum(tanh(A @ B))": (lambda a, b: (a @ b).tanh().sum(), [(ROWS, ROWS), (ROWS, ROWS)], False),
    "softmax over rows": (lambda x: x.softmax(1).pow(2).sum(), [(ROWS, ROWS)], False),
    "max(x)": (lambda x: x.max(), [MILLION], False),
    "cumsum over all": (lambda x: x.cumsum(0).sin().sum(), [MILLION], True),
    "A @ B twice": (lambda a, b: (a @ b @ a).sum(), [(ROWS, ROWS), (ROWS, ROWS)], True),
}  # fmt: skip


def subject_of(program: Callable[..., Any], shapes: list[Any]) -> Subject:
    """The program at a seeded point, with its gradient."""
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(shape) for shape in shapes]
    with session():
        leaves = [Tensor(array, requires_grad=True) for array in arrays]
        with taped() as tape:
            for leaf in leaves:
                tape.input(leaf)
            out = program(*leaves)
        trace = tape.trace([out])
        out.backward()
    variables = [
        Variable(f"x{i}", array, leaf.grad.numpy())
        for i, (leaf, array) in enumerate(zip(leaves, arrays, strict=True))
    ]
    return Subject(trace, tuple(variables), (np.ones(out.shape),))


def one(name: str) -> dict[str, Any]:
    """One measurement, SymPy's import included."""
    program, shapes, spreads = PROGRAMS[name]
    subject = subject_of(program, shapes)
    sample = choose(subject, symbolic.DEFAULT_SAMPLE, 0)
    start = time.perf_counter()
    found = symbolic.testify(subject, sample)
    seconds = time.perf_counter() - start
    assert bool(found.words) != spreads, f"{name}: {found.silence or 'symbols should have spread too far'}"
    error = bound = 0.0
    for words, variable in zip(found.words, subject.variables, strict=bool(found.words)):
        scale = float(np.abs(variable.gradient).max())
        assert words.spoke.sum() == min(symbolic.DEFAULT_SAMPLE, words.spoke.size)
        error = max(error, float(np.abs(words.values - variable.gradient)[words.spoke].max()) / scale)
        bound = max(bound, float(words.bounds[words.spoke].max()) / scale)
    assert error < 1e-10, f"{name}: the gradient is off by {error}"
    return {"seconds": seconds, "error": error, "bound": bound, "silence": found.silence}


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *PROGRAMS], help="programs; all without")
    parser.add_argument("--one", choices=PROGRAMS, help="measure here, and print the figures as JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
        return 0
    print(f"{'program':<28}{'median s':>9}{'worst s':>9}  off by   bound")
    for name in options.names or PROGRAMS:
        command = [sys.executable, __file__, "--one", name]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(ROUNDS)
        ]
        times = sorted(run["seconds"] for run in runs)
        last = runs[-1]["silence"] or f"{runs[-1]['error']:.0e}   {runs[-1]['bound']:.0e}"
        print(f"{name:<28}{times[ROUNDS // 2]:>9.2f}{times[-1]:>9.2f}  {last}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
