"""Where an argument of an operation is defined and differentiable."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

__all__ = ["ABOVE_MINUS_ONE", "ABOVE_ONE", "NONZERO", "POSITIVE", "REAL", "SYMMETRIC_UNIT", "UNIT", "Domain"]


class Domain(NamedTuple):
    """The open interval (low, high), less the points in `without`."""

    low: float
    high: float
    without: tuple[float, ...] = ()

    def __str__(self) -> str:
        text = {REAL: "all reals", POSITIVE: "x > 0", NONZERO: "x != 0"}.get(self)
        if text:
            return text
        holes = "".join(f", x != {hole:g}" for hole in self.without)
        return f"{self.low:g} < x < {self.high:g}{holes}"


REAL = Domain(-inf, inf)
NONZERO = Domain(-inf, inf, (0.0,))
POSITIVE = Domain(0.0, inf)
UNIT = Domain(0.0, 1.0)
SYMMETRIC_UNIT = Domain(-1.0, 1.0)
ABOVE_ONE = Domain(1.0, inf)
ABOVE_MINUS_ONE = Domain(-1.0, inf)
