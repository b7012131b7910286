"""Loops of gradient descent: a cubic fitted to sin, by `minimize` and as scripts, and a line as a script.

The scripts are the samples themselves, whole: parsed, run, and their last line compared. PyTorch runs the
same files.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from row import Contestant, Row

__all__ = ["ROWS"]

SAMPLES = Path(__file__).parents[2] / "samples"
SINE, LINE = SAMPLES / "sine" / "with_autograd.py", SAMPLES / "tutorials" / "line_fit.py"
MODULE = SAMPLES / "sine" / "with_sequential.py"
STEPS, RATE = 2000, 1e-6
START = (0.5, -0.5, 0.25, -0.25)


def _cubic() -> tuple[Any, Any]:
    x = np.linspace(-np.pi, np.pi, 2000).astype(np.float32)
    return x, np.sin(x)


def _minimize() -> Callable[[], Any]:
    from gradcli.explorer.minimize import MinimizeRequest, explore_minimum
    from gradcli.explorer.request import EvalRequest

    what = EvalRequest(
        ("sum((a + b*x + c*x**2 + d*x**3 - sin(x))**2)",),
        tuple(f"{name}={value}" for name, value in zip("abcd", START, strict=True)),
        ("x=linspace(-pi, pi, 2000)",),
        dtype="float32",
    )
    request = MinimizeRequest(what, "sgd", RATE, STEPS, 0.0)
    return lambda: [one.array for one in explore_minimum(request, lambda _: None).variables]


def _numpy() -> Callable[[], Any]:
    x, y = _cubic()
    powers = np.stack([np.ones_like(x), x, x * x, x * x * x])

    def call() -> Any:
        weights = np.array(START, np.float32)
        rate = np.float32(2 * RATE)
        for _ in range(STEPS):
            weights -= rate * (powers @ (weights @ powers - y))
        return list(weights)

    return call


def _torch() -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    x, y = map(torch.tensor, _cubic())

    def call() -> Any:
        weights = [torch.tensor(value, requires_grad=True) for value in START]
        a, b, c, d = weights
        for _ in range(STEPS):
            loss = (a + b * x + c * x**2 + d * x**3 - y).pow(2).sum()
            loss.backward()
            with torch.no_grad():
                for weight in weights:
                    weight.sub_(weight.grad, alpha=RATE)
                    weight.grad = None
        return weights

    return call


def _jax(*, loop: bool) -> Contestant:
    def make() -> Callable[[], Any]:
        import jax
        import jax.numpy as jnp

        x, y = map(jnp.asarray, _cubic())

        def loss(weights: Any) -> Any:
            a, b, c, d = weights
            return jnp.sum((a + b * x + c * x**2 + d * x**3 - y) ** 2)

        def step(weights: Any) -> Any:
            return [w - jnp.float32(RATE) * g for w, g in zip(weights, jax.grad(loss)(weights), strict=True)]

        whole = jax.jit(lambda weights: jax.lax.fori_loop(0, STEPS, lambda _, w: step(w), weights))
        one = jax.jit(step)

        def call() -> Any:
            weights = [jnp.float32(value) for value in START]
            if loop:
                return jax.block_until_ready(whole(weights))
            for _ in range(STEPS):
                weights = one(weights)
            return jax.block_until_ready(weights)

        return call

    return make


def _autograd() -> Callable[[], Any]:
    import autograd.numpy as anp
    from autograd import grad

    x, y = _cubic()
    gradient = grad(lambda w: anp.sum((w[0] + w[1] * x + w[2] * x**2 + w[3] * x**3 - y) ** 2))

    def call() -> Any:
        weights = [np.float32(value) for value in START]
        for _ in range(STEPS):
            weights = [w - np.float32(RATE) * g for w, g in zip(weights, gradient(weights), strict=True)]
        return weights

    return call


def _descended() -> Any:
    """The end of the descent in float64."""
    x = np.linspace(-np.pi, np.pi, 2000)
    powers, weights = np.stack([x**0, x, x**2, x**3]), np.array(START)
    for _ in range(STEPS):
        weights = weights - 2 * RATE * (powers @ (weights @ powers - np.sin(x)))
    return list(weights)


def _script(path: Path) -> Contestant:
    def make() -> Callable[[], Any]:
        from gradcli.diagnostics import Source
        from gradcli.explorer.scripts.run import run_script

        text = path.read_text(encoding="utf-8")

        def call() -> Any:
            out = io.StringIO()
            run_script(Source(path.name, text), out.write)
            return _numbers(out.getvalue())

        return call

    return make


def _script_by_torch(path: Path) -> Contestant:
    def make() -> Callable[[], Any]:
        import torch

        torch.set_num_threads(1)

        def call() -> Any:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                runpy.run_path(str(path))
            return _numbers(out.getvalue())

        return call

    return make


def _numbers(text: str) -> list[float]:
    """The numbers that a script printed, but for those of its first lines, which depend on the summation."""
    return [float(found) for found in re.findall(r"-?\d+\.\d+", text)[-8:]]


def _printed(path: Path) -> Callable[[], Any]:
    return lambda: _numbers(path.with_suffix(".out").read_text(encoding="utf-8"))


ROWS = [
    Row(
        "fit-minimize",
        "sin as a cubic, 2000 points float32, 2000 steps of gradient descent",
        {
            "gradcli minimize": _minimize,
            "NumPy by hand, powers hoisted": _numpy,
            "PyTorch": _torch,
            "JAX jit by steps": _jax(loop=False),
            "JAX jit as one loop": _jax(loop=True),
            "autograd": _autograd,
        },
        expected=_descended,
        tolerance=1e-3,
        goals={"gradcli minimize": 0.03},
        there={"NumPy by hand, powers hoisted": 0.006, "PyTorch": 0.168},
    ),
    Row(
        "fit-script",
        "the same as a tutorial has it: samples/sine/with_autograd.py, parsed and run",
        {"gradcli": _script(SINE), "PyTorch": _script_by_torch(SINE)},
        expected=_printed(SINE),
        tolerance=1e-3,
        goals={"gradcli": 0.168},
        there={"PyTorch": 0.168},
        ratios={"PyTorch": 1.0},
    ),
    Row(
        "module-script",
        "the same by a module and RMSprop: samples/sine/with_sequential.py, parsed and run",
        {"gradcli": _script(MODULE), "PyTorch": _script_by_torch(MODULE)},
        expected=_printed(MODULE),
        tolerance=0.05,  # the last numbers that it prints have two digits
        ratios={"PyTorch": 1.0},
    ),
    Row(
        "line-script",
        "a line in 100 steps: samples/tutorials/line_fit.py, parsed and run",
        {"gradcli": _script(LINE), "PyTorch": _script_by_torch(LINE)},
        expected=_printed(LINE),
        tolerance=1e-3,
        ratios={"PyTorch": 1.0},
    ),
]
