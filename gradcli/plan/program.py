"""A plan: a trace made ready to run on big arrays, stage by stage, without intermediates of their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.facts import facts_of
from gradcli.plan.kernel import Kernel
from gradcli.plan.schedule import scheduled
from gradcli.plan.simplify import simplified
from gradcli.plan.simplify_whole import WHOLE_RULES
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.schedule import Stage
    from gradcli.plan.trace import Step, Trace

__all__ = ["Plan", "planned"]

KEPT = 2**12  # elements of a constant result that is worth computing beforehand


def planned(trace: Trace, inputs: Sequence[Any]) -> Plan:
    """Returns the plan of a trace for inputs of such shapes and dtypes.

    Args:
        trace: any.
        inputs: arrays or stand-ins of what its variables will be.

    Raises:
        GivenUp: a shape depends on values.
    """
    with np.errstate(all="ignore"):
        simple = simplified(trace, facts_of(trace, inputs), largest=KEPT, rules=WHOLE_RULES)
        return Plan(simple, inputs)


class Plan:
    """A trace that runs by tiles.

    Attributes:
        trace: what it computes, simplified.
        facts: shapes, dtypes and layouts of its values.
    """

    def __init__(self, trace: Trace, inputs: Sequence[Any]) -> None:
        self.trace = trace
        self.facts = facts = facts_of(trace, inputs)
        stages = scheduled(trace, facts)
        self._stages = [
            (stage.whole, [Kernel(sweep, facts) for sweep in stage.sweeps], dead)
            for stage, dead in zip(stages, _dying(stages, trace.outputs), strict=True)
        ]

    def run(self, inputs: Sequence[Any]) -> list[Any]:
        """Returns the outputs; those that are the same everywhere may be broadcast from one element.

        Args:
            inputs: the variables, of the shapes and dtypes that the plan was made for.

        Raises:
            GradcliError: the outputs are beyond the budget.
        """
        values: dict[int, Any] = dict(zip(self.trace.inputs, map(np.asarray, inputs), strict=True))
        values.update(self.trace.constants)
        with np.errstate(all="ignore"):
            for steps, kernels, dead in self._stages:
                for step in steps:
                    _run_whole(step, values)
                for kernel in kernels:
                    kernel.run(values)
                for number in dead:
                    values.pop(number, None)
        return [values[number] for number in self.trace.outputs]


def _dying(stages: Sequence[Stage], outputs: Sequence[int]) -> list[list[int]]:
    """By stage, the numbers of the values that nobody needs after it."""
    last: dict[int, int] = {}
    for place, stage in enumerate(stages):
        steps = [*stage.whole, *(step for sweep in stage.sweeps for step in sweep.steps)]
        numbers = (n for step in steps for n in (*step.arguments, *step.results))
        last.update((number, place) for number in numbers if number.__class__ is int)
    dying: list[list[int]] = [[] for _ in stages]
    for number in last.keys() - set(outputs):
        dying[last[number]].append(number)
    return dying


def _run_whole(step: Step, values: dict[int, Any]) -> None:
    arguments = [x.value if x.__class__ is Literal else values[x] for x in step.arguments]
    found = ARRAYS.apply(step.record, arguments, step.params)
    results = found if found.__class__ is tuple else (found,)
    for result in results:
        context.budget.charge(result)
    values.update(zip(step.results, results, strict=True))
