"""What a turn of a loop moves, read off its tape, and what else must be so that a plan can do it instead."""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.tensor import Tensor
from gradcli.plan.turn_tape import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gradcli.plan.trace import Trace
    from gradcli.plan.turn_tape import Place, Sites, TurnTape

__all__ = ["Moves", "moves"]


class Moves(NamedTuple):
    """What a turn does to tensors; places are those among all that the program can reach.

    Attributes:
        tensors: all that the program could reach before the turn.
        numbers: the place of each of them by its number.
        trace: what leads to the new values: of the written tensors, the gradients that optimizers take, the
            carried tensors, and the plain numbers, in this order; then what must be done as it may fail.
        inputs: the numbers, before the turn, of the written, the stepped and the carried tensors.
        written: places of tensors changed in place by operations.
        changes: how often each of them is changed.
        stepped: places of tensors changed by optimizers.
        hidden: the places of what optimizers remember.
        carried: by place, a tensor that another one replaces in each turn, and that the next turn reads.
        leaves: those whose gradients optimizers take.
        steps: make the optimizers' steps.
        fixed: by place, the arrays that a turn reads and leaves alone.
        sites: where in the text plain numbers are asked for.
        versions: how often all tensors had been changed before the turn.
    """

    tensors: tuple[Tensor, ...]
    numbers: Mapping[int, int]
    trace: Trace
    inputs: tuple[int, ...]
    written: tuple[int, ...]
    changes: tuple[int, ...]
    stepped: tuple[int, ...]
    hidden: tuple[int, ...]
    carried: Mapping[int, Tensor]
    leaves: tuple[Tensor, ...]
    steps: tuple[Callable[[], Any], ...]
    fixed: Mapping[int, Any]
    sites: tuple[Place, ...]
    versions: tuple[int, ...]


def moves(tape: TurnTape, after: Sequence[Tensor], sites: Sites, replaceable: Iterable[int]) -> Moves | None:
    """Returns what a turn moves; None where a plan could not do the same.

    Args:
        tape: that of the turn.
        after: what the program can reach after it, in the order of the tape's tensors.
        sites: where a value may become a plain number.
        replaceable: the places where whoever runs the plan can put another tensor.
    """
    reading = _Reading(tape, after, sites)
    sound = tape.explained and reading.is_sound() and reading.carried.keys() <= set(replaceable)
    return reading.moves() if sound else None


class _Reading:
    def __init__(self, tape: TurnTape, after: Sequence[Tensor], sites: Sites) -> None:
        self.tape = tape
        self.after = after
        self.sites = sites.once
        self.allowed = {*sites.once, *sites.again}
        pairs = list(enumerate(zip(tape.tensors, after, strict=True)))
        self.replaced = [i for i, (old, new) in pairs if old is not new]
        self.stay = [i for i, (old, new) in pairs if old is new]
        remembered = {id(one) for update in tape.updates for one in update.remembered}
        self.hidden = [i for i in self.stay if id(tape.tensors[i]) in remembered]
        self.stepped = [i for i in self.stay if tape.last[i] in tape.stepped]
        self.written = [i for i in self.stay if tape.last[i] not in (tape.first[i], *tape.stepped)]
        self.read = tape.read().union(tape.last[i] for i in (*self.written, *self.replaced))
        self.carried = {i: after[i] for i in self.replaced if tape.first[i] in self.read}

    def is_sound(self) -> bool:
        """Whether what moves is all that a turn does."""
        tape = self.tape
        known = {*self.written, *self.stepped, *self.hidden}
        return (
            all(tape.tensors[i]._array is tape.arrays[i] for i in self.stay)
            and all(i in known or tape.is_as_before(i) for i in self.stay)
            and sorted(place for _, place in tape.told if place in self.sites) == sorted(self.sites)
            and self._steps_once()
            and self._leaves_memories_alone()
            and self._decides_nothing()
            and not self._shares_memory()
            and not any(self._has_history(i) for i in (*self.written, *self.carried))
            and all(map(self._can_be_replaced, self.carried))
        )

    def _steps_once(self) -> bool:
        """Whether each leaf is changed by one step alone, and nothing reads it afterwards."""
        tape = self.tape
        leaves = {
            id(leaf): n
            for update in tape.updates
            for leaf, n in zip(update.leaves, update.before, strict=True)
        }
        idle = {id(leaf) for update in tape.updates for leaf in update.idle}
        return (
            len(leaves) == sum(len(update.leaves) for update in tape.updates)
            and leaves == {id(tape.tensors[i]): tape.first[i] for i in self.stepped}
            and idle.isdisjoint(leaves)
            and tape.stepped.isdisjoint(self.read)
        )

    def _leaves_memories_alone(self) -> bool:
        """Whether what optimizers remember is theirs alone: within reach, neither read nor written."""
        tape, hidden = self.tape, set(self.hidden)
        remembered = {id(one) for update in tape.updates for one in update.remembered}
        return (
            len(hidden) == len(remembered)
            and hidden.isdisjoint(self.written)
            and hidden.isdisjoint(self.stepped)
            and self.read.isdisjoint(tape.first[i] for i in hidden)
        )

    def _decides_nothing(self) -> bool:
        """Whether nothing that moves became a plain number, but where that is allowed."""
        told = [number for number, place in self.tape.told if place not in self.allowed]
        moving = [self.tape.first[i] for i in (*self.written, *self.stepped, *self.replaced, *self.hidden)]
        return not told or self.tape.between(moving, told).dependent().isdisjoint(told)

    def _shares_memory(self) -> bool:
        """Whether memory that a turn changes is also seen by other tensors, or by what it takes for fixed."""
        tape, after, own = self.tape, self.after, tuple(self.tape.own_constants().values())
        moving = (*self.written, *self.stepped, *self.hidden)
        later = [tensor._array for tensor in after]
        return (
            any(_meets(tape.arrays[i], _without(tape.arrays, i)) for i in (*moving, *self.carried))
            or any(_meets(tape.arrays[i], own) for i in moving)
            or any(_meets(later[i], _without(later, i)) for i in self.carried)
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

    def _can_be_replaced(self, place: int) -> bool:
        """Whether a new tensor with the values of a carried one is as good as that."""
        tensor, before = self.after[place], self.tape.tensors[place]
        simple = tensor.__class__ is Tensor and tensor._grad is None and tensor._counter is not None
        dense = np.empty_like(tensor._array).strides == tensor._array.strides
        counts = version_of(tensor) == self.tape.versions[place]
        return simple and dense and counts and before._grad is None

    def moves(self) -> Moves | None:
        """What moves."""
        tape, after = self.tape, self.after
        inputs = tuple(tape.first[i] for i in (*self.written, *self.stepped, *self.carried))
        trace = tape.between(inputs, self._outputs())
        used = {*trace.outputs, *(x for step in trace.steps for x in step.arguments if x.__class__ is int)}
        places = {number: i for i, number in enumerate(tape.first)}
        # What became plain numbers is compared, too, when a plan begins anew.
        told = tape.between(inputs, [number for number, _ in tape.told])
        return Moves(
            tensors=tape.tensors,
            numbers=places,
            trace=trace._replace(inputs=tuple(number for number in inputs if number in used)),
            inputs=inputs,
            written=tuple(self.written),
            changes=tuple(version_of(after[i]) - tape.versions[i] for i in self.written),
            stepped=tuple(self.stepped),
            hidden=tuple(self.hidden),
            carried=self.carried,
            leaves=tuple(leaf for update in tape.updates for leaf in update.leaves),
            steps=tuple(update.step for update in tape.updates),
            fixed={
                places[n]: array for n, array in {**told.constants, **trace.constants}.items() if n in places
            },
            sites=self.sites,
            versions=tape.versions,
        )

    def _outputs(self) -> list[int]:
        tape = self.tape
        told = {place: number for number, place in tape.told}
        return [
            *(tape.last[i] for i in self.written),
            *(number for update in tape.updates for number in update.gradients),
            *(tape.last[i] for i in self.carried),
            *(told[place] for place in self.sites),
            *tape.failing(),
        ]


def _meets(one: Any, others: Sequence[Any]) -> bool:
    """Whether memory of an array is also that of other ones."""
    return any(np.may_share_memory(one, other) for other in others)


def _without(arrays: Sequence[Any], place: int) -> Sequence[Any]:
    return [array for i, array in enumerate(arrays) if i != place]
