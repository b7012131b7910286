"""Every record is well-formed: what people and machines read of it is there and fits together."""

from __future__ import annotations

import re

import pytest

from gradcli.diagnostics import TypeFault
from gradcli.ops.rules import parameters

NODE = re.compile(r"\w+Backward\d+(_copy)?")
NODES_OF_THEIR_OWN = {"NotImplemented", "CopyBackwards", "CopySlices"}
FACES = {"torch", "method", "F", "linalg", "special"}
FACTS = {"g", "gs", "t", "i", "shapes"}
PROMOTIONS = {"promote", "float", "keep", "same"}


def test_a_record_tells_people_what_it_is(any_record):
    assert re.fullmatch(r"[^\n]+\.", any_record.summary), "the summary is one sentence with a full stop"
    assert any_record.family
    assert set(any_record.faces.split()) <= FACES
    if any_record.kind != "composite":
        assert any_record.source, "where the mathematics comes from"
        assert any_record.promote in PROMOTIONS


def test_a_record_has_a_rule_for_each_argument(record):
    assert record.numpy is not None
    if record.rules:
        assert len(record.rules) == len(record.args)
    if record.kind == "general" and record.differentiable:
        assert len(record.jvps) == len(record.rules), "a jvp for each vjp"
    if record.kind == "elementwise":
        assert len(record.domain) == len(record.args), "a domain for each argument"


def test_indices_and_masks_have_no_derivative(record):
    assert set(record.discrete) <= set(record.args)
    for argument, rule in zip(record.args, record.rules, strict=False):
        if argument in record.discrete:
            assert rule is None, argument


def test_formulas_name_only_what_they_can_be_given(laws, record):
    known = {params_name for _, params in laws.cases(record) for params_name in params}
    known |= FACTS | {*record.args, *record.outputs}
    known |= {f"{name}_shape" for name in (*record.args, *record.outputs)}
    for rule in (*record.rules, *record.jvps):
        if callable(rule):
            assert set(parameters(rule)) <= known, rule


def test_a_differentiable_record_has_pytorchs_node_name(laws, differentiable):
    for _, params in laws.cases(differentiable):
        name = differentiable.node_name(params)
        assert name in NODES_OF_THEIR_OWN or NODE.fullmatch(name), name


def test_a_differentiable_elementwise_record_has_a_symbolic_form(elementwise):
    if elementwise.differentiable:
        assert elementwise.sympy is not None or elementwise.definition is not None


def test_a_record_that_points_cannot_be_drawn_for_has_samples(record):
    if record.kind != "elementwise" or record.discrete:
        assert record.samples is not None


def test_samples_have_every_argument_and_dims_from_the_right(laws, record):
    cases = laws.cases(record)
    assert cases
    for values, params in cases:
        assert len(values) >= len(record.args) - (record.star >= 0)
        for name in ("dim", "dims"):
            dims = params.get(name)
            assert all(dim < 0 for dim in ([dims] if isinstance(dims, int) else dims or ())), params


def test_a_public_record_shows_an_example(any_record):
    if any_record.faces and any_record.kind != "elementwise":
        assert any_record.example


def test_spellings_belong_to_one_record(any_record):
    from gradcli.ops.catalog import spelled

    for spelling in any_record.spellings():
        if spelled()[spelling] is not any_record:
            pytest.fail(f"{spelling} is also a spelling of {spelled()[spelling].name}")


def test_an_example_runs(any_record):
    from gradcli.explorer.evaluate import evaluate
    from gradcli.explorer.request import Backward, EvalRequest

    if any_record.example:
        try:
            report = evaluate(EvalRequest((any_record.example,), backward=Backward(run=False)), print)
        except TypeFault as fault:
            assert "tensor" in str(fault)  # noqa: PT017 - a shape or a truth value is no tensor, and right too
        else:
            assert report.roots
