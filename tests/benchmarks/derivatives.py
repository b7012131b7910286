"""Jacobians and Hessians whole, and gradients judged by finite differences at every element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from row import Row

__all__ = ["ROWS"]

Call = Callable[[], Any]


def rosenbrock(x: Any) -> Any:
    """Returns the N-dimensional Rosenbrock function; in the words that all libraries share."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def _point(size: int) -> Any:
    return np.random.default_rng(0).standard_normal(size)


def _matrix(size: int) -> Any:
    return np.random.default_rng(1).standard_normal((size, size)) / np.sqrt(size)


def _by_band(point: Any) -> Any:
    """The Hessian of the Rosenbrock function, by its formula."""
    found = np.zeros((len(point), len(point)))
    main, beside = np.zeros(len(point)), -400 * point[:-1]
    main[:-1] = 1200 * point[:-1] ** 2 - 400 * point[1:] + 2
    main[1:] += 200
    at = np.arange(len(point))
    found[at, at] = main
    found[at[:-1], at[1:]] = beside
    found[at[1:], at[:-1]] = beside
    return found


def _gradient(point: Any) -> tuple[Any, Any]:
    """The trace of the gradient, and its values at the point."""
    from gradcli.autograd import Tensor, session
    from gradcli.plan.gradient import gradient_program

    with session():
        x = Tensor(point, requires_grad=True)
        found = gradient_program(lambda: [rosenbrock(x)], lambda: [x], values=True)
    return found.trace._replace(outputs=found.gradients).pruned(), found.values


def _hessian(trace: Any, point: Any, values: Any = None) -> Any:
    from gradcli.plan.derivatives import Linear
    from gradcli.plan.derivatives_matrix import FORWARD, jacobian

    return jacobian(Linear(trace, [point], values), FORWARD).blocks[0][0]


def _ours(size: int) -> Call:
    point = _point(size)

    def call() -> Any:
        trace, values = _gradient(point)
        return _hessian(trace, point, values)

    return call


def _ours_kept(size: int) -> Call:
    from gradcli.plan.simplify import simplified

    point = _point(size)
    trace = simplified(_gradient(point)[0])
    return lambda: _hessian(trace, point)


def _torch_hessian(size: int) -> Call:
    import torch

    function, x = torch.func.hessian(rosenbrock), torch.tensor(_point(size))
    return lambda: function(x)


def _torch_hessian_functional(size: int) -> Call:
    import torch

    x = torch.tensor(_point(size))
    return lambda: torch.autograd.functional.hessian(rosenbrock, x, vectorize=True)


def _jax_hessian(size: int) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    function, x = jax.jit(jax.hessian(rosenbrock)), jax.numpy.asarray(_point(size))
    return lambda: jax.block_until_ready(function(x))


def _autograd_hessian(size: int) -> Call:
    from autograd import hessian

    function, x = hessian(rosenbrock), _point(size)
    return lambda: function(x)


def _our_jacobian(size: int) -> Call:
    from gradcli.autograd import Tensor, session
    from gradcli.plan import taped
    from gradcli.plan.derivatives import Linear
    from gradcli.plan.derivatives_matrix import FORWARD, jacobian

    matrix, point = _matrix(size), _point(size)

    def call() -> Any:
        with session():
            x, w = Tensor(point, requires_grad=True), Tensor(matrix)
            with taped() as tape:
                tape.input(x)
                y = (w @ x).tanh()
        return jacobian(Linear(tape.trace([y]), [point]), FORWARD).blocks[0][0]

    return call


def _torch_jacobian(size: int) -> Call:
    import torch

    w, x = torch.tensor(_matrix(size)), torch.tensor(_point(size))
    function = torch.func.jacrev(lambda x: (w @ x).tanh())
    return lambda: function(x)


def _torch_jacobian_functional(size: int) -> Call:
    import torch

    w, x = torch.tensor(_matrix(size)), torch.tensor(_point(size))
    return lambda: torch.autograd.functional.jacobian(lambda x: (w @ x).tanh(), x)


def _jax_jacobian(size: int) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    w, x = jax.numpy.asarray(_matrix(size)), jax.numpy.asarray(_point(size))
    function = jax.jit(jax.jacrev(lambda x: jax.numpy.tanh(w @ x)))
    return lambda: jax.block_until_ready(function(x))


def _autograd_jacobian(size: int) -> Call:
    import autograd.numpy as anp
    from autograd import jacobian

    w, x = _matrix(size), _point(size)
    function = jacobian(lambda x: anp.tanh(anp.dot(w, x)))
    return lambda: function(x)


def _numpy_jacobian(size: int) -> Call:
    w, x = _matrix(size), _point(size)
    return lambda: (1 - np.tanh(w @ x) ** 2)[:, None] * w


def _hessian_row(size: int, goal: float, *, torch: float, autograd: float) -> Row:
    return Row(
        f"rosenbrock-hessian-{size}",
        f"Hessian of the Rosenbrock function of {size} numbers, float64",
        {
            "gradcli": lambda: _ours(size),
            "gradcli, traced before": lambda: _ours_kept(size),
            "NumPy by its formula": lambda: lambda: _by_band(_point(size)),
            "PyTorch func.hessian": lambda: _torch_hessian(size),
            "PyTorch functional.hessian": lambda: _torch_hessian_functional(size),
            "JAX jit": lambda: _jax_hessian(size),
            "autograd": lambda: _autograd_hessian(size),
        },
        expected=lambda: _by_band(_point(size)),
        goals={"gradcli": goal},
        there={"PyTorch func.hessian": torch, "autograd": autograd},
        ratios={"PyTorch func.hessian": 1.0, "autograd": 1.0},
    )


def _checked(judge: Callable[[], object]) -> Call:
    """A check that raises where it fails; otherwise it returns that nothing is wrong."""

    def call() -> float:
        judge()
        return 0.0

    return call


def _our_check(index: int) -> Call:
    from detection import speed

    return _checked(speed.ours(speed.programs()[index]))


def _torch_check(index: int) -> Call:
    from detection import speed

    found = speed.theirs(speed.programs()[index])
    assert found is not None
    return _checked(found)


def _jax_check(index: int) -> Call:
    import jax
    from detection import speed
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    m, program = jax.numpy, speed.programs()[index]
    x, w = m.asarray(program.point), m.asarray(program.weight)
    function = (lambda x: (m.sin(x) * x**2).sum()) if not w.ndim else (lambda x: m.tanh(w @ x))
    return _checked(lambda: check_grads(function, (x,), order=1, modes=["rev"]))


def _autograd_check(index: int) -> Call:
    import autograd.numpy as m
    from autograd.test_util import check_grads
    from detection import speed

    program = speed.programs()[index]
    w = program.weight
    function = (lambda x: m.sum(m.sin(x) * x**2)) if not w.ndim else (lambda x: m.tanh(m.dot(w, x)))
    return _checked(lambda: check_grads(function, modes=["rev"], order=1)(program.point))


def _check_row(index: int, name: str, work: str, goal: float | None, slower: float) -> Row:
    """A check of one of the programs of detection/speed.py; `slower`: ours at most, of PyTorch's time."""
    return Row(
        name,
        f"the gradient of {work} judged by differences, at every element where nothing else is said",
        {
            "gradcli": lambda: _our_check(index),
            "PyTorch gradcheck, slow mode": lambda: _torch_check(index),
            "JAX check_grads, one direction": lambda: _jax_check(index),
            "autograd check_grads, one direction": lambda: _autograd_check(index),
        },
        expected=lambda: 0.0,
        goals={} if goal is None else {"gradcli": goal},
        ratios={"PyTorch gradcheck, slow mode": slower},
    )


ROWS = [
    _hessian_row(100, 0.5e-3, torch=1.9e-3, autograd=11e-3),
    _hessian_row(1000, 3e-3, torch=16e-3, autograd=140e-3),
    Row(
        "tanh-jacobian-500",
        "Jacobian of tanh(W @ x) for 500 numbers, float64",
        {
            "gradcli": lambda: _our_jacobian(500),
            "NumPy by its formula": lambda: _numpy_jacobian(500),
            "PyTorch func.jacrev": lambda: _torch_jacobian(500),
            "PyTorch functional.jacobian": lambda: _torch_jacobian_functional(500),
            "JAX jit": lambda: _jax_jacobian(500),
            "autograd": lambda: _autograd_jacobian(500),
        },
        expected=lambda: _numpy_jacobian(500)(),
        goals={"gradcli": 1.5e-3},
        there={"PyTorch func.jacrev": 2e-3, "autograd": 38e-3},
        ratios={"PyTorch func.jacrev": 1.0, "autograd": 1.0},
    ),
    _check_row(0, "gradcheck-sin-1000", "sum(sin(x) * x**2), n = 1,000,", None, 0.1),
    _check_row(1, "gradcheck-sin-5000", "sum(sin(x) * x**2), n = 5,000,", 3e-3, 0.02),
    _check_row(2, "gradcheck-tanh-200", "tanh(W @ x), n = 200,", None, 0.1),
    _check_row(3, "gradcheck-tanh-1000", "tanh(W @ x), n = 1,000,", 15e-3, 0.02),
]
