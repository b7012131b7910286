"""Small work: one expression on four numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from row import Row, begin_session

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

    begin_session()
    return _like_torch(torch)


def _planned() -> Callable[[], Any]:
    from gradcli.autograd import Tensor

    x = Tensor(np.ones((2, 2)), requires_grad=True)
    return _plan_of(lambda: [(3 * (x + 2) ** 2).mean()], x).run


def _plan_of(program: Callable[[], Any], x: Any) -> Any:
    from gradcli.plan.arrays import ARRAYS
    from gradcli.plan.bound import Bound
    from gradcli.plan.gradient import gradient_program
    from gradcli.plan.simplify import simplified

    found = gradient_program(program, lambda: [x])
    facts = found.trace.run([x._array], ARRAYS.apply, np.asarray)
    return Bound(simplified(found.trace, facts), [x._array])


def _making() -> Callable[[], Any]:
    from gradcli.autograd import Tensor

    x = Tensor(np.ones((2, 2)), requires_grad=True)
    return lambda: _plan_of(lambda: [(3 * (x + 2) ** 2).mean()], x).run()


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
            "gradcli plan": _planned,
            "gradcli eager": _eager,
            "gradcli, the plan made and run": _making,
            "NumPy by hand": _numpy,
            "NumPy by hand, kept buffers": _numpy_kept,
            "PyTorch": _torch,
            "JAX jit": _jax,
            "autograd": _autograd,
        },
        expected=lambda: (27.0, np.full((2, 2), 4.5)),
        goals={"gradcli plan": 2e-6, "gradcli, the plan made and run": 1e-3},
        there={"NumPy by hand": 3.6e-6, "PyTorch": 39e-6},
    ),
]
