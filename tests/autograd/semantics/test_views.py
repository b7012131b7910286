"""In-place operations on views and their bases."""

from __future__ import annotations

SEVERAL = (
    " This view is the output of a function that returns multiple views. Such functions do not allow the "
    "output views "
    "to be modified inplace. You should replace the inplace operation by an out-of-place one."
)
AMBIGUOUS = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code "
    "by moving both "
    "the view and the inplace either both inside the no_grad block (if you don't want the inplace to be "
    "tracked) or "
    "both outside (if you want the inplace to be tracked)."
)


def made(torch):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    return x, x * 2


def test_a_change_through_a_view_reaches_the_base(torch, graph):
    x, y = made(torch)
    view = y.view(-1)
    view.mul_(3)
    assert graph(y.grad_fn) == "CopySlices(MulBackward0(AccumulateGrad, -), -)"
    assert graph(view.grad_fn) == "AsStridedBackward0(CopySlices(MulBackward0(AccumulateGrad, -), -))"
    assert y.grad_fn.name() == "torch::autograd::CopySlices"
    (y * y).sum().backward()  # (6 x)**2
    assert x.grad.tolist() == [[72, 144], [216, 288]]


def test_a_change_of_the_base_reaches_the_view(torch, graph):
    x, y = made(torch)
    view = y.t()
    y.mul_(3)
    assert graph(view.grad_fn) == "AsStridedBackward0(MulBackward0(MulBackward0(AccumulateGrad, -), -))"
    (view[0] * view[0]).sum().backward()
    assert x.grad.tolist() == [[72, 0], [216, 0]]


def test_a_row_a_column_and_a_slice_are_changed_in_turn(torch):
    x, y = made(torch)
    y[0].mul_(10)
    y[:, 1].add_(x[:, 0])
    y[1:, :1].exp_()
    weights = torch.tensor([[1.0, 2.0], [0.5, 4.0]])
    (y * weights).sum().backward()
    wanted = torch.tensor([[20.0 + 2, 40.0], [0.5 * 2 * torch.tensor(6.0).exp().item() + 4, 8.0]])
    assert torch.allclose(x.grad, wanted)


def test_views_of_views_follow_each_others_changes(torch):
    x, y = made(torch)
    flat = y.view(4)
    square = flat.view(2, 2)
    turned = square.transpose(0, 1)
    flat.add_(1)
    turned[0].mul_(2)
    assert flat.tolist() == [6, 5, 14, 9]
    (flat * flat).sum().backward()
    assert x.grad.tolist() == [[48, 20], [112, 36]]
    assert square.tolist() == [[6, 5], [14, 9]]


def test_a_diagonal_a_new_axis_and_a_permutation_are_views_too(torch):
    x, y = made(torch)
    y.diagonal().mul_(5)
    y.unsqueeze(0).permute(2, 1, 0)[0].add_(1)
    y.sum().backward()
    assert y.tolist() == [[11, 4], [7, 40]]
    assert x.grad.tolist() == [[10, 2], [2, 10]]


def test_assignment_writes_into_the_graph(torch, graph):
    x, y = made(torch)
    y[0] = 5
    y[1, 0] = x[0, 1] * 3
    assert y.tolist() == [[5, 5], [6, 8]]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 3], [0, 2]]
    assert graph(y.grad_fn).startswith("CopySlices(CopySlices(MulBackward0(AccumulateGrad, -)")


def test_assignment_into_a_constant_makes_it_part_of_the_graph(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.zeros(2, 2)
    y[0] = x
    y[:, 1] = x * 10
    (y * y).sum().backward()
    assert y.tolist() == [[1, 10], [0, 20]]
    assert x.grad.tolist() == [2 + 200, 400]


def test_what_was_computed_from_a_view_before_the_change_keeps_its_history(torch):
    x, y = made(torch)
    z = y.view(4) * 5
    y.mul_(3)
    z.sum().backward()
    assert x.grad.tolist() == [[10, 10], [10, 10]]


def test_what_was_saved_of_a_view_is_missed_when_the_base_changes(torch, message):
    _, y = made(torch)
    view = y.view(4)
    z = view * view
    y.mul_(3)
    found = message(RuntimeError, lambda: z.sum().backward())
    assert (
        "[torch.FloatTensor [4]], which is output 0 of AsStrided, is at version 1; expected version 0"
        in found
    )


def test_a_change_through_a_view_can_be_differentiated_twice(torch):
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = x.clone()
    y.view(2, 1).tanh_()
    (first,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    t = x.detach().tanh()
    assert torch.allclose(second, 2 * (1 - t * t) * (1 - 3 * t * t))


def test_one_of_several_views_is_not_changed_in_place(torch, message):
    _, y = made(torch)
    a, _ = y.unbind(0)
    wanted = "Output 0 of Unbind is a view and is being modified inplace." + SEVERAL
    assert message(RuntimeError, lambda: a.add_(1)) == wanted
    _, b = y.split(1)
    wanted = "Output 1 of Split is a view and is being modified inplace." + SEVERAL
    assert message(RuntimeError, lambda: b.add_(1)) == wanted
    for row in y:
        assert "is a view and is being modified inplace." in message(
            RuntimeError, lambda row=row: row.add_(1)
        )


def test_one_of_several_views_is_lost_when_its_base_changes(torch, message):
    _, y = made(torch)
    a, _ = y.unbind(0)
    y.mul_(2)
    wanted = (
        "Output 0 of Unbind is a view and its base or another view of its base has been modified inplace."
    )
    assert message(RuntimeError, lambda: a.grad_fn) == wanted + SEVERAL
    assert message(RuntimeError, lambda: a * 2) == wanted + SEVERAL


def test_a_view_made_in_no_grad_is_not_changed_with_grad_mode_on(torch, message):
    x, y = made(torch)
    with torch.no_grad():
        view = y.view(4)
    assert (view.requires_grad, view.is_leaf) == (True, True)
    wanted = (
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled." + AMBIGUOUS
    )
    assert message(RuntimeError, lambda: view.mul_(2)) == wanted
    y.mul_(2)
    wanted = (
        "A view was created in no_grad mode and its base or another view of its base has been modified "
        "inplace with "
        "grad mode enabled." + AMBIGUOUS
    )
    assert message(RuntimeError, lambda: view.grad_fn) == wanted
    constant = torch.zeros(2)
    with torch.no_grad():
        view = constant.view(2, 1)
        view.add_(1)
    view.add_(1)
    wanted = (
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled." + AMBIGUOUS
    )
    assert message(RuntimeError, lambda: view.add_(x.sum())) == wanted
    assert constant.tolist() == [2, 2]


def test_a_change_in_no_grad_gives_views_a_new_node(torch, graph):
    x, y = made(torch)
    view = y.view(4)
    with torch.no_grad():
        y.add_(1)
    assert graph(y.grad_fn) == "MulBackward0(AccumulateGrad, -)"
    assert graph(view.grad_fn) == "AsStridedBackward0(MulBackward0(AccumulateGrad, -))"
    view.sum().backward()
    assert x.grad.tolist() == [[2, 2], [2, 2]]


def test_a_retained_grad_follows_a_change_through_a_view(torch):
    _, y = made(torch)
    y.retain_grad()
    y.view(4).mul_(3)
    y.sum().backward()
    assert y.grad.tolist() == [[1, 1], [1, 1]]


def test_many_changes_in_a_loop(torch):
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    state = torch.zeros(4)
    state[0] = 1
    for i in range(3):
        state[i + 1] = state[i].clone() * x[i] + 1
    state.sum().backward()
    assert state.tolist() == [1, 2, 5, 16]
    # s1 = x0+1, s2 = x1 s1 + 1, s3 = x2 s2 + 1
    assert x.grad.tolist() == [1 + 2 + 6, 2 + 6, 5]
