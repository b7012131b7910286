"""A claim of the wrong shape, or with rows for columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.checks.slips_evidence import close

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.checks.slips_evidence import Evidence

__all__ = ["shape"]


def shape(points: Sequence[Evidence]) -> str:
    """Returns what is wrong with the shape, in one line; nothing where it is right."""
    given, wanted = points[0].claim.shape, points[0].truth.shape
    square = len(given) > 1 and given[-1] == given[-2]
    if given == wanted and not square:
        return ""
    if len(given) > 1 and all(close(np.swapaxes(one.claim, -1, -2), one.truth) for one in points):
        also = "" if square else f": the shape is {list(given)} where {list(wanted)} belongs"
        return "transposed" + (also or ": the claim's transpose is right")
    return "" if given == wanted or not given else _other_shape(points)


def _other_shape(points: Sequence[Evidence]) -> str:
    given, wanted = points[0].claim.shape, points[0].truth.shape
    for dims in _summed(given, wanted):
        if all(close(one.claim.sum(dims).reshape(wanted), one.truth) for one in points):
            where = ", ".join(map(str, dims))
            return f"not summed: the variable is broadcast, so the claim has to be summed over dim {where}"
    if points[0].claim.size == points[0].truth.size and all(
        close(one.claim.reshape(wanted), one.truth) for one in points
    ):
        return f"the elements are right, the shape is {list(given)}: write .reshape({list(wanted)})"
    return f"the shape is {list(given)}, and the variable's {list(wanted)}"


def _summed(given: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Which dims of one shape, summed, could leave the other."""
    if len(given) >= len(wanted):
        lead = len(given) - len(wanted)
        rest = zip(given[lead:], wanted, strict=True)
        found = [*range(lead), *(lead + i for i, (a, b) in enumerate(rest) if a != b)]
        if all(i < lead or wanted[i - lead] == 1 for i in found):
            yield tuple(found)
    for dim in range(len(given)):
        if given[:dim] + given[dim + 1 :] == wanted:
            yield (dim,)
