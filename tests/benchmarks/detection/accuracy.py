"""Numerical differentiation on functions that are known to trap it: true errors, and our own bounds.

The reference is mpmath at 50 digits, at the exact binary value of x. Ours twice: the finite differences
of a program, operation by operation, and those of the same function as a black box over NumPy arrays.
The others as their gradient checks call them: PyTorch's numerical Jacobian (step 1e-6), JAX's
numerical_jvp (step 1e-4; by its formula where JAX is not installed), SciPy, numdifftools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import mpmath
import numpy as np

from gradcli.autograd.context import session
from gradcli.autograd.tensor import Tensor
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import callable as black_box
from gradcli.checks.witnesses import differences
from gradcli.plan import taped

JAX_STEP = 1e-4  # jax.test_util.check_grads
TORCH_STEP = 1e-6  # torch.autograd.gradcheck


class Trap(NamedTuple):
    """A function as one expression in `m`, which may be NumPy, mpmath, PyTorch or our tensors."""

    name: str
    point: float
    formula: Callable[[Any, Any], Any]


TRAPS = (
    Trap("1e6 + sin(x) at 1", 1.0, lambda m, x: 1e6 + m.sin(x)),
    Trap("x**3 at 1e-4", 1e-4, lambda m, x: x**3),
    Trap("log(x) at 1e-3", 1e-3, lambda m, x: m.log(x)),
    Trap("sin(100 x) at 1", 1.0, lambda m, x: m.sin(100 * x)),
    Trap("sqrt(x) at 1e-4", 1e-4, lambda m, x: m.sqrt(x)),
)


def truth(trap: Trap) -> float:
    """The derivative, rounded once."""
    with mpmath.workdps(50):
        return float(
            mpmath.diff(lambda x: trap.formula(mpmath, x), mpmath.mpf(trap.point), h=mpmath.mpf(10) ** -20)
        )


def program(trap: Trap) -> tuple[float, float]:
    """Ours, of the program: derivative and bound."""
    with session():
        x = Tensor(np.asarray(trap.point), requires_grad=True)
        with taped() as tape:
            tape.input(x)
            y = trap.formula(_Ours, x)
        trace = tape.trace([y])
    subject = Subject(trace, (Variable("x", np.asarray(trap.point), np.zeros(())),), (np.ones(()),))
    (words,) = differences.testify(subject, (np.arange(1),)).words
    return float(words.values), float(words.bounds)


class _Ours:
    """The functions of the traps on our tensors."""

    sin = staticmethod(lambda x: x.sin())
    log = staticmethod(lambda x: x.log())
    sqrt = staticmethod(lambda x: x.sqrt())


def function(trap: Trap) -> tuple[float, float]:
    """Ours, of a black box: derivative and bound."""
    heard = black_box.examine(
        lambda x: trap.formula(np, x), [np.asarray(trap.point)], np.ones(()), (np.arange(1),)
    )
    (words,) = heard.testimony.words
    return float(words.values), float(words.bounds)


def others() -> Iterator[tuple[str, Callable[[Trap], float]]]:
    """The other methods that can be had here."""
    try:
        import torch
        from torch.autograd.gradcheck import _get_numerical_jacobian

        def gradcheck(trap: Trap) -> float:
            x = torch.tensor(trap.point, dtype=torch.float64, requires_grad=True)
            found = _get_numerical_jacobian(lambda x: trap.formula(torch, x), (x,), eps=TORCH_STEP)
            return float(found[0][0].reshape(()))

        yield "gradcheck", gradcheck
    except ImportError:
        pass
    try:
        import jax
        from jax._src.public_test_util import numerical_jvp

        jax.config.update("jax_enable_x64", True)

        def check_grads(trap: Trap) -> float:
            f = lambda x: trap.formula(jax.numpy, x)  # noqa: E731 - what is differentiated
            return float(numerical_jvp(f, (np.float64(trap.point),), (np.float64(1),), eps=JAX_STEP))

        yield "check_grads", check_grads
    except ImportError:

        def formula(trap: Trap) -> float:
            high, low = (trap.formula(np, np.float64(trap.point + s * JAX_STEP)) for s in (1, -1))
            return float((high - low) * (0.5 / JAX_STEP))

        yield "check_grads (formula)", formula
    try:
        from scipy.differentiate import derivative

        yield "scipy", lambda trap: float(derivative(lambda x: trap.formula(np, x), trap.point).df)
    except ImportError:
        pass
    try:
        import numdifftools

        yield (
            "numdifftools",
            lambda trap: float(numdifftools.Derivative(lambda x: trap.formula(np, x))(trap.point)),
        )
    except ImportError:
        pass


def run() -> list[dict[str, Any]]:
    """True relative errors of each method on each trap; ours must be the smallest, within three bounds."""
    rows = []
    methods = dict(others())
    for trap in TRAPS:
        exact = truth(trap)
        row: dict[str, Any] = {"what": trap.name}
        with np.errstate(all="ignore"):
            mine = {"ours": program(trap), "ours, black box": function(trap)}
            theirs = {name: method(trap) for name, method in methods.items()}
        for name, (value, bound) in mine.items():
            error = abs(value - exact)
            assert error <= 3 * bound, (trap.name, name, error, bound)
            row[name] = f"{error / abs(exact):.1e}"
            row[f"bound ({name})"] = f"{bound / abs(exact):.1e}"
        for name, value in theirs.items():
            row[name] = f"{abs(value - exact) / abs(exact):.1e}"
        best = min((abs(value - exact) for value in theirs.values() if np.isfinite(value)), default=np.inf)
        row["most accurate"] = "yes" if abs(mine["ours"][0] - exact) <= best else "NO"
        rows.append(row)
    return rows
