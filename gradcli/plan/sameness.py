"""Whether two runs did the same: their steps, and the plain values and arrays in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.trace import Step

__all__ = ["identical", "same", "same_steps"]


def same_steps(one: Sequence[Step], other: Sequence[Step]) -> bool:
    """Returns whether two lists of steps do the same to values of the same numbers."""
    return len(one) == len(other) and all(
        a.record is b.record
        and a.results == b.results
        and same(a.arguments, b.arguments)
        and same(a.params, b.params)
        for a, b in zip(one, other, strict=True)
    )


def identical(one: Any, other: Any) -> bool:
    """Returns whether two arrays are the same, bit for bit."""
    return one.shape == other.shape and one.dtype == other.dtype and bool(one.tobytes() == other.tobytes())


def same(one: Any, other: Any) -> bool:  # noqa: PLR0911 - a return per kind
    """Returns whether two values are of one kind and equal, part by part; nan is equal to itself."""
    if one is other:
        return True
    if one.__class__ is not other.__class__:
        return False
    if one.__class__ is Literal:
        return same(one.value, other.value)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - nan
