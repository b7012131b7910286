"""Operations that a program defines itself, with classes and without."""

from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.autograd.custom import apply_function, once_differentiable
from gradcli.diagnostics import NotImplementedFault


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


def leaf():
    return torch.tensor([1.0, 2.0], requires_grad=True)


def test_a_backward_of_ones_own_is_used():
    x = leaf()
    Cube.apply(x).sum().backward()
    assert x.grad.tolist() == [3.0, 12.0]


def test_its_node_is_called_after_the_class_and_has_no_number():
    y = Cube.apply(leaf())
    assert y.grad_fn.name() == "CubeBackward"
    assert str(y) == "tensor([1., 8.], grad_fn=<CubeBackward>)"


def test_it_can_be_differentiated_as_often_as_its_backward_can():
    x = leaf()
    (first,) = torch.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    assert second.tolist() == [6.0, 12.0]
    assert torch.autograd.grad(second.sum(), x)[0].tolist() == [6.0, 6.0]


def test_a_host_can_offer_it_without_a_class():
    x = leaf()

    def forward(ctx, a, k):
        ctx.k = k
        return a * k

    y = apply_function("Scale", forward, lambda ctx, g: (g * ctx.k, None), (x, 5))
    y.sum().backward()
    assert y.grad_fn.name() == "ScaleBackward"
    assert x.grad.tolist() == [5.0, 5.0]


def test_once_differentiable_refuses_a_second_derivative():
    x = leaf()

    @once_differentiable
    def backward(_, g):
        return 2 * g

    y = apply_function("Twice", lambda ctx, a: a * 2, backward, (x,))
    (g,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="marked with @once_differentiable"):
        g.sum().backward()


def test_the_wrong_number_of_gradients_is_named():
    y = apply_function("Two", lambda ctx, a, b: a * b, lambda ctx, g: g, (leaf(), leaf()))
    with pytest.raises(RuntimeError, match=r"function TwoBackward .*\(expected 2, got 1\)"):
        y.sum().backward()


def test_what_is_saved_does_not_outlive_its_tensors():
    import gc
    import weakref

    x = leaf()
    y = Cube.apply(x)
    gone = weakref.ref(y.grad_fn)
    gc.disable()
    try:
        del y
        assert gone() is None
    finally:
        gc.enable()


def test_a_saved_result_does_not_keep_its_own_node_alive():
    import gc
    import weakref

    def forward(ctx, a):
        y = a.exp()
        ctx.save_for_backward(y)
        return y

    y = apply_function("Exp", forward, lambda ctx, g: g * ctx.saved_tensors[0], (leaf(),))
    gone = weakref.ref(y.grad_fn)
    gc.disable()
    try:
        del y
        assert gone() is None
    finally:
        gc.enable()


UNDEFINED = {
    "forward": "You must implement the forward function for custom autograd.Function.",
    "backward": "You must implement either the backward or vjp method for your custom autograd.Function to "
    "use it with backward mode AD.",
    "jvp": "You must implement the jvp function for custom autograd.Function to use it with forward mode AD.",
    "vmap": "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
    "generate_vmap_rule=True.",
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_a_function_does_not_define_is_named(name):
    with pytest.raises(NotImplementedFault) as error:
        getattr(torch.autograd.Function, name)(None, None, leaf())
    assert error.value.diagnostic.message == UNDEFINED[name]
    assert error.value.diagnostic.code == "E407"
    assert error.value.diagnostic.help
