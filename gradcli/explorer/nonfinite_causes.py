"""Why a value or a gradient is not finite: where it began, where 0 met infinity, what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.diagnostics import Diagnostic, Label
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.judge import Judgement
    from gradcli.explorer.job import Job
    from gradcli.explorer.tracing import Traced
    from gradcli.plan.trace import Step

__all__ = ["nonfinite_causes"]


class _Trail(NamedTuple):
    """Where a backward pass leaves the finite numbers.

    Attributes:
        infinite: the first operation, going backward, whose derivative is not finite.
        product: the operation in which 0 met infinity; None where it did not.
        zero: the operation that the 0 came from, where that is another one; None where it is not known.
    """

    infinite: Step
    product: Step | None
    zero: Step | None


def nonfinite_causes(job: Job, run: Traced, judgement: Judgement) -> tuple[Diagnostic, ...]:
    """Returns warnings on what made a value or a gradient not finite, with a rewrite that was tried."""
    trace = run.subject.trace
    with np.errstate(all="ignore"):
        values = trace.run(run.subject.point(), DOUBLES.apply, DOUBLES.lift)
        finite = all(np.isfinite(variable.gradient).all() for variable in judgement.subject.variables)
        if finite and all(np.isfinite(values[number]).all() for number in trace.outputs):
            return ()
        first = _first_value(run, values)
        trail = None if finite else _trail(run, values)
    causes = [] if first is None else [_value_cause(first, _first_nan(run, values), values)]
    if trail is not None and (first is None or trail.product is not None):
        causes.append(_derivative_cause(trail))
    return _with_rewrite(job, run, causes)


def _first_value(run: Traced, values: dict[int, Any]) -> Step | None:
    """The operation that made the first nan or inf of the values."""
    for step in run.subject.trace.steps:
        made = [np.asarray(values[number]) for number in step.results]
        if any(one.dtype.kind == "f" and not np.isfinite(one).all() for one in made):
            return step
    return None


def _first_nan(run: Traced, values: dict[int, Any]) -> Step | None:
    """The operation that made the first nan of the values, from numbers and infinities."""
    return next(
        (
            step
            for step in run.subject.trace.steps
            if any(_is_float(values[number]) and np.isnan(values[number]).any() for number in step.results)
        ),
        None,
    )


def _trail(run: Traced, values: dict[int, Any]) -> _Trail | None:
    """Where the derivatives leave the finite numbers, and where 0 meets infinity."""
    from gradcli.checks.audit import by_rule  # most gradients are finite

    trace = run.subject.trace
    cotangents: dict[int, Any] = dict(zip(trace.outputs, run.subject.cotangents, strict=True))
    makers: dict[int, Step] = {}
    dependent = trace.dependent()
    infinite: Step | None = None
    for step in reversed(trace.steps):
        gs = [
            cotangents.get(number, np.zeros(np.shape(values[number])))
            for number in step.results
            if _is_float(values[number])
        ]
        for position, number in enumerate(step.arguments):
            moves = number.__class__ is int and number in dependent and _is_float(values[number])
            if not gs or not moves:
                continue
            pulled = by_rule(step, values, gs, position)
            if not np.isfinite(pulled).all():
                infinite = infinite or step
            if np.isnan(pulled).any():
                zero = any((g == 0).any() for g in gs)
                return _Trail(infinite or step, step, makers.get(step.results[0]) if zero else None)
            cotangents[number] = cotangents.get(number, 0) + pulled
            makers[number] = step
    return None if infinite is None else _Trail(infinite, None, None)


def _is_float(value: Any) -> bool:
    return bool(np.asarray(value).dtype.kind == "f")


def _value_cause(step: Step, lost: Step | None, values: dict[int, Any]) -> Diagnostic:
    kind = "nan" if lost is step else "inf"
    notes: tuple[str, ...] = ()
    related: tuple[Label, ...] = ()
    if lost is not None and lost is not step:
        met = "0 times infinity" if _is_product(lost, values) else "infinities that meet"
        notes = (f"{name_of(lost)} makes nan of it: {met}",)
        related = (Label(lost.span, f"{met} here"),) if lost.span not in (None, step.span) else ()
    message = f"{name_of(step)} makes the first {kind}, in the value itself"
    return Diagnostic("W402", message, span=step.span, notes=notes, related=related, severity="warning")


def _is_product(step: Step, values: dict[int, Any]) -> bool:
    """Whether an argument is 0 where another is infinite."""
    arguments = [np.asarray(values[x]) for x in step.arguments if x.__class__ is int]
    return any((x == 0).any() for x in arguments) and any(np.isinf(x).any() for x in arguments)


def _derivative_cause(trail: _Trail) -> Diagnostic:
    name, product = name_of(trail.infinite), trail.product
    message = f"the derivative of {name} is infinite here"
    notes: tuple[str, ...] = ()
    related: tuple[Label, ...] = ()
    if product is trail.infinite:
        message = f"0 times infinity: the derivative of {name} is infinite, and meets a gradient of 0"
        if trail.zero is not None:
            notes = (f"the 0 comes from {name_of(trail.zero)}, which leaves these elements out",)
    elif product is not None:
        message = f"0 times infinity: the derivative of {name} is infinite, that of {name_of(product)} is 0"
        if product.span is not None and product.span != trail.infinite.span:
            related = (Label(product.span, "0 times infinity here"),)
    span = trail.infinite.span
    return Diagnostic("W402", message, span=span, notes=notes, related=related, severity="warning")


def _with_rewrite(job: Job, run: Traced, causes: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The causes; the first for whose place a safe rewrite is found offers it."""
    from gradcli.explorer.rewrites import safe_rewrite  # most gradients are finite

    for i, cause in enumerate(causes):
        rewrite = safe_rewrite(job, run, cause.span) if cause.span is not None else None
        if rewrite is not None:
            offered = cause._replace(help=f"{rewrite.name}, tried here: {rewrite.text}")
            return (*causes[:i], offered, *causes[i + 1 :])
    return tuple(causes)
