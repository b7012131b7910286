"""One place of an operation with many digits: what its rule gives there, and what differences do."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.rules import Facts, backward_rule

if TYPE_CHECKING:
    from gradcli.checks.local_rule import Fault
    from gradcli.checks.witnesses.differences_step import LocalStep

__all__ = ["narrowed", "rule_by_digits", "slope_by_digits"]


def narrowed(fault: Fault, local: LocalStep, gs: list[Any]) -> tuple[Fault, LocalStep, list[Any]]:
    """Returns the same without the elements that a fault's place does not meet: many digits take long.

    Only elements of elementwise operations can be left out.
    """
    if local.step.record.kind != "elementwise" or len(gs) != 1:
        return fault, local, gs
    shape = np.shape(gs[0])
    x = np.asarray(local.arguments[fault.position])
    own = np.broadcast_to(np.arange(x.size).reshape(x.shape), shape) == fault.place
    few = copy(local)
    few.arguments = [
        np.broadcast_to(one, shape)[own] if isinstance(one, np.ndarray) else one for one in local.arguments
    ]
    few.arguments[fault.position] = x.ravel()[fault.place : fault.place + 1]
    return fault._replace(place=0), few, [gs[0][own]]


def slope_by_digits(fault: Fault, local: LocalStep, gs: list[Any]) -> float:
    """Returns the derivative at the fault's place by a difference of numbers with 250 digits."""
    from gradcli.symbolic import PreciseAlgebra  # mpmath comes with sympy, which takes 300 ms

    m, step = PreciseAlgebra(250), fault.step
    size = abs(float(local.arguments[fault.position].flat[fault.place])) or 1.0
    h = m.context.mpf(10) ** -120 * size
    sums = []
    for offset in (h, -h):
        arguments = [m.array(x) for x in local.arguments]
        data = np.array(arguments[fault.position].data)
        data.flat[fault.place] += offset
        arguments[fault.position] = m.array(data)
        outs = m.apply(step.record, arguments, step.params)
        floats = [y for y in (outs if isinstance(outs, (tuple, list)) else [outs]) if y.dtype.kind == "f"]
        terms = (
            m.context.mpf(weight) * value
            for y, g in zip(floats, gs, strict=True)
            for value, weight in zip(y.data.ravel().tolist(), g.ravel().tolist(), strict=True)
            if m.context.isfinite(value)
        )
        sums.append(m.context.fsum(terms))
    return float((sums[0] - sums[1]) / (2 * h))


def rule_by_digits(fault: Fault, local: LocalStep, gs: list[Any]) -> float:
    """Returns what the rule gives at the fault's place, computed with 40 digits."""
    from gradcli.symbolic import PreciseAlgebra  # as above

    m, step = PreciseAlgebra(40), fault.step
    arguments = [m.array(x) for x in local.arguments]
    outs = m.apply(step.record, arguments, step.params)
    results = list(outs) if isinstance(outs, (tuple, list)) else [outs]
    rule = backward_rule(step.record, 1 << fault.position, len(arguments))
    saved = [arguments[slot] if slot >= 0 else results[~slot] for slot in rule.save]
    facts = Facts(step.params, [x.shape for x in arguments], [y.shape for y in results])
    cotangents = [m.array(g) for g in gs]
    g = rule.pulls[0](m, cotangents[0] if len(gs) == 1 else tuple(cotangents), saved, facts)
    shape = local.shape(fault.position)
    if g.shape != shape:
        fewer = len(g.shape) < len(shape) or np.prod(g.shape) < np.prod(shape)
        g = (m.expand if fewer else m.sum_to)(g, shape=shape, rank=len(g.shape))
    return float(g.floats().flat[fault.place])
