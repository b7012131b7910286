"""What a tile is made of: calls bound to the registers that they read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.region import FULL, ROW

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.plan.grid import Grid
    from gradcli.plan.region import How

__all__ = ["TILE", "Registers", "assigning", "copying", "partial_reduction", "row_reduction", "writing"]

Registers = list[Any]
TILE = 0  # the register with the share of the tiles that is being done, and the rows of this tile


def writing(call: Any, arguments: list[int], to: int) -> Callable[[Registers], object]:
    """Returns a call whose result goes into the array of a register."""
    if len(arguments) == 1:
        (one,) = arguments
        return lambda r: call(r[one], out=r[to])
    if len(arguments) == 2:  # noqa: PLR2004 - the usual case
        left, right = arguments
        return lambda r: call(r[left], r[right], out=r[to])
    return lambda r: call(*[r[i] for i in arguments], out=r[to])


def assigning(call: Any, arguments: list[int], to: int) -> Callable[[Registers], object]:
    """Returns a call whose result becomes that of a register."""

    def assign(r: Registers) -> None:
        r[to] = call(*[r[i] for i in arguments])

    return assign


def copying(call: Any, arguments: list[int], to: int) -> Callable[[Registers], object]:
    """Returns a call whose result is copied into the array of a register."""
    return lambda r: np.copyto(r[to], call(*[r[i] for i in arguments]))


def row_reduction(how: How, columns: int) -> Callable[[Any], Any]:
    """Returns a function that reduces each row of a tile to one element."""
    reduce, terms = how.reduce.reduce, how.terms

    def call(x: Any) -> Any:
        height = len(x) if np.ndim(x) else 1
        if np.shape(x) != (height, columns):
            x = np.broadcast_to(x, (height, columns))
        found = reduce(x, axis=1, keepdims=True)
        found = found / terms if terms else found
        return found if how.kind & ROW else found[0, 0]

    return call


def partial_reduction(how: How, x: int, to: int, grid: Grid) -> Callable[[Registers], object]:
    """Returns a reduction of a tile, joined to what its share of the tiles has given so far."""
    join = how.reduce
    axis = None if how.what == "all" else 0

    def call(r: Registers) -> None:
        value, (share, height) = r[x], r[TILE]
        block = grid.block(FULL, height)
        if np.shape(value) != block:
            value = np.broadcast_to(value, block)
        part, held = join.reduce(value, axis=axis), r[to][share]
        r[to][share] = part if held is None else join(held, part)

    return call
