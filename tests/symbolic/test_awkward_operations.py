"""Twelve awkward operations through every algebra: values, formulas, and what sympy makes of them."""

# A law speaks of a record, its inputs, outputs, cotangents and parameters at once:
# ruff: noqa: PLR0913

from __future__ import annotations

import numpy as np
import pytest

from gradcli.ops.algebra import NUMPY
from gradcli.ops.catalog import catalog
from gradcli.ops.rules import Facts, backward_rule
from gradcli.symbolic import PreciseAlgebra, SymbolicAlgebra

A = np.array([[1.5, 0.25, 2.0], [0.75, 3.0, 1.25]])
B = np.array([[0.5, 2.0, -1.0], [3.0, 0.25, 1.5]])
SIGNED = np.array([[1.5, -0.25, 2.0], [-0.75, 3.0, -1.25]])
SQUARE = np.array([[3.0, 0.5, -1.0], [0.25, 2.0, 0.5], [-0.5, 1.0, 4.0]])
LAST = {"dims": (-1,), "keepdim": False}

CASES = {
    "pow": ("pow_both", (A, B), {}),
    "where": ("where", (B > 0, A, B), {}),
    "relu": ("relu", (SIGNED,), {}),
    "max": ("max_all", (A,), {"dims": (-2, -1), "keepdim": False}),
    "max along a dim": ("max_dim", (A,), {"dim": -1, "keepdim": False}),
    "mean": ("mean_dims", (A,), LAST),
    "cumsum": ("cumsum", (A,), {"dim": -2, "reverse": False}),
    "index": ("index", (A, np.array([1, 0, 1])), {"dims": (-2,), "rank": 2}),
    "cat": ("cat", (A, B), {"dim": -1}),
    "matmul": ("mm_matrix", (A, SQUARE), {}),
    "logsumexp": ("logsumexp", (SIGNED,), LAST),
    "prod": ("prod_dims", (np.array([[1.5, 0.0, 2.0], [0.75, 3.0, 1.25]]),), LAST),
    "solve": ("solve_matrix", (SQUARE, B.T), {}),
}
COTANGENT = np.array([0.5, -1.5, 2.0, 0.25, -0.75, 1.25, 3.0, -2.0, 0.125, 1.75, -0.5, 0.625])

case = pytest.mark.parametrize("name", CASES)


def _outputs(found):
    return list(found) if isinstance(found, tuple) else [found]


def _vjp(m, record, values, outputs, g, params):
    """The cotangents of the floating-point arguments, by the record's formulas in the algebra m."""
    needs = [i for i, x in enumerate(values) if x.dtype.kind == "f" and record.rule(i) is not None]
    rule = backward_rule(record, sum(1 << i for i in needs), len(values))
    saved = [values[slot] if slot >= 0 else outputs[~slot] for slot in rule.save]
    facts = Facts(params, [x.shape for x in values], [y.shape for y in outputs])
    return needs, [pull(m, g, saved, facts) for pull in rule.pulls]


def _reference(name):
    record_name, values, params = CASES[name]
    record = catalog()[record_name]
    outputs = [np.asarray(y) for y in _outputs(record.numpy(*values, **params))]
    g = COTANGENT[: outputs[0].size].reshape(outputs[0].shape)
    needs, gradients = _vjp(NUMPY, record, values, outputs, g, params)
    return record, values, params, outputs, g, needs, gradients


@case
def test_many_digits_agree_with_numpy(name):
    record, values, params, outputs, g, _, gradients = _reference(name)
    m = PreciseAlgebra(40)
    exact = [m.array(x) for x in values]
    found = _outputs(m.apply(record, exact, params))
    for y, expected in zip(found, outputs, strict=True):
        assert np.allclose(y.floats(), expected, rtol=1e-15)
    _, pulled = _vjp(m, record, exact, found, m.array(g), params)
    for x, expected in zip(pulled, gradients, strict=True):
        assert x.data.dtype == object
        assert np.allclose(x.floats(), expected, rtol=1e-13, atol=1e-14)


@case
def test_sympy_differentiates_the_value_to_what_the_formulas_say(name):
    record, values, params, outputs, g, needs, gradients = _reference(name)
    for i, gradient in zip(needs, gradients, strict=True):
        m = SymbolicAlgebra()
        inputs = [m.variable(x, "x") if k == i else m.array(x) for k, x in enumerate(values)]
        value = _outputs(m.apply(record, inputs, params))[0]
        assert np.array_equal(value.number, outputs[0])
        total = sum(weight * value.expression(k) for k, weight in enumerate(g.ravel()))
        found = [float(m.evaluate(total.diff(symbol), 30)) for symbol in m.points]
        assert np.allclose(np.reshape(found, gradient.shape), gradient, rtol=1e-13, atol=1e-14)


@case
def test_formulas_run_on_symbols_and_agree_with_numpy(name):
    record, values, params, _, g, _, gradients = _reference(name)
    m = SymbolicAlgebra()
    inputs = [m.variable(x, f"x{k}_") if x.dtype.kind == "f" else m.array(x) for k, x in enumerate(values)]
    outputs = _outputs(m.apply(record, inputs, params))
    _, pulled = _vjp(m, record, inputs, outputs, m.array(g), params)
    for x, expected in zip(pulled, gradients, strict=True):
        assert np.allclose(x.number, expected, rtol=1e-13, atol=1e-14)
        found = [float(m.evaluate(x.expression(k), 30)) for k in range(x.number.size)]
        assert np.allclose(found, expected.ravel(), rtol=1e-13, atol=1e-14)


def test_a_composite_front_runs_in_both_algebras():
    for m in (PreciseAlgebra(40), SymbolicAlgebra()):
        y = m.mean((m.array(np.ones((2, 2))) + 2) ** 2 * 3)
        number = y.floats() if isinstance(m, PreciseAlgebra) else y.number
        assert number == 27
