"""Units of work as calls: packs of units are one call each where that is cheaper.

Packs at equal distances are packed again, so that the gates of the layers of the turns of a loop become an
array with three more dims.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.bound_calls import filling
from gradcli.plan.packs import PLAIN, Unit, packs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.operands import Operand, Operands

    Call = Callable[[], object]

__all__ = ["SUMMED", "Merger", "RowSum"]

# What calls cost besides PLAIN ones: on operands with gaps, a sum by BLAS, and one by NumPy.
STRIDED, SUMMED, REDUCED = 80, 35, 180


class RowSum(NamedTuple):
    """A sum over an array's last dims, which stays one where there are more dims before.

    Attributes:
        dims: negative.
        keepdim: whether they stay, of size 1.
    """

    dims: tuple[int, ...]
    keepdim: bool

    def __call__(self, x: Any, out: Any) -> None:
        """Fills `out`."""
        np.add.reduce(x, self.dims, out=out, keepdims=self.keepdim)


class Merger:
    """Makes calls of units: as few as the places of their operands allow."""

    def __init__(self, operands: Operands) -> None:
        self._operands = operands
        self._units: list[Unit] = []
        self._costs: dict[Any, int] = {}

    def take(self, units: Sequence[Unit]) -> None:
        """Adds units that do not depend on one another, behind those taken before."""
        while units:
            merged = []
            for pack in packs(units):
                if len(pack) > 1:
                    merged.append(self._merged(pack))
                else:
                    self._units += pack[0].parts or pack
            units = merged

    def calls(self) -> list[Call]:
        """Returns the calls of all units taken, and forgets these.

        Equal ones are one object, and all are made at once in their order: the processor's cache holds the
        former and reads ahead for the latter, which is worth a third of the time.
        """
        calls: list[Call] = []
        known: dict[Any, Call] = {}
        units, self._units = self._units, []
        for function, operands, _, own, _ in units:
            if own is not None:
                calls += own()
                continue
            call = known.get((function, operands))
            if call is None:
                call = known[function, operands] = filling(function, self._operands.arrays(operands))
            calls.append(call)
        return calls

    def total(self, terms: Sequence[Operand], result: Operand) -> list[Call]:
        """Returns the calls that add up values of one shape: those at equal distances at once."""
        array = self._operands.array
        out = array(result)
        calls: list[Call] = []
        sums: list[Any] = []
        loose: list[Any] = []
        for pack in packs([Unit(np.add, (term,)) for term in terms]):
            if len(pack) * PLAIN <= REDUCED:
                loose += [array(unit.operands[0]) for unit in pack]
            else:
                (rows,) = self._stacked(pack, broadcast=False)
                sums.append(np.empty_like(out) if sums else out)
                calls.append(_row_total(array(rows), sums[-1]))
        total, *others = [*sums, *loose]
        for one in others:
            calls.append(partial(np.add, total, one, out))
            total = out
        return calls

    def _merged(self, pack: list[Unit]) -> Unit:
        """A unit for several: one call, or theirs where those are cheaper."""
        function = pack[0].function
        stacks = tuple(self._stacked(pack, broadcast=function.__class__ is not RowSum))
        cost, apart = self._cost(function, stacks), sum(unit.cost for unit in pack)
        if cost < apart:
            return Unit(function, stacks, cost)
        return Unit(function, stacks, apart, parts=[one for unit in pack for one in unit.parts or (unit,)])

    def _stacked(self, pack: Sequence[Unit], *, broadcast: bool) -> list[Operand]:
        """The operands of units, each with those of the others along a new first dim.

        Args:
            pack: the units.
            broadcast: what all share stays as it is, and what has fewer dims than others gets new ones.
        """
        operands = self._operands
        rank = max(len(operands.layouts[layout].shape) for *_, layout in pack[0].operands) if broadcast else 0
        stacks = []
        for one, other in zip(pack[0].operands, pack[1].operands, strict=True):
            memory, address, layout = one
            distance = other[1] - address
            if distance or not broadcast:
                layout = operands.stacked(layout, len(pack), distance, rank)
            stacks.append((memory, address, layout))
        return stacks

    def _cost(self, function: Any, operands: Sequence[Operand]) -> int:
        if function.__class__ is RowSum:
            return REDUCED
        if function is np.copyto:
            return PLAIN
        key = tuple([layout for _, _, layout in operands])
        found = self._costs.get(key)
        if found is None:
            arrays = self._operands.arrays(operands)
            shape = arrays[-1].shape
            plain = all(x.size == 1 or (x.shape == shape and x.flags.c_contiguous) for x in arrays)
            found = self._costs[key] = PLAIN if plain else STRIDED
        return found


def _row_total(rows: Any, out: Any) -> Call:
    """Adds up rows; from -0, because the sum of nothing but -0 is -0."""
    return partial(np.add.reduce, rows, 0, None, out, False, -0.0)
