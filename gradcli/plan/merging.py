"""Equal calls on operands that lie at equal distances, as one call on all of them.

As compilers pack isomorphic statements into vector instructions, by the addresses alone: Larsen and
Amarasinghe, Exploiting superword level parallelism with multimedia instruction sets (2000). Packs at equal
distances are packed again, so that gates of layers of turns become an array with three more axes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.bound_calls import NAMED
from gradcli.plan.memory import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.memory import Memory, Operand

    Call = Callable[[], object]

__all__ = ["SUMMED", "Merger", "RowSum", "Unit"]

# What calls on small arrays cost in hundredths of a microsecond, as measured: on operands that lie one
# behind the other, on others, a sum by BLAS, and one by NumPy.
PLAIN, STRIDED, SUMMED, REDUCED = 22, 80, 35, 180


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


class Unit(NamedTuple):
    """Something to call.

    Attributes:
        function: called with the operands; None for what stays as it is.
        operands: what it reads, and where its result is to be at the end.
        cost: of calling it.
        apart: how it is called: None for at once, or a function that returns calls, or units.
    """

    function: Any
    operands: tuple[Operand, ...] = ()
    cost: int = PLAIN
    apart: Any = None


class Merger:
    """Makes calls of units: as few as the places of their operands allow."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._units: list[Unit] = []
        self._stacks: dict[Any, int] = {}
        self._costs: dict[Any, int] = {}

    def take(self, units: Sequence[Unit]) -> None:
        """Adds units that do not depend on one another, behind those taken before."""
        if len(units) == 1:
            self._take(units[0])
            return
        waiting = _alike(units)
        while waiting:
            packed = []
            for some in waiting:
                if len(some) == 1 or some[0].function is None:
                    for unit in some:
                        self._take(unit)
                    continue
                for pack in _packs(some):
                    if len(pack) == 1:
                        self._take(pack[0])
                    else:
                        packed.append(self._packed(pack))
            waiting = _alike(packed)

    def total(self, terms: Sequence[Operand], result: Operand) -> list[Call]:
        """Returns the calls that add up values of one shape: those at equal distances at once."""
        array = self._memory.array
        out = array(result)
        calls: list[Call] = []
        sums = []
        for some in _alike([Unit(np.add, (term,)) for term in terms]):
            for pack in _packs(some):
                if len(pack) * PLAIN <= REDUCED:
                    sums += [array(unit.operands[0]) for unit in pack]
                    continue
                rows = self._stacked(pack, 0, 0)
                sums.append(np.empty_like(out))
                calls.append(_row_total(array(rows), sums[-1]))
        if len(sums) == 1:
            return [_row_total(calls[0].args[0], out)]  # type: ignore[attr-defined] # a partial
        total = sums[0]
        for one in sums[1:]:
            calls.append(partial(np.add, total, one, out))
            total = out
        return calls

    def _take(self, unit: Unit) -> None:
        """Adds a unit, or those that it stands for."""
        if unit.apart.__class__ is list:
            for one in unit.apart:
                self._take(one)
        else:
            self._units.append(unit)

    def calls(self) -> list[Call]:
        """Returns the calls of all units taken, and forgets these, some of which are called by way of it.

        Equal ones are one object, and all are made at once in their order: the processor's cache holds the
        former and reads ahead for the latter, which is worth a third of the time.
        """
        calls: list[Call] = []
        known: dict[Any, Call] = {}
        array = self._memory.array
        units, self._units = self._units, []
        for function, operands, _, apart in units:
            if apart is not None:
                calls += apart()
                continue
            call = known.get((function, operands))
            if call is None:
                *given, out = map(array, operands)
                if function is np.copyto:
                    call = partial(function, out, *given)
                elif function in NAMED:
                    call = partial(function, *given, out=out)
                else:
                    call = partial(function, *given, out)
                known[function, operands] = call
            calls.append(call)
        return calls

    def _packed(self, pack: list[Unit]) -> Unit:
        """A unit for several: one call, or theirs where those are cheaper."""
        function, operands, *_ = pack[0]
        rank = 0
        if function.__class__ is not RowSum:
            rank = len(self._memory.layouts[operands[-1][2]].shape)
        stacks = tuple(self._stacked(pack, i, rank) for i in range(len(operands)))
        cost, apart = self._cost(function, stacks), sum(unit.cost for unit in pack)
        return Unit(function, stacks, apart, pack) if cost >= apart else Unit(function, stacks, cost)

    def _stacked(self, pack: Sequence[Unit], i: int, rank: int) -> Operand:
        """Operands at equal distances as one with an axis more in front.

        Args:
            pack: whose.
            i: which operand.
            rank: how many dims there are to be besides (0: as there are); what is shared stays as it is.
        """
        owner, address, layout = pack[0].operands[i]
        distance = pack[1].operands[i][1] - address
        if rank and not distance:
            return pack[0].operands[i]
        key = layout, len(pack), distance, rank
        found = self._stacks.get(key)
        if found is None:
            shape, strides, dtype = self._memory.layouts[layout]
            more = max(rank - len(shape), 0)
            found = self._stacks[key] = self._memory.layout(
                Layout((len(pack), *(1,) * more, *shape), (distance, *(0,) * more, *strides), dtype)
            )
        return owner, address, found

    def _cost(self, function: Any, operands: Sequence[Operand]) -> int:
        if function.__class__ is RowSum:
            return REDUCED
        if function is np.copyto:
            return PLAIN
        key = tuple(operand[2] for operand in operands)
        found = self._costs.get(key)
        if found is None:
            arrays = list(map(self._memory.array, operands))
            shape = arrays[-1].shape
            plain = all(x.size == 1 or (x.shape == shape and x.flags.c_contiguous) for x in arrays)
            found = self._costs[key] = PLAIN if plain else STRIDED
        return found


def _row_total(rows: Any, out: Any) -> Call:
    """Adds up rows; from -0, because the sum of nothing but -0 is -0."""
    return partial(np.add.reduce, rows, 0, None, out, False, -0.0)


def _alike(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units that do the same to operands of the same layouts in memory of the same owners."""
    found: dict[Any, list[Unit]] = {}
    for unit in units:
        key = (unit.function, *[x for owner, _, layout in unit.operands for x in (owner, layout)])
        found.setdefault(key, []).append(unit)
    return list(found.values())


def _packs(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units in the order of their results, in runs of equal distances."""
    places = [[address for _, address, _ in reversed(unit.operands)] for unit in units]
    packs: list[list[Unit]] = []
    distance: list[int] | None = None
    last: list[int] | None = None
    for i in sorted(range(len(units)), key=places.__getitem__):
        here = places[i]
        step = None if last is None else [b - a for a, b in zip(last, here, strict=True)]
        if step is not None and (len(packs[-1]) == 1 or step == distance):
            packs[-1].append(units[i])
            distance = step
        else:
            packs.append([units[i]])
        last = here
    return packs
