"""One operation's own backward rule, run by itself, and how a rule can be at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.algebra import ARRAYS
from gradcli.checks.cuts import has_rule
from gradcli.checks.witnesses.stencils import EPS
from gradcli.ops.rules import Facts, backward_rule
from gradcli.plan.trace import DOUBLES, Literal, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Fault", "by_rule", "disturbed"]


class Fault(NamedTuple):
    """A rule that does not give the derivative of its operation.

    Attributes:
        number: of the step in the trace.
        step: the operation.
        position: of the argument.
        place: the flat position of an element where it shows.
        rule, truth: the cotangent by the rule and by differences; at a kink what is declared; of a forward
            rule <g, J t> for random g and t.
        at_kink: whether the rule breaks its own convention, not the derivative.
        forward: whether it is the rule of forward mode.
        excuse: why it is no fault at all: `declared`, the rule is what the record says of a point without a
            derivative; `nowhere`, the operation has no derivative there, and nothing is said of it.
    """

    number: int
    step: Step
    position: int
    place: int
    rule: float
    truth: float
    at_kink: bool = False
    forward: bool = False
    excuse: str = ""


def by_rule(step: Step, values: Mapping[int, Any], gs: list[Any], position: int) -> Any:
    """Returns the cotangent of an argument by the record's rule, of the argument's shape."""
    arguments = [x.value if x.__class__ is Literal else values[x] for x in step.arguments]
    results = [values[number] for number in step.results]
    shape = np.shape(arguments[position])
    if not has_rule(step.record, position):
        return np.zeros(shape)
    rule = backward_rule(step.record, 1 << position, len(arguments))
    saved = [arguments[slot] if slot >= 0 else results[~slot] for slot in rule.save]
    facts = Facts(step.params, [np.shape(x) for x in arguments], [np.shape(y) for y in results])
    g = rule.pulls[0](ARRAYS, gs[0] if len(gs) == 1 else tuple(gs), saved, facts)
    dtype = np.asarray(arguments[position]).dtype
    return np.zeros(shape) if g is None else ARRAYS.conform(np.asarray(g), shape, dtype)


def disturbed(
    fault: Fault, values: Mapping[int, Any], gs: list[Any], random: Any, size: float = EPS
) -> float:
    """Returns what the rule gives at the fault's place for arguments off by a rounding, or by so much."""
    moved, numbers = dict(values), list(fault.step.arguments)
    for i, number in enumerate(numbers):
        if number.__class__ is int and values[number].dtype.kind == "f":
            x, numbers[i] = values[number], -1 - i  # one value may be several arguments
            least = size if size > EPS else 0.0
            moved[-1 - i] = x + size * random.uniform(-1, 1, x.shape) * np.maximum(abs(x), least)
    step = fault.step._replace(arguments=tuple(numbers))
    arguments = [x.value if x.__class__ is Literal else moved[x] for x in step.arguments]
    outs = DOUBLES.apply(step.record, arguments, step.params)
    moved.update(zip(step.results, outs if isinstance(outs, tuple) else (outs,), strict=True))
    return float(by_rule(step, moved, gs, fault.position).flat[fault.place])
