"""Optimizers and schedules against PyTorch: fifty steps, states, texts, messages."""

# Tables of cases, one a line; any error of PyTorch is compared.
# ruff: noqa: E501, E402, BLE001

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

pytestmark = pytest.mark.oracle

BOTH = (gt, torch)
STEPS = 50

RULES: list[Any] = [
    ("SGD", {"lr": 0.01}), ("SGD", {"lr": 0.01, "momentum": 0.9}), ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}), ("SGD", {"maximize": True}),
    ("Adam", {"lr": 0.05}), ("Adam", {"amsgrad": True, "weight_decay": 0.1}), ("Adam", {"betas": (0.3, 0.8), "eps": 1e-3}), ("Adam", {"maximize": True}),
    ("AdamW", {"lr": 0.02}), ("AdamW", {"amsgrad": True, "maximize": True, "weight_decay": 0.3}),
    ("RMSprop", {}), ("RMSprop", {"centered": True, "momentum": 0.5, "weight_decay": 0.1}), ("RMSprop", {"alpha": 0.3, "maximize": True}),
    ("Adagrad", {"lr": 0.1}), ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
]  # fmt: skip


def follow(module: Any, rule: str, settings: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Fifty steps along given gradients, the same for both; one parameter is 0-dim, one never has a gradient."""
    draw = np.random.default_rng(0)
    kind = getattr(module, dtype)
    params = [
        module.tensor(draw.normal(size=shape).tolist(), dtype=kind, requires_grad=True)
        for shape in ((3, 4), (), (2,))
    ]
    optimizer = getattr(module.optim, rule)(params, **settings)
    path = []
    for _ in range(STEPS):
        for param in params[:2]:
            param.grad = module.tensor(draw.normal(size=tuple(param.shape)).tolist(), dtype=kind)
        optimizer.step()
        path.append(np.concatenate([param.detach().numpy().ravel() for param in params]))
    return {"path": np.array(path), "text": repr(optimizer), "state": optimizer.state_dict()}


@pytest.mark.parametrize(("rule", "settings"), RULES)
def test_fifty_steps_end_where_pytorchs_do(rule, settings):
    mine, theirs = (follow(module, rule, settings, "float64") for module in BOTH)
    np.testing.assert_allclose(mine["path"], theirs["path"], rtol=1e-12)
    assert mine["text"] == theirs["text"]
    assert mine["state"]["param_groups"] == theirs["state"]["param_groups"]
    assert {key: list(value) for key, value in mine["state"]["state"].items()} == {
        key: list(value) for key, value in theirs["state"]["state"].items()
    }
    for key, remembered in theirs["state"]["state"].items():
        for name, value in remembered.items():
            np.testing.assert_allclose(mine["state"]["state"][key][name].tolist(), value.tolist(), rtol=1e-12)


@pytest.mark.parametrize(("rule", "settings"), RULES)
def test_fifty_steps_in_float32_print_as_pytorchs_do(rule, settings):
    mine, theirs = (follow(module, rule, settings, "float32") for module in BOTH)
    assert mine["path"].dtype == np.float32
    np.testing.assert_allclose(mine["path"], theirs["path"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 0.1}, {"lr": 0.1, "history_size": 3, "max_iter": 7}, {"line_search_fn": "strong_wolfe"},
        {"lr": 0.5, "line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 2}, {"lr": 20, "line_search_fn": "strong_wolfe", "max_iter": 3},
    ],
)  # fmt: skip
def test_lbfgs_takes_pytorchs_steps(settings, calls):
    draw = np.random.default_rng(0)
    given, wanted, first = draw.normal(size=(5, 3)), draw.normal(size=(5, 4)), draw.normal(size=(3, 4))
    found = []
    for module in BOTH:
        x, y = module.tensor(given), module.tensor(wanted)
        w, idle = (
            module.tensor(first, requires_grad=True),
            module.zeros(2, dtype=module.float64, requires_grad=True),
        )
        optimizer = module.optim.LBFGS([w, idle], **settings)

        def closure(module=module, optimizer=optimizer, w=w, x=x, y=y):
            optimizer.zero_grad()
            loss = ((module.tanh(x @ w) - y) ** 2).sum() + 0.01 * (w**4).sum()
            loss.backward()
            return loss

        for _ in range(calls):
            optimizer.step(closure)
        state = optimizer.state_dict()["state"][0]
        found.append((w.detach().numpy(), state["func_evals"], state["n_iter"], repr(optimizer)))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-9)  # these settings do not amplify rounding
    assert found[0][1:] == found[1][1:]


@pytest.mark.parametrize(
    "make",
    [
        lambda s, o: s.StepLR(o, 3, 0.5), lambda s, o: s.ExponentialLR(o, 0.9), lambda s, o: s.LambdaLR(o, lambda e: 1 / (1 + e)),
        lambda s, o: s.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1.0]), lambda s, o: s.CosineAnnealingLR(o, 7, 0.001), lambda s, o: s.MultiStepLR(o, [2, 5, 5], 0.3),
    ],
)  # fmt: skip
def test_a_schedule_sets_pytorchs_rates(make):
    found = []
    for module in BOTH:
        groups = [
            {"params": [module.zeros(1, requires_grad=True)], "lr": 0.02},
            {"params": [module.zeros(1)], "lr": 3.0},
        ]
        optimizer = module.optim.SGD(groups)
        schedule = make(module.optim.lr_scheduler, optimizer)
        rates = []
        for _ in range(20):
            optimizer.step()
            schedule.step()
            rates.append(schedule.get_last_lr())
        found.append((rates, repr(optimizer)))
    assert found[0] == found[1]


def searched(module: Any, how: str) -> Any:
    x = module.ones(1, requires_grad=True)
    optimizer = module.optim.LBFGS([x], line_search_fn=how)

    def closure() -> Any:
        loss = (x**2).sum()
        loss.backward()
        return loss

    return optimizer.step(closure)


REFUSED: list[Any] = [
    lambda t: t.optim.SGD([], lr=0.1), lambda t: t.optim.SGD(t.ones(2), lr=0.1), lambda t: t.optim.SGD([3], lr=0.1),
    lambda t: t.optim.SGD([t.ones(1, requires_grad=True) * 2], lr=0.1), lambda t: t.optim.SGD([t.ones(1)], lr=-0.1), lambda t: t.optim.SGD([t.ones(1)], momentum=-1),
    lambda t: t.optim.SGD([t.ones(1)], weight_decay=-1), lambda t: t.optim.SGD([t.ones(1)], nesterov=True), lambda t: t.optim.Adam([t.ones(1)], betas=(1.0, 0.9)),
    lambda t: t.optim.Adam([t.ones(1)], betas=(0.9, -0.1)), lambda t: t.optim.Adam([t.ones(1)], eps=-1), lambda t: t.optim.Adam([t.ones(1)], weight_decay=-1),
    lambda t: t.optim.RMSprop([t.ones(1)], alpha=-1), lambda t: t.optim.RMSprop([t.ones(1)], momentum=-1), lambda t: t.optim.Adagrad([t.ones(1)], initial_accumulator_value=-1),
    lambda t: t.optim.Adagrad([t.ones(1)], lr_decay=-1), lambda t: t.optim.LBFGS([{"params": [t.ones(1)]}, {"params": [t.ones(1)]}]),
    lambda t: t.optim.SGD([{"params": [one]} for one in [t.ones(1)] * 2]), lambda t: t.optim.LBFGS([t.ones(1)]).step(),
    lambda t: searched(t, "x"), lambda t: t.optim.lr_scheduler.StepLR(3, 1),
    lambda t: t.optim.SGD([t.ones(1)]).add_param_group([t.ones(1)]), lambda t: t.optim.SGD([{"params": {t.ones(1)}}]),
    lambda t: t.optim.SGD([t.ones(1)]).load_state_dict({"state": {}, "param_groups": []}), lambda t: t.optim.SGD([("a", t.ones(1)), t.ones(1)]),
    lambda t: t.optim.SGD([("a", t.ones(1))]), lambda t: t.optim.SGD([{"params": [t.ones(1)], "lr": 3}, {"params": t.ones(2)}], lr=0.1, momentum=0.2),
    lambda t: t.optim.lr_scheduler.LambdaLR(t.optim.SGD([t.ones(1)]), [abs, abs]), lambda t: t.optim.AdamW([t.ones(1)]),
]  # fmt: skip


def told(module: Any, action: Any) -> tuple[str, str]:
    """The text of a result, or kind and text of an error."""
    try:
        return "", repr(action(module))
    except Exception as error:
        kind = next(one.__name__ for one in type(error).__mro__ if one.__module__ == "builtins")
        return kind, str(error)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_texts_and_messages_of_optimizers_are_pytorchs(number):
    mine, theirs = (told(module, REFUSED[number]) for module in BOTH)
    assert mine == theirs
