"""Uniforms made normal, as PyTorch's CPU kernels do it: pairs below 16 elements, blocks from 16 on.

A block is 16 uniforms, eight for the radius and then eight for the angle, and gives eight cosines and
then eight sines. In float32 PyTorch's vector code evaluates the Cephes polynomials with fused
multiply-adds; the same is done here, so that the normals of a seed agree bit for bit on the
processors that have them (x86 with AVX2), not only to the printed digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "normal_blocks", "normal_pairs"]

Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]

BLOCK = 16
CHUNK = 1024 * BLOCK  # what the second-level cache holds together with its temporaries

# S. Moshier's Cephes library: logf.c and sinf.c.
SQRT_HALF = np.float32(0.70710678118654752440)
LOG_POLYNOMIAL = np.array(
    [
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    ],
    np.float32,
)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
FOUR_OVER_PI = np.float32(1.27323954473516)
MINUS_QUARTER_PI = np.array([-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8], np.float32)
COS_POLYNOMIAL = np.array([2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2], np.float32)
SIN_POLYNOMIAL = np.array([-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1], np.float32)


def normal_pairs(uniforms: Doubles) -> Doubles:
    """Returns as many normals as there are uniforms, an even number: each pair (angle, radius) gives two."""
    angle, radius = uniforms.reshape(-1, 2).T
    radius = np.sqrt(-2.0 * np.log1p(-radius))
    angle = 2.0 * np.pi * angle
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).reshape(-1)


def normal_blocks(uniforms: NDArray[Any]) -> NDArray[Any]:
    """Returns as many normals as there are uniforms: a multiple of 16, of float32 or float64."""
    normals = np.empty_like(uniforms)
    block = _single_block if uniforms.dtype == np.float32 else _double_block
    for start in range(0, uniforms.size, CHUNK):
        part = slice(start, start + CHUNK)
        radius, angle = np.moveaxis(uniforms[part].reshape(-1, 2, BLOCK // 2), 1, 0)
        cosines, sines = np.moveaxis(normals[part].reshape(-1, 2, BLOCK // 2), 1, 0)
        block(radius, angle, cosines, sines)
    return normals


def _double_block(radius: Doubles, angle: Doubles, cosines: Doubles, sines: Doubles) -> None:
    radius = np.sqrt(-2.0 * np.log(1.0 - radius))
    angle = 2.0 * np.pi * angle
    np.multiply(radius, np.cos(angle), out=cosines)
    np.multiply(radius, np.sin(angle), out=sines)


def _single_block(radius: Singles, angle: Singles, cosines: Singles, sines: Singles) -> None:
    radius = np.sqrt(np.float32(-2.0) * _log(np.float32(1.0) - radius))
    cos, sin = _cos_sin(np.float32(2.0 * np.pi) * angle)
    np.multiply(radius, cos, out=cosines)
    np.multiply(radius, sin, out=sines)


def _multiply_add(a: Singles, b: Singles | np.float32, c: Singles | np.float32) -> Singles:
    # The product of two float32 is exact in float64. The sum is rounded twice, which one time in some
    # 2**29 is not the fused result: `affine` would be exact, at six times the price.
    result: Singles = (a.astype(np.float64) * b + c).astype(np.float32)
    return result


def _horner(x: Singles, coefficients: Singles) -> Singles:
    value = _multiply_add(x, coefficients[0], coefficients[1])
    for coefficient in coefficients[2:]:
        value = _multiply_add(value, x, coefficient)
    return value


def _log(x: Singles) -> Singles:
    mantissa, exponent = np.frexp(x)
    small = mantissa < SQRT_HALF
    mantissa = mantissa - np.float32(1.0) + np.where(small, mantissa, np.float32(0.0))
    scale = (exponent - small).astype(np.float32)
    square = mantissa * mantissa
    value = _horner(mantissa, LOG_POLYNOMIAL) * mantissa
    value = _multiply_add(value, square, scale * LN2_LOW)
    value = _multiply_add(square, np.float32(-0.5), value)
    return _multiply_add(scale, LN2_HIGH, mantissa + value)


def _cos_sin(angle: Singles) -> tuple[Singles, Singles]:
    octant = ((angle * FOUR_OVER_PI).astype(np.int32) + 1) & ~1
    turns = octant.astype(np.float32)
    for part in MINUS_QUARTER_PI:
        angle = _multiply_add(turns, part, angle)
    square = angle * angle
    cos = _horner(square, COS_POLYNOMIAL) * square
    cos = _multiply_add(cos, square, square * np.float32(-0.5)) + np.float32(1.0)
    sin = _horner(square, SIN_POLYNOMIAL) * square
    sin = _multiply_add(sin, angle, angle)
    odd = octant & 2 != 0
    cos, sin = np.where(odd, sin, cos), np.where(odd, cos, sin)
    return np.where((octant + 2) & 4 != 0, -cos, cos), np.where(octant & 4 != 0, -sin, sin)
