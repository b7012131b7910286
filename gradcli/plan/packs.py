"""Units of work that do the same to operands at equal distances: packs.

Of four sines, from address 0 to 100, from 8 to 108, from 16 to 116 and from 64 to 124, three are a pack. As
compilers find isomorphic statements for vector instructions, but by the addresses alone: Larsen and
Amarasinghe, Exploiting superword level parallelism with multimedia instruction sets (2000).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.operands import Operand

__all__ = ["PLAIN", "Unit", "alone", "packs"]

PLAIN = 22  # hundredths of a microsecond, as measured: a call on small arrays without gaps


class Unit(NamedTuple):
    """Something to call.

    Attributes:
        function: what does it, equal for units that do the same.
        operands: what it is called with; its result is to be where the last is.
        cost: of calling it, in hundredths of a microsecond.
        calls: makes the calls where it is merged with nothing; None for the function on the operands.
        parts: the units that it stands for, unless it is merged with others.
    """

    function: Any
    operands: tuple[Operand, ...]
    cost: int = PLAIN
    calls: Callable[[], list[Callable[[], object]]] | None = None
    parts: Sequence[Unit] = ()


def alone(calls: Callable[[], list[Callable[[], object]]]) -> Unit:
    """Returns a unit that is like no other."""
    return Unit(calls, (), calls=calls)


def packs(units: Sequence[Unit]) -> list[list[Unit]]:
    """Returns the units in packs, some of one: from one to the next all operands are as far apart."""
    if len(units) == 1:
        return [list(units)]
    alike: dict[Any, list[Unit]] = {}
    for unit in units:
        key = (unit.function, *[x for memory, _, layout in unit.operands for x in (memory, layout)])
        alike.setdefault(key, []).append(unit)
    return [pack for some in alike.values() for pack in _runs(some)]


def _runs(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units in the order of their results, in runs of equal distances."""
    if len(units) == 1:
        return [list(units)]
    places = [[address for _, address, _ in reversed(unit.operands)] for unit in units]
    order = sorted(range(len(units)), key=places.__getitem__)
    runs = [[units[order[0]]]]
    distances: list[int] = []
    for one, other in pairwise(order):
        steps = [b - a for a, b in zip(places[one], places[other], strict=True)]
        if len(runs[-1]) == 1 or steps == distances:
            runs[-1].append(units[other])
            distances = steps
        else:
            runs.append([units[other]])
    return runs
