"""Second derivatives, by recording the backward pass, meet differences of first ones to 50 digits."""

# A law speaks of a record, its inputs, outputs, cotangents and parameters at once:
# ruff: noqa: PLR0913

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad
from gradcli.autograd.tensor import apply
from gradcli.diagnostics import GradcliError
from gradcli.ops.dtypes import FLOAT64


def _first(laws, m, record, values, gs, weights, needs, params):
    """<weights, vjp(values; gs)> from the record's formulas in the algebra m."""
    outputs = laws.outputs(m, record, values, params)
    gradients = laws.vjp(m, record, values, outputs, gs, params, needs)
    return sum(np.sum(w * getattr(x, "data", x)) for w, x in zip(weights, gradients, strict=True))


def _expected(laws, *case):
    """The change of the first derivative along the directions, and how far it can be trusted."""
    try:
        return _difference(laws, *case, precise=True)
    except GradcliError as error:
        if error.diagnostic.code == "E308":
            return _difference(laws, *case, precise=False)
        raise


def _difference(laws, record, values, gs, weights, directions, needs, params, *, precise):
    sides = []
    for sign in (1, -1):
        moved, cotangents = (laws.exactly(values), laws.exactly(gs)) if precise else (list(values), gs)
        for i, direction in zip(needs, directions, strict=True):
            step = direction * (sign * (1e-15 if precise else 1e-6))
            moved[i] = moved[i] + (laws.precise.array(step) if precise else step)
        m = laws.precise if precise else laws.numpy
        sides.append(_first(laws, m, record, moved, cotangents, weights, needs, params))
    found = (sides[0] - sides[1]) / (2e-15 if precise else 2e-6)
    return float(found), (1e-8 if precise else 1e-5)


def test_the_backward_pass_can_be_differentiated(laws, curved):
    for values, params in laws.cases(curved)[:3]:
        outputs = [np.asarray(y) for y in laws.outputs(laws.numpy, curved, values, params)]
        needs, gs = laws.positions(curved, values, params), laws.cotangents(outputs)
        if not needs:
            pytest.skip("no derivative here")
        s = laws.sampler(curved)
        weights = [laws.free(curved, values[i])(s.normal(*values[i].shape)) for i in needs]
        directions = [laws.free(curved, values[i])(s.normal(*values[i].shape)) for i in needs]
        expected, tolerance = _expected(laws, curved, values, gs, weights, directions, needs, params)
        try:
            found = _recorded(curved, values, gs, weights, directions, needs, params)
        except GradcliError as error:
            if error.diagnostic.code == "E407":
                pytest.skip(f"PyTorch has none either: {error}")
            raise
        assert found == pytest.approx(expected, rel=tolerance, abs=tolerance), (curved.name, params)


def _recorded(record, values, gs, weights, directions, needs, params):
    """The same derivative by the engine: grad of grad, along the directions."""
    leaves = [Tensor(x, requires_grad=i in needs) for i, x in enumerate(values)]
    found = apply(record, leaves, params)
    outs = [y for y in (found if isinstance(found, tuple) else (found,)) if y.dtype.kind == "f"]
    inputs = [leaves[i] for i in needs]
    first = grad(outs, inputs, [Tensor(g) for g in gs], create_graph=True, materialize_grads=True)
    roots = [(x, w) for x, w in zip(first, weights, strict=True) if x.requires_grad]
    if not roots:
        return 0.0
    second = grad([x for x, _ in roots], inputs, [Tensor(w) for _, w in roots], materialize_grads=True)
    assert all(x.dtype == FLOAT64 for x in second)
    return sum(float(np.sum(x.detach().numpy() * d)) for x, d in zip(second, directions, strict=True))
