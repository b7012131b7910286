"""create_graph: derivatives of derivatives, to any order, mixed, through views and in-place changes."""

from __future__ import annotations

import math

import pytest


def derivative(torch, y, x):
    return torch.autograd.grad(y.sum(), x, create_graph=True)[0]


def leaf(torch, *numbers):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize(("order", "wanted"), [(1, 32), (2, 48), (3, 48), (4, 24)])
def test_derivatives_of_the_fourth_power_at_two(torch, order, wanted):
    x = leaf(torch, 2.0)
    y = x**4
    for _ in range(order):
        y = derivative(torch, y, x)
    assert y.tolist() == [wanted]


def test_ten_derivatives_of_an_exponential(torch):
    x = leaf(torch, 0.5)
    y = (2 * x).exp()
    for _ in range(10):
        y = derivative(torch, y, x)
    assert y.item() == pytest.approx(2**10 * math.e, rel=1e-14)


def test_four_derivatives_of_the_sine_return_to_it(torch):
    x = leaf(torch, 0.3, -1.2)
    y = x.sin()
    for _ in range(4):
        y = derivative(torch, y, x)
    assert torch.allclose(y, x.sin())


def test_mixed_derivatives_agree(torch):
    x, y = leaf(torch, 1.5), leaf(torch, -0.5)
    f = (x * y).sin() * x.exp()
    xyy = derivative(torch, derivative(torch, derivative(torch, f, x), y), y)
    yyx = derivative(torch, derivative(torch, derivative(torch, f, y), y), x)
    assert torch.allclose(xyy, yyx)
    assert xyy.item() == pytest.approx(
        -math.exp(1.5) * (1.5 * (3.5 * math.sin(-0.75) + 1.5 * -0.5 * math.cos(-0.75)))
    )


def test_a_gradient_is_part_of_the_graph_only_under_create_graph(torch):
    x = leaf(torch, 2.0)
    (plain,) = torch.autograd.grad(x**3, x)
    (recorded,) = torch.autograd.grad(x**3, x, create_graph=True)
    assert (plain.requires_grad, recorded.requires_grad) == (False, True)
    assert recorded.grad_fn is not None


def test_a_penalty_on_the_gradient_reaches_the_weights(torch):
    w, x = leaf(torch, 1.0, -2.0), leaf(torch, 3.0, 0.5)
    (slope,) = torch.autograd.grad((w * x * x).sum(), x, create_graph=True)  # 2 w x
    (slope * slope).sum().backward()  # 4 w**2 x**2
    assert w.grad.tolist() == [8 * 1 * 9, 8 * -2 * 0.25]
    assert x.grad.tolist() == [8 * 1 * 3, 8 * 4 * 0.5]


def test_a_linear_functions_second_derivative_is_not_in_the_graph(torch, message):
    x = leaf(torch, 2.0)
    (first,) = torch.autograd.grad(x * 3, x, create_graph=True)
    wanted = "element 0 of tensors does not require grad and does not have a grad_fn"
    assert message(RuntimeError, lambda: torch.autograd.grad(first, x)) == wanted


def test_a_hessian_row_by_row(torch):
    x = leaf(torch, 1.0, 2.0, 3.0)
    (slope,) = torch.autograd.grad((x.prod() + (x**3).sum()), x, create_graph=True)
    rows = [torch.autograd.grad(part, x, retain_graph=True)[0].tolist() for part in slope]
    assert rows == [[6, 3, 2], [3, 12, 1], [2, 1, 18]]


def test_weights_of_the_first_pass_are_differentiated_too(torch):
    x, v = leaf(torch, 1.0, 2.0), leaf(torch, 5.0, 7.0)
    (weighted,) = torch.autograd.grad(x**3, x, v, create_graph=True)  # 3 x**2 v
    for_v, for_x = torch.autograd.grad(weighted.sum(), [v, x])
    assert (for_v.tolist(), for_x.tolist()) == ([3, 12], [30, 84])


@pytest.mark.filterwarnings("ignore:Using backward")
def test_backward_with_create_graph_accumulates_gradients_with_history(torch):
    x = leaf(torch, 2.0)
    (x**3).backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    first.backward()
    assert x.grad.tolist() == [24]  # 12 + 12
    x.grad = None


def test_broadcasting_and_casts_are_differentiated_twice(torch):
    a = torch.tensor([[1.0], [2.0]], requires_grad=True)
    b = leaf(torch, 1.0, 2.0, 3.0)
    y = (a * b) ** 2
    (for_a,) = torch.autograd.grad(y.sum(), a, create_graph=True)  # 2 a sum(b**2)
    (for_b,) = torch.autograd.grad(for_a.sum(), b)
    assert for_a.tolist() == [[28], [56]]
    assert (for_b.tolist(), for_b.dtype) == ([12, 24, 36], torch.float64)


def test_writing_in_place_is_differentiated_twice(torch):
    x = leaf(torch, 1.0, 2.0)
    y = x * 1
    y[0] = x[1] ** 3
    y.mul_(x)
    first = derivative(torch, y, x)  # x0 x1**3 + x1**2
    second = derivative(torch, first, x)
    assert first.tolist() == [8, 12 + 4]
    assert second.tolist() == [12, 12 + 12 + 2]
