"""A sweep made runnable: tile by tile, by as many threads as pay.

Tiles are given out in shares. Sums are taken tile by tile (pairwise inside), then along a share, then over
the shares (pairwise), whatever thread did which: the result does not depend on the number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.plan.assembly import assembled
from gradcli.plan.buffers import aligned
from gradcli.plan.grid import Grid
from gradcli.plan.region import ROW
from gradcli.plan.threads import in_threads
from gradcli.plan.tile_calls import TILE, Registers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradcli.plan.facts import Fact
    from gradcli.plan.schedule import Sweep

__all__ = ["Kernel"]

SHARES = 64  # at most: so many parts of a reduction are held at once


class Kernel:
    """One sweep, assembled."""

    def __init__(self, sweep: Sweep, facts: Mapping[int, Fact]) -> None:
        self._grid = Grid(sweep.region)
        self._made = sweep.region.made
        self._facts = facts
        self._code = assembled(sweep, facts, self._grid)
        self._height = self._grid.height(self._code.itemsize)
        self._tiles = -(-self._grid.rows // self._height)
        self._shares = min(SHARES, self._tiles)
        self._spare: list[list[tuple[int, Any]]] = []  # to fetch fresh memory costs more than to fill it

    def run(self, values: dict[int, Any]) -> None:
        """Adds to the values those that the sweep gives."""
        code, grid = self._code, self._grid
        registers, sliced = self._loaded(values)
        for partial in code.partials:
            registers[partial.register] = [None] * self._shares
        work = grid.rows * grid.columns * len(code.each)
        in_threads(lambda shares: self._work(shares, list(registers), sliced), self._shares, work)
        for number, how, register in code.partials:
            parts = registers[register]
            total = how.reduce.reduce(np.asarray(parts), axis=0) if len(parts) != 1 else parts[0]
            total = np.asarray(total / how.terms if how.terms else total)
            values[number] = total.reshape(self._facts[number].shape)

    def _loaded(self, values: dict[int, Any]) -> tuple[Registers, list[tuple[int, Any]]]:
        """The registers with what all tiles share, and the arrays that every tile has a part of."""
        code, grid = self._code, self._grid
        registers: Registers = [None] * code.registers
        sliced: list[tuple[int, Any]] = []
        for register, literal in code.literals:
            registers[register] = literal
        for number, kind, register in code.given:
            seen = grid.seen(values[number], kind)
            if kind & ROW:
                sliced.append((register, seen))
            else:
                registers[register] = seen
        for call in code.once:
            call(registers)
        for number, kind, register in code.results:
            if kind & ROW:
                values[number] = whole = self._empty(number)
                sliced.append((register, grid.seen(whole, kind)))
            else:
                values[number] = self._repeated(number, grid.shown(registers[register], kind))
        return registers, sliced

    def _work(self, shares: Iterator[int], registers: Registers, sliced: list[tuple[int, Any]]) -> None:
        """Does shares of the tiles, in one thread, on registers and buffers of its own."""
        calls, rows, size = self._code.each, self._grid.rows, 0
        buffers = self._buffers()
        for share, tile in self._tiles_of(shares):
            start = tile * self._height
            stop = min(start + self._height, rows)
            if stop - start != size:
                size = stop - start
                for register, buffer in buffers:
                    registers[register] = buffer[:size]
            registers[TILE] = share, size
            for register, whole in sliced:
                registers[register] = whole[start:stop]
            for call in calls:
                call(registers)
        self._spare.append(buffers)

    def _buffers(self) -> list[tuple[int, Any]]:
        """Buffers for a thread, with their registers: of an earlier run, unless another thread has them."""
        try:
            return self._spare.pop()
        except IndexError:
            block = self._grid.block
            return [
                (register, aligned(block(kind, self._height), dtype))
                for register, kind, dtype in self._code.buffers
            ]

    def _tiles_of(self, shares: Iterator[int]) -> Iterator[tuple[int, int]]:
        for share in shares:
            first, last = (k * self._tiles // self._shares for k in (share, share + 1))
            yield from ((share, tile) for tile in range(first, last))

    def _repeated(self, number: int, shown: Any) -> Any:
        """The value that all tiles share, repeated without memory of its own."""
        fact = self._facts[number]
        return np.broadcast_to(np.asarray(shown, fact.dtype), fact.shape)

    def _empty(self, number: int) -> Any:
        fact = self._facts[number]
        context.budget.ask(fact.shape, fact.dtype.itemsize)
        array = np.empty(fact.shape, fact.dtype)
        context.budget.charge(array)
        return array
