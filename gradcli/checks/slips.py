"""What slip turned a true derivative into a claimed one: patterns over a few points, arrays alone.

A pattern is believed only if it holds at every point: a coincidence at one point is none at the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.checks.slips_evidence import RTOL, Evidence, Factor, agrees, close, spread
from gradcli.checks.slips_scale import (
    chain_factor,
    chain_factors,
    constant_factor,
    counted,
    factor_words,
    negated,
    offset,
)
from gradcli.checks.slips_shape import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Pattern = Callable[[Sequence[Evidence]], str]

__all__ = [
    "COUNTS",
    "FORM",
    "LAST",
    "NEGATIVE",
    "OUTSIDE",
    "Evidence",
    "Factor",
    "agrees",
    "close",
    "factor_words",
    "name_slip",
]


def name_slip(points: Sequence[Evidence], patterns: Sequence[Pattern] | None = None) -> str:
    """Returns the slip in one line, or nothing where no pattern fits.

    Args:
        points: the first is where the user binds the variables, the others are random.
        patterns: what to try, in order; None: all.
    """
    if all(map(agrees, points)):
        return ""
    for pattern in (*FORM, *NEGATIVE, *COUNTS, *OUTSIDE, *LAST) if patterns is None else patterns:
        found = pattern(points)
        if found:
            return found
    return ""


def _only_here(points: Sequence[Evidence]) -> str:
    if len(points) > 1 and agrees(points[0]) and not all(map(agrees, points[1:])):
        wrong = sum(not agrees(one) for one in points[1:])
        return f"right only at this point: wrong at {wrong} of {len(points) - 1} random ones"
    return ""


def _sign_of_some(points: Sequence[Evidence]) -> str:
    if not all(close(np.abs(spread(one)), np.abs(one.truth)) for one in points):
        return ""
    here = spread(points[0])
    wrong = int(np.sum(~np.isclose(here, points[0].truth, rtol=RTOL, atol=0)))
    return f"sign: {wrong} of {here.size} elements have the wrong sign" if wrong else ""


# In the order in which they are tried.
FORM: tuple[Pattern, ...] = (shape,)
NEGATIVE: tuple[Pattern, ...] = (negated,)
COUNTS: tuple[Pattern, ...] = (counted,)
OUTSIDE: tuple[Pattern, ...] = (constant_factor, offset, chain_factor)
LAST: tuple[Pattern, ...] = (_only_here, chain_factors, _sign_of_some)
