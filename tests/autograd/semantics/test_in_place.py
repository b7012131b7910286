"""In-place operations: version counters, saved tensors that were changed, leaves, and rewritten histories."""

from __future__ import annotations

import pytest

LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
HINT = (
    " Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
    "torch.autograd.set_detect_anomaly(True, check_nan=False)."
)


def changed(kind, origin, version, expected=0):
    clause = f", which is output 0 of {origin}," if origin else ""
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{kind}]{clause} is at version {version}; expected version {expected} instead.{HINT}"
    )


def test_each_change_counts_once_for_the_tensor_and_its_views(torch):
    x = torch.ones(3)
    view, detached, data = x.view(3, 1), x.detach(), x.data
    x.add_(1)
    x += 1
    view.mul_(2)
    detached.zero_()
    data.add_(1)
    assert [t._version for t in (x, view, detached, data)] == [4, 4, 4, 1]
    assert x.tolist() == [1, 1, 1]


def test_an_in_place_operation_returns_the_tensor_itself(torch):
    x = torch.ones(2)
    y = x
    y += 1
    assert y is x
    assert x.mul_(3) is x
    assert x.tolist() == [6, 6]


def test_a_changed_result_that_backward_needs_is_an_error(torch, message):
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    with torch.no_grad():
        y.add_(1)
    assert message(RuntimeError, lambda: y.sum().backward()) == changed("torch.FloatTensor [2]", "Exp", 1)


def test_a_change_of_what_nobody_saved_is_fine(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    z = y * 2  # saves 2, not y
    y.add_(1)
    (y + z).sum().backward()
    assert x.grad.tolist() == [9, 9]


ORIGINS = {
    "Exp": lambda x: x.exp(),
    "Mul": lambda x: x * 2,
    "Prod1": lambda x: x.prod(1),
    "Mm": lambda x: x @ x,
    "Sum1": lambda x: x.sum(0),
}


@pytest.mark.parametrize("name", list(ORIGINS))
def test_the_error_names_the_last_operation_of_a_changed_argument(torch, message, name):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = ORIGINS[name](x * 1)
    z = y * y
    with torch.no_grad():
        y.add_(1)
    size = list(y.shape)
    wanted = changed(f"torch.FloatTensor {size}", name, 1)
    assert message(RuntimeError, lambda: z.sum().backward()) == wanted


def test_after_a_recorded_change_the_error_names_the_change(torch, message):
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    z = y * y
    y.add_(1)
    wanted = changed("torch.FloatTensor [2]", "Add", 1)
    assert message(RuntimeError, lambda: z.sum().backward()) == wanted


def test_a_changed_leaf_has_no_which_is_clause(torch, message):
    w = torch.ones(2, requires_grad=True)
    y = w * w
    with torch.no_grad():
        w.add_(1)
    assert message(RuntimeError, lambda: y.sum().backward()) == changed("torch.FloatTensor [2]", "", 1)
    constant = torch.ones(3, dtype=torch.float64)
    y = torch.ones(3, dtype=torch.float64, requires_grad=True) * constant
    constant.add_(1)
    assert message(RuntimeError, lambda: y.sum().backward()) == changed("torch.DoubleTensor [3]", "", 1)


def test_data_skips_the_check_and_detach_does_not(torch, message):
    w = torch.ones(2, requires_grad=True)
    y = w * w
    w.data.add_(1)
    y.sum().backward()
    assert w.grad.tolist() == [4, 4]  # silently wrong
    y = w * w
    w.detach().add_(1)
    assert message(RuntimeError, lambda: y.sum().backward()) == changed("torch.FloatTensor [2]", "", 1)


def test_a_leaf_that_requires_grad_is_not_changed_in_place(torch, message):
    x = torch.ones(2, requires_grad=True)

    def augmented():
        y = x
        y += 1

    for change in (augmented, x.zero_, lambda: x.mul_(2), lambda: x.copy_(torch.ones(2)), lambda: x.fill_(3)):
        assert message(RuntimeError, change) == LEAF
    view_of_leaf = LEAF.replace("a leaf", "a view of a leaf")
    assert message(RuntimeError, lambda: x.view(2, 1).add_(1)) == view_of_leaf
    assert message(RuntimeError, lambda: x.view(2, 1).view(2).add_(1)) == view_of_leaf
    assert message(RuntimeError, lambda: x.__setitem__(0, 5)) == view_of_leaf
    with torch.no_grad():
        x.add_(1)
        x.view(2, 1).mul_(2)
        x[0] = 5
    assert (x.tolist(), x.is_leaf, x._version) == ([5, 4], True, 3)


def test_an_in_place_operation_rewrites_the_history(torch, graph):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.add_(x)
    y.exp_()
    assert graph(y.grad_fn) == "ExpBackward0(AddBackward0(MulBackward0(AccumulateGrad, -), AccumulateGrad))"
    y.backward(torch.ones(2))
    assert torch.allclose(x.grad, 3 * (3 * x.detach()).exp())


def test_an_augmented_assignment_keeps_the_values_it_needs_from_before(torch):
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    y = x * 1
    y *= x
    y **= 2
    y /= x
    y -= x
    y.sum().backward()  # x ** 3 - x
    assert x.grad.tolist() == [11, 26]


def test_multiplying_a_tensor_with_itself_in_place_cannot_be_differentiated(torch, message):
    y = torch.ones(2, requires_grad=True) + 1
    y.mul_(y)
    assert message(RuntimeError, lambda: y.sum().backward()) == changed("torch.FloatTensor [2]", "Mul", 1)


def test_zeroing_cuts_the_history(torch):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.zero_()
    assert (y.requires_grad, y.is_leaf) == (True, False)
    y.sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_a_constant_joins_the_graph_when_something_that_requires_grad_is_written_into_it(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.zeros(2)
    y.add_(x)
    assert (y.requires_grad, y.is_leaf) == (True, False)
    z = torch.zeros(3, 2)
    z.copy_(x)
    (y.sum() + z.sum()).backward()
    assert x.grad.tolist() == [4, 4]


def test_inside_no_grad_a_change_is_not_recorded(torch, graph):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    with torch.no_grad():
        y.mul_(10)
    assert graph(y.grad_fn) == "MulBackward0(AccumulateGrad, -)"
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist()) == ([20, 20], [2, 2])


def test_the_result_must_fit_the_tensors_shape(torch, message):
    x = torch.ones(2, 3)
    wanted = "output with shape [2, 3] doesn't match the broadcast shape [4, 2, 3]"
    assert message(RuntimeError, lambda: x.add_(torch.ones(4, 2, 3))) == wanted
    wanted = "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1"
    assert message(RuntimeError, lambda: x.add_(torch.ones(2))) == wanted
    assert message(RuntimeError, lambda: x.copy_(torch.ones(2))) == wanted
    wanted = "output with shape [1] doesn't match the broadcast shape [3]"
    assert message(RuntimeError, lambda: torch.ones(1).add_(torch.ones(3))) == wanted
    assert x._version == 0


def test_the_result_must_fit_the_tensors_dtype(torch, message):
    x = torch.tensor([1, 2, 3])
    wanted = "result type Float can't be cast to the desired output type Long"
    for change in (
        lambda: x.add_(1.5),
        lambda: x.div_(2),
        lambda: x.mul_(torch.tensor(1.5)),
        x.exp_,
    ):
        assert message(RuntimeError, change) == wanted
    mask = torch.tensor([True, False])
    wanted = "result type Long can't be cast to the desired output type Bool"
    assert message(RuntimeError, lambda: mask.add_(1)) == wanted
    assert torch.ones(2).add_(torch.ones(2, dtype=torch.float64)).dtype == torch.float32
    assert x.copy_(torch.tensor([1.7, 2.2, -3.9])).tolist() == [1, 2, -3]


def test_numbers_wrap_round_in_narrow_integers(torch):
    x = torch.tensor([1, 2], dtype=torch.uint8)
    assert (x + 300).tolist() == [45, 46]
    assert x.add_(-2).tolist() == [255, 0]


def test_expanded_memory_is_not_written_to(torch, message):
    wanted = (
        "unsupported operation: more than one element of the written-to tensor refers to a single memory "
        "location. "
        "Please clone() the tensor before performing the operation."
    )
    assert message(RuntimeError, lambda: torch.ones(1).expand(3).add_(1)) == wanted
    y = torch.ones(2, requires_grad=True) * 2
    assert message(RuntimeError, lambda: y.expand(3, 2).mul_(2)) == wanted


def test_hooks_stay_with_the_old_history_and_a_retained_grad_follows_the_new(torch):
    log = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: log.append(("before", g.tolist())))
    y.retain_grad()
    y.mul_(3)
    y.register_hook(lambda g: log.append(("after", g.tolist())))
    y.sum().backward()
    assert log == [("after", [1, 1]), ("before", [3, 3])]
    assert y.grad.tolist() == [1, 1]
