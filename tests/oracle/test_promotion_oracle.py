"""Result dtypes, values and gradient dtypes of every pair of dtypes, as PyTorch has them."""

from __future__ import annotations

import itertools
import operator

import pytest

import gradcli.torch
from gradcli.autograd import session

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
FLOATING = DTYPES[6:]
NUMBERS = (True, 2, 2.5, 300)
OPERATORS = {name: getattr(operator, name) for name in ("add", "mul", "truediv", "lt", "eq")}
IN_PLACE = ("add_", "mul_", "div_")


def value(module, dtype, dims):
    return module.ones((2, 1)[:dims], dtype=getattr(module, dtype))


def outcome(call):
    try:
        found = call()
    except (RuntimeError, TypeError) as error:
        return str(error)
    return str(found.dtype), tuple(found.shape), found.tolist()


def agree(call):
    with session():
        assert outcome(lambda: call(gradcli.torch)) == outcome(lambda: call(torch))


@pytest.mark.parametrize("name", OPERATORS)
def test_two_tensors_meet_as_in_pytorch(name):
    operate = OPERATORS[name]
    for left, right in itertools.product(DTYPES, repeat=2):
        for m, n in itertools.product((0, 1, 2), repeat=2):
            agree(lambda module: operate(value(module, left, m), value(module, right, n)))  # noqa: B023 - called at once


@pytest.mark.parametrize("name", OPERATORS)
def test_a_tensor_and_a_number_meet_as_in_pytorch(name):
    operate = OPERATORS[name]
    for dtype, number, dims in itertools.product(DTYPES, NUMBERS, (0, 1)):
        agree(lambda module: operate(value(module, dtype, dims), number))  # noqa: B023 - called at once
        agree(lambda module: operate(number, value(module, dtype, dims)))  # noqa: B023 - called at once


@pytest.mark.parametrize("name", IN_PLACE)
def test_an_in_place_operation_accepts_and_refuses_as_pytorch_does(name):
    for left, right, m, n in itertools.product(DTYPES, DTYPES, (0, 1), (0, 1)):
        agree(lambda module: getattr(value(module, left, m), name)(value(module, right, n)))  # noqa: B023 - called at once


@pytest.mark.parametrize("name", ["add", "mul", "truediv"])
def test_gradients_have_pytorchs_dtypes(name):
    operate = OPERATORS[name]

    def gradients(module, left, right):
        a, b = (value(module, *one).requires_grad_() for one in (left, right))
        operate(a, b).sum().backward()
        return [(str(x.grad.dtype), tuple(x.grad.shape), x.grad.tolist()) for x in (a, b)]

    for left, right in itertools.product(itertools.product(FLOATING, (0, 1, 2)), repeat=2):
        with session():
            assert gradients(gradcli.torch, left, right) == gradients(torch, left, right)
