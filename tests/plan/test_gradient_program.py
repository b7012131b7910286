"""The gradient program: one trace of the forward run and its backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, session
from gradcli.autograd.algebra import TENSORS
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.gradient import GradientProgram, gradient_program
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.record import Record


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


def _written(
    record: Record, params: Any, arrays: Sequence[Any], needed: Sequence[int]
) -> GradientProgram | None:
    """The gradient program of a record for some of its arguments; None where it has no roots."""
    tensors = [
        Tensor(x, requires_grad=i in needed) if isinstance(x, np.ndarray) else x for i, x in enumerate(arrays)
    ]

    def roots() -> list[Tensor]:
        found = TENSORS.apply(record, tensors, params)
        return [y for y in (found if isinstance(found, tuple) else (found,)) if y.requires_grad]

    if not roots():
        return None
    source = np.random.default_rng(1)
    weights = [Tensor(np.asarray(source.standard_normal(y.shape), y.dtype.dtype)) for y in roots()]
    return gradient_program(roots, lambda: [tensors[i] for i in needed], weights)


def test_that_of_a_record_holds_wherever_its_arguments_are(record: Record, laws: Any) -> None:
    for values, params in laws.cases(record):
        needed = laws.positions(record, values, params)
        moved = [np.array(np.flip(x)) if i in needed else x for i, x in enumerate(values)]
        with session(default_dtype=np.dtype(np.float64)):
            here, there = (_written(record, params, arrays, needed) for arrays in (values, moved))
        if here is None or not here.fixed:
            continue
        assert there is not None
        point = [moved[i] for i in needed]
        found, right = (one.trace.run(point, ARRAYS.apply) for one in (here, there))
        for ours, expected in zip(here.trace.outputs, there.trace.outputs, strict=True):
            np.testing.assert_array_equal(found[ours], right[expected])


DECIDING = {
    "repeats": lambda x: torch.repeat_interleave(x, x.argsort()).sum(),
    "membership": lambda x: (x * torch.isin(x, torch.tensor([2.0]))).sum(),
    "closeness": lambda x: x.sum() * torch.allclose(x, x.round()),
    "a new tensor": lambda x: (x * torch.tensor(x.detach())).sum(),
    "an old variable": lambda x: (x * torch.autograd.Variable(x.detach())).sum(),
    "runs": lambda x: x.sum() * torch.unique_consecutive(x.detach().round()).numel(),
    "chances": lambda x: (x * torch.bernoulli(x.detach().sigmoid())).sum(),
}


@pytest.mark.parametrize("name", DECIDING)
def test_what_values_decide_beside_the_tape_is_not_fixed(name: str) -> None:
    with session(default_dtype=np.dtype(np.float64)):
        x = Tensor(np.array([0.5, -1.0, 2.0, 0.25]), requires_grad=True)
        assert not gradient_program(lambda: [DECIDING[name](x)], lambda: [x]).fixed
