"""A sweep made runnable: tile by tile, by as many threads as pay.

Sums are taken tile by tile (pairwise inside), then over the tiles in order, whatever thread did which: the
result does not depend on the number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.plan.assembly import TILE, Registers, assembled
from gradcli.plan.grid import Grid
from gradcli.plan.region import ROW
from gradcli.plan.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradcli.plan.schedule import Sweep
    from gradcli.plan.standin import Fact

__all__ = ["Kernel"]


class Kernel:
    """One sweep, assembled."""

    def __init__(self, sweep: Sweep, facts: Mapping[int, Fact]) -> None:
        self._grid = Grid(sweep.region)
        self._made = sweep.region.made
        self._facts = facts
        self._code = assembled(sweep, facts, self._grid)
        self._height = self._grid.height(self._code.itemsize)

    def run(self, values: dict[int, Any]) -> None:
        """Adds to the values those that the sweep gives."""
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
            values[number] = whole = self._empty(number)
            if kind & ROW:
                sliced.append((register, grid.seen(whole, kind)))
            else:
                whole[...] = grid.shown(registers[register], kind)
        count = -(-grid.rows // self._height)
        for partial in code.partials:
            registers[partial.register] = [None] * count
        work = grid.rows * grid.columns * len(code.each)
        in_threads(lambda tiles: self._tiles(tiles, list(registers), sliced), count, work)
        for number, how, register in code.partials:
            total = how.reduce.reduce(np.asarray(registers[register]), axis=0)
            total = np.asarray(total / how.terms if how.terms else total)
            values[number] = total.reshape(self._facts[number].shape)

    def _tiles(self, tiles: Iterator[int], registers: Registers, sliced: list[tuple[int, Any]]) -> None:
        """Runs tiles, one thread's share, on registers and buffers of its own."""
        code, rows = self._code, self._grid.rows
        buffers = [
            (register, np.empty(self._grid.block(kind, self._height), dtype))
            for register, kind, dtype in code.buffers
        ]
        size = 0
        for tile in tiles:
            start = tile * self._height
            stop = min(start + self._height, rows)
            if stop - start != size:
                size = stop - start
                for register, buffer in buffers:
                    registers[register] = buffer[:size]
            registers[TILE] = tile, size
            for register, whole in sliced:
                registers[register] = whole[start:stop]
            for call in code.each:
                call(registers)

    def _empty(self, number: int) -> Any:
        fact = self._facts[number]
        context.budget.ask(fact.shape, fact.dtype.itemsize)
        array = np.empty(fact.shape, fact.dtype)
        context.budget.charge(array)
        return array
