"""How operands of several ranks stand in a batch: the ways in which records may read them.

Matrices of a stack broadcast (matmul) and the dims of a bias do not (addmm); an index tensor is laid along
its operand (gather) or stands for itself (index_select).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["READINGS"]


def _lined_up(full: Sequence[Any], shared: Sequence[bool]) -> list[Any]:  # noqa: ARG001 - a reading
    """With the last dims in line: dims of size 1 stand between the batch axis and an operand's own."""
    rank = max(x.ndim for x in full)
    return [x.reshape(x.shape[:1] + (1,) * (rank - x.ndim) + x.shape[1:]) for x in full]


def _as_they_are(full: Sequence[Any], shared: Sequence[bool]) -> list[Any]:  # noqa: ARG001 - a reading
    """With a batch axis in front."""
    return list(full)


def _indices_alone(full: Sequence[Any], shared: Sequence[bool]) -> list[Any]:
    """The same, but for indices that all members share."""
    return [x[0] if one else x for x, one in zip(full, shared, strict=True)]


# Each: (arrays with a batch axis, which are indices that all members share) -> what the record is given.
READINGS = (_lined_up, _as_they_are, _indices_alone)
