"""Second derivatives, by recording the backward pass, meet differences of first ones to 50 digits."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad
from gradcli.autograd.tensor import apply
from gradcli.diagnostics import GradcliError
from gradcli.ops.dtypes import FLOAT64

STEP = 1e-15


def _first(laws, record, values, gs, weights, needs, params):
    """<weights, vjp(values; gs)> to 50 digits, from the record's formulas."""
    exact = [x if not isinstance(x, np.ndarray) else laws.precise.array(x) for x in values]
    outputs = laws.outputs(laws.precise, record, exact, params)
    gradients = laws.vjp(laws.precise, record, exact, outputs, gs, params, needs)
    return sum(np.sum(w * x.data) for w, x in zip(weights, gradients, strict=True))


def test_the_backward_pass_can_be_differentiated(laws, curved):
    for values, params in laws.cases(curved)[:3]:
        outputs = [np.asarray(y) for y in laws.outputs(laws.numpy, curved, values, params)]
        needs, gs = laws.positions(curved, values), laws.cotangents(curved, outputs)
        if not needs or not gs:
            pytest.skip("no derivative here")
        s = laws.sampler(curved)
        weights = [s.normal(*values[i].shape) for i in needs]
        directions = [s.normal(*values[i].shape) for i in needs]
        try:
            sides = []
            for sign in (1, -1):
                moved = laws.exactly(curved, values)
                for i, direction in zip(needs, directions, strict=True):
                    moved[i] = moved[i] + laws.precise.array(direction * (sign * STEP))
                exact_gs = [laws.precise.array(g) for g in gs]
                sides.append(_first(laws, curved, moved, exact_gs, weights, needs, params))
        except GradcliError as error:
            if error.diagnostic.code in ("E308", "E407"):
                pytest.skip(str(error))
            raise
        expected = float((sides[0] - sides[1]) / (2 * STEP))
        found = _recorded(curved, values, gs, weights, directions, needs, params)
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-10), (curved.name, params)


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
