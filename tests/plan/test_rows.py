"""Unrolled programs bound with their repetition gathered: what the engine gives, at every point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, grad
from gradcli.ops.catalog import catalog
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound import Bound
from gradcli.plan.bound_calls import view_of
from gradcli.plan.bound_parts import gathered
from gradcli.plan.gradient import gradient_program
from gradcli.plan.rows import in_rows
from gradcli.plan.simplify import simplified
from gradcli.plan.tape import taped
from gradcli.plan.trace import Step, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TURNS = 40


pytestmark = pytest.mark.usefixtures("doubles")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def _trace(program: Callable[..., Any], points: Any) -> Any:
    tensors = [Tensor(np.array(point), requires_grad=True) for point in points]
    trace = gradient_program(lambda: [program(*tensors)], lambda: tensors).trace
    return simplified(trace, trace.run(points, ARRAYS.apply, np.asarray))


def _eager(program: Callable[..., Any], points: Any) -> list[Any]:
    tensors = [Tensor(np.array(point), requires_grad=True) for point in points]
    root = program(*tensors)
    found = grad([root], tensors, allow_unused=True)
    return [root._array, *[one._array for one in found if one is not None]]


def _agree(found: Any, expected: Any) -> None:
    for one, other in zip(found, expected, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        there = np.isfinite(other)
        np.testing.assert_array_equal(one[~there], other[~there])
        scale = np.max(np.abs(other[there]), initial=0.0)
        worst = np.max(np.abs(one[there] - other[there]), initial=0.0)
        assert worst <= 64 * TURNS * np.finfo(other.dtype).eps * scale


def _is_computed(step: Step, values: Any) -> bool:
    operands = [values[x] for x in step.arguments if x.__class__ is int]
    return view_of(step, operands, values[step.results[0]]) is None


def _check(
    program: Callable[..., Any], shapes: Any, *, fewer: float = 0.7, odd: Any = (np.nan, np.inf)
) -> None:
    """The program and its gradient, at points of all sorts, from one binding with fewer calls than steps."""
    s = np.random.default_rng(0)
    points = [s.standard_normal(shape) * 0.5 for shape in shapes]
    trace = _trace(program, points)
    bound = Bound(trace, [np.array(point) for point in points])
    values = trace.run(points, ARRAYS.apply, np.asarray)
    own = [step for step in trace.steps if _is_computed(step, values)]
    assert len(bound.calls) < fewer * len(own)
    others = [[s.standard_normal(shape) for shape in shapes] for _ in range(2)]
    for value in odd:
        others.append([s.standard_normal(shape) * 0.5 for shape in shapes])
        others[-1][-1].flat[0] = value
    for point in (points, *others, points):
        for array, values_there in zip(bound.inputs, point, strict=True):
            array[...] = values_there
        _agree(bound.run(), _eager(program, point))


def test_a_chain_of_sines() -> None:
    def program(x: Any) -> Any:
        for _ in range(TURNS):
            x = x.sin() * 1.01
        return x.sum()

    _check(program, [(8,)], fewer=0.85)


def test_a_differential_equation_by_small_steps() -> None:
    def program(k: Any, x: Any) -> Any:
        loss = 0.0
        for turn in range(TURNS):
            x = x + 0.1 * (k[0] * x - k[1] * x**3)
            loss = loss + ((x - 0.01 * turn) ** 2).sum()
        return loss

    _check(program, [(2,), (3,)])


def test_a_recurrent_network_with_a_loss_at_every_turn() -> None:
    s = np.random.default_rng(1)
    sequence, targets = s.standard_normal((2, TURNS, 4))

    def program(w: Any, u: Any, b: Any, out: Any, h: Any) -> Any:
        xs, ys = torch.tensor(sequence), torch.tensor(targets)
        loss = 0.0
        for turn in range(TURNS):
            h = torch.tanh(xs[turn : turn + 1] @ w + h @ u + b)
            loss = loss + ((h @ out - ys[turn : turn + 1]) ** 2).mean()
        return loss / TURNS

    _check(program, [(4, 5), (5, 5), (5,), (5, 4), (1, 5)])


def test_gates_that_are_slices_of_one_product() -> None:
    sequence = np.random.default_rng(2).standard_normal((TURNS, 3))

    def program(weights: Any, h: Any, c: Any) -> Any:
        loss = 0.0
        for x in torch.tensor(sequence):
            gates = torch.cat([x, h, x, h]) * weights[0] + weights[1]
            f, i, o = (torch.sigmoid(gates[k : k + 3]) for k in (0, 3, 6))
            c = c * f + i * torch.tanh(gates[9:])
            h = o * torch.tanh(c)
            loss = loss + (h.exp().sum() + 2).log()
        return loss

    _check(program, [(2, 12), (3,), (3,)])


def test_rows_that_differ_per_turn_get_their_own_gradients() -> None:
    def program(x: Any) -> Any:
        y, loss = x[0], 0.0
        for turn in range(1, TURNS):
            y = (y * 0.5 + x[turn]).tanh()
            loss = loss + (y * x[-turn]).sum()
        return loss

    _check(program, [(TURNS, 3)])


def test_kinks_in_every_turn() -> None:
    def program(w: Any, x: Any) -> Any:
        loss = 0.0
        for _ in range(TURNS):
            x = torch.relu(x * w) - torch.where(x > 0, x * 0.1, w).clamp(-0.5, 0.5)
            loss = loss + torch.maximum(x, w).abs().sum()
        return loss

    _check(program, [(4,), (4,)], odd=(np.nan, np.inf, 0.0))


def test_state_that_is_changed_in_place() -> None:
    def program(w: Any, x: Any) -> Any:
        state = x * 1.0
        loss = 0.0
        for _ in range(TURNS):
            before = state.clone()
            state[0] = (before[1] * w).sin().sum()
            state[1] = before[0] * 0.5 + before[1]
            loss = loss + state.sum()
        return loss

    _check(program, [(3,), (2, 3)], fewer=0.9)


def test_independent_samples_in_a_loop_share_their_calls() -> None:
    samples = np.random.default_rng(3).standard_normal((TURNS, 3))

    def program(w: Any, v: Any) -> Any:
        return sum(((x * w).tanh() * v).sigmoid().sum() for x in torch.tensor(samples))

    _check(program, [(3,), (3,)], fewer=0.2)


def test_single_precision_stays_single() -> None:
    def program(w: Any, x: Any) -> Any:
        for _ in range(TURNS):
            x = (x * w).tanh() + w
        return x.sum()

    points = [np.full(3, 0.3, np.float32), np.ones(3, np.float32)]
    trace = _trace(program, points)
    _agree(Bound(trace, points).run(), _eager(program, points))


def test_results_go_where_they_are_wanted_and_stay_there() -> None:
    def program(w: Any, x: Any) -> Any:
        for _ in range(TURNS):
            x = (x * w).tanh() + w
        return x.sum()

    points = [np.full(3, 0.3), np.ones(3)]
    room = np.zeros(8)
    bound = Bound(_trace(program, points), points, into={1: room[1:4], 2: room[4:7]})
    bound.run()
    loss, w, x = _eager(program, points)
    _agree([room[1:4], room[4:7], bound.outputs[0]], [w, x, loss])
    assert room[0] == room[7] == 0


def test_memory_that_a_gradient_is_wanted_in_need_not_be_clean() -> None:
    def program(x: Any) -> Any:
        y = x[0]
        for turn in range(1, TURNS):
            y = (y * 0.5 + x[2 * turn]).tanh()
        return y.sum()

    point = np.random.default_rng(5).standard_normal((2 * TURNS, 3))
    room = np.full_like(point, 7.0)
    Bound(_trace(program, [point]), [point], into={1: room}).run()
    _agree([room], _eager(program, [point])[1:])


def test_outputs_that_are_inputs_constants_or_parts_are_all_there() -> None:
    def outputs(x: Any) -> list[Any]:
        turns = [x[k].sin() * 2.0 for k in range(TURNS)]
        return [x, torch.stack(turns), *turns[:2], turns[0], torch.tensor(2.0)]

    x = Tensor(np.ones((TURNS, 3)))
    with taped() as tape:
        tape.input(x)
        trace = tape.trace(outputs(x))
    bound = Bound(trace, [np.ones((TURNS, 3))])
    assert len(bound.calls) < TURNS
    bound.inputs[0][...] = 0.5
    found = [np.array(one) for one in bound.run()]
    bound.inputs[0][...] = 7.0
    _agree(found, [one._array for one in outputs(Tensor(np.full((TURNS, 3), 0.5)))])


def test_the_sum_of_nothing_but_negative_zeros_stays_negative() -> None:
    x = Tensor(np.ones(3))
    with taped() as tape:
        tape.input(x)
        total = x * 2.0
        for turn in range(2 * TURNS):
            total = total + x * (turn + 3.0)
        trace = tape.trace([total])
    bound = Bound(trace, [np.array([-0.0, 0.0, -1e-320])])
    assert len(bound.calls) < TURNS
    assert np.signbit(bound.run()[0]).tolist() == [True, False, True]


def test_a_sum_of_the_same_over_and_over_has_it_as_often() -> None:
    x = Tensor(np.ones(3))
    with taped() as tape:
        tape.input(x)
        total = y = x.sin()
        for turn in range(2 * TURNS):
            total = total + y + (x * turn).cos()
        trace = tape.trace([total])
    point = np.array([0.1, 0.2, np.inf])
    bound = Bound(trace, [point])
    assert len(bound.calls) < TURNS
    turns = np.arange(2 * TURNS)[:, None]
    np.testing.assert_allclose(
        bound.run()[0], np.sin(point) * (len(turns) + 1) + np.cos(turns * point).sum(0)
    )


def test_what_does_not_repeat_is_left_alone() -> None:
    s = np.random.default_rng(4)
    names = s.choice(["sin", "cos", "exp", "tanh", "sigmoid", "atan", "abs", "sqrt"], 200)
    x = np.ones(3)
    trace = _trace(lambda t: _applied(t, names), [x])
    joined = gathered(trace)
    assert in_rows(joined, [x], {}, joined.run([x], ARRAYS.apply, np.asarray)) is None


def _applied(x: Any, names: Any) -> Any:
    for i, name in enumerate(names):
        x = getattr(x[: 3 - i % 2] if x.shape[0] == 3 else x, str(name))()
    return x.sum()


OPERATIONS = [
    lambda x, w: x * w, lambda x, w: x + w, lambda x, w: w - x, lambda x, w: x.tanh(),
    lambda x, w: x.sin() * w, lambda x, w: torch.sigmoid(x), lambda x, w: x * 0.5,
    lambda x, w: torch.maximum(x, w), lambda x, w: torch.cat([x[2:], w[:2]]), lambda x, w: x - x.mean(),
    lambda x, w: x / (1 + x * x), lambda x, w: x.flip(0) + w, lambda x, w: x.logsumexp(0) - x,
    lambda x, w: (x.reshape(2, 2) @ w.reshape(2, 2)).reshape(4), lambda x, w: x.sum() * w,
    lambda x, w: torch.where(x > w, x, w * 0.1),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_random_bodies_of_loops(seed: int) -> None:
    s = np.random.default_rng(seed)
    body = [OPERATIONS[i] for i in s.integers(len(OPERATIONS), size=s.integers(2, 7))]
    fresh = s.standard_normal((TURNS, 4))
    carried = s.random() < 0.8

    def program(w: Any, v: Any, x: Any) -> Any:
        start, loss = x, 0.0
        for turn, given in enumerate(torch.tensor(fresh)):
            for i, operation in enumerate(body):
                x = operation(x, (w, v, given)[(i + (turn == 7)) % 3])
            loss = loss + (x * given).sum()
            x = x if carried else start
        return loss

    _check(program, [(4,), (4,), (4,)], fewer=1.01)


def _in_turns(laws: Any, record: Any, values: Any, params: Any) -> tuple[Trace, list[Any]]:
    """The record in every turn, on a row of its own of every argument."""
    rows = [
        np.stack([x * (1 + k * 2.0**-30) if x.dtype.kind == "f" else x for k in range(TURNS)]) for x in values
    ]
    count, results = len(values), len(laws.outputs(ARRAYS, record, values, params))
    steps = []
    for k in range(TURNS):
        first = TURNS * count + k * results
        made = tuple(range(first, first + results))
        steps.append(Step(record, tuple(range(k * count, (k + 1) * count)), params, made, None))
    outputs = tuple(number for step in steps for number in step.results)
    trace = Trace(tuple(range(TURNS * count)), {}, tuple(steps), outputs)
    return trace, [row[k] for k in range(TURNS) for row in rows]


def test_an_operation_for_all_turns_at_once_gives_what_it_gives_turn_by_turn(record: Any, laws: Any) -> None:
    for values, params in laws.cases(record):
        trace, points = _in_turns(laws, record, values, params)
        expected = trace.run(points, ARRAYS.apply)
        rows = in_rows(trace, points, {}, expected)
        if rows is None:  # nothing is computed: views
            continue
        for call in rows.calls:
            call()
        for number in trace.outputs:
            one, other = rows.held[number], expected[number]
            assert (one.shape, one.dtype) == (other.shape, other.dtype)
            if other.dtype.kind == "f":
                near = np.abs(one - other) <= 2 * np.spacing(np.abs(other))
                assert np.all((one == other) | near | np.isnan(other))
                np.testing.assert_array_equal(np.isnan(one), np.isnan(other))
            else:
                np.testing.assert_array_equal(one, other)


def test_most_elementwise_operations_are_one_call_for_all_turns(laws: Any) -> None:
    fewer = 0
    records = [one for one in catalog().values() if one.kind == "elementwise" and one.samples is None]
    for record in records:
        ((values, params),) = laws.cases(record)
        trace, points = _in_turns(laws, record, values, params)
        rows = in_rows(trace, points, {}, trace.run(points, ARRAYS.apply))
        assert rows is not None
        fewer += len(rows.calls) <= 4  # a sigmoid is four
    assert fewer > 0.4 * len(records)
