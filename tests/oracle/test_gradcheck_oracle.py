"""torch.autograd.gradcheck: the same answers and words as PyTorch's, but at kinks, which are no mistakes."""

from __future__ import annotations

import re
import warnings

import pytest

import gradcli.torch

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle
NUMBERS = re.compile(r"-?\d+\.\d*")


def _slow(t):
    class HalfSquare(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * x

    return HalfSquare.apply


def _pair(t):
    class Pair(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y, x + y

        @staticmethod
        def backward(ctx, g, h):
            x, y = ctx.saved_tensors
            return g * y + h, g * x - h

    return Pair.apply


def _sum_of_singular_values(t):
    class Wrong(t.autograd.Function):
        @staticmethod
        def forward(_, x):
            return t.linalg.svdvals(x).sum()

        @staticmethod
        def backward(_, g):
            return g * t.ones(30, 20, dtype=t.float64)

    matrix = t.sin(t.arange(600, dtype=t.float64)).reshape(30, 20).requires_grad_()
    return t.autograd.gradcheck(Wrong.apply, (matrix,))


def _quick(t, how):
    class Flat(t.autograd.Function):
        @staticmethod
        def forward(_, x):
            return t.sin(1e8 * x**2)

        @staticmethod
        def backward(_, g):
            return g * 0

    x = t.tensor([12345.678], dtype=t.float64, requires_grad=True)
    return t.autograd.gradcheck(Flat.apply if how == "flat" else lambda x: t.sin(1e8 * x**2), (x,))


def _unsteady(t):
    class Unsteady(t.autograd.Function):
        @staticmethod
        def forward(_, x):
            return x * 2

        @staticmethod
        def backward(_, g):
            return g * 2 * (1 + 1e-4 * t.rand(()).double())

    return Unsteady.apply


def _not_multiplied(t):
    class Alone(t.autograd.Function):
        @staticmethod
        def forward(_, x):
            return (2 * x).sum()

        @staticmethod
        def backward(*_):
            return t.full((2,), 2.0, dtype=t.float64)

    return Alone.apply


def _zero_and_one(t):
    return t.tensor([0.0, 1.0], dtype=t.float64, requires_grad=True)


def _outcome(t, program):
    x = t.tensor([1.0, 2.0], dtype=t.float64, requires_grad=True)
    y = t.tensor([3.0, 5.0], dtype=t.float64, requires_grad=True)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            found = program(t, x, y)
        except (RuntimeError, ValueError) as error:
            numbers = [round(float(one), 3) for one in NUMBERS.findall(str(error))]
            return NUMBERS.sub("#", str(error)).replace(" ", ""), numbers, [str(one.message) for one in said]
    return found, [], [str(one.message) for one in said if "jit" not in str(one.message)]


PROGRAMS = [
    lambda t, x, y: t.autograd.gradcheck(lambda x: (x**3).sin(), (x,)),
    lambda t, x, y: t.autograd.gradcheck(lambda x, y: (x * y, x @ y), (x, y)),
    lambda t, x, y: t.autograd.gradcheck(_slow(t), (x,)),
    lambda t, x, y: t.autograd.gradcheck(_slow(t), (x,), raise_exception=False),
    lambda t, x, y: t.autograd.gradcheck(_pair(t), (x, y)),
    lambda t, x, y: t.autograd.gradcheck(lambda x: x * x.detach(), (x,)),
    lambda t, x, y: t.autograd.gradcheck(lambda x: x**2, (x.detach(),)),
    lambda t, x, y: t.autograd.gradcheck(lambda x, k: x * k, (x, 3.0)),
    lambda t, x, y: t.autograd.gradcheck(lambda x: x.argmax(), (x,)),
    lambda t, x, y: t.autograd.gradcheck(lambda x: x**2, x, check_forward_ad=True),
    lambda t, x, y: t.autograd.gradcheck(lambda x: x * float("nan"), (x,)),
    lambda t, x, y: t.autograd.gradcheck(lambda x: t.log(-x), (x,)),
    lambda t, x, y: t.autograd.gradcheck(t.sqrt, (_zero_and_one(t),)),
    lambda t, x, y: t.autograd.gradcheck(t.sqrt, (_zero_and_one(t),), raise_exception=False),
    lambda t, x, y: t.autograd.gradcheck(
        lambda x: t.where(x > 0, x.sqrt(), t.zeros_like(x)), (_zero_and_one(t),)
    ),
    lambda t, x, y: t.autograd.gradcheck(
        lambda x: x / x.norm(), (_zero_and_one(t).detach()[:1].clone().requires_grad_(),)
    ),
    lambda t, x, y: t.autograd.gradcheck(t.abs, (_zero_and_one(t),)),
    lambda t, x, y: _sum_of_singular_values(t),
    lambda t, x, y: _quick(t, "flat"),
    lambda t, x, y: _quick(t, "as it is"),
    lambda t, x, y: t.autograd.gradcheck(_unsteady(t), (x,)),
    lambda t, x, y: t.autograd.gradcheck(_unsteady(t), (x,), nondet_tol=1e-2),
    lambda t, x, y: t.autograd.gradcheck(_not_multiplied(t), (x,)),
    lambda t, x, y: t.autograd.gradcheck(lambda x: x**2, x, fast_mode=True),
    lambda t, x, y: t.autograd.gradcheck(_slow(t), (x,), fast_mode=True),
    lambda t, x, y: t.autograd.gradcheck(lambda x, y: (x.sum() * y, x * y.detach()), (x, y), fast_mode=True),
    lambda t, x, y: t.autograd.gradcheck(
        lambda x: x * x.detach(), (x,), fast_mode=True, check_forward_ad=True, check_backward_ad=False
    ),
    lambda t, x, y: t.autograd.gradgradcheck(lambda x: x**3, (x,)),
    lambda t, x, y: t.autograd.gradgradcheck(lambda x, y: x.exp() * y.sin(), (x, y)),
]


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_answer_is_pytorchs(number):
    ours, theirs = _outcome(gradcli.torch, PROGRAMS[number]), _outcome(torch, PROGRAMS[number])
    assert ours == theirs


def test_an_error_has_pytorchs_name():
    for t in (gradcli.torch, torch):
        with pytest.raises(RuntimeError) as caught:
            t.autograd.gradcheck(_slow(t), (_zero_and_one(t),))
        assert type(caught.value).__name__ == "GradcheckError"


def test_a_float32_input_draws_pytorchs_warning():
    def program(t, x, _):
        return t.autograd.gradcheck(lambda x: x * 2, (x.detach().float().requires_grad_(),), atol=1)

    assert _outcome(gradcli.torch, program)[2] == _outcome(torch, program)[2]


def test_a_kink_is_no_mistake_here():
    def program(t, *_):
        return t.autograd.gradcheck(t.relu, (t.zeros(2, dtype=t.float64, requires_grad=True),))

    assert _outcome(gradcli.torch, program)[0] is True
    assert "Jacobianmismatch" in _outcome(torch, program)[0]
