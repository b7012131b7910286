"""Chains of additions joined into sums: the same terms, in another order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.autograd import Tensor, session
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.tape import taped
from gradcli.plan.totals import TOTAL, with_totals


def _traced(program: Any, points: Any) -> Any:
    with session(default_dtype=np.dtype(np.float64)):
        tensors = [Tensor(point) for point in points]
        with taped() as tape:
            for tensor in tensors:
                tape.input(tensor)
            return tape.trace(program(*tensors))


def _joined(program: Any, points: Any) -> tuple[list[int], list[Any], list[Any]]:
    """How many terms the sums have, the outputs with them and those without."""
    trace = _traced(program, points)
    values = trace.run(points, ARRAYS.apply)
    joined = with_totals(trace, values)
    again = joined.run(points, ARRAYS.apply)
    terms = [len(step.arguments) for step in joined.steps if step.record is TOTAL]
    return terms, [again[n] for n in joined.outputs], [values[n] for n in trace.outputs]


@pytest.mark.parametrize("seed", range(10))
def test_a_tree_of_additions_is_one_sum(seed: int) -> None:
    s = np.random.default_rng(seed)
    points = list(s.standard_normal((12, 3)) * 10.0 ** s.integers(-8, 8, (12, 1)))

    def program(*terms: Any) -> list[Any]:
        rest = list(terms)
        while len(rest) > 1:
            one = rest.pop(int(s.integers(len(rest))))
            place = int(s.integers(len(rest)))
            rest[place] = rest[place] + one
        return rest

    terms, (found,), (expected,) = _joined(program, points)
    assert terms == [12]
    assert (np.abs(found - expected) <= 12 * np.finfo(float).eps * np.abs(points).sum(0)).all()


def test_sums_that_something_else_reads_are_kept() -> None:
    def program(x: Any) -> list[Any]:
        sums = [x]
        for _ in range(20):
            sums.append(sums[-1] + x)
        return [sums[10], sums[20], sums[10] * sums[20]]

    terms, found, expected = _joined(program, [np.array([1.0, np.nan, np.inf, -0.0])])
    assert terms == [11, 11]
    np.testing.assert_array_equal(found, expected)
    assert np.signbit(found[0][3])


def test_sums_of_other_shapes_whole_numbers_or_few_terms_are_left_alone() -> None:
    def program(x: Any, y: Any, n: Any) -> list[Any]:
        wide, whole, few = x, n, x
        for turn in range(20):
            wide = wide + y if turn % 2 else wide + 1.0
            whole = whole + n
            few = few + x if turn < 5 else few
        return [wide, whole, few]

    points = [np.ones(1), np.ones((2, 3)), np.ones(2, np.int64)]
    terms, found, expected = _joined(program, points)
    assert terms == []
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
