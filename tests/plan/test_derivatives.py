"""Tangents and cotangents go through a trace in batches, and give what one backward after the other gives."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad, session
from gradcli.diagnostics import GradcliError
from gradcli.explorer.job import read_job
from gradcli.explorer.request import EvalRequest
from gradcli.explorer.workspace import Workspace
from gradcli.ops.catalog import catalog
from gradcli.ops.dtypes import FLOATS, NAMES
from gradcli.plan import taped
from gradcli.plan.derivatives import Linear
from gradcli.plan.derivatives_matrix import FORWARD, REVERSE, cheaper_mode, jacobian

EXAMPLES = sorted({record.example for record in catalog().values() if record.example})


def _linear(expression, variables=(), *, dtype="float64", seconds=False):
    """The expression linear at its variables, and its rows by one eager backward each."""
    request = EvalRequest((expression,), tuple(variables), dtype=dtype)
    with session(default_dtype=NAMES[dtype]):
        job = read_job(request)
        space = Workspace()
        space.bind(job.bindings)
        space.bind_defaults(job.programs, job.default)
        for name, leaf in space.leaves.items():  # no two elements alike, so that kinks are not met
            ramp = np.linspace(0.6, 1.4, leaf._array.size, dtype=leaf._array.dtype)
            if name not in {text.partition("=")[0] for text in variables}:
                leaf._array[...] = ramp.reshape(leaf.shape)
        leaves = list(space.leaves.values())
        with taped() as tape:
            root = space.root(job.programs[0])
            for leaf in leaves:
                tape.input(leaf)
            roots = [root]
            if seconds:
                roots = list(grad(root, leaves, create_graph=True))
        linear = Linear(tape.trace(roots), [leaf._array for leaf in leaves])
        return linear, _by_rows(roots[0], leaves)


def _by_rows(root, leaves):
    if root._array.dtype not in FLOATS or not root.requires_grad or root._array.size > 200:
        return None
    rows = []
    for index in range(root._array.size):
        seed = np.zeros(root._array.size, root._array.dtype)
        seed[index] = 1
        found = grad(
            root, leaves, Tensor(seed.reshape(root._array.shape)), retain_graph=True, allow_unused=True
        )
        rows.append(
            [np.zeros(x.shape) if g is None else g._array for g, x in zip(found, leaves, strict=True)]
        )
    return [
        np.array([row[j] for row in rows]).reshape(*root._array.shape, *leaf.shape)
        for j, leaf in enumerate(leaves)
    ]


@pytest.mark.parametrize("expression", EXAMPLES)
def test_both_modes_give_what_one_backward_per_row_gives(expression, monkeypatch):
    monkeypatch.setattr("gradcli.plan.derivatives_sparse.FEWEST", 1)  # by structure wherever it helps
    try:
        linear, rows = _linear(expression)
    except GradcliError:
        pytest.skip("the example has no gradient at these numbers")
    if rows is None:
        pytest.skip("the example has no gradient")
    for mode in (FORWARD, REVERSE) if linear.can_push() else (REVERSE,):
        for found, expected in zip(jacobian(linear, mode).blocks[0], rows, strict=True):
            assert found.shape == expected.shape
            assert np.allclose(found, expected, rtol=1e-9, atol=1e-11, equal_nan=True)


def test_the_shorter_side_of_the_matrix_is_walked():
    tall, _ = _linear("outer(x, ones(5))", ["x=[1,2,3]"])
    wide, _ = _linear("sum(x**2)", ["x=[1,2,3]"])
    square, _ = _linear("x**2", ["x=[1,2,3]"])
    assert [cheaper_mode(one) for one in (tall, wide, square)] == [FORWARD, REVERSE, FORWARD]


def test_a_batch_is_as_large_as_the_caches_allow_and_no_larger(monkeypatch):
    linear, rows = _linear("x**2", ["x=[1,2,3,4,5]"])
    assert jacobian(linear, FORWARD).passes == 1
    monkeypatch.setattr("gradcli.plan.derivatives_matrix.ROOM", 10)
    for mode in (FORWARD, REVERSE):
        matrix = jacobian(linear, mode)
        assert (matrix.directions, matrix.passes) == (5, 3)
        assert np.array_equal(matrix.blocks[0][0], rows[0])


@pytest.mark.parametrize(
    "expression",
    [
        "W @ x", "x @ W.T", "(W @ diag(x)) @ W", "dot(x, ones(3))", "W @ W @ x", "outer(x, x) @ W[0]",
        "F.linear(x, W, ones(3))", "einsum('ij,j->i', W, x)", "x @ (W * x)",
    ],
)  # fmt: skip
def test_products_of_a_batch_and_a_shared_matrix_are_the_members_products(expression):
    linear, rows = _linear(expression, ["x=[1,2,3]", "W=[[1,2,3],[4,5,6],[7,8,10]]"])
    for mode in (FORWARD, REVERSE):
        for found, expected in zip(jacobian(linear, mode).blocks[0], rows, strict=True):
            assert np.allclose(found, expected, rtol=1e-12)


def test_what_is_detached_is_constant():
    linear, _ = _linear("x * x.detach()", ["x=[3.]"])
    for mode in (FORWARD, REVERSE):
        assert jacobian(linear, mode).blocks[0][0] == [[3.0]]


def test_a_float32_program_is_differentiated_in_float32():
    linear, rows = _linear("x / 3 * tensor([1, 2])", ["x=[1,2]"], dtype="float32")
    for mode in (FORWARD, REVERSE):
        (block,) = jacobian(linear, mode).blocks[0]
        assert block.dtype == np.float32
        assert np.array_equal(block, rows[0])


def test_the_jacobian_of_a_recorded_gradient_is_the_hessian():
    linear, rows = _linear("sum(x**3) + x[0]*x[1]", ["x=[1,2,3]"], seconds=True)
    for mode in (FORWARD, REVERSE):
        (block,) = jacobian(linear, mode).blocks[0]
        assert np.allclose(block, [[6, 1, 0], [1, 12, 0], [0, 0, 18]])
        assert np.allclose(block, rows[0])


def test_an_output_that_nothing_leads_to_has_zeros():
    linear, _ = _linear("(x > 0) * 1.0", ["x=[1,2]"])
    matrix = jacobian(linear, REVERSE)
    assert not matrix.blocks[0][0].any()
    assert not matrix.directions
