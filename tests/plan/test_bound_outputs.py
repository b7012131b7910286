"""The outputs of a bound trace: memory that is the caller's between runs, whole after each."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor
from gradcli.ops.catalog import catalog
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound import Bound
from gradcli.plan.gradient import gradient_program
from gradcli.plan.rows import in_rows
from gradcli.plan.simplify import simplified
from gradcli.plan.tape import taped
from gradcli.plan.trace import Step, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

TURNS = 40


pytestmark = pytest.mark.usefixtures("doubles")


def _trace(program: Callable[[Any], Any], x: Any) -> Trace:
    tensor = Tensor(x, requires_grad=True)
    trace = gradient_program(lambda: [program(tensor)], lambda: [tensor]).trace
    return simplified(trace, trace.run([x], ARRAYS.apply, np.asarray))


def _check(trace: Trace, x: Any, wanted: tuple[int, ...] = ()) -> None:
    """Run after run, whatever was written to the outputs in between."""
    expected = trace.run([x], ARRAYS.apply, np.asarray)
    into = {i: np.full_like(expected[trace.outputs[i]], 7.0) for i in wanted}
    bound = Bound(trace, [x], into)
    for _ in range(2):
        for output in bound.outputs:
            output[...] = 5.0
        for number, output in zip(trace.outputs, bound.run(), strict=True):
            np.testing.assert_allclose(output, expected[number])
    for i, one in enumerate(bound.outputs):
        assert not any(np.may_share_memory(one, other) for other in (x, *bound.outputs[:i]))
    assert all(bound.outputs[i] is array for i, array in into.items())


def test_zeros_around_a_part_are_there_in_every_run() -> None:
    _check(_trace(lambda x: (x[1] ** 2).sum(), np.ones((4, 3))), np.ones((4, 3)))


@pytest.mark.parametrize("wanted", [(), (1,)])
def test_zeros_around_the_rows_that_a_loop_reads_are_there_in_every_run(wanted: tuple[int, ...]) -> None:
    def program(x: Any) -> Any:
        return sum((torch.sin(x[turn]).sum() for turn in range(TURNS)), 0.0)

    x = np.ones((TURNS + 2, 3))
    _check(_trace(program, x), x, wanted)


@pytest.mark.parametrize("wanted", [(), (1,)])
def test_a_gradient_that_is_constant_is_there_in_every_run(wanted: tuple[int, ...]) -> None:
    def program(x: Any) -> Any:
        loss = 0.0
        for turn in range(TURNS):
            loss = loss + torch.sin(x.detach() * turn).sum()
        return loss + 3 * x.sum()

    trace = _trace(program, np.ones(3))
    assert trace.outputs[1] in trace.constants
    assert in_rows(trace, [np.ones(3)], {}, trace.run([np.ones(3)], ARRAYS.apply, np.asarray)) is not None
    _check(trace, np.ones(3), wanted)


@pytest.mark.parametrize("wanted", [(), (0,), (1,), (4,)])
def test_no_output_is_in_the_memory_of_another(wanted: tuple[int, ...]) -> None:
    x = np.linspace(0.0, 1.0, TURNS * 4).reshape(TURNS, 4)
    tensor = Tensor(x)
    with taped() as tape:
        tape.input(tensor)
        parts = [torch.sin(tensor[turn]) + torch.cos(tensor[turn]) for turn in range(TURNS)]
        whole = torch.cat(parts)
        trace = tape.trace([whole, parts[3], whole[3:5], tensor, parts[3]])
    _check(trace, x, wanted)


def test_their_memory_goes_with_the_last_who_holds_it() -> None:
    def program(x: Any) -> Any:
        return sum((torch.sin(x * turn).sum() for turn in range(TURNS)), 0.0)

    trace = _trace(program, np.ones(3))
    assert in_rows(trace, [np.ones(3)], {}, trace.run([np.ones(3)], ARRAYS.apply, np.asarray)) is not None
    gc.disable()
    try:
        bound = Bound(trace, [np.ones(3)])
        kept = weakref.ref(bound.outputs[1])
        del bound
        assert kept() is None
    finally:
        gc.enable()


def test_views_are_told_apart_by_the_names_of_their_parameters() -> None:
    x = np.arange(3.0)
    pairs = {"stop": 2, "step": 1}, {"step": 2, "stop": 1}
    steps: list[Step] = []
    for turn in range(TURNS):
        for i, pair in enumerate(pairs):
            number = 1 + 4 * turn + 2 * i
            params = {"dim": -1, "start": 0, **pair}
            steps.append(Step(catalog()["slice"], (0,), params, (number,), None))
            steps.append(Step(catalog()["sin"], (number,), {}, (number + 1,), None))
    trace = Trace((0,), {}, tuple(steps), (2, 4))
    assert in_rows(trace, [x], {}, trace.run([x], ARRAYS.apply)) is not None
    _check(trace, x)


def test_an_empty_batch_gives_an_empty_gradient() -> None:
    def program(x: Any) -> Any:
        weights = torch.linspace(0, 1, TURNS)
        rows = [torch.sin(x * weights[t : t + 1]) * weights[t : t + 1] * 2 for t in range(TURNS)]
        return sum((row.sum() for row in rows), 0.0)

    trace = _trace(program, np.ones((0,)))
    _check(trace, np.ones((0,)))
