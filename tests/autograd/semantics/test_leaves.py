"""Leaves, flags, and the `.grad` attribute."""

from __future__ import annotations

import pytest

NON_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
    "won't be "
    "populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
    "non-leaf Tensor, "
    "use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
    "you access "
    "the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information."
)
ONLY_LEAVES = "you can only change requires_grad flags of leaf variables."


def test_a_tensor_is_a_leaf_unless_a_recorded_operation_made_it(torch):
    x = torch.ones(2, requires_grad=True)
    constant = torch.ones(2)
    assert [t.is_leaf for t in (x, constant, constant * 2, x * 2)] == [True, True, True, False]
    assert [t.requires_grad for t in (x, constant, constant * 2, x * 2)] == [True, False, False, True]
    assert x.grad_fn is None


def test_requires_grad_spreads_to_results(torch):
    x = torch.ones(2, requires_grad=True)
    c = torch.ones(2)
    assert (c + x).requires_grad
    assert not (c + c).requires_grad
    assert not (x > 0).requires_grad


def test_integers_cannot_require_grad(torch, message):
    x = torch.tensor([1, 2])
    wanted = "only Tensors of floating point dtype can require gradients"
    assert message(RuntimeError, x.requires_grad_) == wanted
    wanted = "only Tensors of floating point and complex dtype can require gradients"
    assert message(RuntimeError, lambda: setattr(x, "requires_grad", True)) == wanted
    x.requires_grad_(False)
    x.requires_grad = False
    assert not x.requires_grad


def test_the_flag_is_a_bool(torch, message):
    x = torch.ones(2)
    wanted = "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not int"
    assert message(TypeError, lambda: x.requires_grad_(1)) == wanted
    assert message(RuntimeError, lambda: setattr(x, "requires_grad", None)) == "requires_grad must be a bool"


def test_only_leaves_change_their_flag(torch, message):
    y = torch.ones(2, requires_grad=True) * 2
    hint = (
        " If you want to use a computed variable in a subgraph that doesn't require differentiation use "
        "var_no_grad = "
        "var.detach()."
    )
    assert message(RuntimeError, lambda: setattr(y, "requires_grad", False)) == ONLY_LEAVES + hint
    assert message(RuntimeError, lambda: y.requires_grad_(False)) == ONLY_LEAVES + hint
    assert message(RuntimeError, lambda: setattr(y, "requires_grad", True)) == ONLY_LEAVES
    assert y.requires_grad_() is y


def test_a_leaf_that_gave_up_its_flag_gets_no_gradient(torch):
    x = torch.ones(2, requires_grad=True)
    y = (x * 2).sum()
    x.requires_grad = False
    y.backward()
    assert x.grad is None


def test_the_grad_of_a_non_leaf_is_none_and_draws_a_warning(torch):
    y = torch.ones(2, requires_grad=True) * 2
    with pytest.warns(UserWarning, match="not a leaf Tensor") as caught:
        assert y.grad is None
    assert str(caught[0].message).split(" (Triggered")[0] == NON_LEAF


def test_retain_grad_fills_in_the_grad_of_a_non_leaf(torch, message):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    assert not y.retains_grad
    y.retain_grad()
    y.retain_grad()
    assert y.retains_grad
    (y * y).sum().backward()
    assert y.grad.tolist() == [4, 4]
    x.retain_grad()
    assert not x.retains_grad
    wanted = "can't retain_grad on Tensor that has requires_grad=False"
    assert message(RuntimeError, lambda: torch.ones(2).retain_grad()) == wanted


def test_a_second_backward_gives_a_retained_grad_a_new_tensor(torch):
    y = torch.ones(2, requires_grad=True) * 2
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    first = y.grad
    y.sum().backward()
    assert y.grad is not first
    assert (first.tolist(), y.grad.tolist()) == ([1, 1], [2, 2])


def test_gradients_accumulate_in_one_tensor(torch):
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    (x * 2).sum().backward()
    held = x.grad
    (x * x).sum().backward()
    assert x.grad is held
    assert held.tolist() == [6, 8]
    assert not held.requires_grad


@pytest.mark.filterwarnings("ignore:Using backward")
def test_create_graph_accumulates_into_a_new_tensor(torch):
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    (x * 2).sum().backward()
    held = x.grad
    (x * x).sum().backward(create_graph=True)
    assert x.grad is not held
    assert (held.tolist(), x.grad.tolist()) == ([2, 2], [6, 8])
    assert x.grad.requires_grad
    x.grad = None


def test_a_gradient_is_zeroed_set_to_none_or_deleted(torch, message):
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    wanted = "'NoneType' object has no attribute 'zero_'"
    assert message(AttributeError, lambda: x.grad.zero_()) == wanted
    (x * x).sum().backward()
    held = x.grad
    x.grad.zero_()
    assert (x.grad is held, held.tolist()) == (True, [0, 0])
    (x * x).sum().backward()
    assert held.tolist() == [4, 6]
    x.grad = None
    assert x.grad is None
    (x * x).sum().backward()
    del x.grad
    assert x.grad is None


def test_an_assigned_gradient_is_accumulated_into(torch):
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    start = torch.ones(2)
    x.grad = start
    (x * x).sum().backward()
    assert x.grad is start
    assert start.tolist() == [5, 7]


def test_what_may_be_assigned_to_grad(torch, message):
    x = torch.ones(2, requires_grad=True)

    def assign(value):
        return lambda: setattr(x, "grad", value)

    wanted = (
        "attempting to assign a gradient of size '[3]' to a tensor of size '[2]'. Please ensure that the "
        "gradient "
        "and the tensor are the same size"
    )
    assert message(RuntimeError, assign(torch.ones(3))) == wanted
    wanted = (
        "attempting to assign a gradient with dtype 'double' to a tensor with grad_dtype 'Float'. The "
        "gradient must "
        "match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's "
        "grad_dtype attribute "
        "with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the "
        "dtypes of a "
        "tensor and its gradient may break downstream systems that assume they match."
    )
    assert message(RuntimeError, assign(torch.ones(2, dtype=torch.float64))) == wanted
    wanted = "assigned grad expected to be a Tensor or None but got grad of type int"
    assert message(TypeError, assign(3)) == wanted
    assert message(RuntimeError, assign(x)) == "can't assign Variable as its own grad"
    assert x.grad is None


def test_two_leaves_never_share_a_gradient(torch):
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    seed = torch.ones(2)
    (a + b).backward(seed)
    a.grad.mul_(5)
    assert (a.grad.tolist(), b.grad.tolist(), seed.tolist()) == ([5, 5], [1, 1], [1, 1])


def test_a_gradient_has_its_leafs_dtype_and_shape(torch):
    x = torch.ones(3, requires_grad=True)
    s = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    (x * s).sum().backward()
    assert (x.grad.dtype, tuple(x.grad.shape)) == (torch.float32, (3,))
    assert (s.grad.dtype, tuple(s.grad.shape), s.grad.item()) == (torch.float64, (), 3)
