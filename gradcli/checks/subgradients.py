"""Whether a number may be taken for a derivative on a kink: along an element, and along every direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.aspects import along, random_directions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.aspects import Aspect
    from gradcli.checks.subject import Subject

__all__ = ["broken_direction", "is_close", "is_valid"]

DIRECTIONS = 4
SLACK = 1e-4  # relative, what one-sided differences are good to
SHOWN = 6  # numbers of a direction, which a line holds


def is_close(slope: float, side: float) -> bool:
    """Returns whether a slope is the derivative to a side, to what differences can tell."""
    return slope == side or bool(np.isfinite(side) and abs(slope - side) <= SLACK * (1e-3 + abs(side)))


def is_valid(slope: float, aspect: Aspect) -> bool:
    """Returns whether a slope lies between the sides; a side without a limit or a value forbids nothing."""
    sides = [side for side in aspect if not np.isnan(side)]
    if len(sides) < len(aspect):
        return True
    slack = SLACK * (1e-3 + max((abs(side) for side in sides if np.isfinite(side)), default=1.0))
    return bool(min(sides) - slack <= slope <= max(sides) + slack)


def broken_direction(subject: Subject, gradients: Sequence[Any], kinked: Sequence[Any], seed: int) -> str:
    """Returns along which direction a claim is no subgradient, in words; empty where none is found.

    Args:
        subject: the program.
        gradients: what is claimed, per variable.
        kinked: per variable which elements sit on a kink: those that move.
        seed: of the directions.
    """
    for direction in random_directions(kinked, DIRECTIONS, seed):
        aspect = along(subject, direction)
        slope = sum(
            float(np.sum(gradient * d, where=d != 0))
            for gradient, d in zip(gradients, direction, strict=True)
        )
        if not is_valid(slope, aspect):
            return (
                f"no subgradient: along the direction {_text(direction, kinked)} the program's "
                f"derivative is {aspect.left:.6g} to the left and {aspect.right:.6g} to the right, the "
                f"claim's is {slope:.6g}"
            )
    return ""


def _text(direction: Sequence[Any], masks: Sequence[Any]) -> str:
    numbers = [f"{x:.3g}" for d, mask in zip(direction, masks, strict=True) for x in d[mask].tolist()]
    return "(" + ", ".join(numbers[:SHOWN]) + (", ...)" if len(numbers) > SHOWN else ")")
