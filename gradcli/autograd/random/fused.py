"""x*scale + shift rounded once, as the processor's fused multiply-add does it.

PyTorch's compiled loops round so; NumPy rounds the product and the sum. Without this a uniform
between bounds other than 0 and 1 differs from PyTorch's in its last bit one time in three.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["affine"]

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]

SPLITTER = 2.0**27 + 1  # cuts 53 bits into 26 and 27: Dekker 1971


@np.errstate(over="ignore", invalid="ignore")  # PyTorch gives inf and nan in silence
def affine(x: Floats, scale: float, shift: float) -> Floats:
    """Returns x*scale + shift in x's dtype (float32 or float64), rounded once (twice below the normal range).

    `scale` and `shift` are rounded to x's dtype first. Source: Boldo and Melquiond, "Emulation of FMA and
    correctly rounded sums: proved algorithms using rounding to odd", IEEE Trans. Computers 57 (2008).
    """
    scale, shift = float(x.dtype.type(scale)), float(x.dtype.type(shift))
    if 0.0 in (scale, shift) or not (math.isfinite(scale) and math.isfinite(shift)):
        return x * scale + shift
    if x.dtype == np.float32:
        product = x.astype(np.float64) * scale  # 24 bits times 24 bits: exact
        return _sum_to_odd(product, np.float64(shift)).astype(np.float32)
    # Around one, so that splitting cannot overflow.
    exponent = max(math.frexp(scale)[1], math.frexp(shift)[1])
    scale, shift = math.ldexp(scale, -exponent), math.ldexp(shift, -exponent)
    high, low = _product(x.astype(np.float64, copy=False), scale)
    upper, lower = _sum(np.float64(shift), low)
    total, rest = _sum(high, upper)
    return np.ldexp(total + _sum_to_odd(lower, rest), exponent)


def _product(x: Doubles, scale: float) -> tuple[Doubles, Doubles]:
    """The rounded product and its error; their sum is exact (Dekker)."""
    product = x * scale
    turned = x * SPLITTER
    x_high = turned - (turned - x)
    x_low = x - x_high
    scale_high = scale * SPLITTER - (scale * SPLITTER - scale)
    scale_low = scale - scale_high
    error = x_high * scale_high - product
    error += x_high * scale_low
    error += x_low * scale_high
    error += x_low * scale_low
    return product, error


def _sum(a: Doubles | np.float64, b: Doubles | np.float64) -> tuple[Doubles, Doubles]:
    """The rounded sum and its error; their sum is exact (Knuth)."""
    total = np.asarray(a + b)
    taken = total - a
    return total, (a - (total - taken)) + (b - taken)


def _sum_to_odd(a: Doubles, b: Doubles | np.float64) -> Doubles:
    """The sum, or of its two neighbours the one whose last bit is one: a second rounding cannot spoil it."""
    total, error = _sum(a, b)
    bits = total.view(np.int64)
    move = (error != 0) & (bits & 1 == 0)
    return (bits + np.where(move, np.where((error > 0) == (total > 0), 1, -1), 0)).view(np.float64)
