from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.diagnostics import RuntimeFault

nn = torch.nn


@pytest.fixture
def layer():
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[2.0, 3.0]]))
        layer.bias.zero_()
    return layer


@pytest.fixture
def x():
    return torch.ones(1, 2, requires_grad=True)


def test_a_backward_hook_sees_what_comes_in_and_what_goes_out(layer, x):
    seen = []
    layer.register_full_backward_hook(lambda module, out, came: seen.append((module, out, came)))
    (layer(x) * 5).sum().backward()
    [(module, (out,), (came,))] = seen
    assert module is layer
    assert out.tolist() == [[10.0, 15.0]]
    assert came.tolist() == [[5.0]]


def test_a_backward_hook_may_replace_the_gradient_of_the_input_alone(layer, x):
    layer.register_full_backward_hook(lambda module, out, came: (out[0] * 10,))
    layer(x).sum().backward()
    assert x.grad.tolist() == [[20.0, 30.0]]
    assert layer.bias.grad.tolist() == [1.0]


def test_a_backward_pre_hook_may_replace_what_comes_in(layer, x):
    layer.register_full_backward_pre_hook(lambda module, came: (came[0] * 2,))
    layer(x).sum().backward()
    assert x.grad.tolist() == [[4.0, 6.0]]
    assert layer.bias.grad.tolist() == [2.0]


def test_a_removed_backward_hook_leaves_no_trace(layer, x):
    handle = layer.register_full_backward_hook(lambda module, out, came: None)
    assert layer(x).grad_fn.name() == "BackwardHookFunctionBackward"
    handle.remove()
    assert layer(x).grad_fn.name() == "AddmmBackward0"


def test_an_input_without_gradient_is_none_and_warned_of(layer):
    seen = []
    layer.register_full_backward_hook(lambda module, out, came: seen.append(out))
    with pytest.warns(UserWarning, match="no inputs require gradients"):
        layer(torch.ones(1, 2)).sum().backward()
    assert seen == [(None,)]


def test_one_input_without_gradient_among_others_has_zeros():
    seen = []
    layer = nn.Bilinear(2, 2, 1)
    layer.register_full_backward_hook(lambda module, out, came: seen.append(out))
    layer(torch.ones(1, 2, requires_grad=True), torch.ones(1, 2)).sum().backward()
    assert seen[0][1].tolist() == [[0.0, 0.0]]


def test_too_many_gradients_are_refused(layer, x):
    layer.register_full_backward_hook(lambda module, out, came: (1, 2))
    with pytest.raises(RuntimeFault, match="invalid number of grad_input, got 2, but expected 1"):
        layer(x).sum().backward()


def test_nothing_is_watched_where_nothing_is_recorded(layer, x):
    layer.register_full_backward_hook(lambda module, out, came: None)
    with torch.no_grad():
        assert layer(x).grad_fn is None
