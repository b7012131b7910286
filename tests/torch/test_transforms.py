"""torch.func: transforms of functions, and transforms of those."""

from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.autograd import session
from gradcli.autograd.budget import Budget
from gradcli.diagnostics import LimitFault
from gradcli.torch import func


def number(value):
    return torch.tensor(value, dtype=torch.float64)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [(outer, inner) for outer in ("grad", "jvp") for inner in ("grad", "jvp")],
)
def test_levels_do_not_mix_up(outer, inner):
    def derivative(kind, function, at):
        return func.grad(function)(at) if kind == "grad" else func.jvp(function, (at,), (number(1.0),))[1]

    # d/dx (x * d/dy (x * y)) = d/dx (x * x) = 2x; a confusion of x and y gives 3x or x.
    found = derivative(outer, lambda x: x * derivative(inner, lambda y: x * y, number(1.0)), number(3.0))
    assert found.item() == 6.0


@pytest.mark.parametrize("first", [func.jacrev, func.jacfwd])
@pytest.mark.parametrize("second", [func.jacrev, func.jacfwd])
def test_jacobians_of_jacobians_are_second_derivatives(first, second):
    x = torch.tensor([0.5, 1.5], dtype=torch.float64)
    found = second(first(lambda x: x.exp().sum() * x[0]))(x)
    e = x.exp()
    expected = [
        [(e[0] * (2 + x[0])).item(), e[1].item()],
        [e[1].item(), (e[1] * x[0]).item()],
    ]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))


def test_a_gradient_of_independent_values_is_zero():
    assert func.grad(lambda x: number(2.0) * 1)(number(1.0)).item() == 0.0


def test_a_transform_leaves_its_arguments_as_they_are():
    x = torch.tensor([1.0, 2.0])
    found = func.grad(lambda x: (x * x).sum())(x)
    assert not x.requires_grad
    assert not found.requires_grad
    assert x.grad is None


def test_gradients_for_a_captured_leaf_come_through():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    func.grad(lambda x: (x * x * w).sum())(torch.ones(2)).sum().backward()
    assert w.grad.tolist() == [2.0, 2.0]


def test_per_sample_gradients_are_those_of_each_sample_alone():
    xs = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    one = func.grad(lambda w, x: ((w * x).sum() - 1) ** 2)
    w = torch.tensor([0.5, 0.5])
    found = func.vmap(one, in_dims=(None, 0))(w, xs)
    assert found.tolist() == [one(w, x).tolist() for x in xs]


def test_vmap_refuses_random_numbers_unless_told_how():
    with pytest.raises(RuntimeError, match="randomness error mode"):
        func.vmap(lambda x: x + torch.rand(()))(torch.ones(3))
    assert torch.rand(1).shape == (1,)  # and the generator is back
    same = func.vmap(lambda x: x + torch.rand(()), randomness="same")(torch.ones(3))
    assert len(set(same.tolist())) == 1


@pytest.mark.parametrize(
    "derive",
    [
        lambda x: func.jacrev(torch.sin)(x),
        lambda x: func.jacfwd(torch.sin)(x),
        lambda x: torch.autograd.functional.jacobian(torch.sin, x),
        lambda x: torch.autograd.functional.jacobian(torch.sin, x, vectorize=True, strategy="forward-mode"),
    ],
)
def test_a_jacobian_too_big_is_refused_before_it_is_computed(derive):
    with session(budget=Budget(max_elements=2**20)), pytest.raises(LimitFault):
        derive(torch.ones(2**18))


def test_a_module_is_itself_again_after_a_functional_call():
    layer = torch.nn.Linear(2, 1)
    before = layer.weight
    found = func.functional_call(
        layer, {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}, torch.tensor([1.0, 2.0])
    )
    assert found.item() == 3.0
    assert layer.weight is before
    with pytest.raises(RuntimeError):
        func.functional_call(layer, {"weight": torch.ones(3, 3)}, torch.ones(2))
    assert layer.weight is before
