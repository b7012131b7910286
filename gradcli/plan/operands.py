"""Arrays as numbers: whose memory they are in, where they begin there, and how their elements lie.

Thousands of small operands are compared, grouped and stacked by these numbers alone, and an array is made
only where a call needs one. The rows of a matrix of 3 by 2 doubles that begins at 1000 are (m, 1000, row),
(m, 1016, row) and (m, 1032, row); all three together are (m, 1000, matrix).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OWN", "Layout", "Operand", "Operands", "address_of"]

CELLS = 256  # literals whose memory is taken at once
OWN = 0  # the memory that is reserved for what is computed

Operand = tuple[int, int, int]  # the numbers of a memory and of an address in it, and that of a layout


class Layout(NamedTuple):
    """How elements lie; strides in bytes."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: Any


class Operands:
    """Numbers for arrays, and arrays for numbers.

    Attributes:
        layouts: by their numbers.
    """

    def __init__(self) -> None:
        self.layouts: list[Layout] = []
        self._numbers: dict[Layout, int] = {}
        self._arrays: dict[Operand, Any] = {}
        self._memories: list[tuple[Any, int]] = [(None, 0)]  # the bytes of each, and their address
        self._owners: dict[int, int] = {}  # by the id of an array with memory of its own: which that is
        self._literals: dict[Any, Operand] = {}
        self._cells: dict[Any, list[Any]] = {}  # by dtype, room for literals

    def reserve(self, size: int) -> int:
        """Takes memory for what is computed, all zeros; returns its address."""
        whole = np.zeros(size, np.uint8)
        self._memories[OWN] = whole, address_of(whole)
        return self._memories[OWN][1]

    def of(self, array: Any) -> Operand:
        """Returns where an array is that was made elsewhere."""
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        memory = self._owners.get(id(owner))
        if memory is None:
            memory = self._owners[id(owner)] = len(self._memories)
            self._memories.append(_bytes(owner))
        operand = memory, address_of(array), self.layout_of(array)
        self._arrays.setdefault(operand, array)
        return operand

    def literal(self, array: Any) -> Operand:
        """Returns where a number is: with its equals, and behind those that came before it."""
        key = array.dtype, array.tobytes()
        found = self._literals.get(key)
        if found is None:
            cells = self._cells.setdefault(array.dtype, [])
            if not cells:
                chunk = np.zeros(CELLS, array.dtype)
                cells += [chunk[i : i + 1].reshape(()) for i in reversed(range(CELLS))]
            cell = cells.pop()
            cell[...] = array
            found = self._literals[key] = self.of(cell)
        return found

    def layout_of(self, array: Any) -> int:
        """Returns the number of an array's layout, the same for all that lie alike.

        A dim of size 1 has no stride that means anything: it gets what one of more elements would have if
        they lay one behind the other.
        """
        strides = []
        inside = array.itemsize
        for size, stride in zip(reversed(array.shape), reversed(array.strides), strict=True):
            strides.append(inside if size == 1 else stride)
            inside = strides[-1] * size
        return self._number(Layout(array.shape, tuple(reversed(strides)), array.dtype))

    def stacked(self, layout: int, count: int, distance: int, rank: int) -> int:
        """Returns the number of the layout that several of one layout have together, along a first dim.

        Args:
            layout: of each.
            count: how many.
            distance: from one to the next, in bytes.
            rank: the dims that each is to have at least: new ones of size 1 come in front of its own.
        """
        shape, strides, dtype = self.layouts[layout]
        more = max(rank - len(shape), 0)
        return self._number(Layout((count, *(1,) * more, *shape), (distance, *(0,) * more, *strides), dtype))

    def array(self, operand: Operand) -> Any:
        """Returns an operand as an array, always the same one."""
        found = self._arrays.get(operand)
        if found is None:
            memory, address, layout = operand
            shape, strides, dtype = self.layouts[layout]
            whole, start = self._memories[memory]
            found = self._arrays[operand] = np.ndarray(shape, dtype, whole, address - start, strides)
        return found

    def arrays(self, operands: Iterable[Operand]) -> list[Any]:
        """Returns operands as arrays."""
        return [self.array(operand) for operand in operands]

    def _number(self, layout: Layout) -> int:
        found = self._numbers.get(layout)
        if found is None:
            found = self._numbers[layout] = len(self.layouts)
            self.layouts.append(layout)
        return found


def address_of(array: Any) -> int:
    """Returns where an array's first element is."""
    found: int = array.__array_interface__["data"][0]
    return found


def _bytes(array: Any) -> tuple[Any, int]:
    """The memory from an array's first byte to its last, and its address."""
    start, end = byte_bounds(array)
    first = array[(*(slice(-1, None) if stride < 0 else slice(1) for stride in array.strides), ...)]
    return as_strided(first.reshape(-1).view(np.uint8), (end - start,), (1,)), start
