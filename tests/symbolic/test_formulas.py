"""Derivative formulas read as a textbook has them."""

from __future__ import annotations

import sympy

from gradcli.ops.catalog import catalog
from gradcli.symbolic import derivative_formulas


def _texts(name):
    return [(formula.argument, formula.text) for formula in derivative_formulas(catalog()[name])]


def test_a_partial_is_written_in_the_arguments():
    assert _texts("log") == [("x", "1/x")]
    assert _texts("tanh") == [("x", "1 - tanh(x)**2")]
    assert _texts("mul") == [("a", "b"), ("b", "a")]


def test_constants_are_partials_too():
    assert _texts("sub") == [("a", "1"), ("b", "-1")]


def test_parameters_stay_symbols():
    assert _texts("pow_scalar") == [("x", "exponent*x**(exponent - 1)")]
    assert _texts("pow_base") == [("x", "base**x*log(base)")]


def test_masks_print_as_piecewise():
    ((_, expr, text),) = derivative_formulas(catalog()["relu"])
    assert isinstance(expr, sympy.Piecewise)
    assert text == "Piecewise((1, Max(0, x) > 0), (0, True))"


def test_discrete_arguments_have_no_formula():
    assert [formula.argument for formula in derivative_formulas(catalog()["where"])] == ["a", "b"]


def test_other_kinds_have_no_scalar_formula():
    assert derivative_formulas(catalog()["cumsum"]) == []


# PyTorch has no derivative of these, alone or in their forms with a number on one side;
# mvlgamma is a sum of as many terms as its parameter says.
WITHOUT_FORMULA = {
    "floor_divide", "floor_divide_by", "floor_divide_of", "heaviside", "remainder_of", "zeta_by", "mvlgamma",
}  # fmt: skip


def test_every_differentiable_elementwise_record_has_formulas():
    silent = {
        record.name
        for record in catalog().values()
        if record.kind == "elementwise" and record.differentiable and not derivative_formulas(record)
    }
    assert silent <= WITHOUT_FORMULA
