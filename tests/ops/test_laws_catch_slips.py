"""The laws themselves: each typical slip in a record is caught by the law that is there for it."""

# Formulas have the parameters of formulas, and the table of slips one row each:
# ruff: noqa: N803, E501

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.ops.record import elementwise, general, linear

SAMPLES = {"samples": lambda s: [((s.normal(2, 3),), {})]}


def _law(module, name):
    """A law by its file and name: test modules are no package."""
    path = Path(__file__).with_name(f"test_record_{module}.py")
    spec = importlib.util.spec_from_file_location(f"law_{module}", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return getattr(loaded, name)


def _sine(**facts):
    facts = {"numpy": np.sin, "sympy": "sin", "partials": (lambda m, x: m.cos(x),)} | facts
    return elementwise(
        "sine", node="SinBackward0", promote="float", family="test", summary="Sine.", source="DLMF", **facts
    )


def _total(**facts):
    facts = {
        "numpy": lambda x: np.add.reduce(x, axis=-1),
        "transposes": (lambda m, g, x_shape: m.spread(g, shape=x_shape, dims=(-1,), keepdim=False),),
    } | facts
    return linear(
        "total",
        node="SumBackward1",
        promote="keep",
        family="test",
        summary="Sum.",
        source="DLMF",
        **SAMPLES,
        **facts,
    )


def _tripled(g):
    return g * 3


def _detached(m, x):
    return m.array(x._array, like=x) if hasattr(x, "_array") else x


def _cube(**facts):
    facts = {
        "numpy": lambda x: x * x * x,
        "vjps": (lambda m, g, x: g * 3 * x * x,),
        "jvps": (lambda m, t, x: t * 3 * x * x,),
    } | facts
    return general(
        "cube", node="PowBackward0", family="test", summary="Cube.", source="DLMF", **SAMPLES, **facts
    )


SLIPS = {
    "a wrong partial, by differences": ("derivative", "test_the_vjp_meets_differences_of_the_value",
        _sine(partials=(lambda m, x: -m.cos(x),))),
    "a wrong partial, by sympy": ("derivative", "test_partials_are_what_sympy_differentiates",
        _sine(partials=(lambda m, x: m.cos(x) * 1.000001,))),
    "a wrong vjp": ("derivative", "test_the_vjp_meets_differences_of_the_value",
        _cube(vjps=(lambda m, g, x: g * 2 * x * x,))),
    "a wrong vjp, by a symbol": ("derivative", "test_a_symbol_through_the_value_meets_the_vjp",
        _cube(vjps=(lambda m, g, x: g * 2 * x * x,))),
    "a jvp that is not the vjp's transpose": ("derivative", "test_vjp_and_jvp_are_each_others_transposes",
        _cube(jvps=(lambda m, t, x: t * 2 * x * x,))),
    "a value that complex numbers do not pass": ("derivative", "test_a_complex_step_meets_the_jvp",
        _cube(numpy=lambda x: np.real(x) ** 3)),
    "a wrong transpose": ("linear", "test_transposes_are_adjoint",
        _total(transposes=(lambda m, g, x_shape: m.spread(_tripled(g), shape=x_shape, dims=(-1,), keepdim=False),))),
    "a map that is not linear": ("linear", "test_a_linear_record_is_linear",
        _total(numpy=lambda x: np.add.reduce(x, axis=-1) + 1)),
    "a second derivative that is lost": ("second", "test_the_backward_pass_can_be_differentiated",
        _cube(vjps=(lambda m, g, x: g * 3 * x * _detached(m, x),))),
    "a batch axis taken for one's own": ("stacks", "test_a_batch_goes_through_values_and_formulas",
        _total(numpy=lambda x: np.add.reduce(x, axis=0) if x.ndim > 2 else np.add.reduce(x, axis=-1))),
    "a float32 result that is wider": ("shapes", "test_float32_stays_float32",
        _sine(numpy=lambda x: np.sin(x) * np.float64(1))),
    "a shape foretold wrongly": ("shapes", "test_the_inferred_shape_is_the_real_one", _total(infer=lambda x: x)),
    "a scalar that grows a dim": ("shapes", "test_scalars_and_nothing_have_values_and_gradients",
        _sine(numpy=lambda x: np.atleast_1d(np.sin(x)))),
    "a value that cancels": ("value", "test_hard_points_are_right_to_a_few_ulps",
        _sine(numpy=lambda x: np.exp(x) - 1, sympy=lambda S, x: S.exp(x) - 1, partials=(lambda m, x: m.exp(x),))),
    "a summary without a full stop": ("form", "test_a_record_tells_people_what_it_is",
        elementwise("bare", numpy=np.sin, summary="Sine", family="test", source="DLMF")),
    "a formula that asks for what there is not": ("form", "test_formulas_name_only_what_they_can_be_given",
        _sine(partials=(lambda m, x, slope: slope,))),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_caught(laws, slip):
    module, name, record = SLIPS[slip]
    arguments = (laws, record) if name != "test_a_record_tells_people_what_it_is" else (record,)
    if name == "test_scalars_and_nothing_have_values_and_gradients":
        arguments += ((),)
    with pytest.raises((AssertionError, GradcliError)):
        _law(module, name)(*arguments)


LAWFUL = [_sine(), _cube(sympy=lambda S, x: x * x * x), _total(infer=lambda x: x[:-1])]


@pytest.mark.parametrize("lawful", LAWFUL, ids=lambda record: record.name)
def test_what_is_right_passes(laws, lawful):
    record = lawful
    kind = {"elementwise": "derivative", "general": "derivative", "linear": "linear"}[record.kind]
    laws_of = {
        "derivative": ("test_the_vjp_meets_differences_of_the_value", "test_a_complex_step_meets_the_jvp"),
        "linear": ("test_transposes_are_adjoint", "test_a_linear_record_is_linear"),
    }
    for name in laws_of[kind]:
        _law(kind, name)(laws, record)
    _law("stacks", "test_a_batch_goes_through_values_and_formulas")(laws, record)
