"""How operands of several ranks stand in a batch: the ways in which records may read them.

Matrices of a stack broadcast (matmul) and the dims of a bias do not (addmm); an index tensor is laid along
its operand (gather) or stands for itself (index_select).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["READINGS", "lined_up"]


def lined_up(array: Any, rank: int) -> Any:
    """Returns an array with dims of size 1 between its batch axis and its own, then `rank` of its own."""
    missing = rank + 1 - array.ndim
    return array.reshape(array.shape[:1] + (1,) * missing + array.shape[1:]) if missing else array


def _with_last_dims_in_line(full: Sequence[Any], shared: Sequence[bool]) -> list[Any]:  # noqa: ARG001 - a reading
    rank = max(x.ndim for x in full) - 1
    return [lined_up(x, rank) for x in full]


def _as_they_are(full: Sequence[Any], shared: Sequence[bool]) -> list[Any]:  # noqa: ARG001 - a reading
    """With a batch axis in front."""
    return list(full)


def _indices_alone(full: Sequence[Any], shared: Sequence[bool]) -> list[Any]:
    """The same, but for indices that all members share."""
    return [x[0] if one else x for x, one in zip(full, shared, strict=True)]


# Each: (arrays with a batch axis, which are indices that all members share) -> what the record is given.
READINGS = (_with_last_dims_in_line, _as_they_are, _indices_alone)
