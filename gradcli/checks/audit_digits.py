"""One place of an operation with many digits: what its rule gives there, and what differences do."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.witnesses.rerun import conformed
from gradcli.ops.rules import Facts, backward_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.local_rule import Fault
    from gradcli.checks.witnesses.differences_step import LocalStep
    from gradcli.plan.trace import Step

__all__ = ["narrowed", "rule_by_digits", "sides_by_digits"]

BELOW = 40  # decimal digits that a step is below the smallest number around, or below 1
GUARD = 30  # digits of a difference that are left
JUMP = 1.5  # times as steep over half the distance: no slope
NOTHING = 1e-9  # of a slope: below, it grows by rounding


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


def sides_by_digits(
    step: Step, arguments: Sequence[Any], position: int, place: int, gs: Sequence[Any]
) -> tuple[float, float] | None:
    """Returns the derivatives to the left and to the right of an operation's weighed results.

    Infinite at a jump; None where the operation cannot be told in digits. The distance is far below every
    number around, so that what floats take for the kink itself is seen from the side on which it is:
    1 - x beside 1 where x is 1e-182, a staircase at 1e262.

    Args:
        step: the operation.
        arguments: arrays and plain numbers.
        position: of the argument that moves.
        place: the flat position of its element that moves.
        gs: the weights of the floating-point results.
    """
    from gradcli.symbolic import PreciseAlgebra  # mpmath comes with sympy, which takes 300 ms

    low, high = _magnitudes([*arguments, *gs])
    m = PreciseAlgebra(BELOW + GUARD + high - low)
    h = m.context.mpf(10) ** (low - BELOW)
    weights = [m.context.mpf(weight) for g in gs for weight in np.ravel(g).tolist()]

    def at(offset: Any) -> list[Any]:
        given = [m.array(x) if isinstance(x, np.ndarray) else x for x in arguments]
        data = np.array(given[position].data)
        data.flat[place] += offset
        given[position] = m.array(data)
        outs = m.apply(step.record, given, step.params)
        several = outs if isinstance(outs, (tuple, list)) else [outs]
        return [value for y in several if y.dtype.kind == "f" for value in y.data.ravel().tolist()]

    def slope(offset: Any) -> float:
        changes = [
            weight * (there - here)
            for weight, there, here in zip(weights, at(offset), middle, strict=True)
            if m.context.isfinite(there - here)
        ]
        return float(m.context.fsum(changes) / offset)

    try:
        middle = at(0)
        left, right = (_limit(slope(sign * h), slope(2 * sign * h)) for sign in (-1, 1))
    except Exception:  # noqa: BLE001 - mpmath has exceptions of its own besides those of its numbers
        return None
    return left, right


def _limit(near: float, far: float) -> float:
    """A slope, or the infinity to which it grows."""
    grows = abs(near) > max(JUMP * abs(far), NOTHING)
    return float(np.copysign(np.inf, near)) if grows else near


def _magnitudes(arrays: Sequence[Any]) -> tuple[int, int]:
    """The decimal exponents of the smallest and the largest number around; 1 is always around."""
    sizes = [np.abs(np.asarray(x, np.float64)).ravel() for x in arrays if np.asarray(x).dtype.kind == "f"]
    known = np.concatenate([np.ones(1), *sizes])
    known = np.log10(known[np.isfinite(known) & (known > 0)])
    return int(np.floor(known.min())), int(np.ceil(known.max()))


def rule_by_digits(fault: Fault, local: LocalStep, gs: list[Any]) -> float | None:
    """Returns what the rule gives at the fault's place with 40 digits; None where it cannot be told so."""
    try:
        return float(_ruled(fault, local, gs).floats().flat[fault.place])
    except Exception:  # noqa: BLE001 - as above
        return None


def _ruled(fault: Fault, local: LocalStep, gs: list[Any]) -> Any:
    """What the rule gives for the fault's argument."""
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
    return conformed(m, g, local.shape(fault.position))
