"""The programs of `programs.py` as HIPS autograd has them: `python hips_programs.py NAME`."""

from __future__ import annotations

import sys

import autograd.numpy as np
from autograd import grad


def sine() -> str:
    """The cubic that fits sin best, by 2000 steps of gradient descent in float32."""
    x = np.linspace(-np.pi, np.pi, 2000).astype(np.float32)
    y = np.sin(x)

    def loss(weights):
        a, b, c, d = weights
        return np.sum((a + b * x + c * x**2 + d * x**3 - y) ** 2)

    gradient = grad(loss)
    weights = [np.float32(value) for value in (0.5, -0.5, 0.25, -0.25)]
    for step in range(2000):
        if step % 200 == 199:
            print(step + 1, loss(weights))
        weights = [w - np.float32(1e-6) * g for w, g in zip(weights, gradient(weights), strict=True)]
    return str(weights)


def line() -> str:
    """A line through points, by 100 steps."""
    x = np.linspace(0, 1, 20).astype(np.float32)
    y = 3 * x + 2

    def loss(weights):
        w, b = weights
        return np.mean((w * x + b - y) ** 2)

    gradient = grad(loss)
    weights = [np.float32(0), np.float32(0)]
    for step in range(100):
        if step % 20 == 19:
            print(step + 1, loss(weights))
        weights = [w - np.float32(0.5) * g for w, g in zip(weights, gradient(weights), strict=True)]
    return str(weights)


FITS = {"sine": sine, "line": line}

if __name__ == "__main__":
    print(FITS[sys.argv[1]]())
