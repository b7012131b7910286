"""Elementwise records as calls that write into an array they are given, where NumPy has such a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dtypes import FLOAT32, FLOAT64

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.trace import Step

__all__ = ["in_dtype", "plain_form", "writing_form"]


def _where(condition: Any, a: Any, b: Any, out: Any) -> None:
    """On the bits: np.where takes a branch per element, which on data without a pattern is 5 times slower."""
    bits = BITS.get(out.dtype)
    if bits is None or any(getattr(x, "dtype", out.dtype) != out.dtype for x in (a, b)):
        np.copyto(out, np.where(condition, a, b))
        return
    chosen = np.empty(out.shape, bits)
    np.copyto(chosen, condition)
    np.negative(chosen, out=chosen)  # all bits where the condition holds
    first, second = (np.asarray(x, out.dtype).view(bits) for x in (a, b))
    if not second.ndim and not second:  # nothing but zeros besides
        np.bitwise_and(chosen, first, out=out.view(bits))
        return
    np.bitwise_and(chosen, np.bitwise_xor(first, second), out=chosen)
    np.bitwise_xor(chosen, second, out=out.view(bits))


def _relu(x: Any, out: Any) -> None:
    """By np.clip: np.maximum beside a single number takes three times as long."""
    if out.dtype not in (FLOAT32, FLOAT64):
        np.maximum(x, 0, out=out)
        return
    np.clip(x, 0, np.inf, out=out)
    np.add(out, 0, out=out)  # -0 is 0


def _rsqrt(x: Any, out: Any) -> None:
    np.sqrt(x, out=out)
    np.divide(1, out, out=out)


def _sigmoid(x: Any, out: Any) -> None:
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.divide(1, out, out=out)


BITS = {np.dtype(f"f{size}"): np.dtype(f"i{size}") for size in (2, 4, 8)}
WRITING: dict[str, Callable[..., Any]] = {
    "rsub": lambda a, b, out: np.subtract(b, a, out=out),
    "rsub_number": lambda a, b, out: np.subtract(b, a, out=out),
    "cast": lambda x, out: np.copyto(out, x, casting="unsafe"),
    "relu": _relu,
    "reciprocal": lambda x, out: np.divide(1, x, out=out),  # the same, in half of np.reciprocal's time
    "rsqrt": _rsqrt,
    "sigmoid": _sigmoid,
    "where": _where,
    "masked_fill_number": lambda x, mask, value, out: _where(mask, value, x, out),
}


def writing_form(step: Step) -> Callable[..., Any] | None:
    """Returns the step as a function of its arguments and of `out`, the array for the result; or None."""
    numpy, own = step.record.numpy, WRITING.get(step.record.name)
    is_ufunc = isinstance(numpy, np.ufunc) and numpy.nin == len(step.arguments) and numpy.nout == 1
    return numpy if own is None and is_ufunc else own


def plain_form(step: Step) -> Callable[..., Any]:
    """Returns the step as a function of its arguments alone."""
    numpy, params = step.record.numpy, step.params
    assert numpy is not None  # noqa: S101 - composites are no steps
    return (lambda *values: numpy(*values, **params)) if params else numpy


def in_dtype(step: Step, values: Sequence[Any], number: Any) -> Any:
    """Returns a plain number as the array that a ufunc would make of it beside floats, which takes it 1 µs.

    Others are returned as they are.

    Args:
        step: whose argument it is.
        values: all arguments, in the dtype that the step computes in.
        number: one of them.
    """
    dtypes = {value.dtype for value in values if isinstance(value, np.ndarray)}
    if (
        not isinstance(step.record.numpy, np.ufunc)
        or len(dtypes) != 1
        or not isinstance(number, (int, float))
    ):
        return number
    (dtype,) = dtypes
    return np.asarray(number, dtype) if dtype.kind == "f" else number
