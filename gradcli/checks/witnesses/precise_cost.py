"""What many digits can say: how long they take, and where there is only a convention."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject, Variable

__all__ = ["mirrored", "seconds"]

MIRRORED = 1e-6  # relative difference of elements that are one but for rounding

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


def mirrored(variable: Variable, at: int) -> bool:
    """Returns whether the claimed gradient of an element is that of its mirror image in a square matrix.

    Only then does a derivative along symmetric changes say what either is.
    """
    shape = np.shape(variable.value)
    if len(shape) < 2 or shape[-1] != shape[-2]:  # noqa: PLR2004 - a matrix
        return False
    gradient = np.asarray(variable.gradient, np.float64)
    place = np.unravel_index(at, shape)
    one, other = gradient[place], gradient[(*place[:-2], place[-1], place[-2])]
    return bool(abs(one - other) <= MIRRORED * max(abs(one), abs(other)))


def _matrices(values: dict[int, Any], step: Any) -> float:
    """Multiplications of an elimination, were the operands matrices; little for what is none."""
    shapes = [np.shape(values[x]) for x in step.arguments if x.__class__ is int]
    square = [shape for shape in shapes if len(shape) > 1 and shape[-1] == shape[-2]]
    return float(sum(math.prod(shape) * shape[-1] for shape in square))
