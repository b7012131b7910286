"""Backward inside forward mode: what a node saved of its own output carries a tangent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli import torch

FUNCTIONS = {
    "exp": math.exp(0.5),
    "tanh": -2 * math.tanh(0.5) * (1 - math.tanh(0.5) ** 2),
    "sqrt": -0.25 * 0.5**-1.5,
    "reciprocal": 2 * 0.5**-3,
    "expm1": math.exp(0.5),
    "rsqrt": 0.75 * 0.5**-2.5,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("create_graph", [False, True])
def test_the_tangent_of_a_gradient_is_the_second_derivative(name: str, create_graph: bool):
    forward_ad = torch.autograd.forward_ad
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.tensor(1.0, dtype=torch.float64))
        [gradient] = torch.autograd.grad(getattr(torch, name)(dual), dual, create_graph=create_graph)
        tangent = forward_ad.unpack_dual(gradient).tangent
    assert tangent is not None
    assert tangent.item() == pytest.approx(FUNCTIONS[name], rel=1e-12)


def test_an_output_changed_in_place_keeps_the_tangent_it_was_saved_with():
    forward_ad = torch.autograd.forward_ad
    x = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.tensor([3.0], dtype=torch.float64))
        y = (dual * 1).exp_()
        [gradient] = torch.autograd.grad(y, dual, torch.ones(1, dtype=torch.float64), create_graph=True)
        tangent = forward_ad.unpack_dual(gradient).tangent
    assert np.allclose(tangent.detach().numpy(), 3 * math.exp(0.5), rtol=1e-12)
