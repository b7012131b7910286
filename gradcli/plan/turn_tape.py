"""What one turn of a loop does to the tensors that the program can reach, heard whole.

A plain tape follows values from variables to results. This one also hears backward passes that nobody
records, what they add to `.grad`, and the steps of optimizers; and it says where something happened that it
has no explanation for.
"""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.plan.sameness import same, same_steps
from gradcli.plan.tape import Tape
from gradcli.plan.trace import Trace
from gradcli.plan.writing import WRITING, plain_below

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.autograd.node import Edge
    from gradcli.autograd.tensor import Tensor
    from gradcli.ops.record import Params, Record
    from gradcli.plan.trace import Step

__all__ = ["Place", "TurnTape", "Update"]


Place = tuple[int, int]  # in the text of the program


class Update(NamedTuple):
    """The step of an optimizer.

    Attributes:
        step: does the same again, with the leaves and gradients that there are then.
        leaves: those that it changes, which have a gradient.
        gradients: the number of each gradient.
    """

    step: Callable[[], Any]
    leaves: tuple[Tensor, ...]
    gradients: tuple[int, ...]


class TurnTape(Tape):
    """A tape for one turn of a loop.

    Attributes:
        tensors: what the program could reach before the turn.
        arrays: their arrays then.
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
        self.tensors = tuple(tensors)
        self.arrays = tuple([tensor._array for tensor in tensors])
        self._copies = tuple([array.tobytes() for array in self.arrays])
        self._versions_before = tuple([_version(tensor) for tensor in tensors])
        self.first = tuple([self.number(tensor) for tensor in tensors])
        self.last: tuple[int, ...] = ()
        self._ended = self._begun = len(self._steps)  # those before show views, as those after `end` do
        self.updates: list[Update] = []
        self.stepped: set[int] = set()
        self.explained = True
        self.told: list[tuple[int, Place | None]] = []
        self._whole: set[int] = set()  # the numbers of whole ones
        self._told: Tensor | None = None
        self._updated: dict[int, Tensor] = {}

    def end(self, tensors: Sequence[Tensor]) -> None:
        """Told what the program can reach after the turn."""
        self._ended = len(self._steps)
        self.last = tuple([self.number(tensor) for tensor in tensors])

    def between(self, inputs: Sequence[int], outputs: Sequence[int]) -> Trace:
        """Returns what leads from some numbers to others; the rest are constants."""
        constants = {number: array for number, array in self._constants.items() if number not in inputs}
        steps = tuple([step._replace(tracked=True) for step in self._steps])
        return Trace(tuple(inputs), constants, steps, tuple(outputs)).pruned()

    def failing(self) -> list[int]:
        """Returns a result of each step that may refuse its arguments for their values, and must be done."""
        return [step.results[0] for step in self._steps[self._begun : self._ended] if self._may_fail(step)]

    def _may_fail(self, step: Step) -> bool:
        """Whether a step is more than arithmetic of floats, or than moving elements to fixed places."""
        record = step.record
        if record.kind == "general" or record.discrete:
            return True
        return record.kind == "elementwise" and step.results[0] in self._whole

    def tracked(self) -> set[int]:
        """Returns the numbers of what the turn's graphs begin with."""
        steps = [step for step in self._steps[self._begun : self._ended] if step.tracked]
        return {x for step in steps for x in step.arguments if x.__class__ is int}

    def read(self) -> set[int]:
        """Returns the numbers of what the turn read."""
        found = {number for number, _ in self.told}
        for step in self._steps[self._begun : self._ended]:
            found.update(x for x in step.arguments if x.__class__ is int)
        for step in reversed(self._steps[: self._begun]):
            if not found.isdisjoint(step.results):
                found.update(x for x in step.arguments if x.__class__ is int)
        return found

    @property
    def size(self) -> int:
        """The bytes of all that was made and read."""
        arrays = {id(tensor._array): tensor._array.nbytes for tensor in self._alive}
        written = sum(getattr(array, "nbytes", 0) for array in self._values.values())
        return sum(arrays.values()) + written

    def is_as_before(self, place: int) -> bool:
        """Returns whether the array of a tensor holds what it held before the turn."""
        return bool(self.arrays[place].tobytes() == self._copies[place])

    def changes(self, place: int) -> int:
        """Returns how often a tensor that stays was changed in place."""
        return _version(self.tensors[place]) - self._versions_before[place]

    def is_like(self, other: TurnTape) -> bool:
        """Returns whether another turn did the same, with the same numbers of its own."""
        return (
            (self.first, self.last, self.stepped) == (other.first, other.last, other.stepped)
            and self.told == other.told
            and [_what(update) for update in self.updates] == [_what(update) for update in other.updates]
            and same_steps(self._steps, other._steps)
            and same(self.own_constants(), other.own_constants())
        )

    def own_constants(self) -> dict[int, Any]:
        """Returns the arrays that came to be in the turn without an operation, by number."""
        there = {*self.first, *self.stepped}
        return {number: array for number, array in self._constants.items() if number not in there}

    def step(self, record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
        """Told of an operation by `apply`."""
        super().step(record, values, params, outs)
        self._whole.update(self.number(out) for out in outs if out._array.dtype.kind in "iu")

    def heard(self, roots: Sequence[Edge]) -> Any:
        """What a backward pass computes with; hooks and functions of the program's own want tensors."""
        return WRITING if plain_below([node for node, _ in roots]) else TENSORS

    def overwrite(self, tensor: Tensor, result: Tensor) -> None:
        """Told, before it happens, that a tensor takes the values of another of its shape."""
        super().overwrite(tensor, result)
        self._told = tensor

    def changed(self, tensor: Tensor) -> None:
        """Told of a change in place: announced before, or of an optimizer's leaf, or not explained."""
        if tensor is self._told:
            self._told = None
        elif self._updated.pop(id(tensor), None) is not None:
            number = self._name(tensor)
            self._constants[number] = tensor._array
            self.stepped.add(number)
        else:
            self.explained = False

    def updating(self, step: Callable[[], Any], leaves: Sequence[Tensor]) -> None:
        """Told that an optimizer is about to make a step."""
        moving = tuple([leaf for leaf in leaves if leaf._grad is not None])
        self.updates.append(Update(step, moving, tuple([self.number(leaf._grad) for leaf in moving])))
        self._updated = {id(leaf): leaf for leaf in moving}

    def disclose(self, tensor: Tensor) -> None:
        """Told that the elements of a tensor became plain numbers."""
        span = context.span
        self.told.append((self.number(tensor), None if span is None else (span.start, span.end)))

    def unexplained(self) -> None:
        """Told of what no operation explains."""
        self.explained = False


def _what(update: Update) -> tuple[list[int], tuple[int, ...]]:
    return [id(leaf) for leaf in update.leaves], update.gradients


def _version(tensor: Tensor) -> int:
    return 0 if tensor._counter is None else tensor._counter[0]
