"""The gradient program: one trace of the forward run and its backward pass."""

from __future__ import annotations

import numpy as np

from gradcli.autograd import Tensor, session
from gradcli.autograd.algebra import TENSORS
from gradcli.plan.gradient import gradient_program
from gradcli.plan.trace import DOUBLES


def test_it_gives_the_value_and_the_gradient_at_other_points_too() -> None:
    with session(default_dtype=np.dtype(np.float64)):
        x = Tensor(np.array([[1.0, 1.0], [1.0, 1.0]]), requires_grad=True)
        found = gradient_program(lambda: [TENSORS.mean(TENSORS.mul(TENSORS.sin(x), x))], lambda: [x])
    point = np.array([[0.5, -2.0], [3.0, 1e-3]])
    values = found.trace.run([point], DOUBLES.apply, DOUBLES.lift)
    assert values[found.roots[0]] == np.mean(np.sin(point) * point)
    gradient = found.gradients[0]
    assert gradient is not None
    np.testing.assert_allclose(values[gradient], (np.cos(point) * point + np.sin(point)) / 4, rtol=1e-15)


def test_a_variable_that_no_root_depends_on_has_no_gradient() -> None:
    with session(default_dtype=np.dtype(np.float64)):
        x = Tensor(np.array(2.0), requires_grad=True)
        w = Tensor(np.array(3.0), requires_grad=True)
        found = gradient_program(lambda: [TENSORS.mul(x, x)], lambda: [x, w])
    assert found.gradients[1] is None
    assert len(found.trace.outputs) == 2
