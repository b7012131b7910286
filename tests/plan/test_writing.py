"""A backward pass that is only written down is the one that tensors make."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, grad, session
from gradcli.autograd.budget import BIG, Budget
from gradcli.diagnostics import GradcliError, LimitFault
from gradcli.plan import gradient
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.derivatives import Linear
from gradcli.plan.derivatives_matrix import FORWARD, jacobian
from gradcli.plan.gradient import gradient_program, written_gradient
from gradcli.plan.tape import taped


def draw(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).uniform(0.5, 2.0, shape).astype(dtype)


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x * x


def hooked(x):
    y = x.sin()
    y.register_hook(lambda g: g * 2)
    return y.sum()


def changed(x):
    y = x * 2
    y[1:] = x[:-1].exp()
    y.mul_(x)
    return y.sum()


def half_hidden(x):
    with torch.no_grad():
        y = x.exp()
    return (y * x + x.detach()).sum()


PLAIN = {
    "saved results": lambda x: (x.tanh() * x.exp()).sum(),
    "powers": lambda x: (x**2 + x**3 + x**0.5 + 2**x).sum(),
    "broadcasting": lambda x: (x.unsqueeze(0) * x.unsqueeze(1) + x[:1]).mean(),
    "matrices": lambda x: (Tensor(draw(4, 7, seed=1)) @ x).logsumexp(0),
    "products that grow": lambda x: ((Tensor(draw(3, 7, seed=1)) @ x).outer(x) @ x).exp().sum(),
    "masks": lambda x: ((x - 1).relu() + x.clamp(0.7, 1.5)).sum(),
    "indices": lambda x: x[Tensor(np.array([0, 3, 3]))].prod(),
    "several results": lambda x: (x.sort(0)[0] * x.max(0)[0]).sum(),
    "parts": lambda x: (x[1:] * x[:-1]).cumsum(0)[2:].norm(),
    "another dtype": lambda x: (x.to(np.dtype(np.float32)) * Tensor(draw(7, dtype=np.float32))).sum(),
    "whole numbers": lambda x: (x * Tensor(np.arange(7)) / 3).sum(),
    "zero": lambda x: (x * 0 + 0 / x).sum(),
    "shares": lambda x: (x.softmax(0) * x).std(),
    "what is hidden": half_hidden,
}
OTHERS = {
    "hooks": hooked,
    "changes in place": changed,
    "functions of the user's": lambda x: Cube.apply(x).sum(),
}


def program_of(function, array=None):
    with session(default_dtype=np.dtype(np.float64)):
        x = Tensor(draw(7) if array is None else array, requires_grad=True)
        return gradient_program(lambda: [function(x)], lambda: [x], values=True)


@pytest.mark.parametrize("name", [*PLAIN, *OTHERS])
def test_it_says_what_the_pass_of_tensors_says(name, monkeypatch):
    function = {**PLAIN, **OTHERS}[name]
    found = program_of(function)
    monkeypatch.setattr(gradient, "is_plain", lambda roots: False)
    expected = program_of(function)

    def steps(program):
        named = [(step.record.name, dict(step.params), step.tracked) for step in program.trace.steps]
        return [one for one in named if one[0] != "pow_scalar" or one[1]["exponent"] != 1]

    assert steps(found) == steps(expected)
    point = draw(7, seed=5)
    for program in (found, expected):
        values = program.trace.run([point], ARRAYS.apply)
        result = values[program.gradients[0]]
        assert np.array_equal(result, expected.trace.run([point], ARRAYS.apply)[expected.gradients[0]])


@pytest.mark.parametrize("name", PLAIN)
def test_the_values_of_the_run_are_those_of_the_trace(name):
    found = program_of(PLAIN[name])
    values = found.trace.run([draw(7)], ARRAYS.apply)
    for number, array in values.items():
        assert np.array_equal(found.values[number], array)


@pytest.mark.parametrize("name", PLAIN)
def test_a_hessian_goes_on_with_the_values_of_the_run(name):
    found = program_of(PLAIN[name])
    trace = found.trace._replace(outputs=found.gradients)
    mine, anew = (jacobian(Linear(trace, [draw(7)], values), FORWARD) for values in (found.values, None))
    assert np.array_equal(mine.blocks[0][0], anew.blocks[0][0])


@pytest.mark.parametrize("function", [changed, lambda x: (x / (x > 1)).nan_to_num(0, 0, 0).sum()])
def test_no_values_are_told_where_some_were_changed_in_place_or_cast(function):
    assert program_of(function).values is None


def test_big_arrays_of_the_pass_are_counted_and_refused():
    array = draw(BIG // 8)

    def live(budget):
        with session(default_dtype=np.dtype(np.float64), budget=budget):
            x = Tensor(array, requires_grad=True)
            found = gradient_program(lambda: [x.exp().sum()], lambda: [x], values=True)
            assert found.values[found.gradients[0]].nbytes == BIG
            return budget.live

    assert live(Budget()) == 2 * BIG
    with pytest.raises(LimitFault):
        live(Budget(max_bytes=2 * BIG - 1))


def test_what_was_changed_in_place_is_refused_as_ever():
    def program(x):
        y = x.exp()
        z = y.sin() + y
        y.add_(1)
        return z.sum()

    with pytest.raises(GradcliError, match="modified by an inplace operation"):
        program_of(program)


def test_a_pass_that_is_asked_for_afterwards_has_a_graph_again():
    with session(default_dtype=np.dtype(np.float64)), taped() as tape:
        x = Tensor(draw(3), requires_grad=True)
        written_gradient(tape, [(x**3).sum()], [x])
        (gradient,) = grad([(x**3).sum()], [x], create_graph=True)
        (second,) = grad([gradient.sum()], [x])
    np.testing.assert_allclose(second._array, 6 * draw(3))


def test_nothing_of_it_outlives_the_tape():
    kept = []

    def program(x):
        y = x.sin()
        kept.append(weakref.ref(y))
        return (y * x).sum()

    gc.disable()
    try:
        program_of(program)
        assert kept[0]() is None
    finally:
        gc.enable()
