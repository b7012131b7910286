"""With many digits a place tells the same alone as among all elements."""

from __future__ import annotations

import numpy as np
import pytest

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
