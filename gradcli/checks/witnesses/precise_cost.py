"""How long a trace takes with numbers of many digits, told from one run in float64."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject

__all__ = ["seconds"]

# Seconds on a usual machine, 60 digits: a function of an element, a multiplication within a product.
FUNCTION, PRODUCT = 1e-5, 1e-6


def seconds(subject: Subject) -> float:
    """Returns about how long one evaluation takes."""
    point = subject.point()
    with np.errstate(all="ignore"):
        values = subject.trace.run(point, DOUBLES.apply, DOUBLES.lift)
    total = 0.0
    for step in subject.trace.steps:
        sizes = [np.size(values[x]) for x in step.arguments if x.__class__ is int]
        outs = [np.size(values[x]) for x in step.results]
        total += FUNCTION * max(sizes + outs, default=0)
        if step.record.multilinear and len(sizes) > 1:
            total += PRODUCT * math.sqrt(float(sizes[0]) * sizes[1] * max(outs))  # m k n of a matrix product
        elif step.record.kind == "general":
            total += PRODUCT * _matrices(values, step)
    return total


def _matrices(values: dict[int, Any], step: Any) -> float:
    """Multiplications of an elimination, were the operands matrices; little for what is none."""
    shapes = [np.shape(values[x]) for x in step.arguments if x.__class__ is int]
    square = [shape for shape in shapes if len(shape) > 1 and shape[-1] == shape[-2]]
    return float(sum(math.prod(shape) * shape[-1] for shape in square))
