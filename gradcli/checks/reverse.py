"""Reverse accumulation over a trace by the records' rules: what the engine should give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.audit import by_rule
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject

__all__ = ["by_rules"]


def by_rules(subject: Subject, *, native: bool = False) -> list[Any]:
    """Returns the gradient for each variable, of its shape.

    Args:
        subject: the program.
        native: in the dtypes of the program, with their rounding, not in float64.

    Raises:
        GradcliError: an operation has no derivative.
    """
    trace = subject.trace
    with np.errstate(all="ignore"):
        if native:
            values = trace.run([np.asarray(variable.value) for variable in subject.variables], ARRAYS.apply)
        else:
            values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
        dependent = trace.dependent()
        cotangents: dict[int, Any] = {}
        for number, g in zip(trace.outputs, subject.cotangents, strict=True):
            cotangents[number] = cotangents.get(number, 0) + np.asarray(g, values[number].dtype)
        for step in reversed(trace.steps):
            if not any(number in cotangents for number in step.results):
                continue
            floats = [n for n in step.results if np.asarray(values[n]).dtype.kind == "f"]
            gs = [cotangents.get(number, np.zeros_like(values[number])) for number in floats]
            for position, number in enumerate(step.arguments):
                if gs and number.__class__ is int and number in dependent and _is_float(values[number]):
                    cotangents[number] = cotangents.get(number, 0) + by_rule(step, values, gs, position)
    return [
        np.asarray(cotangents.get(number, np.zeros(np.shape(variable.value))))
        for number, variable in zip(trace.inputs, subject.variables, strict=True)
    ]


def _is_float(value: Any) -> bool:
    return bool(np.asarray(value).dtype.kind == "f")
