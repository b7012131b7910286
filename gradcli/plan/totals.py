"""Long chains of additions as one sum: what a loop adds up turn by turn is independent terms then."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dtypes import FLOATS
from gradcli.ops.record import Record
from gradcli.plan.trace import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.plan.trace import Trace

__all__ = ["TOTAL", "with_totals"]

LEAST = 8  # terms of a sum that is worth a step of its own

# No operation of the language: a plan's own.
TOTAL = Record(
    "linear",
    "total",
    args=("*terms",),
    numpy=lambda *terms: reduce(np.add, terms),
    summary="Adds up many terms.",
)


def with_totals(trace: Trace, values: Mapping[int, Any]) -> Trace:
    """Returns the trace with additions that only feed one another joined into one step.

    The terms are added in another order: within n u Σ|terms| of the chain's sum.

    Args:
        trace: any.
        values: by number something with a shape and a dtype.
    """
    reads = dict.fromkeys(trace.outputs, 2)
    for step in trace.steps:
        for number in step.arguments:
            if number.__class__ is int:
                reads[number] = reads.get(number, 0) + 1
    sums: dict[int, tuple[list[int], list[int]]] = {}  # a sum -> its terms, and the additions inside it
    for step in trace.steps:
        if step.record.name == "add" and _is_plain(step, values):
            sums[step.results[0]] = _joined(step, reads, sums)
    long = {number: terms for number, (terms, _) in sums.items() if len(terms) >= LEAST}
    inside = {inner for number in long for inner in sums[number][1]}
    steps = []
    for step in trace.steps:
        (number, *_) = step.results
        if number in long:
            steps.append(Step(TOTAL, tuple(long[number]), {}, step.results, step.span, step.tracked))
        elif number not in inside:
            steps.append(step)
    return trace._replace(steps=tuple(steps)) if long else trace


def _is_plain(step: Step, values: Mapping[int, Any]) -> bool:
    """Whether both terms are floats of the sum's shape."""
    found = values[step.results[0]]
    return found.dtype in FLOATS and all(
        number.__class__ is int
        and values[number].shape == found.shape
        and values[number].dtype == found.dtype
        for number in step.arguments
    )


def _joined(
    step: Step, reads: Mapping[int, int], sums: dict[int, tuple[list[int], list[int]]]
) -> tuple[list[int], list[int]]:
    """The terms of a sum, and the additions inside it, taken from those that nothing else reads."""
    terms: list[int] = []
    inner: list[int] = []
    for number in step.arguments:
        if number in sums and reads[number] == 1:
            more, within = sums.pop(number)
            within.append(number)
        else:
            more, within = [number], []
        # The shorter list is what is copied.
        terms, more = (terms, more) if len(terms) >= len(more) else (more, terms)
        inner, within = (inner, within) if len(inner) >= len(within) else (within, inner)
        terms += more
        inner += within
    return terms, inner
