"""The witness of finite differences is right, and within its own bounds, on programs of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd.context import session
from gradcli.autograd.tensor import Tensor
from gradcli.checks.sample import choose
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import differences
from gradcli.plan import taped
from gradcli.torch import nn


def judged(program, *arrays):
    """The subject of a program at a point, with gradcli's own gradient, and cotangents of one."""
    with session():
        leaves = [Tensor(np.asarray(array), requires_grad=True) for array in arrays]
        with taped() as tape:
            for leaf in leaves:
                tape.input(leaf)
            out = program(*leaves)
        trace = tape.trace([out]).without_cuts([np.asarray(array, np.float64) for array in arrays])
        ones = np.ones(out.shape)
        out.backward(Tensor(ones.astype(out.dtype)))
    variables = tuple(
        Variable(f"x{i}", np.asarray(array), leaf.grad.numpy() if leaf.grad is not None else None)
        for i, (leaf, array) in enumerate(zip(leaves, arrays, strict=True))
    )
    return Subject(trace, variables, (ones,))


def draw(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


TENSORS = {
    "mean": (lambda x: (3 * (x + 2) ** 2).mean(), [draw(2, 3)]),
    "softmax": (lambda x: (x.softmax(-1) * x).sum(), [draw(2, 3)]),
    "matrix product": (lambda x, w: (x @ w).sin(), [draw(2, 3), draw(3, 4, seed=1)]),
    "stack of products": (lambda x, w: (x @ w).sin(), [draw(5, 2, 3), draw(3, 4, seed=1)]),
    "matrix and vector": (lambda x, w: (x @ w).exp(), [draw(2, 3), draw(3, seed=1)]),
    "linear layer": (
        lambda x, w, b: nn.functional.linear(x, w, b).tanh(),
        [draw(5, 3), draw(4, 3, seed=1), draw(4, seed=2)],
    ),
    "product": (lambda x: x.prod(), [draw(7)]),
    "running product": (lambda x: x.cumprod(0).sin(), [draw(4, 2)]),
    "broadcast": (lambda x, y: x * y / (x * x + 1), [draw(4, 1), draw(3)]),
    "selection": (lambda x: x.t()[1:, ::2].flip(0).exp(), [draw(4, 3)]),
    "sorted": (lambda x: x.sort(-1)[0].cumsum(-1), [draw(3, 4)]),
    "norm": (lambda x: x.norm(), [draw(6)]),
    "convolution": (lambda x, w: nn.functional.conv2d(x, w).tanh(), [draw(2, 2, 5, 5), draw(3, 2, 2, 2)]),
}


@pytest.mark.parametrize("name", TENSORS)
def test_differences_meet_the_gradient_within_their_bounds(name):
    program, arrays = TENSORS[name]
    subject = judged(program, *arrays)
    testimony = differences.testify(subject, choose(subject, 8, 0))
    assert not testimony.silence
    for variable, words in zip(subject.variables, testimony.words, strict=True):
        assert words.spoke.all()
        error = abs(words.values - variable.gradient)
        assert np.all(error <= 3 * words.bounds + 1e-15 * abs(variable.gradient))
        assert np.all(words.bounds <= 1e-9 * (abs(variable.gradient).max() + 1e-3))
