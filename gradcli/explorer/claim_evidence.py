"""What may explain a wrong claim: the local derivatives and the counts of the program at a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.local_rule import by_rule
from gradcli.checks.naming import line_at
from gradcli.checks.slips import Evidence, Factor
from gradcli.plan.trace import DOUBLES, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradcli.explorer.claim_verdict import Verdict
    from gradcli.plan.trace import Step

__all__ = ["evidence_of"]

MOST = 100_000  # elements of a value that is taken for a factor


def evidence_of(verdict: Verdict, *, variables: bool = True) -> Evidence:
    """Returns what a claim says and what is true at a point, and what the program computes there.

    Args:
        verdict: of the claim at the point.
        variables: whether the variables themselves may be missing factors.
    """
    trace = verdict.run.subject.trace
    with np.errstate(all="ignore"):
        values = trace.run(verdict.run.subject.point(), DOUBLES.apply, DOUBLES.lift)
        factors = [*_derivatives(trace.steps, values), *_values(trace.steps, values)]
        if variables:
            factors += [
                Factor(one.name, np.asarray(one.value, np.float64), is_value=True)
                for one in verdict.run.subject.variables
            ]
        counts = [count for step in trace.steps for count in _counts(step, values)]
    return Evidence(verdict.claim, verdict.truth, tuple(factors), tuple(counts))


def _derivatives(steps: tuple[Step, ...], values: Mapping[int, Any]) -> Iterator[Factor]:
    """The local derivatives of the elementwise operations, each under the text that it comes from."""
    for step in steps:
        if step.record.kind != "elementwise" or step.span is None:
            continue
        shape = np.shape(values[step.results[0]])
        for at, number in enumerate(step.arguments):
            if (
                number.__class__ is int
                and np.shape(values[number]) == shape
                and np.size(values[number]) <= MOST
            ):
                yield Factor(line_at(step.span), by_rule(step, values, [np.ones(shape)], at))


def _values(steps: tuple[Step, ...], values: Mapping[int, Any]) -> Iterator[Factor]:
    """What the operations give that are not linear: softmax, a norm and exp are in their own derivatives."""
    for step in steps:
        found = values[step.results[0]]
        if step.span is not None and step.record.kind == "general" and _is_float(found):
            yield Factor(line_at(step.span), found, is_value=True)


def _is_float(found: Any) -> bool:
    return bool(found.dtype.kind == "f" and found.size <= MOST)


def _counts(step: Step, values: Mapping[int, Any]) -> Iterator[tuple[str, int]]:
    """How many elements a mean or a sum runs over, and by what number the program divides."""
    name, first = step.record.name.partition("_")[0], step.arguments[0]
    if first.__class__ is not int:
        return
    shape = np.shape(values[first])
    size = int(np.size(values[step.results[0]]))
    taken = step.params.get("reduction", name)
    if taken in ("mean", "batchmean"):
        yield "mean", _reduced(step, shape, size)
    elif taken == "sum" and size:
        yield "sum", _reduced(step, shape, size)
        yield from (("sum", length) for length in shape)
    elif name == "div":
        by = step.arguments[1]
        divisor = np.asarray(by.value if by.__class__ is Literal else values[by])
        if divisor.size == 1 and divisor == np.round(divisor):
            yield "division", int(divisor)


def _reduced(step: Step, shape: tuple[int, ...], size: int) -> int:
    """How many elements go into one of the result; of classes one each."""
    total = int(np.prod(shape)) // max(size, 1)
    if step.record.name.startswith("nll"):
        return total // shape[step.params["dim"]]
    return total
