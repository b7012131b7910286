from __future__ import annotations

import warnings

import pytest

from gradcli import torch
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault

optim = torch.optim


def leaf(*values: float):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def step(x, optimizer):
    optimizer.zero_grad()
    loss = (x**2).sum()
    loss.backward()
    optimizer.step()
    return loss.item()


def test_a_step_of_gradient_descent_is_the_gradient_times_the_rate():
    x = leaf(1.0, -2.0)
    step(x, optim.SGD([x], lr=0.1))
    assert x.tolist() == pytest.approx([0.8, -1.6])


def test_momentum_remembers():
    x = leaf(1.0)
    optimizer = optim.SGD([x], lr=0.1, momentum=0.5)
    step(x, optimizer)
    step(x, optimizer)
    assert x.item() == pytest.approx(0.8 - 0.1 * (0.5 * 2.0 + 1.6))


def test_an_optimizer_of_ones_own_finds_an_empty_state_for_each_parameter():
    x = leaf(1.0)
    optimizer = optim.Optimizer([x], {"lr": 0.1})
    optimizer.state[x]["seen"] = 1
    assert optimizer.state == {x: {"seen": 1}}


def test_the_first_step_of_adam_is_the_rate_itself():
    x = leaf(5.0, -3.0)
    step(x, optim.Adam([x], lr=0.01))
    assert x.tolist() == pytest.approx([4.99, -2.99])


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        lambda p: optim.Adam(p, lr=0.1),
        lambda p: optim.AdamW(p, lr=0.1, amsgrad=True),
        lambda p: optim.RMSprop(p, lr=0.01, centered=True),
        lambda p: optim.Adagrad(p, lr=0.5),
    ],
)
def test_every_optimizer_goes_downhill(make):
    x = leaf(1.0, -2.0)
    optimizer = make([x])
    first = step(x, optimizer)
    for _ in range(200):
        last = step(x, optimizer)
    assert last < first * 1e-2


def test_what_has_no_gradient_stays():
    x, idle = leaf(1.0), leaf(7.0)
    step(x, optim.Adam([x, idle], weight_decay=0.5))
    assert idle.item() == 7.0


def test_a_step_is_seen_by_a_graph_that_needs_the_old_values():
    x = leaf(1.0)
    optimizer = optim.SGD([x], lr=0.1)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeFault, match="modified by an inplace operation"):
        loss.backward()


def test_groups_have_settings_of_their_own():
    x, y = leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([{"params": [x], "lr": 1.0}, {"params": [y]}], lr=0.1)
    (x + y).sum().backward()
    optimizer.step()
    assert (x.item(), y.item()) == (0.0, 0.9)


def test_a_group_can_be_added_later():
    x, y = leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([x], lr=0.1)
    optimizer.add_param_group({"params": y, "lr": 1.0})
    (x + y).sum().backward()
    optimizer.step()
    assert (x.item(), y.item()) == (0.9, 0.0)


def test_a_loaded_state_goes_on_where_the_other_stood():
    x, y = leaf(1.0), leaf(1.0)
    first, second = optim.Adam([x], lr=0.1), optim.Adam([y], lr=9.0)
    step(x, first)
    with torch.no_grad():
        y.copy_(x)
    second.load_state_dict(first.state_dict())
    step(x, first)
    step(y, second)
    assert x.item() == y.item()
    assert second.param_groups[0]["lr"] == 0.1


def test_a_closure_is_called_with_grad_mode_on_and_its_loss_returned():
    x = leaf(3.0)
    optimizer = optim.SGD([x], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (x**2).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert x.item() == pytest.approx(2.4)


def test_zero_grad_can_leave_zeros():
    x = leaf(1.0)
    optimizer = optim.SGD([x], lr=0.1)
    step(x, optimizer)
    optimizer.zero_grad(set_to_none=False)
    assert x.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert x.grad is None


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs_finds_the_minimum_of_rosenbrocks_function(search):
    x = leaf(-1.2, 1.0)
    optimizer = optim.LBFGS([x], lr=0.3 if search is None else 1.0, max_iter=150, line_search_fn=search)

    def closure():
        optimizer.zero_grad()
        loss = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
        loss.backward()
        return loss

    optimizer.step(closure)
    assert x.tolist() == pytest.approx([1.0, 1.0], abs=1e-4)


@pytest.mark.parametrize(
    ("make", "fault", "text"),
    [
        (lambda: optim.SGD([]), ValueFault, "optimizer got an empty parameter list"),
        (lambda: optim.SGD([leaf(1.0) * 2]), ValueFault, "can't optimize a non-leaf Tensor"),
        (lambda: optim.SGD([leaf(1.0)], lr=-1), ValueFault, "Invalid learning rate: -1"),
        (lambda: optim.SGD([leaf(1.0)], weight_decay=-1), ValueFault, "Invalid weight_decay value: -1"),
        (
            lambda: optim.SGD([leaf(1.0)], nesterov=True),
            ValueFault,
            "Nesterov momentum requires a momentum and zero dampening",
        ),
        (
            lambda: optim.Adam([leaf(1.0)], betas=(1.0, 0.9)),
            ValueFault,
            "Invalid beta parameter at index 0: 1.0",
        ),
        (
            lambda: optim.SGD(leaf(1.0)),
            TypeFault,
            (
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                "torch.DoubleTensor"
            ),
        ),
    ],
)
def test_what_cannot_be_optimised_is_refused_in_pytorchs_words(make, fault, text):
    with pytest.raises(fault) as caught:
        make()
    assert str(caught.value) == text


def test_the_text_lists_the_settings_in_order():
    assert repr(optim.SGD([leaf(1.0)], lr=0.5)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n"
        "    fused: None\n    lr: 0.5\n    maximize: False\n    momentum: 0\n"
        "    nesterov: False\n    weight_decay: 0\n)"
    )


SCHEDULES = [
    (lambda o: optim.lr_scheduler.StepLR(o, 2, 0.1), [1.0, 0.1, 0.1, 0.01]),
    (lambda o: optim.lr_scheduler.ExponentialLR(o, 0.5), [0.5, 0.25, 0.125, 0.0625]),
    (lambda o: optim.lr_scheduler.LambdaLR(o, lambda epoch: epoch + 1), [2.0, 3.0, 4.0, 5.0]),
    (lambda o: optim.lr_scheduler.MultiStepLR(o, [1, 3], 0.1), [0.1, 0.1, 0.01, 0.01]),
    (lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 2), [0.5, 0.0, 0.5, 1.0]),
]


@pytest.mark.parametrize(("make", "expected"), SCHEDULES)
def test_a_schedule_sets_the_rates(make, expected):
    x = leaf(1.0)
    optimizer = optim.SGD([x], lr=1.0)
    schedule = make(optimizer)
    found = []
    for _ in range(4):
        step(x, optimizer)
        schedule.step()
        found.append(optimizer.param_groups[0]["lr"])
        assert schedule.get_last_lr() == found[-1:]
    assert found == pytest.approx(expected, abs=1e-15)


def test_a_schedule_that_steps_before_its_optimizer_warns():
    x = leaf(1.0)
    schedule = optim.lr_scheduler.StepLR(optim.SGD([x], lr=1.0), 2)
    with pytest.warns(UserWarning, match="before `optimizer.step"):
        schedule.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedule.step()


def test_a_schedule_goes_on_from_its_state():
    optimizer = optim.SGD([leaf(1.0)], lr=1.0)
    schedule = optim.lr_scheduler.StepLR(optimizer, 5)
    schedule.load_state_dict({"last_epoch": 3})
    assert schedule.last_epoch == 3
    assert schedule.state_dict()["step_size"] == 5
