"""What the symbolic algebra promises: few symbols stay cheap, numbers decide, limits are told."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from gradcli.diagnostics import LimitFault
from gradcli.symbolic import SymbolicAlgebra


@pytest.fixture
def m():
    return SymbolicAlgebra()


def test_one_symbol_through_a_matrix_product_touches_one_row(m):
    left = m.variable(np.arange(10_000.0).reshape(100, 100), "x", [205])
    found = m.matmul(left, m.array(np.ones((100, 100))))
    assert set(found.expressions) == set(range(200, 300))
    assert all(len(expr.free_symbols) == 1 for expr in found.expressions.values())
    assert np.array_equal(found.number, left.number @ np.ones((100, 100)))


def test_elements_without_symbols_stay_numbers(m):
    x = m.variable(np.ones(1_000_000), "x", [3])
    y = m.exp(x) * 2 + x
    assert set(y.expressions) == {3}


def test_both_sides_of_a_product_may_be_symbolic(m):
    a, b = m.variable(np.ones((2, 2)), "a"), m.variable(np.ones((2, 2)), "b")
    a0, a1, b0, b2 = a.expressions[0], a.expressions[1], b.expressions[0], b.expressions[2]
    assert sympy.expand(m.matmul(a, b).expressions[0] - (a0 * b0 + a1 * b2)) == 0


def test_branches_are_decided_by_the_numbers(m):
    x = m.variable(np.array([-2.0, 0.0, 3.0]), "x")
    assert set(m.relu(x).expressions) == {2}
    chosen = m.where(m.gt(x, 1), x * x, x)
    assert [expr.diff(*expr.free_symbols) for expr in chosen.expressions.values()] == [
        1, 1, 2 * x.expressions[2],
    ]  # fmt: skip


def test_order_is_decided_by_the_numbers(m):
    x = m.variable(np.array([1.0, 5.0, 3.0]), "x")
    found = m.max(x, 0)
    assert found.indices.number == 1
    assert found.values.expressions == {0: x.expressions[1]}


def test_constants_do_not_make_a_tensor_symbolic(m):
    x = m.array(np.ones(20_000)) * m.pi
    assert not x.expressions
    assert m.variable(np.array(2.0), "y").__mul__(m.pi).expressions[0].has(sympy.pi)


def test_parameters_are_exact_fractions(m):
    x = m.variable(np.array([2.0]), "x")
    (expr,) = m.pow_scalar(x, exponent=0.5).expressions.values()
    assert expr == sympy.sqrt(x.expressions[0])


def test_a_repeated_index_adds_up(m):
    x = m.variable(np.array([1.0, 2.0]), "x")
    put = m.index_put_zero(x, m.array(np.array([0, 0])), shape=(3,), dims=(-1,), rank=1)
    assert put.expressions == {0: x.expressions[0] + x.expressions[1]}


def test_evaluation_gives_the_digits_asked_for(m):
    x = m.variable(np.array([1e-9]), "x")
    expr = m.exp(x).expressions[0] - 1
    with_digits = m.evaluate(expr, 40)
    assert abs(with_digits - (sympy.exp(sympy.Rational(1e-9)) - 1).evalf(50)) < 1e-48


def test_too_many_symbols_are_refused_with_a_way_out(m):
    with pytest.raises(LimitFault, match="10001 elements are symbolic") as caught:
        m.variable(np.ones(10_001), "x")
    assert caught.value.diagnostic.help
    one = m.variable(np.ones(1), "x")
    with pytest.raises(LimitFault):
        m.expand(one, shape=(20_000,), rank=1)


def test_a_sum_over_every_symbol_is_one_expression(m):
    x = m.variable(np.arange(50.0), "x")
    assert len(m.sum(x).expressions[0].args) == 50


def test_a_plain_formula_that_overflows_is_still_exact(m):
    x = m.variable(np.array([1000.0, 999.0, 998.0]), "x", [1])
    y = m.logsumexp(x, dims=(-1,))
    assert y.number == pytest.approx(1000.4076059644443)
    slope = m.evaluate(y.expressions[0].diff(x.expressions[1]), 30)
    assert float(slope) == pytest.approx(0.24472847105479764, rel=1e-14)


def test_no_text_is_ever_parsed(m, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a string was parsed")

    monkeypatch.setattr(sympy.parsing.sympy_parser, "parse_expr", refuse)
    monkeypatch.setattr(sympy.parsing.sympy_parser, "eval_expr", refuse)
    x = m.variable(np.array([[1.0, 2.0], [3.0, 4.0]]), "x")
    y = m.logsumexp(m.matmul(x, x) ** 2 / 3, dims=(-2, -1))
    assert m.evaluate(y.expressions[0].diff(x.expressions[0]), 30) > 0
