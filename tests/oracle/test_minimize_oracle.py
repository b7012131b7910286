"""Every step of a minimisation has PyTorch's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.descent import OPTIMIZERS
from gradcli.explorer.minimize import MinimizeRequest, explore_minimum
from gradcli.explorer.request import EvalRequest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

CLASSES = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adagrad": (torch.optim.Adagrad, {}),
}


@pytest.mark.parametrize("rate", [None, 0.002])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_losses_and_the_last_point_are_pytorchs(name, rate):
    text = "sum(100*(x[1:]-x[:-1]**2)**2 + (1-x[:-1])**2)"
    what = EvalRequest((text,), ("x=[-1.2,1,0.5]",))
    lr = 1e-4 if rate is None and name in {"sgd", "momentum", "nesterov"} else rate
    lr = 1e-4 if lr == 0.002 and name in {"momentum", "nesterov"} else lr
    report = explore_minimum(MinimizeRequest(what, name, lr, 40, 0.0), lambda _: None)
    x = torch.tensor([-1.2, 1, 0.5], dtype=torch.float64, requires_grad=True)
    kind, numbers = CLASSES[name]
    stepper = kind([x], **numbers, **({} if lr is None else {"lr": lr}))
    losses = []
    for step in range(41):
        stepper.zero_grad()
        loss = torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
        loss.backward()
        losses.append(loss.item())
        if step < 40:
            stepper.step()
    assert np.allclose([one.loss for one in report.history], losses, rtol=1e-9)
    assert np.allclose(report.variables[0].array, x.detach().numpy(), rtol=1e-9)
    assert np.allclose(report.gradients["x"], x.grad.numpy(), rtol=1e-7)
