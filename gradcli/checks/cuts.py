"""What autograd takes as constant because an operation has no derivative there, as PyTorch has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.derivatives import has_rule
from gradcli.plan.trace import Step, Trace

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject

__all__ = ["has_rule", "without_constants"]


def without_constants(subject: Subject) -> tuple[Subject, tuple[str, ...]]:
    """Returns the subject with what no rule looks at as constants, and the names of those operations.

    The polynomials of `special` have no derivative in PyTorch and no gradient reaches their argument, as if
    they were detached: the witnesses are asked about the function that autograd differentiates.
    """
    trace = subject.trace
    dependent = trace.dependent()
    if not any(_ruleless(step, dependent) for step in trace.steps):
        return subject, ()
    with np.errstate(all="ignore"):  # in the program's own dtypes: what it rounded is what it went on with
        values = trace.run([np.asarray(variable.value) for variable in subject.variables], ARRAYS.apply)
    constants, steps, names = dict(trace.constants), [], []
    spare = max(values, default=0) + 1
    for step in trace.steps:
        arguments = list(step.arguments)
        if all(values[number].dtype.kind == "f" for number in step.results):  # no comparison, no index
            for position in _ruleless(step, dependent):
                if values[arguments[position]].dtype.kind != "f":
                    continue  # a mask: it decides, and is about to flip or not
                constants[spare] = values[arguments[position]]
                arguments[position], spare = spare, spare + 1
                names.append(name_of(step))
        steps.append(step._replace(arguments=tuple(arguments)))
    if not names:
        return subject, ()
    cut = Trace(trace.inputs, constants, tuple(steps), trace.outputs).pruned()
    return subject._replace(trace=cut), tuple(dict.fromkeys(names))


def _ruleless(step: Step, dependent: set[int]) -> list[int]:
    """The arguments that move and that the operation has no rule for."""
    return [
        position
        for position, number in enumerate(step.arguments)
        if number.__class__ is int and number in dependent and not has_rule(step.record, position)
    ]
