"""Elementwise records as calls that write into an array they are given, where NumPy has such a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.plan.trace import Step

__all__ = ["plain_form", "writing_form"]


def _rsqrt(x: Any, out: Any) -> None:
    np.sqrt(x, out=out)
    np.divide(1, out, out=out)


def _sigmoid(x: Any, out: Any) -> None:
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.divide(1, out, out=out)


WRITING: dict[str, Callable[..., Any]] = {
    "rsub": lambda a, b, out: np.subtract(b, a, out=out),
    "rsub_number": lambda a, b, out: np.subtract(b, a, out=out),
    "cast": lambda x, out: np.copyto(out, x, casting="unsafe"),
    "relu": lambda x, out: np.maximum(x, 0, out=out),
    "rsqrt": _rsqrt,
    "sigmoid": _sigmoid,
}


def writing_form(step: Step) -> Callable[..., Any] | None:
    """Returns the step as a function of its arguments and of `out`, the array for the result; or None."""
    numpy = step.record.numpy
    if isinstance(numpy, np.ufunc) and numpy.nin == len(step.arguments) and numpy.nout == 1:
        return numpy
    return WRITING.get(step.record.name)


def plain_form(step: Step) -> Callable[..., Any]:
    """Returns the step as a function of its arguments alone."""
    numpy, params = step.record.numpy, step.params
    assert numpy is not None  # noqa: S101 - composites are no steps
    return (lambda *values: numpy(*values, **params)) if params else numpy
