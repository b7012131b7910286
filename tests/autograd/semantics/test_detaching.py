"""detach, .data, and what leaves the graph: numbers, lists, arrays."""

from __future__ import annotations

import pytest


def test_detach_shares_memory_and_has_no_history(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    detached = y.detach()
    assert (detached.requires_grad, detached.is_leaf, detached.grad_fn) == (False, True, None)
    detached.mul_(3)
    assert y.tolist() == [6, 12]
    detached.requires_grad_()
    (detached * 2).sum().backward()
    assert (detached.grad.tolist(), x.grad) == ([2, 2], None)


def test_a_detached_factor_counts_as_a_constant(torch):
    x = torch.tensor([3.0], requires_grad=True)
    (x * x.detach()).backward()
    assert x.grad.tolist() == [3]


def test_detach_in_place_cuts_the_history(torch, message):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    before = y * 3
    assert y.detach_() is y
    assert (y.requires_grad, y.is_leaf) == (False, True)
    before.sum().backward()
    assert x.grad.tolist() == [6, 6]
    found = message(RuntimeError, lambda: (x * 2).view(2, 1).detach_())
    assert found.startswith("Can't detach views in-place. Use detach() instead.")


def test_data_can_be_read_and_replaced(torch, message):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert (x.data.requires_grad, x.data.tolist()) == (False, [1, 2])
    x.data = torch.tensor([5.0, 6.0, 7.0])
    (x * x).sum().backward()
    assert (x.is_leaf, x.requires_grad, x._version, x.grad.tolist()) == (True, True, 0, [10, 12, 14])
    wanted = "data set to a tensor that requires gradients must be floating point or complex dtype"
    assert message(RuntimeError, lambda: setattr(x, "data", torch.tensor([1, 2]))) == wanted
    assert (
        message(TypeError, lambda: setattr(x, "data", 3)) == "Variable data has to be a tensor, but got int"
    )


def test_numpy_is_refused_while_grad_is_required(torch, message):
    x = torch.ones(2, requires_grad=True)
    wanted = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
    assert message(RuntimeError, x.numpy) == wanted
    assert x.detach().numpy().tolist() == [1, 1]


def test_item_takes_exactly_one_element(torch, message):
    wanted = "a Tensor with 2 elements cannot be converted to Scalar"
    assert message(RuntimeError, lambda: torch.ones(2).item()) == wanted
    assert torch.ones(1, 1).item() == 1.0
    assert message(RuntimeError, lambda: torch.ones(0).item()) == wanted.replace("2", "0")
    wanted = "only one element tensors can be converted to Python scalars"
    assert message(ValueError, lambda: float(torch.ones(2))) == wanted
    assert (float(torch.tensor(2.5)), int(torch.tensor([2.5]))) == (2.5, 2)


def test_the_truth_of_several_elements_is_ambiguous(torch, message):
    wanted = "Boolean value of Tensor with more than one value is ambiguous"
    assert message(RuntimeError, lambda: bool(torch.ones(2))) == wanted
    wanted = "Boolean value of Tensor with no values is ambiguous"
    assert message(RuntimeError, lambda: bool(torch.ones(0))) == wanted
    assert (bool(torch.ones(1, 1)), bool(torch.tensor(0.0))) == (True, False)


@pytest.mark.parametrize("what", [len, iter, list])
def test_a_tensor_without_dims_has_no_length(torch, message, what):
    wanted = "len() of a 0-d tensor" if what is len else "iteration over a 0-d tensor"
    assert message(TypeError, lambda: what(torch.tensor(1.0))) == wanted


def test_a_single_integer_serves_as_an_index(torch, message):
    assert [1, 2, 3][torch.tensor(1)] == 2
    wanted = "only integer tensors of a single element can be converted to an index"
    assert message(TypeError, lambda: [1, 2, 3][torch.tensor(1.0)]) == wanted


def test_containment_compares_elements(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert 2.0 in x
    assert 3 not in x


def test_backward_sees_data_that_were_replaced_since_the_forward_pass(torch):
    x = torch.tensor([2.0], requires_grad=True)
    y = x**2
    x.data = torch.tensor([5.0])
    y.backward()
    assert x.grad.tolist() == [10]
    inner = x * 1
    y = inner**2
    inner.data = torch.tensor([7.0])
    y.backward()
    assert x.grad.tolist() == [24]
