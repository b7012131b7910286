"""What is judged, for the tests of those who judge it."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd.context import session
from gradcli.autograd.tensor import Tensor
from gradcli.checks.subject import Subject, Variable
from gradcli.plan import taped


@pytest.fixture
def subject_of():
    """Gives the subject of a program at a point, with gradcli's own gradient, and cotangents of one."""

    def subject_of(program, *arrays):
        points = [np.asarray(array) for array in arrays]
        with session():
            leaves = [Tensor(point, requires_grad=True) for point in points]
            with taped() as tape:
                for leaf in leaves:
                    tape.input(leaf)
                out = program(*leaves)
            trace = tape.trace([out]).without_cuts([point.astype(float) for point in points])
            out.backward(Tensor(np.ones(out.shape, out.dtype)))
        variables = tuple(
            Variable(f"x{i}", point, None if leaf.grad is None else leaf.grad.numpy())
            for i, (leaf, point) in enumerate(zip(leaves, points, strict=True))
        )
        return Subject(trace, variables, (np.ones(out.shape),))

    return subject_of
