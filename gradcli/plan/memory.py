"""Addresses for storages: those of a kind lie one behind the other, as rows of a block."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.operands import Operands
    from gradcli.plan.repetition import Order
    from gradcli.plan.storages import Storage

__all__ = ["Memory"]

LINE = 64  # bytes of a cache line


class Memory:
    """One memory for all that is computed, divided into blocks."""

    def __init__(self, storages: Sequence[Storage], order: Order, operands: Operands) -> None:
        """Reserves it.

        Args:
            storages: all of a trace; those that have an address keep it.
            order: when they are filled and read.
            operands: where memory is reserved.
        """
        self._rows: dict[Storage, _Block] = {}
        self._dying: dict[int, list[Storage]] = {}  # by level, those that nothing reads after it
        blocks: dict[tuple[int, int], _Block] = {}
        for home, level in _last(storages, order).items():
            key = order.kinds[home.index], home.form.size
            block = blocks.get(key)
            if block is None:
                block = blocks[key] = _Block(home.form.size)
            block.count += 1
            self._rows[home] = block
            if not home.lasting:
                self._dying.setdefault(level, []).append(home)
        starts, size = [], 0
        for block in blocks.values():
            starts.append(size)
            size += -(-block.count * block.size // LINE) * LINE
        address = operands.reserve(size)
        for block, start in zip(blocks.values(), starts, strict=True):
            block.next = address + start

    def settle(self, storage: Storage) -> None:
        """Gives a storage an address; rows are given out in the order in which they are asked for."""
        home = storage.home
        if not home.address:
            home.address = self._rows[home].take(fresh=home.lasting)  # what lasts begins with zeros

    def leave(self, level: int) -> None:
        """Notes that a level is done: what nothing reads after it may be written over."""
        for home in self._dying.get(level, ()):
            self._rows[home].free.append(home.address)


def _last(storages: Sequence[Storage], order: Order) -> dict[Storage, int]:
    """By storage that needs a row of its own the last level that reads it or a part of it."""
    last: dict[Storage, int] = {}
    for storage, level in zip(storages, order.last, strict=True):
        home = storage.home
        if not home.address and last.get(home, -1) < level:
            last[home] = level
    return last


class _Block:
    """The rows of a kind.

    Attributes:
        size: of a row in bytes.
        count: how many rows there may be.
        next: the address of the first that nothing was in yet.
        free: the addresses of those that may be written again.
    """

    __slots__ = ("count", "free", "next", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.count = self.next = 0
        self.free: deque[int] = deque()

    def take(self, *, fresh: bool) -> int:
        """Returns the address of a row that is free, or `fresh`."""
        if self.free and not fresh:
            return self.free.popleft()
        found = self.next
        self.next += self.size
        return found
