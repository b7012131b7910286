"""torch.pi and its like."""

from __future__ import annotations

import math

__all__ = ["e", "inf", "nan", "pi"]

e = math.e
inf = math.inf
nan = math.nan
pi = math.pi
