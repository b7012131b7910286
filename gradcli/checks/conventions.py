"""What the derivative at a kink has to be, by the record's declaration or by the sides alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.kink import Kink as Declared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.record import Record
    from gradcli.plan.trace import Step

__all__ = ["follows", "shares", "words_for"]

RTOL = 1e-4  # one-sided differences are good to so much


def words_for(record: Record, position: int) -> tuple[str, ...]:
    """Returns the words that a record declares for the kinks of an argument."""
    found = [
        kink.takes[min(position, len(kink.takes) - 1)]
        for kink in record.kinks
        if isinstance(kink, Declared) and kink.takes
    ]
    return tuple(word for word in found if word)


def follows(taken: Any, left: Any, right: Any, words: Sequence[str]) -> Any:
    """Returns whether derivatives taken at kinks are what is declared, per element.

    Without a declaration anything between the sides will do. Where a side has no limit, or the function
    no value, the derivative may be what the other side says, infinite, or nan.

    Args:
        taken: the derivatives that a rule gives.
        left: the derivatives to the left; inf where they grow without end, nan where there is none.
        right: those to the right.
        words: of `gradcli.ops.kink`.
    """
    edge = ~(np.isfinite(left) & np.isfinite(right))
    low, high = np.fmin(left, right), np.fmax(left, right)
    between = (taken >= low - _slack(low)) & (taken <= high + _slack(high))
    fine = between if not words else np.zeros(np.shape(taken), bool)
    for word in words:
        fine |= between if word not in TAKES else _near(taken, TAKES[word](left, right))
    unknown = np.isnan(left) & np.isnan(right)
    at_edge = ~np.isfinite(taken) | _near(taken, left) | _near(taken, right) | fine | (taken == 0)
    return np.where(edge, at_edge | unknown, fine)


def _near(a: Any, b: Any) -> Any:
    return (a == b) | (np.abs(a - b) <= _slack(b)) | (np.isnan(a) & np.isnan(b))


def _slack(size: Any) -> Any:
    return RTOL * (1e-2 + np.abs(size))


TAKES: dict[str, Callable[[Any, Any], Any]] = {
    "zero": lambda left, right: 0 * (left + right),
    "left": lambda left, _: left,
    "right": lambda _, right: right,
    "smaller": lambda left, right: np.where(np.abs(left) <= np.abs(right), left, right),
    "larger": lambda left, right: np.where(np.abs(left) >= np.abs(right), left, right),
    "half": lambda left, right: (left + right) / 2,
    "none": lambda left, _: np.full(np.shape(left), np.nan),
}


def shares(
    step: Step, x: Any, results: Sequence[Any], cotangents: Sequence[Any], words: Sequence[str]
) -> Any:
    """Returns the cotangent that tied elements of x get by `even` or `picked`; None where neither applies.

    Args:
        step: a reduction, or an operation that picks elements and says which.
        x: its argument.
        results: its results.
        cotangents: of its floating-point results.
        words: what the record declares.
    """
    if "picked" in words and len(results) == 2 and results[1].dtype.kind == "i":  # noqa: PLR2004 - values and indices
        return _picked(step, x, results[1], cotangents[0])
    if "even" in words and all(result.dtype.kind == "f" for result in results):
        return sum(_even(step, x, y, g) for y, g in zip(results, cotangents, strict=True))
    return None


def _picked(step: Step, x: Any, indices: Any, g: Any) -> Any:
    dim = step.params.get("dim")
    if dim is None or not x.ndim:
        return None
    full = x.ndim == indices.ndim
    indices, g = (one if full else np.expand_dims(one, dim) for one in (indices, g))
    found = np.zeros(x.shape)
    where = list(np.indices(indices.shape))
    where[dim % x.ndim] = indices
    np.add.at(found, tuple(where), g)
    return found


def _even(step: Step, x: Any, y: Any, g: Any) -> Any:
    dims = step.params.get("dims", tuple(range(-x.ndim, 0)))
    if y.ndim != x.ndim:
        shape = tuple(
            1 if i - x.ndim in {d % x.ndim - x.ndim for d in dims} else n for i, n in enumerate(x.shape)
        )
        if int(np.prod(shape)) != y.size:
            shape = (1,) * x.ndim
        y, g = y.reshape(shape), np.broadcast_to(g, y.shape).reshape(shape)
    tied = x == y
    return (
        g * tied / np.maximum(tied.sum(tuple(i for i, n in enumerate(y.shape) if n == 1), keepdims=True), 1)
    )
