"""Whether a point is at a kink to the last digit, or a rounding beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.audit_digits import sides_by_digits
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.plan.trace import Step

__all__ = ["is_exactly_there"]

LEAST = 1e-290  # beside 0: the numbers next to it have too few digits for a slope
CLEAR = 0.25  # of the difference between the sides: a slope's rounding is no more


def is_exactly_there(step: Step, values: Mapping[int, Any], position: int, kink: Any) -> Any:
    """Returns which places of an elementwise step are at a kink to the last digit.

    A few roundings beside it the rule goes by the side that it is on, not by the convention. The slopes to
    the next floats tell: at the kink they are those of the two sides. Where rounding hides those, slopes of
    numbers with many digits tell.

    Args:
        step: the operation.
        values: of the trace.
        position: of the argument.
        kink: where, with the derivatives to both sides.
    """
    shape = np.shape(values[step.results[0]])
    spread = [x.value if x.__class__ is not int else np.broadcast_to(values[x], shape).ravel()[kink.places]
              for x in step.arguments]  # fmt: skip
    x, center = spread[position], np.asarray(values[step.results[0]]).ravel()[kink.places]
    there, doubtful = np.ones(x.shape, bool), np.zeros(x.shape, bool)
    for sign, own, other in ((-1, kink.left, kink.right), (1, kink.right, kink.left)):
        moved = np.where(x == 0, sign * LEAST, np.nextafter(x, sign * np.inf))
        found = DOUBLES.apply(step.record, [*spread[:position], moved, *spread[position + 1 :]], step.params)
        slope = (np.asarray(found, np.float64) - center) / (moved - x)
        rounding = np.spacing(np.abs(center)) / np.abs(moved - x)
        known = np.isfinite(own) & np.isfinite(other) & np.isfinite(slope)
        clear = rounding <= CLEAR * np.abs(own - other)
        there &= ~(known & clear) | (np.abs(slope - own) <= np.abs(slope - other))
        doubtful |= known & ~clear
    for at in np.flatnonzero(there & doubtful):
        some = [one[at : at + 1] if np.ndim(one) else one for one in spread]
        there[at] = _by_digits(step, some, position, float(kink.left[at]), float(kink.right[at]))
    return there


def _by_digits(step: Step, arguments: Sequence[Any], position: int, left: float, right: float) -> bool:
    """Whether the slopes of a single element are those of the two sides, with many digits."""
    slopes = sides_by_digits(step, arguments, position, 0, [1.0])
    return slopes is not None and all(
        abs(slope - own) <= abs(slope - other)
        for slope, own, other in ((slopes[0], left, right), (slopes[1], right, left))
    )
