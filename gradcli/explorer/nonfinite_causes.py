"""Why a checked gradient is nan or infinite: where it began, where 0 met infinity, what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.diagnostics import Diagnostic, Label
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.judge import Judgement
    from gradcli.diagnostics import Span
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
    """Returns a warning on what made a gradient not finite, with a rewrite that was tried; or nothing."""
    gradients = [np.asarray(variable.gradient, np.float64) for variable in judgement.subject.variables]
    if all(np.isfinite(gradient).all() for gradient in gradients):
        return ()
    with np.errstate(all="ignore"):
        values = run.subject.trace.run(run.subject.point(), DOUBLES.apply, DOUBLES.lift)
        first = _first_value(run, values)
        trail = _trail(run, values) if first is None else None
    if first is not None:
        return (_value_cause(job, run, first, values),)
    return () if trail is None else (_derivative_cause(job, run, trail),)


def _first_value(run: Traced, values: dict[int, Any]) -> Step | None:
    """The operation that made the first nan or inf of the values."""
    for step in run.subject.trace.steps:
        made = [np.asarray(values[number]) for number in step.results]
        if any(one.dtype.kind == "f" and not np.isfinite(one).all() for one in made):
            return step
    return None


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


def _value_cause(job: Job, run: Traced, step: Step, values: dict[int, Any]) -> Diagnostic:
    made = np.asarray(values[step.results[0]])
    kind = "nan" if np.isnan(made).any() else "inf"
    return _with_rewrite(
        job, run, step.span,
        Diagnostic(
            "W402", f"{name_of(step)} makes the first {kind}, in the value itself", span=step.span,
            severity="warning",
        ),
    )  # fmt: skip


def _derivative_cause(job: Job, run: Traced, trail: _Trail) -> Diagnostic:
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
    found = Diagnostic(
        "W402", message, span=trail.infinite.span, notes=notes, related=related, severity="warning"
    )
    return _with_rewrite(job, run, trail.infinite.span, found)


def _with_rewrite(job: Job, run: Traced, span: Span | None, cause: Diagnostic) -> Diagnostic:
    from gradcli.explorer.rewrites import safe_rewrite  # as above

    rewrite = safe_rewrite(job, run, span) if span is not None else None
    if rewrite is None:
        return cause

    return cause._replace(help=f"{rewrite.name}, tried here: {rewrite.text}")
