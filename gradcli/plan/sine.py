"""Sine and cosine of the same angles at once, in double precision, by NumPy's vector operations.

NumPy's own take ten times as long as its exponential, and a gradient wants both of them. One reduction to
[-pi/4, pi/4] serves both polynomials; both results are within 2 ulps. Angles that are big, or not finite,
are left to NumPy. Sources: Cody and Waite, Software Manual for the Elementary Functions (1980), chapter 8,
for the reduction; the polynomials are those of FDLIBM (Sun Microsystems, 1993), k_sin.c and k_cos.c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.plan.buffers import aligned

__all__ = ["sin_cos"]

BIGGEST = 1600.0  # up to about 2**10 quarter turns the three parts of pi / 2 leave all digits
BLOCK = 2**15  # elements: long enough for two threads, short enough for the second-level cache

# As arrays: NumPy takes 1 µs to make one of a number.
QUARTERS = np.array(6.36619772367581382433e-01)  # 2 / pi
# Added to a number it leaves the nearest whole number in the last bits.
SHIFT = np.array(1.5 * 2.0**52)
# pi / 2 in parts: the first two have 33 bits, so that their products with whole numbers are exact.
PARTS = tuple(map(np.array, (
    1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21,
)))  # fmt: skip
SINE = tuple(map(np.array, (
    1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06,
    -1.98412698298579493134e-04, 8.33333333332248946124e-03, -1.66666666666666324348e-01,
)))  # fmt: skip
COSINE = tuple(map(np.array, (
    -1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07,
    2.48015872894767294178e-05, -1.38888888888741095749e-03, 4.16666666666666019037e-02, -0.5, 1.0,
)))  # fmt: skip
ONE, LAST, SIGN = (np.array(number, np.int64) for number in (1, 63, -(2**63)))


def sin_cos(x: Any, sine: Any, cosine: Any) -> None:
    """Writes the sines and cosines of float64 angles, which may lie in the memory of either result."""
    if not (np.minimum.reduce(x, axis=None) >= -BIGGEST and np.maximum.reduce(x, axis=None) <= BIGGEST):
        turned = np.cos(x)  # also for nan, which is in no order
        np.sin(x, out=sine)
        np.copyto(cosine, turned)
        return
    scratch = aligned((3, min(BLOCK, x.size)), np.float64)
    x, sine, cosine = x.reshape(-1), sine.reshape(-1), cosine.reshape(-1)
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        _block(x[part], sine[part], cosine[part], *scratch[:, : x[part].size])


def _block(  # noqa: PLR0913 - the buffers of a block
    x: Any, sine: Any, cosine: Any, turns: Any, angle: Any, square: Any
) -> None:
    np.multiply(x, QUARTERS, out=turns)
    np.add(turns, SHIFT, out=turns)
    np.subtract(turns, SHIFT, out=turns)  # np.rint would make -0 of -0, and x - -0 is 0
    for part in PARTS:
        np.multiply(turns, part, out=square)
        x = np.subtract(x, square, out=angle)
    np.add(turns, SHIFT, out=turns)  # their bits, for later
    np.multiply(angle, angle, out=square)
    _horner(SINE, square, sine)
    np.multiply(sine, square, out=sine)
    np.multiply(sine, angle, out=sine)
    np.add(sine, angle, out=sine)
    _horner(COSINE, square, cosine)
    _turned(*(array.view(np.int64) for array in (sine, cosine, angle, turns, square)))


def _horner(coefficients: tuple[Any, ...], x: Any, out: Any) -> None:
    np.multiply(x, coefficients[0], out=out)
    np.add(out, coefficients[1], out=out)
    for coefficient in coefficients[2:]:
        np.multiply(out, x, out=out)
        np.add(out, coefficient, out=out)


def _turned(sine: Any, cosine: Any, angle: Any, turns: Any, work: Any) -> None:
    """Exchanges and negates by the number of quarter turns, on the bits of all; overwrites what it reads.

    An odd number takes (sine, cosine) to (cosine, -sine), and two more negate both.
    """
    np.bitwise_and(angle, SIGN, out=angle)
    np.bitwise_or(sine, angle, out=sine)  # of -0, which the sum has lost
    odd = np.left_shift(turns, LAST, out=angle)
    np.bitwise_xor(sine, odd, out=sine)
    np.right_shift(odd, LAST, out=odd)
    np.bitwise_xor(sine, cosine, out=work)
    change = np.bitwise_and(work, odd, out=work)
    np.right_shift(turns, ONE, out=turns)
    np.left_shift(turns, LAST, out=turns)
    np.bitwise_xor(change, turns, out=change)
    np.bitwise_xor(sine, change, out=sine)
    np.bitwise_xor(cosine, change, out=cosine)
