from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd.random.boxmuller import BLOCK, CHUNK, normal_blocks, normal_pairs


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [0, BLOCK, CHUNK, CHUNK + 3 * BLOCK])
def test_a_block_is_eight_cosines_and_then_eight_sines(dtype, count):
    uniforms = np.random.default_rng(0).random(count, dtype)
    radius, angle = np.moveaxis(uniforms.astype(float).reshape(-1, 2, 8), 1, 0)
    radius = np.sqrt(-2 * np.log(1 - radius))
    expected = np.stack([radius * np.cos(2 * np.pi * angle), radius * np.sin(2 * np.pi * angle)], axis=1)
    normals = normal_blocks(uniforms)
    assert normals.dtype == dtype
    # Near a zero of the sine only the absolute error is small, since 2*pi*angle is rounded.
    precision = 3e-6 if dtype == np.float32 else 1e-14
    np.testing.assert_allclose(normals, expected.ravel(), rtol=precision, atol=precision)


def test_the_ends_of_the_uniforms_give_finite_normals():
    last = 1 - 2.0**-24
    uniforms = np.array([*[0.0] * 4, *[last] * 4, *[0.0, 0.25, 0.5, last] * 2], np.float32)
    longest = np.sqrt(2 * 24 * np.log(2))
    expected = [*[0.0] * 4, longest, 0.0, -longest, longest, *[0.0] * 4, 0.0, longest, 0.0, 0.0]
    np.testing.assert_allclose(normal_blocks(uniforms), expected, rtol=1e-6, atol=3e-6)


def test_a_pair_is_the_cosine_and_the_sine_of_one_angle():
    angle, radius = 0.1, 0.7
    length = np.sqrt(-2 * np.log(0.3))
    expected = [length * np.cos(0.2 * np.pi), length * np.sin(0.2 * np.pi)]
    np.testing.assert_allclose(normal_pairs(np.array([angle, radius])), expected, rtol=1e-14)
