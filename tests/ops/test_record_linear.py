"""A linear record is linear, and its transposes are its adjoints."""

# A law speaks of a record, its inputs, outputs, cotangents and parameters at once:

from __future__ import annotations

import numpy as np


def _combined(values, other, positions, a, b):
    return [
        a * x + b * y if i in positions else x for i, (x, y) in enumerate(zip(values, other, strict=True))
    ]


def test_a_linear_record_is_linear(laws, linear):
    for values, params in laws.cases(linear):
        s = laws.sampler(linear)
        needs = laws.positions(linear, values, params)
        other = [s.normal(*x.shape) if i in needs else x for i, x in enumerate(values)]
        groups = [(i,) for i in needs] if linear.multilinear else [needs] if needs else []
        for group in groups:
            rest = [y if i in group else x for i, (x, y) in enumerate(zip(values, other, strict=True))]
            mixed = laws.outputs(laws.numpy, linear, _combined(values, other, group, 2.0, -3.0), params)
            one = laws.outputs(laws.numpy, linear, values, params)
            two = laws.outputs(laws.numpy, linear, rest, params)
            for z, x, y in zip(mixed, one, two, strict=True):
                if np.asarray(z).dtype.kind == "f":
                    assert np.allclose(z, 2.0 * x - 3.0 * y, rtol=1e-12, atol=1e-12), (linear.name, params)


def test_transposes_are_adjoint(laws, linear):
    for values, params in laws.cases(linear):
        needs = laws.positions(linear, values, params)
        outputs = [np.asarray(y) for y in laws.outputs(laws.numpy, linear, values, params)]
        gs = laws.cotangents(outputs)
        if not needs:
            continue
        floats = [y for y in outputs if y.dtype.kind == "f"]
        gradients = laws.vjp(laws.numpy, linear, values, outputs, gs, params, needs)
        forward = sum(float(np.sum(g * y)) for g, y in zip(gs, floats, strict=True))
        backward = [float(np.sum(gradient * values[i])) for gradient, i in zip(gradients, needs, strict=True)]
        for gradient, i in zip(gradients, needs, strict=True):
            assert gradient.shape == values[i].shape
        for total in backward if linear.multilinear else [sum(backward)]:
            assert np.isclose(forward, total, rtol=1e-11, atol=1e-11), (linear.name, params)
