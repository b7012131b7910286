"""How elements lie in memory: what decides between a view and a copy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = ["along", "is_contiguous", "lead", "memory", "viewable"]


def memory(x: Any) -> Any:
    """Returns the array under a value whose elements are looked at, or the value itself."""
    # Tensors have their array there; arrays and arrays of symbols are their own.
    return getattr(x, "_disclosed", x)


def _unseen(x: Any) -> Any:
    """The array under a value, for its layout alone."""
    return getattr(x, "_array", x)


def is_contiguous(x: Any) -> bool:
    """Returns whether the elements lie in row-major order without gaps."""
    return bool(_unseen(x).flags.c_contiguous)


def viewable(x: Any, shape: Shape) -> bool:
    """Returns whether x's elements can be shown under another shape without copying them."""
    array = _unseen(x)
    if array.flags.c_contiguous or not math.prod(shape):
        return True
    return bool(np.may_share_memory(np.reshape(array, shape), array))


def lead(x: Any, rank: int) -> Shape:
    """Returns the batch axes in front of the `rank` axes that a record knows of."""
    return x.shape[: x.ndim - rank]  # type: ignore[no-any-return] # a shape


def along(dim: int, key: Any) -> tuple[Any, ...]:
    """Returns the key that applies `key` to a dim counted from the right, and keeps the rest (and views)."""
    return (..., key, *(slice(None),) * (-dim - 1))
