"""A bound trace gives what the engine gives, run after run, at other points than where it was bound."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, grad
from gradcli.autograd.algebra import TENSORS
from gradcli.diagnostics import GradcliError
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound import Bound
from gradcli.plan.bound_calls import Moved
from gradcli.plan.gradient import gradient_program
from gradcli.plan.simplify import simplified
from gradcli.plan.tape import taped

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.usefixtures("doubles")


def _bound(program: Callable[..., Any], *points: Any) -> Bound:
    """A program and the gradient of its sum, bound at a point, simplified with all that is known of it."""
    tensors = [Tensor(np.array(point), requires_grad=True) for point in points]
    trace = gradient_program(lambda: [program(*tensors)], lambda: tensors).trace
    facts = trace.run(points, ARRAYS.apply, np.asarray)
    return Bound(simplified(trace, facts), [np.array(point) for point in points])


def _eager(program: Callable[..., Any], *points: Any) -> list[Any]:
    tensors = [Tensor(np.array(point), requires_grad=True) for point in points]
    root = program(*tensors)
    found = grad([root], tensors, allow_unused=True)
    return [root._array, *[one._array for one in found if one is not None]]


def _moved(bound: Bound, *points: Any) -> list[Any]:
    for array, point in zip(bound.inputs, points, strict=True):
        array[...] = point
    return list(bound.run())


def _agree(found: Any, expected: Any, *, ulps: float = 8.0, elementwise: bool = False) -> None:
    """Within some ulps of the largest element, or of each element itself."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        assert one.dtype == other.dtype
        if other.dtype.kind in "fc" and other.size:
            there = np.isfinite(other)
            np.testing.assert_array_equal(one[~there], other[~there])
            size = np.abs(other[there])
            # Rounding of a sum is measured by its largest term.
            scale = size if elementwise else np.max(size, initial=0.0)
            assert (np.abs(one[there] - other[there]) <= ulps * np.finfo(other.dtype).eps * scale).all()
        else:
            np.testing.assert_array_equal(one, other)


def test_every_operation_and_its_gradient_are_the_engines(record: Any, laws: Any) -> None:
    for values, params in laws.cases(record):
        needed = laws.positions(record, values, params)
        leaves = {i: Tensor(np.array(values[i]), requires_grad=True) for i in needed}
        fixed = [leaves.get(i, Tensor(np.array(value))) for i, value in enumerate(values)]

        def program(leaves: Any = leaves, fixed: Any = fixed, params: Any = params) -> list[Any]:
            operands = [leaves.get(i, one) for i, one in enumerate(fixed)]
            found = TENSORS.apply(record, operands, params)
            return list(found) if isinstance(found, (tuple, list)) else [found]

        variables = list(leaves.values())
        try:
            before = _arrays_of(program, variables)
        except GradcliError:
            continue  # no second derivatives, which the gradient program is made by
        trace = _traced(program, variables)
        bound = Bound(
            simplified(trace, trace.run([v._array for v in variables], ARRAYS.apply, np.asarray)),
            [v._array for v in variables],
        )
        alone = {"ulps": 2.0, "elementwise": True} if _is_elementwise(record, values) else {}
        _agree(bound.run(), before, **alone)
        for variable in variables:
            variable._array *= 1.0 + 2.0**-20  # still inside the domain, and on the same side of kinks
        after = _arrays_of(program, variables)
        try:
            found = bound.run()
        except Moved:
            continue  # as it says
        _agree(found, after, **alone)
        _agree(bound.run(), after, **alone)


def _is_elementwise(record: Any, values: Any) -> bool:
    """Whether no element of a result or of a gradient is a sum."""
    return record.kind == "elementwise" and len({np.shape(value) for value in values}) == 1


def _weights(roots: list[Any]) -> list[Any]:
    return [Tensor(np.linspace(0.5, 1.5, root._array.size).reshape(root._array.shape)) for root in roots]


def _outputs(program: Callable[[], list[Any]], variables: list[Any], *, create_graph: bool) -> list[Any]:
    roots = program()
    through = [root for root in roots if root.requires_grad]
    if not through:
        return roots
    found = grad(through, variables, _weights(through), create_graph=create_graph, allow_unused=True)
    return [*roots, *[one for one in found if one is not None]]


def _arrays_of(program: Callable[[], list[Any]], variables: list[Any]) -> list[Any]:
    return [np.array(one._array) for one in _outputs(program, variables, create_graph=False)]


def _traced(program: Callable[[], list[Any]], variables: list[Any]) -> Any:
    with taped() as tape:
        for variable in variables:
            tape.input(variable)
        return tape.trace(_outputs(program, variables, create_graph=True))


def test_it_runs_again_on_what_its_inputs_hold_now() -> None:
    def program(x: Any) -> Any:
        return (3 * (x + 2) ** 2).mean()

    bound = _bound(program, np.ones((2, 2)))
    for point in (np.ones((2, 2)), np.array([[0.5, -2.0], [1e300, np.inf]]), np.full((2, 2), np.nan)):
        _agree(_moved(bound, point), _eager(program, point))


def test_a_sum_of_products_is_the_sum_of_the_products() -> None:
    s = np.random.default_rng(0)
    for shape in ((3,), (5, 7), (300,), (40, 50)):
        points = s.standard_normal((2, *shape))

        def program(x: Any, y: Any) -> Any:
            return (x * y).sum() + (x * x).mean()

        bound = _bound(program, *points)
        again = s.standard_normal((2, *shape))
        _agree(_moved(bound, *again), _eager(program, *again), ulps=64)


@pytest.mark.parametrize("count", [1, 3, 16, 17, 200])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("program", [torch.sum, torch.mean, lambda x: (x * x.exp()).sum()])
def test_a_sum_of_negative_zeros_has_the_engines_sign(program: Any, dtype: Any, count: int) -> None:
    zeros = np.full(count, -0.0, dtype)
    (found, *_), (expected, *_) = _bound(program, zeros).run(), _eager(program, zeros)
    assert (found, np.signbit(found)) == (expected, np.signbit(expected))


def test_products_of_transposed_and_repeated_factors_are_summed_where_they_lie() -> None:
    x, y = np.random.default_rng(1).standard_normal((2, 4, 4))

    def program(x: Any, y: Any) -> Any:
        return (x * y.t()).sum() + (x.t() * y[0].expand(4, 4)).sum()

    bound = _bound(program, x, y)
    _agree(_moved(bound, y, x), _eager(program, y, x))


def test_memory_that_is_still_read_is_not_written() -> None:
    def program(x: Any) -> Any:
        a = x.sin()
        b = a.view(-1)  # shows a's memory
        c = x.cos() * 2
        d = c.exp() + 1
        return (b * d.view(-1) + (a * c).view(-1)).sum()

    x = np.random.default_rng(2).standard_normal((3, 4))
    bound = _bound(program, x)
    for point in (x, x + 1, x):
        _agree(_moved(bound, point), _eager(program, point))


def test_parts_put_into_zeros_stay_among_zeros() -> None:
    def program(x: Any) -> Any:
        return (x[0, :3] * x[1, 1:]).sum() + x[1, :2].exp().sum() * x[0, 3] + x[1].sin()[::2].prod()

    points = np.random.default_rng(3).standard_normal((2, 2, 4))
    bound = _bound(program, points[0])
    for point in (*points, points[0]):
        _agree(_moved(bound, point), _eager(program, point))


def test_parts_taken_in_every_turn_of_a_loop_get_the_sum_of_their_gradients() -> None:
    def program(x: Any) -> Any:
        y = x[0]
        for _ in range(3):
            gates = y * x[1] + x[2]
            left, right = gates[:2].tanh(), gates[2:]
            y = torch.cat([left * right, left + x[3][:2]]) * x[3]
        return y.sum() + x[1].prod()

    points = np.random.default_rng(4).standard_normal((2, 4, 4))
    bound = _bound(program, points[0])
    assert sum(call.func is np.copyto for call in bound.calls if isinstance(call, partial)) < 10
    for point in (*points, points[0]):
        _agree(_moved(bound, point), _eager(program, point), ulps=64)


def test_parts_that_overlap_are_no_joined_whole() -> None:
    def program(x: Any) -> Any:
        return (x[:3].sin() * 2).sum() + (x[2:] ** 3).sum() + (x[1::2].exp()).sum()

    point = np.linspace(-1, 1, 5)
    bound = _bound(program, point)
    for one in (point, -2 * point):
        _agree(_moved(bound, one), _eager(program, one))


def test_outputs_that_are_inputs_constants_or_the_same_are_all_there() -> None:
    def trace(m: Any, x: Any) -> list[Any]:
        return [x, m.reshape(x, shape=(4,), rank=2), m.sin(x), m.sin(x), Tensor(np.array(2.0))]

    x = Tensor(np.ones((2, 2)))
    with taped() as tape:
        tape.input(x)
        found = tape.trace(trace(TENSORS, x))
    bound = Bound(simplified(found), [np.ones((2, 2))])
    bound.inputs[0][...] = 0.5
    outputs = bound.run()
    bound.inputs[0][...] = 7.0  # what was given out stays
    expected = [np.full((2, 2), 0.5), np.full(4, 0.5), *[np.full((2, 2), np.sin(0.5))] * 2, np.array(2.0)]
    _agree(outputs, expected)


def test_results_go_where_they_are_wanted() -> None:
    x, y = (Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True) for _ in range(2))
    program = gradient_program(lambda: [((x + y) ** 2).sum()], lambda: [x, y])
    room = np.zeros(9)
    bound = Bound(program.trace, [x._array, y._array], into={1: room[1:4], 2: room[5:8]})
    bound.run()
    assert room.tolist() == [0, 4, 8, 12, 0, 4, 8, 12, 0]  # one number in two places


def test_a_shape_that_depends_on_values_is_noticed() -> None:
    x = Tensor(np.array([1.0, -1.0, 2.0]))
    with taped() as tape:
        tape.input(x)
        trace = tape.trace([TENSORS.masked_select(x, TENSORS.gt(x, 0.0))])
    bound = Bound(trace, [np.array([1.0, -1.0, 2.0])])
    assert bound.run()[0].tolist() == [1, 2]
    bound.inputs[0][...] = [1, 1, 1]
    with pytest.raises(Moved):
        bound.run()


def test_it_refuses_values_as_the_engine_does() -> None:
    matrix = Tensor(np.eye(2))
    with taped() as tape:
        tape.input(matrix)
        trace = tape.trace([TENSORS.cholesky(matrix, upper=False, name="linalg.cholesky")])
    bound = Bound(trace, [np.eye(2)])
    bound.run()
    bound.inputs[0][...] = -np.eye(2)
    with pytest.raises((GradcliError, np.linalg.LinAlgError)):
        bound.run()
