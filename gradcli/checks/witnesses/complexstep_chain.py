"""The complex step through big programs of elementwise and linear steps: each step for itself, in reverse.

One run of the whole program per element would cost its size each time. Here an elementwise step is asked
for its own derivative, at the elements that the sampled ones reach and no others, and a linear step is
transposed as the finite differences do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.testimony import Words
from gradcli.checks.witnesses.differences_pull import Cotangent, through, unspread
from gradcli.checks.witnesses.differences_rounding import errors
from gradcli.checks.witnesses.differences_step import LocalStep, is_float_cast
from gradcli.checks.witnesses.structure import recognised
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradcli.checks.sample import Sample
    from gradcli.checks.subject import Subject
    from gradcli.ops.record import Record
    from gradcli.plan.trace import Step

__all__ = ["chained", "steps_at"]

STEP = 1e-20  # of a number, and of 1 if that is smaller
LEAST = 1e-280  # beside which imaginary parts keep their digits
EPS = float(np.finfo(np.float64).eps)
RUNS = 4  # with arguments disturbed by their errors


def steps_at(x: Any) -> Any:
    """Returns the imaginary steps at numbers: small beside each of them, as 1 / x at 1e-200 needs it."""
    return np.maximum(STEP * np.where(x == 0, 1.0, np.minimum(np.abs(x), 1.0)), LEAST)


def chained(subject: Subject, sample: Sample, form: Callable[[Record], Record]) -> tuple[Words, ...] | None:
    """Returns the derivative of the sampled elements; None where a step is neither elementwise nor linear.

    Args:
        subject: what is judged.
        sample: per variable the flat indices that are looked at.
        form: gives a record with its complex form as the one that is run, or raises.
    """
    trace = subject.trace
    dependent = trace.dependent()
    steps = [step for step in trace.steps if not dependent.isdisjoint(step.results)]
    if any(step.record.kind not in ("elementwise", "linear") or len(step.results) > 1 for step in steps):
        return None
    values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    known = errors(trace, values, dependent)
    reached = _reached(subject, sample, steps, values)
    if reached is None:
        return None
    cotangents: dict[int, Cotangent] = {}

    def add(number: int, more: Cotangent) -> None:
        before = cotangents.get(number)
        cotangents[number] = more if before is None else before.plus(more)

    for number, g in zip(trace.outputs, subject.cotangents, strict=True):
        add(number, Cotangent.exact(np.asarray(g, np.float64).ravel()))
    for step in reversed(steps):
        cotangent = cotangents.get(step.results[0])
        if cotangent is None:
            continue
        local = LocalStep(step, values)
        for position in [i for i, a in enumerate(step.arguments) if a.__class__ is int and a in reached]:
            pulled = _pulled(local, position, cotangent, reached[step.results[0]], known, form)
            if pulled is None:
                return None
            add(step.arguments[position], pulled)
    return tuple(
        _words(cotangents.get(number), places, np.shape(variable.value))
        for number, places, variable in zip(trace.inputs, sample, subject.variables, strict=True)
    )


def _pulled(  # noqa: PLR0913 - a step, and what is known around it
    local: LocalStep,
    position: int,
    g: Cotangent,
    reached: Any,
    known: Mapping[int, Any],
    form: Callable[[Record], Record],
) -> Cotangent | None:
    """A cotangent through one step; None where it is not recognised."""
    if is_float_cast(local.step, local.arguments[0]):
        return g
    if local.step.record.kind == "elementwise":
        return _elementwise(local, position, g, np.flatnonzero(reached), known, form)
    return _linear(local, position, g)


def _reached(
    subject: Subject, sample: Sample, steps: list[Step], values: Mapping[int, Any]
) -> dict[int, Any] | None:
    """Per value that moves a bool array: which elements the sampled ones reach; None if a step hides it."""
    random = np.random.default_rng(0)
    found: dict[int, Any] = {}
    for number, places in zip(subject.trace.inputs, sample, strict=True):
        found[number] = np.zeros(np.shape(values[number]), bool)
        found[number].ravel()[places] = True
    for step in steps:
        local = LocalStep(step, values)
        moving = [i for i, a in enumerate(step.arguments) if a.__class__ is int and a in found]
        if not local.floats or not moving:
            continue  # nothing but a choice hangs on it
        shape = local.outputs[0].shape
        mask = np.zeros(shape, bool)
        for i in moving:
            own = found[step.arguments[i]]
            if step.record.kind == "elementwise" or is_float_cast(step, local.arguments[0]):
                mask |= own
                continue
            linear = local.linear_part(i)
            if linear is None:
                return None
            mask |= (linear((own * random.uniform(0.5, 1.5, own.shape))[np.newaxis]) != 0).reshape(shape)
        found[step.results[0]] = mask
    return found


def _linear(local: LocalStep, position: int, g: Cotangent) -> Cotangent | None:
    linear = local.linear_part(position)
    x = np.asarray(local.arguments[position])
    if linear is None or not x.size or not local.center.size:
        return None
    others = [np.asarray(one) for i, one in enumerate(local.arguments) if i != position and local.is_float(i)]
    adjoint = recognised(linear, x.shape, [y.shape for y in local.outputs], others)
    if adjoint is None:
        return None
    return through(adjoint, g, EPS * (2 + np.sqrt(max(1.0, g.values.size / x.size))))


def _elementwise(  # noqa: PLR0913 - a step, and what is known around it
    local: LocalStep,
    position: int,
    g: Cotangent,
    places: Any,
    known: Mapping[int, Any],
    form: Callable[[Record], Record],
) -> Cotangent | None:
    """A cotangent times the step's own derivative, at some elements; zero at others."""
    shape = local.outputs[0].shape
    zero = Cotangent.zero(g.values.size)
    record = local.step.record
    if not record.differentiable or record.name == "cast" or not local.is_float(position):
        return unspread(zero, shape, local.shape(position))
    spread, wrong = [], []
    for i, argument in enumerate(local.arguments):
        array = isinstance(argument, np.ndarray)
        spread.append(np.broadcast_to(argument, shape).ravel()[places] if array else argument)
        number = local.step.arguments[i]
        error = known.get(number) if number.__class__ is int else None
        own = 0.0 if error is None else np.broadcast_to(error, shape).ravel()[places]
        wrong.append(own + EPS * abs(spread[-1]) if local.is_float(i) else None)
    record = form(record)

    def partial(arguments: list[Any]) -> Any:
        moved = [a.astype(np.complex128) if local.is_float(i) else a for i, a in enumerate(arguments)]
        steps = steps_at(arguments[position])
        moved[position] = moved[position] + steps * 1j
        found = np.asarray(record.numpy(*moved, **local.step.params))  # type: ignore[misc] # it has one
        return np.broadcast_to(np.imag(found) / steps, places.shape)

    slope = partial(spread)
    random = np.random.default_rng(0)
    spreads = 0.0
    for _ in range(RUNS):
        disturbed = [
            a if w is None else a + w * random.choice([-1.0, 1.0], a.shape)
            for a, w in zip(spread, wrong, strict=True)
        ]
        spreads = spreads + (partial(disturbed) - slope) ** 2
    apart = 3 * np.sqrt(spreads / RUNS) + 4 * EPS * abs(slope)
    pulled, bounds = np.zeros(g.values.size), np.zeros(g.values.size)
    pulled[places] = np.where(g.values[places] == 0, 0, g.values[places] * slope)
    bounds[places] = abs(g.values[places]) * apart + g.bounds[places] * (abs(slope) + apart)
    return unspread(zero._replace(values=pulled, bounds=bounds), shape, local.shape(position))


def _words(g: Cotangent | None, places: Any, shape: tuple[int, ...]) -> Words:
    size = int(np.prod(shape))
    values, bounds = np.full(size, np.nan), np.full(size, np.inf)
    if g is None:
        g = Cotangent.zero(size)
    values[places], bounds[places] = g.values[places], g.bounds[places] + 4 * EPS * abs(g.values[places])
    spoke = np.isfinite(values) & np.isfinite(bounds)
    values, bounds = np.where(spoke, values, np.nan), np.where(spoke, bounds, np.inf)
    return Words(*(part.reshape(shape) for part in (values, bounds, spoke)))
