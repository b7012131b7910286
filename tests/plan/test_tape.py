"""A trace gives what the program gave, at the point where it was taken and beside it."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, session
from gradcli.plan import taped
from gradcli.plan.trace import DOUBLES


def _plain(x):
    return (3 * (x + 2) ** 2).mean()


def _written_through_views(x):
    y = x.clone()
    y[0] = y[1] * 2
    y[:, 1].mul_(3)
    return (y * x).sum()


def _view_read_after_its_base_changed(x):
    y = x * 1
    view = y[1]
    y.mul_(2)
    late = view + 1
    y[0, 0] = 5
    return (y * late).sum() + view.sum()


def _several_outputs(x):
    values, _ = x.sort(0)
    first, second = values.unbind(0)
    return (first * second.exp()).sum()


def _filled(x):
    y = x * 2
    y.fill_(3.0)
    y.add_(x)
    return y.prod()


def _copied(x):
    y = torch.zeros(2, 3, dtype=torch.float64)
    y.copy_(x)
    y.transpose(0, 1)[0].mul_(x.sum(0)[:2])
    return y.sum()


def _part_of_a_view_read_after_its_base_changed(x):
    y = x.detach() * 1
    part = y.T.split(2)[1]
    y.mul_(2)
    return (x * part.exp().sum()).sum()


def _part_of_a_view_written(x):
    y = x.detach() * 1
    y.T.unbind(0)[1].mul_(3)
    return (x * y.sin()).sum()


PROGRAMS = [
    _plain, _written_through_views, _view_read_after_its_base_changed, _several_outputs, _filled, _copied,
    _part_of_a_view_read_after_its_base_changed, _part_of_a_view_written,
]  # fmt: skip


def _trace(program, x):
    leaf = Tensor(np.array(x), requires_grad=True)
    with taped() as tape:
        tape.input(leaf)
        out = program(leaf)
    return tape.trace([out]), out._array


def _run(trace, *inputs):
    return trace.run(inputs, DOUBLES.apply, DOUBLES.lift)[trace.outputs[0]]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_trace_gives_the_programs_values_here_and_elsewhere(program):
    here = np.arange(6.0).reshape(2, 3) + 1
    elsewhere = here * 1.1 + 0.01
    with session():
        trace, value = _trace(program, here)
        np.testing.assert_allclose(_run(trace, here), value, rtol=1e-14)
        np.testing.assert_allclose(_run(trace, elsewhere), _trace(program, elsewhere)[1], rtol=1e-13)


def test_what_detach_and_no_grad_cut_off_is_constant_only_where_that_is_asked_for():
    x = np.array([2.0, 3.0])

    def program(x):
        with torch.no_grad():
            scale = x * 10
        return (x * x.detach() * scale).sum()

    with session():
        trace, value = _trace(program, x)
        cut = trace.without_cuts([x])
    assert value == 350
    assert _run(trace, 2 * x) == 8 * value
    assert _run(cut, 2 * x) == 2 * value


def test_a_tensor_that_turns_out_to_be_a_variable_becomes_an_input():
    weight = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    with session(), taped() as tape:
        out = (weight * 3).sum()
        tape.input(weight)
        trace = tape.trace([out])
    assert len(trace.inputs) == 1
    assert _run(trace, np.array([10.0, 20.0])) == 90


def test_steps_that_no_output_needs_are_left_out():
    with session(), taped() as tape:
        x = Tensor(np.array([1.0]), requires_grad=True)
        tape.input(x)
        x.exp()
        trace = tape.trace([x * 2])
    assert [step.record.name for step in trace.steps] == ["mul"]


def test_constants_keep_the_values_they_had_when_they_were_read():
    with session(), taped() as tape:
        x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
        tape.input(x)
        scale = torch.ones(2, dtype=torch.float64)
        first = x * scale
        scale.mul_(5)
        trace = tape.trace([first + x * scale])
    np.testing.assert_array_equal(_run(trace, np.array([1.0, 2.0])), [6, 12])


def test_random_numbers_are_frozen():
    with session(seed=3), taped() as tape:
        x = Tensor(np.ones(50), requires_grad=True)
        tape.input(x)
        out = torch.nn.functional.dropout(x, 0.5)
        trace = tape.trace([out])
    np.testing.assert_array_equal(_run(trace, np.ones(50)), out._array)


def test_results_that_a_recorded_backward_pass_makes_anew_are_the_same_values():
    from gradcli.autograd import grad

    with session(), taped() as tape:
        x = Tensor(np.array([0.5, 1.5]), requires_grad=True)
        tape.input(x)
        (gradient,) = grad(x.exp().tanh().sum(), x, create_graph=True)
        trace = tape.trace([gradient])
    np.testing.assert_allclose(_run(trace, np.array([0.5, 1.5])), gradient._array, rtol=1e-14)
    moved = np.array([0.25, 1.0])
    expected = np.exp(moved) / np.cosh(np.exp(moved)) ** 2
    np.testing.assert_allclose(_run(trace, moved), expected, rtol=1e-12)


def test_a_computed_variable_is_taken_as_independent():
    with session(), taped() as tape:
        x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
        middle = x * 2
        out = (middle**2).sum()
        tape.input(middle)
        trace = tape.trace([out])
    assert [step.record.name for step in trace.steps] == ["pow_scalar", "sum_dims"]
    assert _run(trace, np.array([3.0, 4.0])) == 25


def test_a_boolean_beside_floats_is_written_down_as_a_float():
    with session(), taped() as tape:
        x = Tensor(np.array([0.0, 2.0]), requires_grad=True)
        tape.input(x)
        trace = tape.trace([torch.atan2(x.eq(0), x + 1)])
    np.testing.assert_allclose(_run(trace, np.array([0.0, 2.0])), [np.pi / 4, 0])
    assert [step.record.name for step in trace.steps].count("cast") == 1


def test_whole_numbers_made_floats_are_computed_with_as_doubles():
    with session(), taped() as tape:
        x = Tensor(np.array([2.0, 3.0]), requires_grad=True)
        tape.input(x)
        trace = tape.trace([torch.sin(x.to(torch.int16).to(torch.float32))])
    np.testing.assert_array_equal(_run(trace, np.array([2.0, 3.0])), np.sin([2.0, 3.0]))


def test_what_autograd_did_not_see_is_rounded_where_the_program_rounds():
    with session(), taped() as tape:
        x = Tensor(np.array([0.1, 0.2]), requires_grad=True)
        tape.input(x)
        trace = tape.trace([x * x.half().detach()])
    point = np.array([0.1, 0.2])
    np.testing.assert_array_equal(_run(trace.without_cuts([point]), point), point * point.astype(np.float16))
