"""Partial derivatives of an elementwise step for all its elements at once, and where it sits on a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.differences_rounding import sensitivity
from gradcli.checks.witnesses.stencils import UNKNOWN, slopes
from gradcli.checks.witnesses.stencils_sides import differ, one_sided, only

if TYPE_CHECKING:
    from gradcli.checks.witnesses.differences_step import LocalStep
    from gradcli.checks.witnesses.stencils import Evaluate

__all__ = ["UNKNOWN", "Kink", "Partials", "partials"]

CHUNK = 2**15  # elements that are differentiated at a time
NEIGHBOURS = 16  # floats to each side
SEEN = 1e-9  # relative: a smaller change is rounding
NOISE = 4.0  # roundings in a forward form that is more than one ufunc


class Kink(NamedTuple):
    """An operation that sits on a kink or an edge.

    Attributes:
        step: its index in the trace.
        argument: the position of the argument.
        places: flat positions, in the result of an elementwise step, in the argument of any other.
        left, right: one-sided derivatives there (of any other than an elementwise step: of its results
            weighed by their cotangents); inf where they grow without end, nan where there is none.
    """

    step: int
    argument: int
    places: Any
    left: Any
    right: Any


class Partials(NamedTuple):
    """Per element of the result: the derivative and its bound, zero where `kinked`; UNKNOWN says nothing."""

    slopes: Any
    bounds: Any
    kinked: Any


def partials(local: LocalStep, position: int, places: Any, known: list[Any]) -> tuple[Partials, list[Kink]]:
    """Returns the partial derivatives for an argument at flat positions of the result; zero elsewhere.

    Args:
        local: the step.
        position: of the argument.
        places: which elements of the result count.
        known: the errors of all arguments; None: exact.
    """
    evaluate, spread = local.bent(position)
    x, center = _finite(evaluate, spread[position], local.center)
    noise = 1.0 if isinstance(local.step.record.numpy, np.ufunc) else NOISE
    found = Partials(np.zeros(x.size), np.zeros(x.size), np.zeros(x.size, bool))
    lost = np.zeros(x.size, bool)
    for start in range(0, len(places), CHUNK):
        some = places[start : start + CHUNK]
        one = slopes(only(evaluate, some), x[some], center[some, None], noise=noise)
        good = ~one.kinked[:, 0] & np.isfinite(one.bounds[:, 0])
        found.slopes[some] = np.where(good, one.values[:, 0], 0)
        found.bounds[some] = np.where(good, one.bounds[:, 0], UNKNOWN)
        lost[some] = ~good
        if any(error is not None for error in known):
            wrong = sensitivity(local, position, known, np.where(good, one.steps, 0), some)
            found.bounds[some] += np.where(good, wrong, 0)
    at = np.flatnonzero(lost)
    if not len(at):
        return found, []
    left, right = (
        one_sided(only(evaluate, at), x[at], center[at, None], sign, noise=noise) for sign in (-1, 1)
    )
    on_kink = differ(left, right)[:, 0]
    on_kink &= ~_unresolved(only(evaluate, at), x[at]) & ~_smooth(local, position, x[at], center[at])
    found.kinked[at[on_kink]] = True
    found.bounds[at[on_kink]] = 0
    if not on_kink.any():
        return found, []
    return found, [Kink(-1, position, at[on_kink], left.values[on_kink, 0], right.values[on_kink, 0])]


def _smooth(local: LocalStep, position: int, x: Any, center: Any) -> Any:
    """Whether an operation without kinks is inside its domain: what cannot be resolved is no kink there.

    The records' declarations are believed here; that none is missing is a law of theirs.
    """
    record = local.step.record
    if record.kinks or not record.differentiable or position >= len(record.domain):
        return np.zeros(x.shape, bool)
    domain = record.domain[position]
    return (x > domain.low) & (x < domain.high) & ~np.isin(x, domain.without) & np.isfinite(center)


def _unresolved(evaluate: Evaluate, x: Any) -> Any:
    """Whether the function changes wholly from one float to the next: sin at 1e17 has no sides to look at."""
    steps = np.spacing(abs(x)) * np.arange(NEIGHBOURS)[:, None]
    found = np.ones(x.shape, bool)
    for sign in (1, -1):
        values = evaluate(x + sign * steps, np.arange(len(x)))[..., 0]
        change = np.diff(values, axis=0)
        turns = (change[1:] * change[:-1] < 0).sum(0)
        found &= (turns >= NEIGHBOURS // 3) & (np.ptp(values, axis=0) > SEEN * abs(values).max(0))
    return found


def _finite(evaluate: Evaluate, x: Any, center: Any) -> tuple[Any, Any]:
    """Other points for elements that are not finite but do not show in the result either (where, clamp)."""
    hidden = np.flatnonzero(~np.isfinite(x) & np.isfinite(center))
    for other in (1.0, -2.5) if len(hidden) else ():
        same = evaluate(np.full((1, len(hidden)), other), hidden)[0, :, 0] == center[hidden]
        hidden = hidden[same]  # tanh(inf) is 1, and does show it
    if not len(hidden):
        return x, center
    x, center = x.copy(), center.copy()
    x[hidden] = 1.0
    center[hidden] = evaluate(x[hidden], hidden)[:, 0]
    return x, center
