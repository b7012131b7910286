"""The later optimizers and schedules against PyTorch: paths, states, texts, rates, messages."""

# Tables of cases, one a line; any error of PyTorch is compared.
# ruff: noqa: E402, E501

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

pytestmark = pytest.mark.oracle

RULES: list[Any] = [
    ("Adadelta", {}), ("Adadelta", {"lr": 0.5, "weight_decay": 0.1, "maximize": True}), ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "weight_decay": 0.1}), ("NAdam", {}), ("NAdam", {"lr": 0.1, "weight_decay": 0.1}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}), ("RAdam", {}), ("RAdam", {"lr": 0.1, "weight_decay": 0.1}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}), ("ASGD", {}),
    ("ASGD", {"lr": 0.001, "t0": 3, "weight_decay": 0.1}), ("Rprop", {}), ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5)}),
]  # fmt: skip
REFUSED: list[Any] = [
    *((rule, {"lr": -1}) for rule in ("Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop")),
    *((rule, {"betas": (1.0, 0.9)}) for rule in ("Adamax", "NAdam", "RAdam")), ("Adadelta", {"rho": 2}),
    ("Adadelta", {"eps": -1}), ("NAdam", {"momentum_decay": -1}), ("Rprop", {"etas": (2, 3)}), ("ASGD", {"weight_decay": -1}),
]  # fmt: skip


def follow(module: Any, rule: str, settings: dict[str, Any]) -> Any:
    """Twenty steps along given gradients, the same for both."""
    draw = np.random.default_rng(0)
    x = module.tensor(draw.normal(size=(3, 2)).tolist(), dtype=module.float64, requires_grad=True)
    optimizer = getattr(module.optim, rule)([x], **settings)
    path = []
    for _ in range(20):
        x.grad = module.tensor(draw.normal(size=(3, 2)).tolist(), dtype=module.float64)
        optimizer.step()
        path.append(x.detach().numpy().copy())
    state = optimizer.state_dict()
    remembered = {name: np.asarray(value) for name, value in state["state"][0].items()}
    return np.array(path), remembered, state["param_groups"], repr(optimizer)


@pytest.mark.parametrize(("rule", "settings"), RULES)
def test_twenty_steps_end_where_pytorchs_do(rule: str, settings: dict[str, Any]) -> None:
    mine, theirs = (follow(module, rule, settings) for module in (gt, torch))
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-9)
    assert list(mine[1]) == list(theirs[1])
    for name, value in theirs[1].items():
        np.testing.assert_allclose(mine[1][name], value, rtol=1e-6)
        assert mine[1][name].dtype == value.dtype
    assert mine[2:] == theirs[2:]


def error(module: Any, rule: str, settings: dict[str, Any]) -> str:
    try:
        getattr(module.optim, rule)([module.ones(1, requires_grad=True)], **settings)
    except ValueError as found:
        return str(found)
    return ""


@pytest.mark.parametrize(("rule", "settings"), REFUSED)
def test_a_setting_is_refused_in_pytorchs_words(rule: str, settings: dict[str, Any]) -> None:
    assert error(gt, rule, settings) == error(torch, rule, settings) != ""


SCHEDULES = {
    "multiplied": lambda s, o: s.MultiplicativeLR(o, lambda _: 0.9),
    "constant": lambda s, o: s.ConstantLR(o, 0.5, 4),
    "in a line": lambda s, o: s.LinearLR(o, 0.1, 1.0, 6),
    "by a power": lambda s, o: s.PolynomialLR(o, 8, 2.0),
    "in cycles": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 4),
    "in falling cycles": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 2, 3, mode="triangular2"),
    "in fading cycles": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 2, mode="exp_range", gamma=0.9),
    "in cycles of one's own": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 2, scale_fn=lambda _: 0.5, cycle_momentum=False),
    "in one cycle": lambda s, o: s.OneCycleLR(o, 0.1, total_steps=14),
    "in one cycle of three lines": lambda s, o: s.OneCycleLR(o, 0.1, epochs=2, steps_per_epoch=7, anneal_strategy="linear", three_phase=True, pct_start=0.25),
    "beyond one cycle": lambda s, o: s.OneCycleLR(o, 0.1, total_steps=10),
    "in one cycle of no length": lambda s, o: s.OneCycleLR(o, 0.1),
    "begun anew": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3),
    "begun anew more slowly": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2, 2, eta_min=0.01),
    "begun anew at once": lambda s, o: s.CosineAnnealingWarmRestarts(o, 0),
    "one after the other": lambda s, o: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)], [4]),
    "three after each other": lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, 1.0, 4), s.CosineAnnealingLR(o, 8), s.StepLR(o, 2)], [4, 9]),
    "at once": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)]),
    "none after none": lambda s, o: s.SequentialLR(o, [], []),
    "one after none": lambda s, o: s.SequentialLR(o, [s.ExponentialLR(o, 0.9)], [1]),
    "none at once": lambda s, o: s.ChainedScheduler([]),
    "a plateau among others": lambda s, o: s.ChainedScheduler([s.ReduceLROnPlateau(o)]),
    "a factor above one": lambda s, o: s.ConstantLR(o, 2.0),
    "a factor of zero": lambda s, o: s.LinearLR(o, 0),
    "a plateau that rises": lambda s, o: s.ReduceLROnPlateau(o, factor=2),
    "a plateau of no mode": lambda s, o: s.ReduceLROnPlateau(o, mode="x"),
}  # fmt: skip
PLATEAUS: list[dict[str, Any]] = [
    {"patience": 2, "factor": 0.5},
    {"mode": "max", "patience": 0, "factor": 0.5, "cooldown": 2, "min_lr": 0.02, "threshold_mode": "abs"},
]
LOSSES = [5, 4, 4, 4, 4, 3.9999, 3, 3, 3, 3, 3, 3, 3, 3]


def rates(module: Any, make: Any, rule: str = "SGD", losses: Any = ()) -> Any:
    """Rate and momentum of fourteen epochs, or the message of an error."""
    x = module.ones(1, requires_grad=True)
    settings = {"lr": 0.1, "momentum": 0.9} if rule == "SGD" else {"lr": 0.1}
    optimizer = getattr(module.optim, rule)([x], **settings)
    found: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            schedule = make(module.optim.lr_scheduler, optimizer)
            for epoch in range(14):
                group = optimizer.param_groups[0]
                found.append((group["lr"], group.get("momentum", group.get("betas", [0])[0])))
                optimizer.step()
                schedule.step(*losses[epoch : epoch + 1])
            found.append((schedule.get_last_lr()[0], 0))
        except ValueError as error:
            return np.array(found), str(error)
    return np.array(found), ""


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_pytorchs_in_every_epoch(name: str) -> None:
    mine, theirs = (rates(module, SCHEDULES[name]) for module in (gt, torch))
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-12)
    assert mine[1] == theirs[1]


def test_a_cycle_moves_the_first_beta_where_there_is_no_momentum() -> None:
    mine, theirs = (rates(module, SCHEDULES["in one cycle"], "Adam") for module in (gt, torch))
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-12)


@pytest.mark.parametrize("options", PLATEAUS, ids=str)
def test_rates_fall_on_a_plateau_when_pytorchs_do(options: dict[str, Any]) -> None:
    def make(schedules: Any, optimizer: Any) -> Any:
        return schedules.ReduceLROnPlateau(optimizer, **options)

    mine, theirs = (rates(module, make, losses=LOSSES) for module in (gt, torch))
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-12)
