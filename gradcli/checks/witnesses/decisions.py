"""What only floating point decides: there numbers with more digits, or without, take another way.

A comparison of numbers that are equal after rounding, an index of the largest of them, and the sign of a zero
belong to the program as it ran. A witness that decides otherwise speaks of another function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.checks.subject import Subject
    from gradcli.plan.trace import Step

__all__ = ["decided_otherwise", "zero_with_a_sign"]


def decided_otherwise(subject: Subject, values: Mapping[int, Any]) -> str:
    """Returns the operation whose indices or truth values are others than in float64; empty: none.

    Args:
        subject: the program.
        values: of its trace, arrays whose discrete ones are NumPy's.
    """
    with np.errstate(all="ignore"):
        floats = subject.trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    for step in subject.trace.steps:
        for number in step.results:
            if floats[number].dtype.kind in "biu" and not np.array_equal(floats[number], values[number]):
                return name_of(step)
    return ""


def zero_with_a_sign(subject: Subject) -> str:
    """Returns the operation for which -0.0 is another number than 0.0; empty: none."""
    with np.errstate(all="ignore"):
        values = subject.trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
        return next((name_of(step) for step in subject.trace.steps if _differs(step, values)), "")


def _differs(step: Step, values: Mapping[int, Any]) -> bool:
    arguments = [values[x] if x.__class__ is int else x.value for x in step.arguments]
    plain = [x + 0.0 if _has_one(x) else x for x in arguments]
    if all(x is y for x, y in zip(arguments, plain, strict=True)):
        return False
    found = DOUBLES.apply(step.record, plain, step.params)
    outs = found if isinstance(found, tuple) else (found,)
    return not all(
        np.array_equal(y, values[number], equal_nan=y.dtype.kind == "f")
        for y, number in zip(outs, step.results, strict=True)
    )


def _has_one(x: Any) -> bool:
    """Whether an argument is an array of floats with a negative zero in it."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f" and bool(np.signbit(x[x == 0]).any())
