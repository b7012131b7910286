"""Expressions evaluated to many digits."""

from __future__ import annotations

import pytest
import sympy

from gradcli.symbolic.evaluation import evaluate

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    "expr",
    [
        sympy.exp(x) * sympy.sin(y) / (1 + x**2),
        sympy.sqrt(x) - sympy.Rational(1, 3),
        sympy.polygamma(1, x) + sympy.loggamma(y) + sympy.erf(x),
        sympy.besselj(1, x) * sympy.pi + sympy.E**y,
        sympy.Abs(-x) + sympy.sign(y) - sympy.Float("0.1", 60),
    ],
    ids=str,
)
def test_the_digits_are_those_of_sympy(expr):
    points = {x: 0.7, y: 1.9}
    exact = {symbol: sympy.Rational(value) for symbol, value in points.items()}
    assert abs(evaluate(expr, points, 40) - expr.subs(exact).evalf(60)) < 1e-38


def test_digits_that_cancel_are_made_up_for():
    tiny = sympy.Rational(1, 10**90)
    assert abs(evaluate(sympy.cos(x + tiny) - sympy.cos(x), {x: 0.5}, 30) / sympy.sin(0.5) / tiny + 1) < 1e-15


def test_a_function_that_mpmath_has_no_name_for_is_left_to_sympy():
    found = evaluate(sympy.assoc_legendre(2, 1, x), {x: 0.5}, 30)
    assert abs(found - sympy.assoc_legendre(2, 1, sympy.Rational(1, 2)).evalf(40)) < 1e-28


def test_a_pole_is_nan_and_so_is_what_leaves_the_real_line():
    assert evaluate(1 / (x - 1), {x: 1.0}, 30) is sympy.nan
    assert evaluate(sympy.log(x), {x: -1.0}, 30) is sympy.nan


def test_infinities_stay():
    assert evaluate(sympy.oo, {}, 30) == sympy.oo
    assert evaluate(-sympy.oo + x, {x: 1.0}, 30) == -sympy.oo
