"""Whether an operation has no derivative at a point, and what its record says is taken there."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.ops.algebra import NUMPY
from gradcli.ops.kink import Kink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.explorer.graph_recorder import Origin

__all__ = ["kinks_at"]

FAR, NEAR = 1e-6, 1e-10  # to the sides of a point, to see whether the slopes differ there and stay so
DIFFERENT = 1e-3  # slopes by so much: far above what rounding makes of the nearer step
PAIRS, BIG = 4, 10_000  # of directions; elements, from which on one pair has to do


def kinks_at(origin: Origin) -> tuple[str, ...]:
    """Returns what a record says of its kinks, a sentence each, where the point is one."""
    record = origin.record
    if not record.kinks or record.numpy is None:
        return ()
    values = [one.value._array if isinstance(one.value, Tensor) else one.value for one in origin.operands]
    found: dict[str, None] = {}
    for place, operand in enumerate(origin.operands):
        if operand.edge is None or not np.size(values[place]):
            continue

        def at(moved: Any, place: int = place) -> Any:
            return _floats(NUMPY.apply(record, [*values[:place], moved, *values[place + 1 :]], origin.params))

        point = np.asarray(values[place])
        if point.dtype.kind == "f" and _bent(at, point.astype(np.float64), whole=record.kind == "general"):
            found |= dict.fromkeys(_said(origin, place))
    return tuple(found)


def _said(origin: Origin, place: int) -> Iterator[str]:
    """The sentences about an argument: those that say by word what is taken for it, if there are any."""
    kinks = origin.record.kinks
    worded = [
        kink
        for kink in kinks
        if isinstance(kink, Kink) and kink.takes and kink.takes[min(place, len(kink.takes) - 1)]
    ]
    plain = [kink for kink in kinks if not (isinstance(kink, Kink) and kink.takes)]
    return map(str, worded or plain)


def _floats(result: Any) -> Any:
    """What a record computes, flat; of several outputs those that have derivatives."""
    if not isinstance(result, (tuple, list)):
        return np.asarray(result, np.float64)
    parts = [np.asarray(part) for part in result]
    return np.concatenate([part.astype(np.float64).ravel() for part in parts if part.dtype.kind == "f"])


def _bent(at: Callable[[Any], Any], point: Any, *, whole: bool) -> bool:
    """Whether the derivative at the point is not linear: where it is only curved, that shrinks with the step.

    Args:
        at: the function.
        point: of its argument.
        whole: the results depend on many elements, so that no element can be moved for itself.
    """
    turn = _additivity(point) if whole else _turn
    scale = np.maximum(np.abs(point), 1)
    with np.errstate(all="ignore"):
        far, near = (turn(at, point, step * scale) for step in (FAR, NEAR))
    return bool(((far > DIFFERENT) & (near > far / 2)).any())


def _turn(at: Callable[[Any], Any], point: Any, step: Any) -> Any:
    """By how much the slopes to the left and to the right of a point differ, relative to the steeper."""
    middle = at(point)
    left, right = (middle - at(point - step)) / step, (at(point + step) - middle) / step
    return np.abs(left - right) / np.maximum(np.maximum(np.abs(left), np.abs(right)), 1)


def _additivity(point: Any) -> Callable[[Callable[[Any], Any], Any, Any], Any]:
    """By how much slopes along two directions and along their sum disagree: not at all where one is a vector.

    Back and forth is asked too: a median of three equal numbers is odd along every line, a norm at 0 is not.
    """
    pairs = np.random.default_rng(0).standard_normal((PAIRS if point.size <= BIG else 1, 2, *point.shape))

    def turn(at: Callable[[Any], Any], point: Any, step: Any) -> Any:
        middle, size = at(point), float(np.max(step))

        def slope(direction: Any) -> Any:
            return (at(point + size * direction) - middle) / size

        found = np.zeros(np.shape(middle))
        for one, two in pairs:
            there, back, across, both = slope(one), slope(-one), slope(two), slope(one + two)
            most = np.maximum.reduce([np.abs(part) for part in (there, across, both)])
            defect = np.maximum(np.abs(there + back), np.abs(there + across - both))
            found = np.fmax(found, defect / np.maximum(most, 1))
        return found

    return turn
