"""How far the values of a run are from the exact ones, and what that does to local derivatives.

Each value's error is carried from step to step: what a step makes of its arguments' errors, told from
its forward form with arguments moved by them, and its own rounding. Where a function bends sharply an
argument's error makes its derivative wrong: sin(1e8 x^2) at 12345.678 has no correct digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.witnesses.differences_step import LocalStep, is_float_cast
from gradcli.checks.witnesses.stencils import EPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.checks.witnesses.differences_chain import Chain
    from gradcli.plan import Trace

__all__ = ["Errors", "errors", "hidden", "rounding", "sensitivity"]

Errors = dict[int, Any]  # per inexact value the errors of its elements, of its shape

LARGER = 2.0**12  # by this much errors are exaggerated, so that their effect is seen above rounding
DRAWS = 4  # of random signs
SAFETY = 3.0
INSIDE = (-1.0, -0.61, -0.27, 0.27, 0.61, 1.0)  # of an error that is larger than the function's scale


def errors(trace: Trace, values: Mapping[int, Any], dependent: set[int]) -> Errors:
    """Returns the errors of all values that a step needs to which they matter; others are exact."""
    needed = _needed(trace, dependent)
    found: Errors = {}
    for step in trace.steps:
        if dependent.isdisjoint(step.results) or needed.isdisjoint(step.results):
            continue
        local = LocalStep(step, values)
        known = [found.get(a) if a.__class__ is int else None for a in step.arguments]
        if is_float_cast(step, local.arguments[0]) or (step.record.view and known[0] is None):
            after = known[0]
            if after is not None:
                found[step.results[0]] = after
            continue
        if local.floats:
            after = (
                _elementwise(local, known) if step.record.kind == "elementwise" else _general(local, known)
            )
            start = 0
            for k, y in zip(local.floats, local.outputs, strict=True):
                found[step.results[k]] = after[start : start + y.size].reshape(y.shape)
                start += y.size
    return found


def rounding(local: LocalStep, known: Mapping[int, Any]) -> Any:
    """Returns the errors of an elementwise step's results, flat, from those of the values that it takes."""
    return _elementwise(local, [known.get(a) if a.__class__ is int else None for a in local.step.arguments])


def hidden(local: LocalStep, rows: Any, ulps: float) -> Any:
    """Returns the rounding of results that their own sizes do not show, since larger numbers cancel inside.

    log_softmax is of the size of its row wherever it is small, and a nearly singular matrix magnifies the
    rounding of its elements. What picks elements, as a maximum does, rounds nothing.

    Args:
        local: the step, none that is elementwise.
        rows: (R, M') flat positions of results that have to do with each other.
        ulps: the roundings in one result.
    """
    floats = [np.ravel(x) for i, x in enumerate(local.arguments) if local.is_float(i)]
    picks = np.isin(local.center, np.concatenate(floats)).all()
    size = 0.0 if picks else np.where(np.isfinite(local.center), abs(local.center), 0)[rows].max(1)[:, None]
    magnified = _general(local, [None] * len(local.arguments)) - _own(local)
    return magnified[rows] + ulps * EPS * size


def _needed(trace: Trace, dependent: set[int]) -> set[int]:
    """The values whose errors matter to some derivative: arguments of all but plainly linear steps."""
    found: set[int] = set()
    for step in reversed(trace.steps):
        plain = step.record.kind == "linear" and not step.record.multilinear
        if not plain or not found.isdisjoint(step.results):
            found.update(a for a in step.arguments if a.__class__ is int and a in dependent)
    return found


def _own(local: LocalStep) -> Any:
    """The rounding of a step's results."""
    ulps = 1.0 if isinstance(local.step.record.numpy, np.ufunc) else 4.0
    return ulps * EPS * np.where(np.isfinite(local.center), abs(local.center), 0)


def _elementwise(local: LocalStep, known: list[Any]) -> Any:
    shape = local.outputs[0].shape
    total = _own(local)
    everything = np.arange(local.center.size)
    for position, error in enumerate(known):
        if error is not None:
            evaluate, spread = local.bent(position)
            moved = LARGER * np.broadcast_to(error, shape).ravel()
            both = evaluate(spread[position] + np.stack([moved, -moved]), everything)[..., 0]
            effect = abs(both[0] - both[1]) / (2 * LARGER)
            total = total + np.where(np.isfinite(effect), effect, 0)
    return total


def _general(local: LocalStep, known: list[Any]) -> Any:
    """Arguments moved by their errors with random signs, and by one rounding: backward stability."""
    random = np.random.default_rng(0)
    points = {}
    floats = [i for i in range(len(known)) if local.is_float(i)]
    if local.step.record.multilinear:  # the rounding of one factor stands for that of all
        smallest = min(floats, key=lambda i: np.size(local.arguments[i]))
        floats = [i for i in floats if i == smallest or known[i] is not None]
    for position in floats:
        x, error = np.asarray(local.arguments[position]), known[position]
        size = LARGER * (EPS * abs(x) + (0.0 if error is None else error))
        points[position] = x + size * random.choice([-1.0, 1.0], (DRAWS, *x.shape))
    if not points:
        return _own(local)
    moved = (local.at(points) - local.center) / LARGER
    effect = SAFETY * np.sqrt((moved**2).mean(0))
    return _own(local) + np.where(np.isfinite(effect), effect, 0)


def sensitivity(local: LocalStep | Chain, position: int, known: list[Any], steps: Any, places: Any) -> Any:
    """Returns how wrong an elementwise step's partial derivatives may be because its arguments are.

    Args:
        local: the step, or steps as one.
        position: the argument of the derivative.
        known: the errors of all arguments; None: exact.
        steps: a step per place by which the derivative can be told.
        places: flat positions in the result.
    """
    shape = local.outputs[0].shape
    evaluate, spread = local.bent(position)
    x = spread[position][places]
    total = np.zeros(len(places))

    def slope(other: int, moved: Any) -> Any:
        """The derivative with another argument (or this one) moved."""
        if other == position:
            high, low = x + moved + steps, x + moved - steps
            return (evaluate(high, places) - evaluate(low, places))[..., 0] / (high - low)
        more = {other: spread[other][places] + moved}
        high, low = (x + sign * steps + np.zeros(moved.shape) for sign in (1, -1))
        return (evaluate(high, places, more) - evaluate(low, places, more))[..., 0] / (high - low)

    for other, error in enumerate(known):
        if error is None:
            continue
        size = np.broadcast_to(error, shape).ravel()[places]
        scale = abs(steps) if other == position else abs(spread[other][places])
        larger = np.clip(0.25 * scale / np.where(size > 0, size, 1), 1.0, LARGER)
        effect = abs(slope(other, larger * size) - slope(other, -larger * size)) / (2 * larger)
        wide = size > 0.1 * scale
        if wide.any():
            within = slope(other, np.multiply.outer(INSIDE, size))
            effect = np.where(wide, 2 * (within.max(0) - within.min(0)), effect)
        total += np.where(np.isfinite(effect), effect, 0)
    return total
