"""What one turn of a loop does to the tensors that the program can reach, heard whole.

A plain tape follows values from variables to results. This one also hears backward passes that nobody
records, what they add to `.grad`, and the steps of optimizers; and it says where something happened that it
has no explanation for. From then on it listens no more.
"""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.budget import BIG
from gradcli.autograd.context import context
from gradcli.autograd.node import AccumulateGrad, behind
from gradcli.plan.sameness import same, same_steps
from gradcli.plan.tape import Tape
from gradcli.plan.trace import Trace
from gradcli.plan.writing import WRITING, plain_below

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.autograd.node import Edge, Node
    from gradcli.autograd.tensor import Tensor
    from gradcli.ops.record import Params, Record
    from gradcli.plan.trace import Step

__all__ = ["Place", "Sites", "TurnTape", "Update", "version_of"]

Place = tuple[int, int]  # in the text of the program
MOST = 2**27  # bytes of all that a turn makes


class Sites(NamedTuple):
    """The places in the text where a value may become a plain number; others see to what is done with it.

    Attributes:
        once: asked once in each turn.
        again: asked in some turns, of what one of these has asked already.
    """

    once: tuple[Place, ...] = ()
    again: tuple[Place, ...] = ()


class Update(NamedTuple):
    """The step of an optimizer.

    Attributes:
        step: does the same again, with the leaves and gradients that there are then.
        leaves: those that it changes, which have a gradient.
        before: their numbers before it.
        idle: its other leaves.
        gradients: the number of each gradient.
        remembered: the tensors that the optimizer keeps from step to step.
    """

    step: Callable[[], Any]
    leaves: tuple[Tensor, ...]
    before: tuple[int, ...]
    idle: tuple[Tensor, ...]
    gradients: tuple[int, ...]
    remembered: tuple[Tensor, ...]


class TurnTape(Tape):
    """A tape for one turn of a loop.

    Attributes:
        tensors: what the program could reach before the turn.
        arrays: their arrays then.
        versions: how often they had been changed.
        first: their numbers then.
        last: the numbers of what it could reach after the turn, as many; set by `end`.
        updates: the optimizers' steps.
        stepped: the numbers of leaves after them.
        explained: nothing happened that the tape cannot tell.
        told: the numbers of values that became plain ones, each with where in the text.
    """

    hears_gradients = True

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        super().__init__()
        self.explained = True
        self.tensors = tuple(tensors)
        self.arrays = tuple([tensor._array for tensor in tensors])
        self.versions = tuple(map(version_of, tensors))
        self._copies = tuple([array.tobytes() for array in self.arrays])
        self._since = next(context.sequence)  # nodes above it are the turn's own
        self._size = 0
        self._whole: set[int] = set()  # the numbers of whole ones
        self._families: dict[int, list[Tensor]] = {}  # by id, what is the same memory all over
        self._told: Tensor | None = None
        self._updated: dict[int, Tensor] = {}
        self.updates: list[Update] = []
        self.stepped: set[int] = set()
        self.told: list[tuple[int, Place | None]] = []
        self.last: tuple[int, ...] = ()
        self.first = tuple([self.number(tensor) for tensor in tensors])
        self._ended = self._begun = len(self._steps)  # those before show views, as those after `end` do

    def end(self, tensors: Sequence[Tensor]) -> None:
        """Told what the program can reach after the turn."""
        self._ended = len(self._steps)
        self.last = tuple([self.number(tensor) for tensor in tensors])

    # What it is asked afterwards.

    def between(self, inputs: Sequence[int], outputs: Sequence[int]) -> Trace:
        """Returns what leads from some numbers to others; the rest are constants."""
        constants = {number: array for number, array in self._constants.items() if number not in inputs}
        steps = tuple([step._replace(tracked=True) for step in self._steps])
        return Trace(tuple(inputs), constants, steps, tuple(outputs)).pruned()

    def failing(self) -> list[int]:
        """Returns a result of each step that may refuse its arguments for their values, and must be done."""
        return [step.results[0] for step in self._own_steps() if self._may_fail(step)]

    def tracked(self) -> set[int]:
        """Returns the numbers of what the turn's graphs begin with."""
        return _arguments([step for step in self._own_steps() if step.tracked])

    def read(self) -> set[int]:
        """Returns the numbers of what the turn read."""
        found = _arguments(self._own_steps()).union(number for number, _ in self.told)
        for step in reversed(self._steps[: self._begun]):
            if not found.isdisjoint(step.results):
                found |= _arguments([step])
        return found

    def is_as_before(self, place: int) -> bool:
        """Returns whether the array of a tensor holds what it held before the turn."""
        return bool(self.arrays[place].tobytes() == self._copies[place])

    def is_like(self, other: TurnTape, sites: Sites) -> bool:
        """Returns whether another turn did the same, with the same numbers of its own.

        It may have asked again for a number where the other did not.
        """
        again = sites.again
        return (
            self.explained
            and other.explained
            and (self.first, self.last, self.stepped) == (other.first, other.last, other.stepped)
            and [one for one in self.told if one[1] not in again]
            == [one for one in other.told if one[1] not in again]
            and [_what(update) for update in self.updates] == [_what(update) for update in other.updates]
            and same_steps(self._steps, other._steps)
            and same(self.own_constants(), other.own_constants())
        )

    def own_constants(self) -> dict[int, Any]:
        """Returns the arrays that came to be in the turn without an operation, by number."""
        there = {*self.first, *self.stepped}
        return {number: array for number, array in self._constants.items() if number not in there}

    def _own_steps(self) -> Sequence[Step]:
        return self._steps[self._begun : self._ended]

    def _may_fail(self, step: Step) -> bool:
        """Whether a step is more than arithmetic of floats, or than moving elements to fixed places."""
        record = step.record
        if record.kind == "elementwise":
            return step.results[0] in self._whole
        return record.kind == "general" or bool(record.discrete) or not record.differentiable

    # What it is told.

    def unexplained(self) -> None:
        """Told of what no operation explains."""
        self.explained = False
        self._steps, self._alive, self._constants, self._values = [], [], {}, {}

    def number(self, tensor: Tensor) -> int:
        """Returns the number of a tensor's present value, while all is explained."""
        return super().number(tensor) if self.explained else -1

    def step(self, record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
        """Told of an operation by `apply`."""
        if self._affords([out._array for out in outs]):
            super().step(record, values, params, outs)
            self._whole.update(self.number(out) for out in outs if out._array.dtype.kind in "iu")

    def write(
        self, record: Record, arguments: tuple[Any, ...], params: Params, arrays: Sequence[Any]
    ) -> tuple[int, ...]:
        """Told of an operation that no tensor took part in."""
        if not self._affords(arrays):
            return (-1,) * len(arrays)
        return super().write(record, arguments, params, arrays)

    def _affords(self, arrays: Sequence[Any]) -> bool:
        """Whether the tape goes on: what the budget counts would live longer with it than without."""
        if self.explained:
            self._size += sum([array.nbytes for array in arrays])
            if self._size > MOST or any(array.nbytes >= BIG for array in arrays):
                self.unexplained()
        return self.explained

    def copied(self, new: Tensor, old: Tensor) -> None:
        """Told of a copy that no operation made."""
        if self.explained:
            super().copied(new, old)

    def alias(self, new: Tensor, old: Tensor) -> None:
        """Told of a tensor that has another's memory."""
        self.copied(new, old)
        family = self._families.setdefault(id(old), [old])
        family.append(new)
        self._families[id(new)] = family

    def overwrite(self, tensor: Tensor, result: Tensor) -> None:
        """Told, before it happens, that a tensor takes the values of another of its shape."""
        base = tensor if tensor._base is None else tensor._base
        family = self._families.get(id(base), ())
        partly = any(one._base is not None for one in family) or (
            tensor is not base and id(tensor) in self._families
        )
        if partly or any(one._edge is not None for one in family):  # which a graph may have saved
            self.unexplained()
        if not self.explained:
            return
        super().overwrite(tensor, result)
        for one in family:
            self._numbers[id(one)] = self._numbers[id(base)]
            self._versions[id(one)] = self._versions.get(id(one), 0) + (one is not base)
        self._told = tensor

    def changed(self, tensor: Tensor) -> None:
        """Told of a change in place: announced before, or of an optimizer's leaf, or not explained."""
        if tensor is self._told:
            self._told = None
        elif self._updated.pop(id(tensor), None) is not None and id(tensor) not in self._families:
            number = self._name(tensor)
            self._constants[number] = tensor._array
            self.stepped.add(number)
        else:
            self.unexplained()

    def updating(
        self, step: Callable[[], Any], leaves: Sequence[Tensor], remembered: Sequence[Tensor]
    ) -> None:
        """Told that an optimizer is about to make a step."""
        moving = tuple([leaf for leaf in leaves if leaf._grad is not None])
        idle = tuple([leaf for leaf in leaves if leaf._grad is None])
        before = tuple(map(self.number, moving))
        gradients = tuple([self.number(leaf._grad) for leaf in moving])
        self.updates.append(Update(step, moving, before, idle, gradients, tuple(remembered)))
        self._updated = {id(leaf): leaf for leaf in moving}

    def disclose(self, tensor: Tensor) -> None:
        """Told that the elements of a tensor became plain numbers."""
        span = context.span
        self.told.append((self.number(tensor), None if span is None else (span.start, span.end)))

    def heard(self, roots: Sequence[Edge]) -> Any:
        """What a backward pass computes with; hooks and functions of the program's own want tensors."""
        nodes = [node for node, _ in roots]
        if not self._are_own(nodes):
            self.unexplained()
        if not self.explained:
            return None
        return WRITING if plain_below(nodes) else TENSORS

    def _are_own(self, nodes: Sequence[Node]) -> bool:
        """Whether a graph was made in this turn, up to its leaves: what older nodes hold is out of reach."""
        return all(
            node.sequence >= self._since or (node.__class__ is AccumulateGrad and node.hooks is None)
            for node in behind(nodes)
        )


def version_of(tensor: Tensor) -> int:
    """Returns how often a tensor was changed in place; 0 where nobody counts."""
    return 0 if tensor._counter is None else tensor._counter[0]


def _arguments(steps: Sequence[Step]) -> set[int]:
    return {x for step in steps for x in step.arguments if x.__class__ is int}


def _what(update: Update) -> tuple[Any, ...]:
    return list(map(id, update.leaves)), list(map(id, update.idle)), update.gradients
