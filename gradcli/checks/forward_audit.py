"""Each operation's forward rule against differences of its forward form: blame where the two modes differ.

The formulas of elementwise and linear operations serve both modes; the others have a jvp of their own, which
is judged here, along a random direction in one argument: <g, J t> by the rule and by differences.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.audit import BUDGET, Fault, weighed
from gradcli.checks.cuts import has_rule
from gradcli.checks.differentiable import allowed_direction
from gradcli.checks.local_rule import by_rule
from gradcli.checks.ruling import TRUST
from gradcli.checks.witnesses.differences_jacobian import TooBigError
from gradcli.checks.witnesses.differences_pull import pull
from gradcli.checks.witnesses.differences_step import FAILURES, LocalStep
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most
from gradcli.ops.algebra import NUMPY
from gradcli.ops.rules import push
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradcli.checks.subject import Subject

__all__ = ["forward_faults"]

RTOL = 1e-9  # of the terms; what rounding makes of them is in the bounds of the differences


def forward_faults(subject: Subject, max_time: float) -> list[Fault]:
    """Returns the operations whose forward rule is wrong, in the order in which they ran.

    Args:
        subject: what is judged.
        max_time: in seconds; what is found until then is returned.
    """
    found: list[Fault] = []
    with suppress(TimeIsUpError), at_most(max_time):
        for fault in _audited(subject):
            found.append(fault)  # noqa: PERF402 - those before the time was up are kept
    return found


def _audited(subject: Subject) -> Iterator[Fault]:
    """The faults, one after the other."""
    trace = subject.trace
    with np.errstate(all="ignore"):
        values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
        dependent = trace.dependent()
        for index, step in enumerate(trace.steps):
            local = LocalStep(step, values)
            if step.record.kind != "general" or not step.record.jvps or not local.floats:
                continue
            for position, x in enumerate(step.arguments):
                moving = x.__class__ is int and x in dependent and has_rule(step.record, position)
                if moving and local.is_float(position):
                    fault = _of_argument(index, local, values, position)
                    if fault is not None:
                        yield fault


def _of_argument(index: int, local: LocalStep, values: Mapping[int, Any], position: int) -> Fault | None:
    """What is wrong with the forward rule for one argument; None at kinks, where it has no say."""
    step = local.step
    results = [values[number] for number in step.results]
    gs, cotangents = weighed(index, local, results)
    flat = np.random.default_rng(index).standard_normal(np.size(local.arguments[position]))
    flat = allowed_direction(local, position, flat)
    direction = flat.reshape(local.shape(position))
    moving = [direction if i == position else None for i in range(len(local.arguments))]
    try:
        found, _ = pull(local, position, cotangents, [None] * len(local.arguments), BUDGET)
        tangents = push(NUMPY, step.record, local.arguments, results, moving, step.params)
    except (*FAILURES, TooBigError):
        return None  # there is no rule, or there are too many elements
    if found.kinked.any():
        return None
    pairs = zip((tangents[k] for k in local.floats), gs, strict=True)
    ruled = sum(float(np.sum(t * g)) for t, g in pairs if t is not None)
    terms = found.values * flat
    allowed = RTOL * float(np.sum(abs(terms))) + TRUST * float(found.bounds @ abs(flat))
    truth = float(np.sum(terms))
    reverse = float(by_rule(step, values, gs, position).ravel() @ flat)
    if abs(ruled - truth) <= allowed or not abs(reverse - truth) <= allowed:
        return None  # where the backward rule loses digits, so may this one
    return Fault(index, step, position, 0, ruled, truth, forward=True)
