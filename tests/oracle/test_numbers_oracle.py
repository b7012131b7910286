"""Operations on a tensor and a plain number against PyTorch: node names, next functions, errors."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradcli.torch as ours  # noqa: E402 - after the skip

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

PROGRAMS = {
    "x - 2": lambda t, x, z: x - 2,
    "2 - x": lambda t, x, z: 2 - x,
    "rsub of tensors": lambda t, x, z: t.rsub(x, z),
    "rsub with alpha": lambda t, x, z: t.rsub(x, z, alpha=2),
    "3 * x": lambda t, x, z: 3 * x,
    "3 + x": lambda t, x, z: 3 + x,
    "x / 3": lambda t, x, z: x / 3,
    "3 / x": lambda t, x, z: 3 / x,
    "x ** 2": lambda t, x, z: x**2,
    "2 ** x": lambda t, x, z: 2**x,
    "x % 2": lambda t, x, z: x % 2,
    "2 % x": lambda t, x, z: 2 % x,
    "x % z": lambda t, x, z: x % z,
    "x // 2": lambda t, x, z: x // 2,
    "fmod by a number": lambda t, x, z: t.fmod(x, 2),
    "fmod of tensors": lambda t, x, z: t.fmod(x, z),
    "div, floored": lambda t, x, z: t.div(x, 2, rounding_mode="floor"),
    "clamp": lambda t, x, z: x.clamp(0, 1),
    "masked_fill by a number": lambda t, x, z: x.masked_fill(x > 1, 1.0),
    "masked_fill by a tensor": lambda t, x, z: x.masked_fill(x > 1, z[0]),
    "copysign of a number": lambda t, x, z: t.copysign(x, -1),
    "xlogy by a number": lambda t, x, z: t.xlogy(x, 2),
    "xlogy of a number": lambda t, x, z: t.xlogy(2, x),
    "xlog1py by a number": lambda t, x, z: t.special.xlog1py(x, 2),
    "where with a number": lambda t, x, z: t.where(x > 1, x, 0.0),
}


def _read(t, program):
    x, z = t.tensor([1.5, 2.5], requires_grad=True), t.tensor([3.0, 4.0])
    node = program(t, x, z).grad_fn
    return node.name(), [(parent and parent.name(), number) for parent, number in node.next_functions]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_number_leaves_the_traces_in_the_graph_that_pytorch_leaves(program):
    assert _read(ours, program) == _read(torch, program)


REFUSED = {
    "maximum": lambda t, x: t.maximum(x, 1.5),
    "hypot": lambda t, x: t.hypot(2, x),
    "logical_and": lambda t, x: t.logical_and(x, 1),
    "where": lambda t, x: t.where(1),
    "2 % x backward": lambda t, x: (2 % x).sum().backward(),
    "reshape": lambda t, x: x.reshape(-2, 3),
}


@pytest.mark.parametrize("program", REFUSED.values(), ids=REFUSED)
def test_what_pytorch_refuses_is_refused_in_its_words(program):
    messages = []
    for t in (torch, ours):
        with pytest.raises((TypeError, RuntimeError)) as caught:
            program(t, t.tensor([1.5, 2.5], requires_grad=True))
        messages.append(str(caught.value).splitlines()[0])
    assert messages[1] == messages[0]


BAGS = {
    "sum": {"mode": "sum"},
    "mean": {"mode": "mean"},
    "max": {"mode": "max"},
    "padding": {"mode": "sum", "padding_idx": 2},
    "last offset": {"mode": "mean", "include_last_offset": True},
}


@pytest.mark.parametrize("options", BAGS.values(), ids=BAGS)
def test_bags_of_rows_and_their_gradients_are_pytorchs(options):
    found = []
    for t in (torch, ours):
        weight = t.tensor([[0.5, 2.0], [1.5, -1.0], [3.0, 0.25], [-2.0, 1.0]], requires_grad=True)
        index, offsets = t.tensor([0, 1, 3, 2, 2]), t.tensor([0, 2, 2, 5])
        bags = t.nn.functional.embedding_bag(index, weight, offsets, **options)
        (bags * bags).sum().backward()
        found.append((bags.tolist(), weight.grad.tolist()))
    for mine, theirs in zip(found[1], found[0], strict=True):
        assert np.allclose(mine, theirs)
