"""Whole programs by tiles: stages, rows and columns, threads, and random programs, against the engine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli import torch
from gradcli.autograd import Tensor, context, grad, session
from gradcli.diagnostics import LimitFault
from gradcli.plan import grid, region, schedule, threads
from gradcli.plan.buffers import aligned
from gradcli.plan.program import KEPT, Plan, planned
from gradcli.plan.standin import GivenUp, like
from gradcli.plan.tape import taped
from gradcli.plan.unseen import UnseenTape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradcli.plan.trace import Trace

DOUBLE = np.dtype(np.float64)
RANDOM = np.random.default_rng(5)
MATRIX, ROW, COLUMN = (RANDOM.standard_normal(shape) for shape in ((37, 11), (11,), (37, 1)))
CUBE = RANDOM.standard_normal((5, 7, 3))
MANY = RANDOM.standard_normal(KEPT + 1)  # too many to be worth computing beforehand


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tensors count as big, tiles have a few elements, and there are two threads."""
    monkeypatch.setattr(schedule, "BIG", 2)
    monkeypatch.setattr(grid, "TILE", 256)
    monkeypatch.setattr(threads, "LEAST", 1)
    monkeypatch.setattr(threads, "cores", lambda: 2)


def _traced(program: Callable[..., Any], arrays: Sequence[Any]) -> Trace:
    tensors = [Tensor(like(x, x.dtype), requires_grad=True) for x in arrays]
    tape = UnseenTape()
    with taped(tape):
        for tensor in tensors:
            tape.input(tensor)
        root = program(*tensors)
        return tape.trace([root, *tape.gradients([root], tensors, [None])])


def _plan(program: Callable[..., Any], *arrays: Any) -> Plan:
    return planned(_traced(program, arrays), arrays)


def _check(program: Callable[..., Any], *arrays: Any, rtol: float = 1e-12) -> Plan:
    with session(default_dtype=DOUBLE):
        plan = _plan(program, *arrays)
        found = plan.run(arrays)
        tensors = [Tensor(x, requires_grad=True) for x in arrays]
        root = program(*tensors)
        expected = [y.detach().numpy() for y in (root, *grad(root, tensors))]
    for y, reference in zip(found, expected, strict=True):
        assert y.shape == reference.shape
        assert y.dtype == reference.dtype
        size = np.abs(reference[np.isfinite(reference)]).max(initial=0)
        np.testing.assert_allclose(y, reference, rtol=rtol, atol=rtol * size)
    return plan


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a mean": (lambda x: (3 * (x + 2) ** 2).mean(), (MATRIX,)),
    "a sum that is all": (lambda x: x.sum(), (MATRIX,)),
    "columns": (lambda x, w: torch.tanh(x * w).sum(), (MATRIX, ROW)),
    "columns and rows": (lambda x, w, b: torch.tanh(x * w + b).mean(), (MATRIX, ROW, COLUMN)),
    "softmax": (lambda x: torch.softmax(x, -1).pow(2).sum(), (MATRIX,)),
    "log_softmax": (lambda x: torch.log_softmax(x, -1).exp().mean(), (MATRIX,)),
    "logsumexp of rows": (lambda x: torch.logsumexp(x, -1).mean(), (MATRIX,)),
    "logsumexp of all": (lambda x: torch.logsumexp(x.sin(), (0, 1)), (MATRIX,)),
    "rows made standard": (
        lambda x: ((x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True)).pow(3).sum(), (MATRIX,)
    ),
    "all made standard": (lambda x: ((x - x.mean()) / x.std()).pow(3).sum(), (MATRIX,)),
    "columns made standard": (lambda x: ((x - x.mean(0)) / x.std(0)).pow(3).sum(), (MATRIX,)),
    "a norm": (lambda x: (x / x.norm()).exp().sum(), (MATRIX,)),
    "norms": (lambda x: x.norm(1) * x.norm(float("inf")) + x.norm(3), (MATRIX,)),
    "a variance": (lambda x: x.var(unbiased=False) + x.var((0, 1), keepdim=True).sum(), (MATRIX,)),
    "largest and smallest": (lambda x: x.max() * x.amin(), (MATRIX,)),
    "rows' largest": (lambda x: (x.amax(-1) * x.sum(1)).mean(), (MATRIX,)),
    "sums both ways": (lambda x: (x.sum(0) * x.sum(1).mean()).tanh().mean(), (MATRIX,)),
    "a product of matrices": (lambda x, w: torch.relu(x @ w).mean(), (MATRIX, MATRIX.T.copy())),
    "transposed": (lambda x: (torch.sin(x.T) + x.T * 2).mean(), (MATRIX,)),
    "reshaped": (lambda x: (torch.sin(x.reshape(-1)) * x.flatten()).sum(), (MATRIX,)),
    "joined": (lambda x: torch.cat([x.sin(), x]).mean(), (MATRIX,)),
    "running sums": (lambda x: x.cumsum(0).sin().sum(), (MATRIX,)),
    "conditions": (lambda x: torch.where(x > 0, x, x * 2).clamp(-1, 2).sum(), (MATRIX,)),
    "cut": (lambda x: (x.detach() * x.exp()).sum(), (MATRIX,)),
    "two shapes": (lambda x, c: x.sin().sum() * c.cos().mean(), (MATRIX, CUBE)),
    "three dims": (
        lambda c: (c * c.mean(-1, keepdim=True) + c.sum((1, 2), keepdim=True)).sin().sum(), (CUBE,)
    ),
    "the middle dim": (lambda c: (c * c.mean(1, keepdim=True)).sin().sum(), (CUBE,)),
    "square": (lambda x, w: (x * w + w[:, None]).sin().sum(), (MATRIX[:11], ROW)),
    "stages": (
        lambda x: ((x * (x.sin().sum() / 10).tanh()).cos().sum() / 10).tanh() * x.exp().mean(), (MATRIX,)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_the_same_by_tiles(name: str) -> None:
    program, arrays = PROGRAMS[name]
    _check(program, *arrays)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_the_same_in_any_layout(name: str) -> None:
    program, arrays = PROGRAMS[name]
    _check(program, *(np.asfortranarray(x) for x in arrays))
    _check(program, *(np.repeat(x, 2, axis=0)[::2] for x in arrays))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_number_of_threads_is_no_matter(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, arrays = PROGRAMS[name]
    with session(default_dtype=DOUBLE):
        plan = _plan(program, *arrays)
        one = plan.run(arrays)
        monkeypatch.setattr(threads, "cores", lambda: 5)
        other = plan.run(arrays)
    for y, reference in zip(one, other, strict=True):
        np.testing.assert_array_equal(y, reference)


def test_elementwise_chains_and_sums_over_all_are_one_sweep() -> None:
    plan = _check(lambda x: (torch.sin(x) * torch.exp(-(x**2))).mean(), MATRIX)
    stages = schedule.scheduled(plan.trace, plan.facts)
    assert [len(stage.sweeps) for stage in stages] == [1]


def test_rows_that_are_made_standard_are_one_sweep_too() -> None:
    plan = _check(*PROGRAMS["softmax"][:1], MATRIX)
    assert [len(stage.sweeps) for stage in schedule.scheduled(plan.trace, plan.facts)] == [1]


@pytest.mark.parametrize("name", ["a norm", "a variance", "all made standard", "logsumexp of all"])
def test_reductions_that_pass_over_everything_twice_run_in_tiles_too(name: str) -> None:
    plan = _check(*PROGRAMS[name][:1], *PROGRAMS[name][1])
    whole = [step for stage in schedule.scheduled(plan.trace, plan.facts) for step in stage.whole]
    sizes = [plan.facts[n].shape for step in whole if step.record.name != "spread" for n in step.results]
    assert all(np.prod(shape) == 1 for shape in sizes)


def test_a_number_that_is_repeated_is_no_pass_over_the_elements() -> None:
    plan = _check(PROGRAMS["a mean"][0], MANY)
    (stage,) = schedule.scheduled(plan.trace, plan.facts)
    (sweep,) = stage.sweeps
    names = [(step.record.name, sweep.region.made[step.results[0]].kind) for step in sweep.steps]
    assert not stage.whole
    assert [name for name, kind in names if kind & region.ROW] == ["add", "mul", "mul", "mul", "mul"]


def test_a_gradient_that_is_the_same_everywhere_takes_no_memory() -> None:
    plan = _check(lambda x: (x * 3).sum(), MANY)
    _, gradient = plan.run([MANY])
    assert gradient.strides == (0,)


def test_what_a_plan_gave_stays_when_it_runs_again() -> None:
    with session(default_dtype=DOUBLE):
        plan = _plan(PROGRAMS["stages"][0], MATRIX)
        first = plan.run([MATRIX])
        kept = [np.array(y) for y in first]
        plan.run([-MATRIX])
    for y, reference in zip(first, kept, strict=True):
        np.testing.assert_array_equal(y, reference)


def test_buffers_start_where_vector_instructions_like_it() -> None:
    for shape, dtype in (((7,), np.float32), ((3, 5), np.float64), ((1000,), np.bool_)):
        array = aligned(shape, dtype)
        assert (array.shape, array.dtype) == (shape, dtype)
        assert array.__array_interface__["data"][0] % 64 == 0


def test_what_is_cheap_is_computed_again_and_what_is_not_is_kept() -> None:
    plan = _check(lambda x: ((x * 2) / (x * 2).sum()).exp().sum(), MATRIX)
    first = schedule.scheduled(plan.trace, plan.facts)[0]
    assert all(sweep.region.made[n].late for sweep in first.sweeps for n in sweep.kept)
    plan = _check(lambda x: (x.sin().cos().exp() / x.sin().cos().exp().sum()).exp().sum(), MATRIX, rtol=1e-10)
    first = schedule.scheduled(plan.trace, plan.facts)[0]
    assert any(not sweep.region.made[n].late for sweep in first.sweeps for n in sweep.kept)


def test_nothing_is_computed_while_a_program_is_traced() -> None:
    with session(default_dtype=DOUBLE):
        trace = _traced(lambda x: (3 * (x + 2) ** 2).mean(), [np.broadcast_to(1.0, (2**13, 2**13))])
    assert {step.record.name for step in trace.steps} >= {"add", "pow_scalar", "mean_dims"}


@pytest.mark.parametrize(
    "program",
    [
        lambda x: x.sum() if x.sum() > 0 else x.mean(),
        lambda x: x.sum() * x.max().item(),
        lambda x: x[x > 0].sum(),
        lambda x: x.sum() * float(x[0, 0]),
        lambda x: torch.tensor(x.tolist()).sum() * x.sum(),
        lambda x: x.sum() * len(f"{x}"),
        lambda x: torch.sort(x).values.sum(),
    ],
)
def test_what_depends_on_elements_is_given_up(program: Callable[..., Any]) -> None:
    with session(default_dtype=DOUBLE), pytest.raises(GivenUp):
        _plan(program, MATRIX)


def test_a_change_in_place_is_given_up() -> None:
    def program(x: Any) -> Any:
        y = x.clone()
        y[0] = 0
        return y.sum()

    with session(default_dtype=DOUBLE), pytest.raises(GivenUp):
        _plan(program, MATRIX)


def test_outputs_are_within_the_budget() -> None:
    big = np.ones(2**18)
    with session(default_dtype=DOUBLE):
        plan = _plan(lambda x: (x * x).sum(), big)
        context.budget.max_bytes = 2**20
        with pytest.raises(LimitFault):
            plan.run([big])


def test_an_error_in_a_thread_is_told() -> None:
    def fail(tiles: Iterator[int]) -> None:
        if 3 in list(tiles):
            raise ValueError("tile 3")

    with pytest.raises(ValueError, match="tile 3"):
        threads.in_threads(fail, 10, 1)


def test_after_an_error_no_thread_begins_another_tile() -> None:
    begun: list[int] = []

    def fail(tiles: Iterator[int]) -> None:
        for tile in tiles:
            begun.append(tile)
            raise ValueError(str(tile))

    with pytest.raises(ValueError, match="0"):
        threads.in_threads(fail, 10**6, 1)
    assert len(begun) <= threads.cores()


def test_depth_is_no_matter() -> None:
    def chain(x: Any) -> Any:
        for _ in range(3000):
            x = (x * 1.001).sin()
        return x.sum()

    _check(chain, ROW, rtol=1e-9)


def _grown(ops: list[int], x: Any, w: Any) -> Any:
    """A program made of numbers: each picks an operation and the values that it takes."""
    values = [x, w]
    unary = [
        torch.sin, torch.exp, torch.tanh, torch.sigmoid, torch.relu, torch.neg, torch.square, torch.log1p,
        partial(torch.softmax, dim=-1), lambda v: v.mean(), lambda v: v.sum(-1, keepdim=True),
        lambda v: v.sum(0), lambda v: v / 4, lambda v: 2 - v, lambda v: v.sqrt(), lambda v: v.amax(),
        lambda v: v.detach(), lambda v: torch.where(v > 0, v, 0.5),
    ]  # fmt: skip
    binary = [torch.add, torch.mul, torch.sub, torch.div, torch.maximum]
    for op in ops:
        left, right = values[op % 7 % len(values)], values[-1 - op % 3 % len(values)]
        pick = op // 7 % (len(unary) + 2 * len(binary))
        if pick < len(unary):
            values.append(unary[pick](right) if right.ndim or pick not in (10, 11) else right)
        else:
            values.append(binary[(pick - len(unary)) % len(binary)](left, right))
    return values[-1].sum() + values[len(values) // 2].mean()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_random_programs_give_the_same(ops: list[int]) -> None:
    arrays = (MATRIX[:6, :5], ROW[:5])
    with session(default_dtype=DOUBLE):
        tensors = [Tensor(x, requires_grad=True) for x in arrays]
        root = _grown(ops, *tensors)
        if not root.requires_grad:
            return
        expected = [root, *grad(root, tensors, allow_unused=True)]
        stands = [Tensor(like(x, x.dtype), requires_grad=True) for x in arrays]
        tape = UnseenTape()
        with taped(tape):
            for stand in stands:
                tape.input(stand)
            root = _grown(ops, *stands)
            gradients = tape.gradients([root], stands, [None])
            trace = tape.trace([root, *(g for g in gradients if g is not None)])
        found = iter(planned(trace, arrays).run(arrays))
        assert [g is None for g in gradients] == [g is None for g in expected[1:]]
        for reference in (y.detach().numpy() for y in expected if y is not None):
            y = next(found)
            np.testing.assert_array_equal(np.isfinite(y), np.isfinite(reference))
            np.testing.assert_array_equal(np.isnan(y), np.isnan(reference))
            size = np.abs(reference[np.isfinite(reference)]).max(initial=0)
            np.testing.assert_allclose(y, reference, rtol=1e-9, atol=1e-9 * size)
