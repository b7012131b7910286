"""The Fisher-Yates shuffle without a loop over its swaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["shuffled"]

Indices = NDArray[np.int64]


def shuffled(partners: Indices) -> Indices:
    """Returns what 0, 1, ..., n-1 become when step i swaps places i and partners[i], for i = 0, 1, ...

    Place i is final after step i, which took its number from place p = partners[i]. If an earlier step j
    had that partner too, p held what stood at j before step j; otherwise p. What stood at place i before
    step i is, in the same way, what stood at j before the last earlier step j with partner i, so it is
    found by following such steps back to the first: all at once, by pointer jumping.

    Args:
        partners: n numbers with i <= partners[i] < n.
    """
    count = partners.size
    step = np.arange(count)
    source = np.arange(count)
    swapping = step[partners != step]
    source[partners[swapping]] = swapping  # of several steps with one partner, NumPy keeps the last
    while True:
        further = source[source]
        if np.array_equal(further, source):
            break
        source = further
    # By partner and then by step: unique keys, so that a plain sort will do, which is the fast one.
    order = np.sort(partners * count + step) % max(count, 1)
    again = np.flatnonzero(np.diff(partners[order]) == 0)
    result = partners.copy()
    result[order[again + 1]] = source[order[again]]
    return result
