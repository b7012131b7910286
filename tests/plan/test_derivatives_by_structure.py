"""Few directions give the Jacobian that one for each column gives, and are few where it is sparse."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor, session
from gradcli.plan import taped
from gradcli.plan.derivatives import Linear
from gradcli.plan.derivatives_matrix import FORWARD, ROOM, _walked, jacobian
from gradcli.plan.derivatives_pattern import sparse
from gradcli.plan.derivatives_sparse import by_structure, fewest_directions
from gradcli.plan.gradient import gradient_program


def draw(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 2.0, shape)


def linear_of(program, *arrays, seconds=False):
    """A program of tensors, or its gradient, linear at a point."""
    with session():
        leaves = [Tensor(np.array(array), requires_grad=True) for array in arrays]
        if seconds:
            found = gradient_program(lambda: [program(*leaves)], lambda: leaves)
            gradients = tuple(number for number in found.gradients if number is not None)
            trace = found.trace._replace(outputs=gradients).pruned()
        else:
            with taped() as tape:
                for leaf in leaves:
                    tape.input(leaf)
                out = program(*leaves)
            trace = tape.trace(list(out) if isinstance(out, (tuple, list)) else [out])
        return Linear(trace, arrays)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def stencil(x):
    inner = 4 * x[1:-1, 1:-1] - x[:-2, 1:-1] - x[2:, 1:-1] - x[1:-1, :-2] - x[1:-1, 2:]
    return (inner * x[1:-1, 1:-1].exp()).sum()


W = draw(9, 12, seed=5) - 1

# name: program, arrays, whether its gradient is meant, and how many directions suffice
SPARSE = {
    "elementwise": (lambda x: x.sin() * x**2, [draw(50)], False, 1),
    "two variables": (lambda x, y: (x * y).tanh() / y, [draw(31), draw(31, seed=1)], False, 2),
    "neighbours": (lambda x: x[1:] * x[:-1] + x[1:].log(), [draw(40)], False, 2),
    "steps and turns": (lambda x: x[::2].flip(0) * x[1::2] - x[::2], [draw(40)], False, 4),
    "transposed": (lambda x: (x.t() * 2).reshape(-1).exp() * x.reshape(-1), [draw(5, 5)], False, 7),
    "broadcast": (lambda x, y: x * y, [draw(20, 1), draw(7, seed=1)], False, 2),
    "parts": (lambda x, y: x[:3].log() * y[3:6], [draw(9), draw(9, seed=1)], False, 2),
    "padded": (lambda x: (x.diag() * 3).exp(), [draw(9)], False, 1),
    "kink": (lambda x: x.relu() * (x - 1).abs(), [draw(30) - 1.2], False, 1),
    "Rosenbrock": (rosenbrock, [draw(100)], True, 4),
    "many parts": (lambda x: sum((x[i : i + 2] ** 3).sum() for i in range(0, 40, 2)), [draw(40)], True, 4),
    "many that overlap": (lambda x: sum((x[i : i + 2] ** 3).sum() for i in range(39)), [draw(40)], True, 1),
    "five points": (stencil, [draw(9, 11)], True, 30),
    "one element": (lambda x, y: x[3] * y.sin(), [draw(5), draw(12)], False, 2),
    "separable": (lambda x: (x.exp() * x).mean(), [draw(33)], True, 1),
}

VIEWS = {
    "transpose": lambda x: x.transpose(0, 1),
    "permute": lambda x: x.permute(1, 0),
    "reshape": lambda x: x.reshape(3, 12),
    "squeeze": lambda x: x.unsqueeze(1).squeeze(1),
    "select": lambda x: x[:, 2],
    "slice": lambda x: x[1::2, :4],
    "split": lambda x: x.split([2, 4], 1)[1],
    "unbind": lambda x: x.unbind(1)[3],
    "unfold": lambda x: x.unfold(0, 3, 3),
    "diagonal": lambda x: x.diagonal(1),
    "expand": lambda x: x.unsqueeze(0).expand(2, 6, 6),
    "itself": lambda x: x[...],
}

MIXED = {
    "tanh(W @ x)": (lambda x: (Tensor(W) @ x).tanh(), [draw(12)]),
    "the same after a scaling": (lambda x: (Tensor(W) @ (x.exp() * 3)).tanh() * 2, [draw(12)]),
    "after a fold": (lambda x: Tensor(W) @ (x[:12] * x[12:]), [draw(24)]),
    "softmax": (lambda x: (x * 2).softmax(-1) * x, [draw(4, 5)]),
    "a norm among others": (lambda x: (x.norm() * x.sin(), x.cos()), [draw(15)]),
    "two layers": (lambda x: Tensor(W.T) @ (Tensor(W) @ x).tanh() + x, [draw(12)]),
    "two variables": (lambda x, y: (Tensor(W) @ x).sum() * y.exp(), [draw(12), draw(3)]),
    "loss": (lambda x: (Tensor(W) @ x).logsumexp(0) - x[0], [draw(12)]),
}


def same(found, linear, *, rtol=0.0):
    for mine, theirs in zip(found.blocks, _walked(linear, forward=True).blocks, strict=True):
        for one, two in zip(mine, theirs, strict=True):
            assert one.dtype == two.dtype
            np.testing.assert_allclose(one, two, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("name", SPARSE)
def test_a_sparse_jacobian_takes_few_directions_and_is_the_same_to_the_bit(name):
    program, arrays, seconds, most = SPARSE[name]
    linear = linear_of(program, *arrays, seconds=seconds)
    found = by_structure(linear, ROOM)
    assert 1 <= found.directions <= most
    assert found.passes == 1
    same(found, linear)


@pytest.mark.parametrize("seconds", [False, True])
@pytest.mark.parametrize("name", VIEWS)
def test_views_and_what_puts_their_cotangents_back_keep_the_pattern(name, seconds):
    view = VIEWS[name]
    program = (lambda x: (view(x).exp() * view(x)).sum()) if seconds else (lambda x: view(x).exp())
    linear = linear_of(program, draw(6, 6), seconds=seconds)
    found = by_structure(linear, ROOM)
    assert found.directions <= (36 if name == "expand" and seconds else 6)  # what comes back is added up
    same(found, linear)


@pytest.mark.parametrize("room", [1, 50, ROOM])
@pytest.mark.parametrize("name", MIXED)
def test_what_mixes_all_elements_takes_over_where_it_does(name, room):
    linear = linear_of(*MIXED[name][:1], *MIXED[name][1])
    same(by_structure(linear, room), linear, rtol=1e-14)


def test_a_matrix_times_a_variable_is_copied_and_not_multiplied(monkeypatch):
    linear = linear_of(lambda x: (Tensor(W) @ x).tanh(), draw(12))
    calls = []
    usual = type(linear).pushed

    def pushed(self, step, given):
        calls.append(step.record.name)
        return usual(self, step, given)

    monkeypatch.setattr(type(linear), "pushed", pushed)
    by_structure(linear, ROOM)
    assert calls == ["tanh"]


@pytest.mark.parametrize(
    "program",
    [lambda x: x.sqrt() * x[0], lambda x: 1 / x + 0 * x.flip(0), lambda x: Tensor(W[:, :9]) @ x.sqrt()],
)
def test_infinite_derivatives_are_those_of_one_direction_at_a_time(program):
    point = draw(9)
    point[4] = 0
    linear = linear_of(program, point)
    assert by_structure(linear, ROOM) is None
    expected = _walked(linear, forward=True).blocks[0][0].T
    assert np.array_equal(jacobian(linear, FORWARD).blocks[0][0], expected, equal_nan=True)


def test_infinite_derivatives_of_many_parts_are_so_too():
    point = draw(40)
    point[7] = 0
    linear = linear_of(
        lambda x: sum((x[i : i + 2] ** 1.5).sum() for i in range(0, 40, 2)), point, seconds=True
    )
    assert by_structure(linear, ROOM) is None
    expected = _walked(linear, forward=True).blocks[0][0].T
    assert np.array_equal(jacobian(linear, FORWARD).blocks[0][0], expected, equal_nan=True)


def test_what_is_known_of_a_program_is_found_once(monkeypatch):
    linear = linear_of(lambda x: x[1:] * x[:-1], draw(40))
    assert fewest_directions(linear) == 2
    monkeypatch.setattr("gradcli.plan.derivatives_sparse.sparse", None)
    same(by_structure(linear, ROOM), linear)


def test_constants_and_detached_values_have_no_pattern():
    linear = linear_of(lambda x: x.detach() * x + x.floor(), draw(10))
    assert set(sparse(linear)) == linear.dependent
    same(by_structure(linear, ROOM), linear)


def test_what_depends_on_many_elements_has_no_pattern():
    linear = linear_of(lambda x: x.cumsum(0), draw(40))
    assert set(sparse(linear)) == set(linear.trace.inputs)


def test_a_weighted_sum_is_not_taken_for_a_selection():
    matrix = np.array([[1.0, 0, 1.0], [1.0, -2.0, 1.0], [0, 2.0, 0], [0, 0, 0]])
    linear = linear_of(lambda x: Tensor(matrix) @ x, draw(3))
    assert linear.trace.outputs[0] not in sparse(linear)
    linear = linear_of(lambda x: Tensor(matrix[2:]) @ x, draw(3))
    ((pattern,), _) = sparse(linear)[linear.trace.outputs[0]]
    assert pattern.tolist() == [2, 0]
