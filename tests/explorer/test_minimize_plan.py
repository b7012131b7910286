"""A minimisation goes the same way with its plan as with the engine at every step."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer import objective
from gradcli.explorer.descent import OPTIMIZERS, SCIPY
from gradcli.explorer.minimize import MinimizeRequest, explore_minimum
from gradcli.explorer.request import EvalRequest

CUBIC = "sum((a + b*x + c*x**2 + d*x**3 - sin(x))**2)"
DATA = "x=linspace(-3, 3, 200)"
POLYNOMIAL = ("a=0.1", "b=[0.2]", "c=0.3", "d=-0.1")


def _minimum(expression, variables, constants=(), *, dtype="float64", **settings):
    what = EvalRequest((expression,), tuple(variables), tuple(constants), dtype=dtype)
    return explore_minimum(MinimizeRequest(what, **settings), lambda _: None)


def _both(monkeypatch, *args, **settings):
    """The report with a plan, and without; and how many plans were made."""
    made = []
    planned = objective.planned

    def heard(*given):
        made.append(planned(*given))
        return made[-1]

    monkeypatch.setattr(objective, "planned", heard)
    with_plan = _minimum(*args, **settings)
    monkeypatch.setattr(objective, "planned", lambda *_: None)
    return with_plan, _minimum(*args, **settings), made[0]


def _agree(one, other, rtol):
    assert (one.status, len(one.history)) == (other.status, len(other.history))
    for a, b in zip(one.history, other.history, strict=True):
        np.testing.assert_allclose(
            [a.loss, a.gradient_norm], [b.loss, b.gradient_norm], rtol=rtol, atol=1e-12
        )
    for a, b in zip(one.variables, other.variables, strict=True):
        assert (a.name, a.array.shape, a.dtype) == (b.name, b.array.shape, b.dtype)
        np.testing.assert_allclose(a.array, b.array, rtol=rtol, atol=1e-12)
    for name, gradient in one.gradients.items():
        if gradient is None:
            assert other.gradients[name] is None
        else:
            np.testing.assert_allclose(gradient, other.gradients[name], rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *SCIPY])
def test_every_optimizer_goes_the_same_way(monkeypatch, optimizer):
    settings = {} if optimizer in SCIPY else {"lr": 1e-5}
    one, other, plan = _both(
        monkeypatch, CUBIC, POLYNOMIAL, [DATA], optimizer=optimizer, steps=20, tol=1e-3, **settings
    )
    assert plan is not None
    _agree(one, other, 1e-6 if optimizer in SCIPY else 1e-10)


def test_float32_too(monkeypatch):
    one, other, plan = _both(
        monkeypatch, CUBIC, POLYNOMIAL, [DATA], dtype="float32", optimizer="sgd", lr=1e-6, steps=50
    )
    assert plan is not None
    _agree(one, other, 1e-4)


def test_a_variable_that_the_value_does_not_depend_on_has_no_gradient_and_does_not_decay(monkeypatch):
    one, other, plan = _both(
        monkeypatch, "sum(x**2)", ["x=[1,2]", "u=[5.]"], optimizer="adamw", lr=0.1, steps=9
    )
    assert plan is not None
    _agree(one, other, 1e-12)
    assert one.gradients["u"] is None
    assert one.variables[1].array == 5


@pytest.mark.parametrize(
    "expression",
    [
        "loss = sum(x**2) if x[0] > 1 else sum(abs(x)) + 0.5; loss",
        "sum(x**2) * (1 + (0.01 if x.max().item() > 1 else 0))",
        "y = x**2; y[x[0] > 1].sum() + sum(x**2)",
        "sum(x**2) + (1 if -2 in x else 0)",
        "masked_select(x, x**2 > 0.5).sum() ** 2 + sum(x**2)",
        "sum(x[x.argsort()] * [1., 2.]) + sum(x**2)",
    ],
)
def test_a_program_that_branches_on_values_is_left_to_the_engine(monkeypatch, expression):
    one, other, plan = _both(monkeypatch, expression, ["x=[3., -2.]"], optimizer="sgd", lr=0.05, steps=30)
    assert plan is None
    _agree(one, other, 1e-14)


def test_an_operation_that_fails_on_the_way_says_so_in_the_engines_words(monkeypatch):
    one, other, _ = _both(monkeypatch, "log(x)", ["x=1."], optimizer="sgd", lr=0.6, steps=9)
    _agree(one, other, 1e-12)
    assert one.cause == other.cause
    assert one.status == "diverged"


def test_where_tensors_are_big_the_time_between_operations_is_not_worth_a_plan(monkeypatch):
    data = ["x=linspace(-1, 1, 70000)"]
    one, other, plan = _both(
        monkeypatch, "mean((w*x - 1)**2)", ["w=0."], data, optimizer="sgd", lr=0.1, steps=3
    )
    assert plan is None
    _agree(one, other, 1e-14)
