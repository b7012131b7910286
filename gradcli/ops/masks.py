"""What a mask keeps of an array, without a branch for each element."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["kept_where"]

BITS = {2: np.int16, 4: np.int32, 8: np.int64}
FEW = 2048  # elements for which NumPy's own way is quicker


def kept_where(mask: Any, value: Any) -> Any:
    """Returns `value` where `mask` holds and zero elsewhere, as `np.where(mask, value, 0)` does.

    The signs of cotangents and activations come in no order, so that the branch np.where takes for each
    element is foretold badly: it needs up to ten times as long. Here a mask of ones or zeros in all bits
    meets the bits of the numbers, which changes none of those kept, be it nan or -0.
    """
    if value.__class__ is not np.ndarray or mask.__class__ is not np.ndarray or value.size <= FEW:
        return np.where(mask, value, 0)
    if value.dtype.kind != "f" or mask.dtype.kind != "b":
        return np.where(mask, value, 0)
    bits = BITS[value.dtype.itemsize]
    every = np.negative(mask.view(np.int8), dtype=bits)
    into = every if every.shape == value.shape else None
    return np.bitwise_and(value.view(bits), every, out=into).view(value.dtype)
