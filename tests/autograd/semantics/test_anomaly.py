"""Anomaly mode: the operation that made a nan is named."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:Anomaly Detection", "ignore:Error detected")


def test_the_node_that_returned_nan_is_named(torch, message):
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    wanted = "Function 'SqrtBackward0' returned nan values in its 0th output."
    with torch.autograd.detect_anomaly():
        assert message(RuntimeError, lambda: x.sqrt().sum().backward()) == wanted
        assert message(RuntimeError, lambda: torch.autograd.grad(x.sqrt().sum(), x)) == wanted
    with torch.autograd.set_detect_anomaly(True):
        assert torch.is_anomaly_enabled()
        assert message(RuntimeError, lambda: x.sqrt().sum().backward()) == wanted
    assert not torch.is_anomaly_enabled()
    x.sqrt().sum().backward()


def test_the_number_of_the_output_is_the_inputs(torch, message):
    x = torch.tensor([0.0], requires_grad=True)
    w = torch.tensor([float("inf")], requires_grad=True)
    y = w * x.log()
    with torch.autograd.detect_anomaly():
        wanted = "Function 'DivBackward0' returned nan values in its 1th output."
        z = torch.tensor([0.0], requires_grad=True)
        assert message(RuntimeError, (z.detach() / z).backward) == wanted
    assert y.item() == float("-inf")


def test_it_is_switched_on_and_off_at_once(torch, message):
    x = torch.tensor([0.0], requires_grad=True)
    torch.autograd.set_detect_anomaly(True)
    wanted = "Function 'LogBackward0' returned nan values in its 0th output."
    assert message(RuntimeError, lambda: (x.log() * 0).sum().backward()) == wanted
    torch.autograd.set_detect_anomaly(False)
    (x.log() * 0).sum().backward()
    assert x.grad.isnan().all()


def test_without_the_nan_check_nothing_is_raised(torch):
    x = torch.tensor([-1.0], requires_grad=True)
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        assert not torch.is_anomaly_check_nan_enabled()
        x.sqrt().backward()
    assert x.grad.isnan().all()


def test_inf_passes(torch):
    x = torch.tensor([0.0], requires_grad=True)
    with torch.autograd.detect_anomaly():
        x.sqrt().backward()
    assert x.grad.item() == float("inf")


def test_division_by_the_number_zero_is_inf_forward_and_backward(torch):
    x = torch.tensor([1.0], requires_grad=True)
    y = x / 0
    y.backward()
    assert (y.item(), x.grad.item()) == (float("inf"), float("inf"))


def test_the_in_place_error_points_to_the_place(torch, message):
    x = torch.ones(2, requires_grad=True)
    with torch.autograd.detect_anomaly():
        y = x.exp()
        z = y * y
        y.add_(1)
        found = message(RuntimeError, lambda: z.sum().backward())
    assert found.endswith(
        "expected version 0 instead. Hint: the backtrace further above shows the operation that failed "
        "to compute its "
        "gradient. The variable in question was changed in there or anywhere later. Good luck!"
    )
