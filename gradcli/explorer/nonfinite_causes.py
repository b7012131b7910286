"""Why a checked gradient is nan or infinite: where it began, where 0 met infinity, what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.audit import by_rule
from gradcli.diagnostics import Diagnostic
from gradcli.explorer.rewrites import safe_rewrite
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.judge import Judgement
    from gradcli.diagnostics import Span
    from gradcli.explorer.job import Job
    from gradcli.explorer.tracing import Traced
    from gradcli.plan.trace import Step

__all__ = ["nonfinite_causes"]


def nonfinite_causes(job: Job, run: Traced, judgement: Judgement) -> tuple[Diagnostic, ...]:
    """Returns a warning on what made a gradient not finite, with a rewrite that was tried; or nothing."""
    gradients = [np.asarray(variable.gradient, np.float64) for variable in judgement.subject.variables]
    if all(np.isfinite(gradient).all() for gradient in gradients):
        return ()
    with np.errstate(all="ignore"):
        values = run.subject.trace.run(run.subject.point(), DOUBLES.apply, DOUBLES.lift)
        first = _first_value(run, values)
        guilty = _first_derivative(run, values) if first is None else None
    if first is not None:
        return (_value_cause(job, run, first, values),)
    if guilty is None:
        return ()
    return (_derivative_cause(job, run, *guilty),)


def _first_value(run: Traced, values: dict[int, Any]) -> Step | None:
    """The operation that made the first nan or inf of the values."""
    for step in run.subject.trace.steps:
        made = [np.asarray(values[number]) for number in step.results]
        if any(one.dtype.kind == "f" and not np.isfinite(one).all() for one in made):
            return step
    return None


def _first_derivative(run: Traced, values: dict[int, Any]) -> tuple[Step, Step | None] | None:
    """The operation whose derivative is the first, going backward, that is not finite.

    With it the operation whose cotangent of 0 met that infinity, where one did.
    """
    trace = run.subject.trace
    cotangents: dict[int, Any] = dict(zip(trace.outputs, run.subject.cotangents, strict=True))
    makers: dict[int, Step] = {}
    dependent = trace.dependent()
    for step in reversed(trace.steps):
        gs = [
            cotangents.get(number, np.zeros(np.shape(values[number])))
            for number in step.results
            if np.asarray(values[number]).dtype.kind == "f"
        ]
        if not gs:
            continue
        for position, number in enumerate(step.arguments):
            if (
                number.__class__ is not int
                or number not in dependent
                or np.asarray(values[number]).dtype.kind != "f"
            ):
                continue
            pulled = by_rule(step, values, gs, position)
            if not np.isfinite(pulled).all():
                zero = any((g == 0).any() for g in gs) and np.isnan(pulled).any()
                return step, makers.get(step.results[0]) if zero else None
            cotangents[number] = cotangents.get(number, 0) + pulled
            makers[number] = step
    return None


def _value_cause(job: Job, run: Traced, step: Step, values: dict[int, Any]) -> Diagnostic:
    made = np.asarray(values[step.results[0]])
    kind = "nan" if np.isnan(made).any() else "inf"
    return _with_rewrite(
        job, run, step.span,
        Diagnostic(
            "W402", f"{step.record.name} makes the first {kind}, in the value itself", span=step.span,
            severity="warning",
        ),
    )  # fmt: skip


def _derivative_cause(job: Job, run: Traced, step: Step, before: Step | None) -> Diagnostic:
    message = f"the derivative of {step.record.name} is infinite here"
    notes: tuple[str, ...] = ()
    if before is not None:
        message = (
            f"0 times infinity: the derivative of {step.record.name} is infinite, and meets a gradient of 0"
        )
        notes = (f"the 0 comes from {before.record.name}, which leaves these elements out",)
    found = Diagnostic("W402", message, span=step.span, notes=notes, severity="warning")
    return _with_rewrite(job, run, step.span, found)


def _with_rewrite(job: Job, run: Traced, span: Span | None, cause: Diagnostic) -> Diagnostic:
    rewrite = safe_rewrite(job, run, span) if span is not None else None
    if rewrite is None:
        return cause
    from dataclasses import replace  # only where something is not finite

    return replace(cause, help=f"{rewrite.name}, tried here: {rewrite.text}")
