"""Jacobians, Hessians and products with directions are PyTorch's."""

# ruff: noqa: N803 - a matrix is called A

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explorer.directional import explore_hvp, explore_jvp
from gradcli.explorer.hessian import explore_hessian
from gradcli.explorer.jacobian import explore_jacobian
from gradcli.explorer.request import EvalRequest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

MATRIX = [[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.2, 0.7]]
VECTOR = [0.5, -1.2, 2.0]
BOUND = (f"A={MATRIX}", f"x={VECTOR}")

VALUES = {
    "A @ x": lambda A, x: A @ x,
    "tanh(A @ x)": lambda A, x: torch.tanh(A @ x),
    "inverse(A) @ x": lambda A, x: torch.inverse(A) @ x,
    "softmax(A, 1)": lambda A, x: torch.softmax(A, 1),
    "cumsum(x**2, 0)": lambda A, x: torch.cumsum(x**2, 0),
    "cat([x, A[0] * x])": lambda A, x: torch.cat([x, A[0] * x]),
    "where(x > 0, x**2, -x)": lambda A, x: torch.where(x > 0, x**2, -x),
    "A.max(1).values": lambda A, x: A.max(1).values,
    "relu(x).outer(x)": lambda A, x: torch.relu(x).outer(x),
    "logsumexp(A * x, 0)": lambda A, x: torch.logsumexp(A * x, 0),
    "y = x.clone(); y[0] = x[1] * x[2]; y * x": lambda A, x: _written(x),
}
NUMBERS = {
    "logdet(A @ A.T)": lambda A, x: torch.logdet(A @ A.T),
    "x @ A @ x": lambda A, x: x @ A @ x,
    "logsumexp(A @ x, 0)": lambda A, x: torch.logsumexp(A @ x, 0),
    "sum(tanh(A @ x)**2)": lambda A, x: torch.sum(torch.tanh(A @ x) ** 2),
    "prod(x) + A.norm()": lambda A, x: torch.prod(x) + A.norm(),
    "mean(sigmoid(A) * x**3)": lambda A, x: torch.mean(torch.sigmoid(A) * x**3),
    "sum(relu(A) * x)": lambda A, x: torch.sum(torch.relu(A) * x),
}


def _written(x):
    y = x.clone()
    y[0] = x[1] * x[2]
    return y * x


def _point(dtype):
    return torch.tensor(MATRIX, dtype=dtype), torch.tensor(VECTOR, dtype=dtype)


def _silent(diagnostic):
    raise AssertionError(diagnostic.message)


def _close(found, expected, dtype):
    tolerance = 1e-10 if dtype == "float64" else 2e-5
    return np.allclose(found, expected.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("text", VALUES)
def test_jacobians_are_pytorchs(text, dtype, mode):
    report = explore_jacobian(EvalRequest((text,), BOUND, dtype=dtype), mode, _silent)
    expected = torch.autograd.functional.jacobian(VALUES[text], _point(getattr(torch, dtype)))
    for block, part in zip(report.blocks, expected, strict=True):
        assert block.array.shape == tuple(part.shape)
        assert str(block.array.dtype) == dtype
        assert _close(block.array, part, dtype)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("text", NUMBERS)
def test_hessians_are_pytorchs(text, mode):
    report = explore_hessian(EvalRequest((text,), BOUND), mode, _silent)
    blocks = torch.autograd.functional.hessian(NUMBERS[text], _point(torch.float64))
    sizes = [9, 3]
    expected = torch.cat(
        [
            torch.cat([part.reshape(rows, columns) for part, columns in zip(row, sizes, strict=True)], 1)
            for row, rows in zip(blocks, sizes, strict=True)
        ]
    )
    assert _close(report.matrix, expected, "float64")
    assert np.allclose(report.eigenvalues, torch.linalg.eigvalsh((expected + expected.T) / 2), atol=1e-9)


@pytest.mark.parametrize("text", VALUES)
def test_products_with_tangents_are_pytorchs(text):
    report = explore_jvp(EvalRequest((text,), BOUND), ["x=[1,2,-1]", "A=eye(3)"], None, _silent)
    tangents = (torch.eye(3, dtype=torch.float64), torch.tensor([1.0, 2, -1], dtype=torch.float64))
    _, expected = torch.autograd.functional.jvp(VALUES[text], _point(torch.float64), tangents)
    assert _close(report.results[0].derivative, expected, "float64")


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("text", NUMBERS)
def test_products_of_a_hessian_and_a_vector_are_pytorchs(text, mode):
    report = explore_hvp(EvalRequest((text,), BOUND), ["x=[1,2,-1]", "A=eye(3)"], mode, _silent)
    vectors = (torch.eye(3, dtype=torch.float64), torch.tensor([1.0, 2, -1], dtype=torch.float64))
    _, expected = torch.autograd.functional.hvp(NUMBERS[text], _point(torch.float64), vectors)
    for found, part in zip(report.results, expected, strict=True):
        assert _close(found.derivative, part, "float64")
