"""Parts of joins that are computed where they belong: there they are, whole, in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli.ops.catalog import catalog
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound import Bound
from gradcli.plan.rows import in_rows
from gradcli.plan.trace import Literal, Step, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

TURNS = 40
POINT = np.array([0.1, 0.2, 0.3])
PUT = {"shape": (5,), "dim": -1, "start": 0, "stop": 3, "step": 1}


class _Writer:
    """Writes a trace step by step; its first input is 0, a point of three elements."""

    def __init__(self, *inputs: int, constants: dict[int, Any] | None = None) -> None:
        self.inputs, self.constants = (0, *inputs), constants or {}
        self.steps: list[Step] = []

    def __call__(self, name: str, *arguments: Any, **params: Any) -> int:
        number = 1000 + len(self.steps)
        self.steps.append(Step(catalog()[name], arguments, params, (number,), None))
        return number

    def turns(self) -> list[int]:
        """Something that every turn of a loop computes for itself."""
        return [self("mul", self("sin", 0), Literal(turn + 1.0)) for turn in range(TURNS)]

    def check(self, outputs: Sequence[int], *more: Any) -> None:
        """Run after run, whatever was written to the outputs in between."""
        trace = Trace(self.inputs, self.constants, tuple(self.steps), tuple(outputs))
        points = [POINT, *more]
        expected = trace.run(points, ARRAYS.apply, np.asarray)
        assert in_rows(trace, points, {}, expected) is not None
        bound = Bound(trace, points)
        for _ in range(3):
            for output in bound.outputs:
                output[...] = 5.0
            for number, output in zip(outputs, bound.run(), strict=True):
                np.testing.assert_allclose(output, expected[number])


def test_parts_need_no_copies() -> None:
    write = _Writer()
    write("cat", *write.turns(), dim=-1)
    trace = Trace((0,), {}, tuple(write.steps), (write.steps[-1].results[0],))
    rows = in_rows(trace, [POINT], {}, trace.run([POINT], ARRAYS.apply))
    assert rows is not None
    assert len(rows.calls) == 2  # all sines and all products


def test_a_constant_in_a_join_that_is_given_out() -> None:
    write = _Writer(constants={1: np.array([3.0, 4.0])})
    write.check([write("cat", 1, *write.turns(), dim=-1)])


def test_a_part_among_zeros_in_a_join_that_is_given_out() -> None:
    write = _Writer()
    write.check([write("cat", *[write("slice_put", x, **PUT) for x in write.turns()], dim=-1)])


def test_a_part_among_zeros_that_is_given_out() -> None:
    write = _Writer()
    turns = write.turns()
    write.check([write("slice_put", turns[3], **PUT), *turns])


def test_parts_with_others_between_their_rows() -> None:
    write = _Writer()
    tables = [write("reshape", write("cat", x, x, dim=-1), shape=(2, 3), rank=1) for x in write.turns()]
    sines = [write("sin", x) for x in tables]
    write.check([write("cat", *sines, dim=-1), write("cat", *sines, dim=-2), sines[1]])


@pytest.mark.parametrize("given", [True, False])
def test_a_part_that_is_given_out_itself(*, given: bool) -> None:
    write = _Writer()
    turns = write.turns()
    joined = write("cat", *turns, dim=-1)
    write.check([*turns, joined if given else write("sin", joined)])


def test_a_join_of_joins() -> None:
    write = _Writer()
    pairs = [write("cat", x, write("cos", x), dim=-1) for x in write.turns()]
    sums = [write("add", pair, pair) for pair in pairs]
    write.check([write("cat", *pairs, *sums, dim=-1), sums[3]])


@pytest.mark.parametrize("last", [True, False])
def test_a_part_of_two_joins_is_in_both(*, last: bool) -> None:
    write = _Writer()
    turns = write.turns()
    one = write("cat", *turns, dim=-1)
    other = write("cat", *reversed(turns), *turns, dim=-1)
    write.check([one if last else write("sin", one), other])


def test_a_constant_in_a_join_whose_memory_would_be_free_afterwards() -> None:
    write = _Writer(1, constants={2 + turn: POINT + turn for turn in range(0, TURNS, 2)})
    x = 0
    for turn in range(TURNS):
        joined = write("sin", write("cat", 1 if turn % 2 else 2 + turn, x, dim=-1))
        x = write("mul", *[write("slice", joined, dim=-1, start=k, stop=k + 3, step=1) for k in (0, 3)])
        x = write("sin", x)
    write.check([x, *write.turns()], np.array([0.5, 0.6, 0.7]))


def test_zeros_in_a_join_whose_memory_would_be_free_afterwards() -> None:
    write = _Writer()
    x = 0
    for turn in range(TURNS):
        total = write("sum_dims", x, dims=(-1,), keepdim=False)
        put = write("select_put", total, shape=(3,), dim=-1, index=turn % 3)
        joined = write("sin", write("cat", put, write("sin", x), dim=-1))
        x = write("mul", *[write("slice", joined, dim=-1, start=k, stop=k + 3, step=1) for k in (0, 3)])
        x = write("add", x, write("sin", 0))
    write.check([x, *write.turns()])


def test_zeros_in_a_join_like_others_without_them() -> None:
    """They look the same: what tells them apart is behind the arguments that are looked at."""
    write = _Writer()
    x = 0
    for turn in range(TURNS):
        parts = [write(name, x) for name in ("sin", "cos", "tanh", "exp")]
        total = write("sum_dims", x, dims=(-1,), keepdim=False)
        put = write("select_put", total, shape=(3,), dim=-1, index=turn % 3)
        joined = write("sin", write("cat", *parts, put if turn % 2 else write("sin", parts[0]), dim=-1))
        ends = [write("slice", joined, dim=-1, start=k, stop=k + 3, step=1) for k in (0, 12)]
        x = write("mul", write("add", *ends), write("sin", 0))
    write.check([x, *write.turns()])


def test_joins_nest_deeper_than_calls_may() -> None:
    write = _Writer()
    x = write("sin", 0)
    for _ in range(2000):
        x = write("cat", x, dim=-1)
    turns = [one for _ in range(50) for one in write.turns()]
    write.check([x, write("cat", *turns, dim=-1)])
