"""A simplified trace gives what the trace gave, with less to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli.autograd import Tensor, context, session
from gradcli.autograd.algebra import TENSORS
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.gradient import gradient_program
from gradcli.plan.simplify import simplified
from gradcli.plan.tape import taped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.plan.trace import Trace

POINT = np.array([[0.5, -2.0, 0.0], [3.0, -0.0, 1e-3]])


@pytest.fixture(autouse=True)
def doubles() -> Iterator[None]:
    with session(default_dtype=np.dtype(np.float64)):
        yield


def _trace(program: Callable[[Any, Tensor], Any]) -> Trace:
    x = Tensor(POINT, requires_grad=True)
    with taped() as tape:
        tape.input(x)
        return tape.trace([program(TENSORS, x)])


def _names(trace: Trace) -> list[str]:
    return [step.record.name for step in trace.steps]


def _value(trace: Trace) -> Any:
    return trace.run([POINT], ARRAYS.apply)[trace.outputs[0]]


def _facts(trace: Trace) -> dict[int, Any]:
    return trace.run([POINT], ARRAYS.apply)


def test_what_is_computed_twice_is_computed_once() -> None:
    trace = simplified(_trace(lambda m, x: m.mul(m.exp(x), m.exp(x))))
    assert _names(trace) == ["exp", "mul"]


def test_sums_and_products_are_the_same_either_way_round() -> None:
    trace = simplified(_trace(lambda m, x: m.sub(m.add(x, 2.0), m.add(2.0, x))))
    assert _names(trace) == ["add", "sub"]


def test_one_and_one_point_zero_are_different_numbers() -> None:
    trace = simplified(_trace(lambda m, x: m.atan2(m.add(x, 0.0), m.add(x, -0.0))))
    assert _names(trace).count("add") == 2


def test_what_is_known_beforehand_is_a_constant() -> None:
    constant = Tensor(np.array([1.0, 2.0, 3.0]))
    trace = simplified(_trace(lambda m, x: m.mul(x, m.exp(m.mul(constant, 2.0)))))
    assert _names(trace) == ["mul"]
    (kept,) = trace.constants.values()
    np.testing.assert_array_equal(kept, np.exp([2.0, 4.0, 6.0]))


def test_a_constant_that_is_too_big_to_keep_stays_a_step() -> None:
    constant = Tensor(np.ones(100))
    trace = simplified(_trace(lambda m, x: m.sum_dims(m.exp(constant), dims=(-1,)) * x), largest=50)
    assert _names(trace)[0] == "exp"


def test_powers_are_products() -> None:
    trace = simplified(_trace(lambda m, x: m.pow_scalar(x, exponent=3)))
    assert _names(trace) == ["mul", "mul"]
    np.testing.assert_array_equal(_value(trace), POINT * POINT * POINT)


def test_a_reciprocal_is_no_power() -> None:
    trace = simplified(_trace(lambda m, x: m.pow_scalar(x, exponent=-1)))
    assert _names(trace) == ["reciprocal"]
    np.testing.assert_array_equal(_value(trace), POINT**-1.0)


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (lambda m, x: m.mul(m.neg(m.neg(x)), x), ["mul"]),
        (lambda m, x: m.add(m.exp(x), m.neg(x)), ["exp", "sub"]),
        (lambda m, x: m.add(m.neg(x), m.neg(x)), ["neg", "sub"]),
        (lambda m, x: m.sub(m.exp(x), m.neg(x)), ["exp", "add"]),
        (lambda m, x: m.sub(2.0, m.neg(x)), ["add"]),
        (lambda m, x: m.exp(m.transpose(m.transpose(x, dims=(-1, -2)), dims=(-2, -1))), ["exp"]),
        (lambda m, x: m.exp(m.permute(m.permute(x, dims=(-1, -2)), dims=(-1, -2))), ["exp"]),
        (lambda m, x: m.exp(m.pow_scalar(x, exponent=1)), ["exp"]),
        (lambda m, x: m.exp(m.clone(x)), ["exp"]),
    ],
)
def test_what_undoes_itself_is_left_out(program: Callable[..., Any], names: list[str]) -> None:
    trace = _trace(program)
    assert _names(simplified(trace)) == names
    np.testing.assert_array_equal(_value(simplified(trace)), _value(trace))
    np.testing.assert_array_equal(np.signbit(_value(simplified(trace))), np.signbit(_value(trace)))


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (lambda m, x: m.exp(m.mul(x, 1)), ["exp"]),
        (lambda m, x: m.exp(m.div_true(x, 1)), ["exp"]),
        (lambda m, x: m.exp(m.sub(x, 0)), ["exp"]),
        (lambda m, x: m.exp(m.add(x, 0)), ["add", "exp"]),
        (lambda m, x: m.exp(m.cast(x, dtype=np.dtype(np.float64))), ["exp"]),
        (lambda m, x: m.exp(m.reshape(x, shape=(2, 3), rank=2)), ["exp"]),
        (lambda m, x: m.div_true(x, 8), ["mul"]),
        (lambda m, x: m.div_true(x, 3), ["div_true"]),
    ],
)
def test_with_shapes_and_dtypes_known_more_is_left_out(program: Callable[..., Any], names: list[str]) -> None:
    trace = _trace(program)
    found = simplified(trace, _facts(trace))
    assert _names(found) == names
    np.testing.assert_array_equal(_value(found), _value(trace))
    np.testing.assert_array_equal(np.signbit(_value(found)), np.signbit(_value(trace)))


def test_a_product_with_one_that_changes_the_shape_stays() -> None:
    one = Tensor(np.ones((4, 1, 1)))
    trace = _trace(lambda m, x: m.exp(m.mul(x, one)))
    assert _names(simplified(trace, _facts(trace))) == ["mul", "exp"]


def test_what_autograd_did_not_see_stays_apart() -> None:
    def program(m: Any, x: Tensor) -> Any:
        context.grad_enabled = False
        cut = m.exp(x)
        context.grad_enabled = True
        return m.mul(cut, m.exp(x))

    trace = simplified(_trace(program))
    assert sorted(step.tracked for step in trace.steps) == [False, True, True]


def test_forward_and_backward_share_what_they_have_in_common() -> None:
    x = Tensor(POINT, requires_grad=True)
    program = gradient_program(
        lambda: [TENSORS.mean(TENSORS.mul(TENSORS.sin(x), TENSORS.sin(x)))], lambda: [x]
    )
    trace = simplified(program.trace)
    assert _names(trace).count("sin") == _names(trace).count("cos") == 1
    values = trace.run([POINT], ARRAYS.apply)
    np.testing.assert_allclose(values[trace.outputs[1]], 2 * np.sin(POINT) * np.cos(POINT) / 6, rtol=1e-15)


def test_time_is_linear_in_the_steps_and_depth_is_no_matter() -> None:
    def chain(m: Any, x: Tensor) -> Any:
        for _ in range(20_000):
            x = m.neg(m.mul(x, 1.5))
        return x

    trace = _trace(chain)
    assert len(simplified(trace).steps) == len(trace.steps)
