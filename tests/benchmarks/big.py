"""Big arrays: two expressions on 10^7 elements by two threads, and their growth from 10^3 to 10^8."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from row import Contestant, Row, begin_session

__all__ = ["ROWS"]

SIZE = 10_000_000
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
BITS = {np.float32: 32, np.float64: 64}


class _Work(NamedTuple):
    """An expression: for libraries with PyTorch's names (`m`), and by hand with its derivative."""

    name: str
    text: str
    program: Callable[[Any, Any], Any]
    by_hand: Callable[[Any], tuple[Any, Any]]


def _mean(x: Any) -> tuple[Any, Any]:
    shifted = x + 2
    return np.mean(3 * shifted**2), 6 * shifted / x.size


def _waves(x: Any) -> tuple[Any, Any]:
    square = x**2
    bell = np.exp(-square)
    value = np.mean(np.sin(x) * bell + np.log1p(square))
    return value, (bell * (np.cos(x) - 2 * x * np.sin(x)) + 2 * x / (1 + square)) / x.size


MEAN = _Work("mean", "mean(3*(x+2)**2)", lambda m, x: (3 * (x + 2) ** 2).mean(), _mean)
WAVES = _Work(
    "waves",
    "mean(sin(x)*exp(-x**2)+log1p(x**2))",
    lambda m, x: (m.sin(x) * m.exp(-(x**2)) + m.log1p(x**2)).mean(),
    _waves,
)


def _points(size: int, dtype: Any) -> Any:
    return np.linspace(-3, 3, size, dtype=dtype)


def _plan(work: _Work, size: int, dtype: Any, *, made: bool = False) -> Callable[[], Any]:
    """The plan; `made`: tracing and planning are part of what is timed."""
    from gradcli import torch
    from gradcli.autograd import Tensor
    from gradcli.plan.program import planned
    from gradcli.plan.standin import like
    from gradcli.plan.tape import taped
    from gradcli.plan.unseen import UnseenTape

    begin_session(default_dtype=np.dtype(dtype))
    x = _points(size, dtype)

    def make() -> Any:
        stand = Tensor(like(x, x.dtype), requires_grad=True)
        tape = UnseenTape()
        with taped(tape):
            tape.input(stand)
            root = work.program(torch, stand)
            return planned(tape.trace([root, *tape.gradients([root], [stand], [None])]), [x])

    if made:
        return lambda: make().run([x])
    plan = make()
    return lambda: plan.run([x])


def _like_torch(torch: Any, work: _Work, x: Any) -> Callable[[], Any]:
    def call() -> Any:
        x.grad = None
        out = work.program(torch, x)
        out.backward()
        return out, x.grad

    return call


def _eager(work: _Work, size: int, dtype: Any) -> Callable[[], Any]:
    from gradcli import torch
    from gradcli.autograd import Tensor

    begin_session(default_dtype=np.dtype(dtype))
    return _like_torch(torch, work, Tensor(_points(size, dtype), requires_grad=True))


def _torch(work: _Work, size: int, dtype: Any) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(2)
    return _like_torch(torch, work, torch.from_numpy(_points(size, dtype)).requires_grad_())


def _jax(work: _Work, size: int, dtype: Any) -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    function = jax.jit(jax.value_and_grad(lambda x: work.program(jnp, x)))
    x = jnp.asarray(_points(size, dtype))
    return lambda: jax.block_until_ready(function(x))


def _autograd(work: _Work, size: int, dtype: Any) -> Callable[[], Any]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    function, x = value_and_grad(lambda x: work.program(anp, x)), _points(size, dtype)
    return lambda: function(x)


def _numpy(work: _Work, size: int, dtype: Any) -> Callable[[], Any]:
    x = _points(size, dtype)
    return lambda: work.by_hand(x)


def _expected(work: _Work, size: int, dtype: Any) -> Any:
    """In double precision, at the very points that the contestants have."""
    return work.by_hand(_points(size, dtype).astype(np.float64))


def _row(work: _Work, dtype: Any, goal: float, limit: float, there: dict[str, float]) -> Row:
    makers: dict[str, Callable[..., Any]] = {
        "gradcli plan": _plan, "gradcli, the plan made and run": partial(_plan, made=True),
        "gradcli eager": _eager, "NumPy by hand": _numpy, "PyTorch": _torch, "JAX jit": _jax,
        "autograd": _autograd,
    }  # fmt: skip
    contestants: dict[str, Contestant] = {
        who: partial(maker, work, SIZE, dtype) for who, maker in makers.items()
    }
    return Row(
        f"{work.name}-1e7-f{BITS[dtype]}",
        f"{work.text}, 10⁷ float{BITS[dtype]}, two threads: value and gradient",
        contestants,
        expected=partial(_expected, work, SIZE, dtype),
        tolerance=1e-12 if dtype is np.float64 else 1e-4,
        goals={"gradcli plan": goal},
        limits={"gradcli plan": limit},
        there=there,
        threads=2,
    )


def _growing(size: int) -> Row:
    return Row(
        f"elements-{size:.0e}".replace("e+0", "e"),
        f"{MEAN.text}, {size:,} float32, two threads: value and gradient, per element",
        {
            "gradcli plan": partial(_plan, MEAN, size, np.float32),
            "NumPy by hand": partial(_numpy, MEAN, size, np.float32),
        },
        expected=partial(_expected, MEAN, size, np.float32),
        tolerance=1e-4,
        limits={"gradcli plan": 8 * 2**10 / size} if size == SIZES[-1] else {},  # 8 GiB in all
        units=size,
        threads=2,
    )


ROWS = [
    _row(MEAN, np.float64, 15e-3, 90, {"NumPy by hand": 53e-3, "JAX jit": 38e-3, "PyTorch": 147e-3}),
    _row(MEAN, np.float32, 8e-3, 50, {"JAX jit": 16.5e-3, "PyTorch": 76e-3}),
    _row(WAVES, np.float64, 130e-3, 90, {"JAX jit": 181e-3, "PyTorch": 474e-3}),
    _row(WAVES, np.float32, 40e-3, 50, {"PyTorch": 244e-3}),
    *map(_growing, SIZES),
]
