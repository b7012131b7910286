"""What a turn of a loop moves, read off its tape, and what else must be so that a plan can do it instead."""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.autograd.tensor import Tensor
    from gradcli.plan.trace import Trace
    from gradcli.plan.turn_tape import Place, TurnTape

__all__ = ["Moves", "moves"]


class Moves(NamedTuple):
    """What a turn does to tensors; places are those among all that the program can reach.

    Attributes:
        tensors: all that the program could reach before the turn.
        numbers: the place of each of them by its number.
        trace: what leads to the new values: of the written tensors, the gradients that optimizers take, the
            carried tensors, and the plain numbers, in this order; then what must be done because it may fail.
        inputs: the numbers, before the turn, of the written, the stepped and the carried tensors.
        written: tensors changed in place by operations.
        changes: how often each of them is changed.
        stepped: tensors changed by optimizers.
        places: those of the written and the stepped tensors.
        carried: by place, a tensor that another one replaces in each turn, and that the next turn reads.
        leaves: those whose gradients optimizers take.
        steps: make the optimizers' steps.
        hidden: the places of what optimizers remember.
        fixed: by place, the arrays that a turn reads and leaves alone.
        sites: where in the text plain numbers are asked for.
    """

    tensors: tuple[Tensor, ...]
    numbers: Mapping[int, int]
    trace: Trace
    inputs: tuple[int, ...]
    written: tuple[Tensor, ...]
    changes: tuple[int, ...]
    stepped: tuple[Tensor, ...]
    places: tuple[int, ...]
    carried: Mapping[int, Tensor]
    leaves: tuple[Tensor, ...]
    steps: tuple[Callable[[], Any], ...]
    hidden: tuple[int, ...]
    fixed: Mapping[int, Any]
    sites: tuple[Place, ...]


def moves(tape: TurnTape, after: Sequence[Tensor], sites: Sequence[Place]) -> Moves | None:
    """Returns what a turn moves; None where a plan could not do the same.

    Args:
        tape: that of the turn.
        after: what the program can reach after it, in the order of the tape's tensors.
        sites: where a value may become a plain number.
    """
    reading = _Reading(tape, after, sites)
    return reading.moves() if tape.explained and reading.is_sound() else None


class _Reading:
    def __init__(self, tape: TurnTape, after: Sequence[Tensor], sites: Sequence[Place]) -> None:
        self.tape = tape
        self.after = after
        self.sites = tuple(sites)
        pairs = list(enumerate(zip(tape.tensors, after, strict=True)))
        self.replaced = [i for i, (old, new) in pairs if old is not new]
        stay = [i for i, (old, new) in pairs if old is new]
        self.stepped = [i for i in stay if tape.last[i] in tape.stepped]
        self.written = [i for i in stay if tape.last[i] not in (tape.first[i], *tape.stepped)]
        self.hidden = [i for i in stay if tape.last[i] == tape.first[i] and not tape.is_as_before(i)]

    def is_sound(self) -> bool:
        """Whether what moves is all that a turn does."""
        tape = self.tape
        stay = (*self.written, *self.stepped)
        leaves = {id(leaf) for update in tape.updates for leaf in update.leaves}
        return (
            all(tape.tensors[i]._array is tape.arrays[i] for i in (*stay, *self.hidden))
            and leaves == {id(tape.tensors[i]) for i in self.stepped}
            and (not self.hidden or bool(tape.updates))
            and sorted(place for _, place in tape.told if place in self.sites) == sorted(self.sites)
            and self._reads_nothing_stepped()
            and self._decides_nothing()
            and not self._shares_memory()
        )

    def _reads_nothing_stepped(self) -> bool:
        """Whether optimizers come last: nothing reads what they have changed."""
        return self.tape.stepped.isdisjoint(self._read())

    def _read(self) -> set[int]:
        """The numbers of what a turn reads, or hands on under another name."""
        return self.tape.read().union(self.tape.last[i] for i in (*self.written, *self.replaced))

    def _decides_nothing(self) -> bool:
        """Whether nothing that moves became a plain number, but where that is allowed."""
        told = [number for number, place in self.tape.told if place not in self.sites]
        moving = [self.tape.first[i] for i in (*self.written, *self.stepped, *self.replaced, *self.hidden)]
        return not told or self.tape.between(moving, told).dependent().isdisjoint(told)

    def _shares_memory(self) -> bool:
        """Whether memory that a turn changes is also seen by other tensors, or by what it takes for fixed."""
        tape = self.tape
        moving = [tape.arrays[i] for i in (*self.written, *self.stepped, *self.hidden)]
        own = set(map(id, moving))
        others = [array for array in (*tape.arrays, *tape.own_constants().values()) if id(array) not in own]
        return len(own) < len(moving) or any(
            np.may_share_memory(array, other)
            for i, array in enumerate(moving)
            for other in (*moving[:i], *others)
        )

    def moves(self) -> Moves | None:
        """What moves; None where a history would be lost, or an optimizer's memory is read."""
        tape, after = self.tape, self.after
        carried = [i for i in self.replaced if tape.first[i] in self._read()]
        trace = self._trace(carried)
        if any(self._has_history(i) for i in (*self.written, *carried)):
            return None
        places = {number: i for i, number in enumerate(tape.first)}
        fixed = {places[n]: array for n, array in trace.constants.items() if n in places}
        if not fixed.keys().isdisjoint(self.hidden):
            return None
        stay = (*self.written, *self.stepped)
        return Moves(
            tensors=tape.tensors,
            numbers=places,
            trace=trace,
            inputs=tuple(tape.first[i] for i in (*stay, *carried)),
            written=tuple(after[i] for i in self.written),
            changes=tuple(map(tape.changes, self.written)),
            stepped=tuple(after[i] for i in self.stepped),
            places=stay,
            carried={i: after[i] for i in carried},
            leaves=tuple(leaf for update in tape.updates for leaf in update.leaves),
            steps=tuple(update.step for update in tape.updates),
            hidden=tuple(self.hidden),
            fixed=fixed,
            sites=self.sites,
        )

    def _has_history(self, place: int) -> bool:
        """Whether the graph or the view behind a tensor would be missed by the next turn."""
        tensor = self.after[place]
        return tensor._base is not None or (tensor._edge is not None and self._is_followed(place))

    def _is_followed(self, place: int) -> bool:
        """Whether a turn goes on with a tensor itself, not only with its values."""
        number, tape = self.tape.first[place], self.tape
        moved = (tape.last[i] for i in (*self.written, *self.replaced))
        return place in self.written or number in tape.tracked() or number in moved

    def _trace(self, carried: Sequence[int]) -> Trace:
        """What leads to the new values; of the replaced tensors, those that are read are inputs, too."""
        tape = self.tape
        outputs = [tape.last[i] for i in self.written]
        outputs += [number for update in tape.updates for number in update.gradients]
        outputs += [tape.last[i] for i in carried]
        told = {place: number for number, place in tape.told}
        outputs += [*(told[place] for place in self.sites), *tape.failing()]
        inputs = [tape.first[i] for i in (*self.written, *self.stepped, *self.replaced)]
        trace = tape.between(inputs, outputs)
        read = {*trace.outputs, *(x for step in trace.steps for x in step.arguments if x.__class__ is int)}
        return trace._replace(inputs=tuple(number for number in inputs if number in read))
