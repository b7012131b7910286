"""A shape as rows and columns, and arrays as the tiles of it see them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.plan.region import COLUMN, FULL, ROW, SCALAR

if TYPE_CHECKING:
    from gradcli.plan.region import Region

__all__ = ["Grid"]

TILE = 2**19  # bytes of an array in a tile: half of a second-level cache of 1 MiB, measured best


class Grid:
    """The rows and columns of a region.

    Attributes:
        rows: how many there are.
        columns: how many there are; 1 where nothing divides rows from columns, and tiles are flat then.
    """

    def __init__(self, region: Region) -> None:
        shape, split = region.shape, region.split
        self._shape = shape
        self._flat = split is None
        self._split = len(shape) if split is None else split
        self.rows = math.prod(shape[: self._split])
        self.columns = math.prod(shape[self._split :])

    def height(self, itemsize: int) -> int:
        """Returns how many rows a tile has, for elements of so many bytes."""
        return max(1, min(self.rows, TILE // max(self.columns * itemsize, 1)))

    def block(self, kind: int, height: int) -> tuple[int, ...]:
        """Returns the shape that a value of a kind has in a tile."""
        if kind == SCALAR:
            return ()
        if self._flat:
            return (height,)
        return (height if kind & ROW else 1, self.columns if kind & COLUMN else 1)

    def seen(self, array: Any, kind: int) -> Any:
        """Returns an array as tiles see it: to be sliced if it has rows, else the same for all."""
        if kind == SCALAR:
            return array[(0,) * array.ndim]
        if kind == FULL:
            return array.reshape(self.block(FULL, self.rows))
        # What is repeated is seen once.
        array = array[tuple(slice(None) if stride else slice(1) for stride in array.strides)]
        if kind == ROW and array.size != self.rows:
            array = array[(..., *(slice(1),) * (len(self._shape) - self._split))]
        elif kind == COLUMN and array.size != self.columns:
            array = array[(slice(1),) * self._split]
        return array.reshape(self.block(kind, self.rows))

    def shown(self, seen: Any, kind: int) -> Any:
        """Returns what all tiles share in dims that broadcast to the region's shape."""
        return seen if kind == SCALAR else seen.reshape(self._shape[self._split :])

    def stripes(self, array: Any) -> Any:
        """Returns a tile with the columns' dims apart again, as a record's own form wants them."""
        return array.reshape(-1, *self._shape[self._split :])
