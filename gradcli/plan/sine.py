"""Sine and cosine of the same angles at once, in double precision, by NumPy's vector operations.

NumPy's own take ten times as long as its exponential, and a gradient wants both of them. One reduction to
[-pi/4, pi/4] serves both polynomials; both results are within 2 ulps. Angles that are big, or not finite,
are left to NumPy. Sources: Cody and Waite, Software Manual for the Elementary Functions (1980), chapter 8,
for the reduction; the polynomials are those of FDLIBM (Sun Microsystems, 1993), k_sin.c and k_cos.c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["sin_cos"]

BIGGEST = 1600.0  # up to about 2**10 quarter turns the three parts of pi / 2 leave all digits
BLOCK = 2**15  # elements: long enough for two threads, short enough for the second-level cache

QUARTERS = 6.36619772367581382433e-01  # 2 / pi
# Added to a number it leaves the nearest whole number in the last bits.
SHIFT = 1.5 * 2.0**52
# pi / 2 in parts: the first two have 33 bits, so that their products with whole numbers are exact.
FIRST, SECOND, THIRD = 1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21
SINE = (
    1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06,
    -1.98412698298579493134e-04, 8.33333333332248946124e-03, -1.66666666666666324348e-01,
)  # fmt: skip
COSINE = (
    -1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07,
    2.48015872894767294178e-05, -1.38888888888741095749e-03, 4.16666666666666019037e-02,
)  # fmt: skip


def sin_cos(x: Any, sine: Any, cosine: Any) -> None:
    """Writes the sines and cosines of float64 angles, which may lie in the memory of either result."""
    if not (np.minimum.reduce(x, axis=None) >= -BIGGEST and np.maximum.reduce(x, axis=None) <= BIGGEST):
        turned = np.cos(x)  # also for nan, which is in no order
        np.sin(x, out=sine)
        np.copyto(cosine, turned)
        return
    scratch = np.empty((4, min(BLOCK, x.size)))
    x, sine, cosine = x.reshape(-1), sine.reshape(-1), cosine.reshape(-1)
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        _block(x[part], sine[part], cosine[part], *scratch[:, : x[part].size])


def _block(  # noqa: PLR0913 - the buffers of a block
    x: Any, sine: Any, cosine: Any, turns: Any, angle: Any, square: Any, work: Any
) -> None:
    np.multiply(x, QUARTERS, out=turns)
    np.add(turns, SHIFT, out=turns)
    np.subtract(turns, SHIFT, out=square)  # the quarter turns
    np.multiply(square, FIRST, out=work)
    np.subtract(x, work, out=angle)
    for part in (SECOND, THIRD):
        np.multiply(square, part, out=work)
        np.subtract(angle, work, out=angle)
    np.multiply(angle, angle, out=square)
    _horner(SINE, square, sine)
    np.multiply(square, angle, out=work)
    np.multiply(sine, work, out=sine)
    np.add(sine, angle, out=sine)
    np.copysign(sine, angle, out=sine)  # of -0
    _horner(COSINE, square, cosine)
    np.multiply(square, square, out=work)
    np.multiply(cosine, work, out=cosine)
    np.multiply(square, 0.5, out=square)
    np.subtract(1.0, square, out=square)
    np.add(cosine, square, out=cosine)
    _turned(sine.view(np.int64), cosine.view(np.int64), turns.view(np.int64), work.view(np.int64))


def _horner(coefficients: tuple[float, ...], x: Any, out: Any) -> None:
    np.multiply(x, coefficients[0], out=out)
    np.add(out, coefficients[1], out=out)
    for coefficient in coefficients[2:]:
        np.multiply(out, x, out=out)
        np.add(out, coefficient, out=out)


def _turned(sine: Any, cosine: Any, turns: Any, work: Any) -> None:
    """Exchanges and negates by the number of quarter turns, on the bits of all."""
    np.bitwise_and(turns, 1, out=work)
    np.negative(work, out=work)
    odd = np.bitwise_and(np.bitwise_xor(sine, cosine), work, out=work)
    np.bitwise_xor(sine, odd, out=sine)
    np.bitwise_xor(cosine, odd, out=cosine)
    for result, more in ((sine, 0), (cosine, 1)):
        if more:
            np.add(turns, more, out=turns)
        np.left_shift(np.right_shift(turns, 1, out=work), 63, out=work)
        np.bitwise_xor(result, work, out=result)
