"""Small work: one expression on four numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from row import Row

__all__ = ["ROWS"]


def _like_torch(torch: Any) -> Callable[[], Any]:
    x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)

    def call() -> Any:
        x.grad = None
        out = (3 * (x + 2) ** 2).mean()
        out.backward()
        return out, x.grad

    return call


def _eager() -> Callable[[], Any]:
    from gradcli import torch

    return _like_torch(torch)


def _torch() -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    return _like_torch(torch)


def _jax() -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    function = jax.jit(jax.value_and_grad(lambda x: jnp.mean(3 * (x + 2) ** 2)))
    x = jnp.ones((2, 2))
    return lambda: jax.block_until_ready(function(x))


def _autograd() -> Callable[[], Any]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    function, x = value_and_grad(lambda x: anp.mean(3 * (x + 2) ** 2)), np.ones((2, 2))
    return lambda: function(x)


def _numpy() -> Callable[[], Any]:
    x = np.ones((2, 2))

    def call() -> Any:
        shifted = x + 2
        return np.add.reduce(3 * shifted * shifted, axis=None) / 4, 1.5 * shifted

    return call


def _numpy_kept() -> Callable[[], Any]:
    x, shifted, squared, gradient = (np.ones((2, 2)) for _ in range(4))
    add, multiply, reduced = np.add, np.multiply, np.add.reduce

    def call() -> Any:
        add(x, 2.0, shifted)
        multiply(shifted, shifted, squared)
        multiply(shifted, 1.5, gradient)
        return reduced(squared, None) * 0.75, gradient

    return call


ROWS = [
    Row(
        "mean-2x2",
        "mean(3*(x+2)**2), 2×2 float64, value and gradient, warm",
        {
            "gradcli": _eager,
            "NumPy by hand": _numpy,
            "NumPy by hand, kept buffers": _numpy_kept,
            "PyTorch": _torch,
            "JAX jit": _jax,
            "autograd": _autograd,
        },
        expected=lambda: (27.0, np.full((2, 2), 4.5)),
    ),
]
