"""With many digits a place tells the same alone as among all elements."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.appeal import on_appeal
from gradcli.checks.audit_digits import narrowed, rule_by_digits, sides_by_digits
from gradcli.checks.local_rule import Fault
from gradcli.checks.witnesses.differences_step import LocalStep
from gradcli.ops.catalog import catalog
from gradcli.plan.trace import Step


@pytest.mark.parametrize(("left", "right"), [((3, 4), (4,)), ((4,), (3, 4)), ((3, 4), (3, 4)), ((), (3, 4))])
@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("name", ["mul", "atan2"])
def test_a_place_of_an_elementwise_operation_does_without_the_elements_that_it_does_not_meet(
    name, position, left, right
):
    random = np.random.default_rng(0)
    values = {0: random.uniform(1, 2, left), 1: random.uniform(1, 2, right)}
    record = catalog()[name]
    values[2] = record.numpy(values[0], values[1])
    local = LocalStep(Step(record, (0, 1), {}, (2,), None, True), values)
    place = values[position].size - 1
    whole = Fault(0, local.step, position, place, 0.0, 0.0), local, [random.standard_normal((3, 4))]
    few = narrowed(*whole)
    assert few[1].arguments[position].size == 1
    assert rule_by_digits(*few) == pytest.approx(rule_by_digits(*whole), rel=1e-15)
    for one in (few, whole):
        sides = sides_by_digits(one[0].step, one[1].arguments, position, one[0].place, one[2])
        assert sides == pytest.approx((rule_by_digits(*whole),) * 2, rel=1e-15)


def test_no_number_is_the_slope_of_a_jump():
    step = Step(catalog()["ceil"], (0,), {}, (1,), None, True)
    local = LocalStep(step, {0: np.array([3.0]), 1: np.array([3.0])})
    fault = Fault(0, step, 0, 0, 7.0, 0.0)
    assert sides_by_digits(step, local.arguments, 0, 0, [np.ones(1)]) == (0.0, np.inf)
    assert on_appeal(fault, local, [np.ones(1)]) == fault


def test_a_slope_of_0_does_not_grow_by_rounding():
    step = Step(catalog()["mul"], (0, 0), {}, (1,), None, True)
    cosine = Step(catalog()["cos"], (0,), {}, (1,), None, True)
    for one, x in ((step, [0.0, 3.0]), (cosine, [0.0])):
        arguments = [np.array([value]) for value in x]
        sides = sides_by_digits(one, arguments, 0, 0, [np.ones(1)])
        assert np.isfinite(sides).all()
