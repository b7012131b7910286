"""Terms as numbers: what they are at a point, by NumPy."""

# As the rules, they take what all kinds are given:
# ruff: noqa: ARG005

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explorer.diff.reverse import plain_params
from gradcli.explorer.diff.terms import rounded
from gradcli.ops.algebra import NUMPY

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.terms import Term

__all__ = ["value_of"]


LARGEST = 2**53  # whole numbers up to here are floats without rounding


def value_of(known: dict[Term, Any], term: Term) -> Any:
    """Returns the elements of a term, given those of its leaves; `known` keeps those of all below it."""
    waiting = [term]
    while waiting:
        top = waiting[-1]
        if top in known:
            waiting.pop()
            continue
        missing = [arg for arg in top.args if arg not in known]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        with np.errstate(all="ignore"):
            found = VALUES[top.op](top, *[known[arg] for arg in top.args])
        known[top] = found if top.op == "calls" else np.asarray(found)
    return known[term]


def _plain(number: Any) -> Any:
    """A number as Python's own: whole ones stay whole, so that they may be indices."""
    whole = isinstance(number, Fraction) and number.denominator == 1 and abs(number) < LARGEST
    return int(number) if whole else rounded(number)


def _mul(term: Term, *arrays: Any) -> Any:
    number, exponents = term.data
    found = _plain(number)
    for array, e in zip(arrays, exponents, strict=True):
        found = found * (array if e == 1 else np.power(array, rounded(e)))
    return found


def _matmul(_term: Term, *arrays: Any) -> Any:
    found = arrays[0]
    for array in arrays[1:]:
        found = np.matmul(found, array)
    return found


def _call(term: Term, *arrays: Any) -> Any:
    record, frozen = term.data
    return NUMPY.apply(record, list(arrays), plain_params(frozen))


def _put(term: Term, x: Any) -> Any:
    dim, index, shape = term.data
    full = np.zeros(shape, x.dtype)
    key: list[Any] = [slice(None)] * len(shape)
    key[dim] = index
    full[tuple(key)] = x
    return full


def _select(term: Term, x: Any) -> Any:
    dim, index = term.data
    return np.take(x, index, axis=dim)


def _slice(term: Term, x: Any) -> Any:
    dim, start, stop, step = term.data
    return np.take(x, range(start, stop, step), axis=dim)


COMPARED = {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "ne": np.not_equal,
}  # fmt: skip


def _inverse(x: Any) -> Any:
    """The inverse; nan where there is none, which is what no gradient agrees with."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return np.full(x.shape, np.nan)


VALUES: dict[str, Callable[..., Any]] = {
    "number": lambda term: _plain(term.data),
    "count": lambda term: float(term.data[1]),
    "named": lambda term: np.pi,
    "array": lambda term: term.data.values,
    "eye": lambda term: np.eye(term.data),
    "detach": lambda term, x: x,
    "add": lambda term, *xs: sum(_plain(c) * x for c, x in zip(term.data, xs, strict=True)),
    "mul": _mul,
    "matmul": _matmul,
    "outer": lambda term, a, b: np.outer(a, b),
    "transpose": lambda term, x: np.swapaxes(x, -1, -2),
    "permute": lambda term, x: np.transpose(x, term.data),
    "expand": lambda term, x: np.broadcast_to(x, term.data),
    "unsqueeze": lambda term, x: np.expand_dims(x, term.data),
    "squeeze": lambda term, x: np.squeeze(x, term.data),
    "reshape": lambda term, x: np.reshape(x, term.data),
    "sum": lambda term, x: np.sum(x, axis=term.data),
    "mean": lambda term, x: np.mean(x, axis=term.data),
    "steps": lambda term, size: (
        np.arange(term.data[1], 0, -1.0) if term.data[0] else np.arange(1.0, term.data[1] + 1)
    ),
    "where": lambda term, mask, a, b: np.where(mask, a, b),
    "compare": lambda term, a, b: COMPARED[term.data](a, b),
    "inv": lambda term, x: _inverse(x),
    "select": _select,
    "put": _put,
    "slice": _slice,
    "stack": lambda term, *xs: np.stack(xs, axis=term.data),
    "one_hot": lambda term, x: np.eye(term.data)[x],
    "diag": lambda term, x: np.diag(x),
    "call": _call,
    "calls": _call,
    "item": lambda term, whole: whole[term.data],
}
