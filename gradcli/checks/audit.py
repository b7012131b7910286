"""Each operation's own rule against differences of its forward form, its arguments held fixed: blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.algebra import ARRAYS
from gradcli.checks.conventions import follows, shares, words_for
from gradcli.checks.witnesses.differences_jacobian import TooBigError
from gradcli.checks.witnesses.differences_pull import Cotangent, pull
from gradcli.checks.witnesses.differences_step import LocalStep
from gradcli.diagnostics import GradcliError
from gradcli.ops.rules import Facts, backward_rule
from gradcli.plan.trace import DOUBLES, Literal, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gradcli.checks.subject import Subject

__all__ = ["Fault", "audit"]

RTOL, ATOL = 1e-6, 1e-9
BUDGET = 1e8


class Fault(NamedTuple):
    """A rule that does not give the derivative of its operation.

    Attributes:
        number: of the step in the trace.
        step: the operation.
        position: of the argument.
        place: the flat position of an element where it shows.
        rule, truth: the cotangent by the rule and by differences; at a kink what is declared.
        at_kink: whether the rule breaks its own convention, not the derivative.
    """

    number: int
    step: Step
    position: int
    place: int
    rule: float
    truth: float
    at_kink: bool = False


def audit(subject: Subject, indices: Iterable[int] | None = None) -> Iterator[Fault]:
    """Yields the operations whose rule is wrong, in the order in which they ran.

    Args:
        subject: what is judged.
        indices: the steps to look at; None: all.
    """
    trace = subject.trace
    with np.errstate(all="ignore"):
        values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
        dependent = trace.dependent()
        chosen = range(len(trace.steps)) if indices is None else sorted(set(indices))
        for index in chosen:
            step = trace.steps[index]
            moving = [i for i, x in enumerate(step.arguments) if x.__class__ is int and x in dependent]
            yield from _audited(index, step, values, moving)


def _audited(index: int, step: Step, values: Mapping[int, Any], moving: list[int]) -> Iterator[Fault]:
    local = LocalStep(step, values)
    if not local.floats:
        return
    random = np.random.default_rng(index)
    gs = [random.standard_normal(y.shape) for y in local.outputs]
    flat = [Cotangent.exact(g.ravel()) for g in gs]
    rest = iter(flat)
    cotangents = [
        next(rest) if k in local.floats else Cotangent.zero(np.size(values[number]))
        for k, number in enumerate(step.results)
    ]
    for position in moving:
        if not local.is_float(position):
            continue
        try:
            ruled = by_rule(step, values, gs, position)
        except GradcliError:
            continue  # PyTorch has no derivative there either, and says so
        try:
            found, kinks = pull(local, position, cotangents, [None] * len(local.arguments), BUDGET)
        except TooBigError:
            continue
        fault = _compared(index, step, position, ruled, found)
        if fault is None:
            for kink in kinks:
                fault = fault or _at_kink(index, step, position, values, gs, kink)
        if fault is not None:
            yield fault


def by_rule(step: Step, values: Mapping[int, Any], gs: list[Any], position: int) -> Any:
    """Returns the cotangent of an argument by the record's rule, of the argument's shape."""
    arguments = [x.value if x.__class__ is Literal else values[x] for x in step.arguments]
    results = [values[number] for number in step.results]
    rule = backward_rule(step.record, 1 << position, len(arguments))
    shape = np.shape(arguments[position])
    if not rule.pulls:
        return np.zeros(shape)
    saved = [arguments[slot] if slot >= 0 else results[~slot] for slot in rule.save]
    facts = Facts(step.params, [np.shape(x) for x in arguments], [np.shape(y) for y in results])
    g = rule.pulls[0](ARRAYS, gs[0] if len(gs) == 1 else tuple(gs), saved, facts)
    return np.zeros(shape) if g is None else ARRAYS.conform(np.asarray(g), shape, np.dtype(np.float64))


def _compared(index: int, step: Step, position: int, ruled: Any, found: Cotangent) -> Fault | None:
    """The place where rule and differences are furthest apart, if it is too far."""
    flat = np.asarray(ruled).ravel()
    scale = float(np.max(np.abs(found.values), initial=0.0))
    allowed = RTOL * np.abs(found.values) + ATOL * max(scale, 1e-300) + found.bounds
    known = ~found.kinked & np.isfinite(found.bounds)
    excess = np.where(known, np.abs(flat - found.values) - allowed, 0)
    excess = np.where(known & ~np.isfinite(flat), np.inf, excess)
    if not excess.size or not (excess > 0).any():
        return None
    place = int(np.argmax(excess))
    return Fault(index, step, position, place, float(flat[place]), float(found.values[place]))


def _at_kink(  # noqa: PLR0913 - one call site
    index: int, step: Step, position: int, values: Mapping[int, Any], gs: list[Any], kink: Any
) -> Fault | None:
    """The convention at a kink, if the rule breaks it."""
    words = words_for(step.record, position)
    if step.record.kind == "elementwise":
        spread, results = _spread(step, values)
        taken = by_rule(spread, results, [np.ones(gs[0].shape)], position).ravel()[kink.places]
        wanted = follows(taken, kink.left, kink.right, words)
    else:
        x = np.asarray(values[step.arguments[position]])
        taken = by_rule(step, values, gs, position).ravel()[kink.places]
        outs = [np.asarray(values[number]) for number in step.results]
        declared = shares(step, x, outs, gs, words)
        if declared is None:
            wanted = follows(taken, kink.left, kink.right, ())
        else:
            wanted = np.isclose(taken, declared.ravel()[kink.places], rtol=1e-6, atol=1e-9)
    if wanted.all():
        return None
    at = int(np.argmin(wanted))
    return Fault(index, step, position, int(kink.places[at]), float(taken[at]), float(kink.right[at]), True)


def _spread(step: Step, values: Mapping[int, Any]) -> tuple[Step, dict[int, Any]]:
    """An elementwise step with all its arguments of the result's shape, so that no sum hides an element."""
    shape = np.shape(values[step.results[0]])
    moved: dict[int, Any] = {step.results[0]: values[step.results[0]]}
    arguments: list[Any] = []
    for i, x in enumerate(step.arguments):
        if x.__class__ is int:
            moved[-1 - i] = np.broadcast_to(values[x], shape)
            arguments.append(-1 - i)
        else:
            arguments.append(x)
    return step._replace(arguments=tuple(arguments)), moved
