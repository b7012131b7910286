"""One turn of a loop as a kept plan: what it does to the tensors that a program can reach, and no more.

A program that was in the same state after two turns, and did the same in both, does the same in the next:
nothing that a turn computes decides what it does (the tape hears what becomes a plain number). So a turn is
a function from the values of some tensors to their values after it. What lies between, the graph and its
tensors, is made anew by each turn and seen by nobody after the next, so all turns but the last can do
without. Here the turn's operations are bound to memory, exactly as the engine computes them; an optimizer's
step is made by the optimizer itself.
"""

# ruff: noqa: SLF001 - Tensor's fields are read and written, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.tensor import Tensor
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound import Bound
from gradcli.plan.sameness import identical
from gradcli.plan.simplify import simplified
from gradcli.plan.turn_moves import Moves, moves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.trace import Trace
    from gradcli.plan.turn_tape import Place, TurnTape

__all__ = ["TurnPlan", "turn_plan"]

MOST = 2**28  # bytes of all that a turn makes


def turn_plan(
    one: TurnTape, two: TurnTape, after: Sequence[Tensor], sites: Sequence[Place] = ()
) -> TurnPlan | None:
    """Returns the plan of a turn, if two in a row show that all are alike; None where they do not.

    Args:
        one: the tape of a turn.
        two: that of the next.
        after: what the program can reach after it, in the order of the tape's tensors.
        sites: the places in the text where a value may become a plain number, once a turn: whoever runs the
            plan sees to what is done with it.
    """
    if two.size > MOST or not one.is_like(two):
        return None
    found = moves(two, after, sites)
    return None if found is None else TurnPlan(found)


def _memory(found: Moves) -> list[Any]:
    """Where the values of what moves lie: in the tensors that stay, or in memory of the plan's own."""
    return [tensor._array for tensor in (*found.written, *found.stepped)] + [
        np.array(tensor._array) for tensor in found.carried.values()
    ]


class TurnPlan:
    """A turn, bound to the memory of the tensors that it moves.

    Between `begin` and `end` only what the plan itself reads is right: the arrays of tensors that stay, and
    the gradients that optimizers take.
    """

    def __init__(self, found: Moves) -> None:
        self._found = found
        memory = _memory(found)
        stay = len(found.written) + len(found.stepped)
        self._stay = list(zip(found.places, (*found.written, *found.stepped), memory, strict=False))
        self._own = list(zip(found.carried, memory[stay:], strict=True))
        self._fixed = [(place, np.array(array)) for place, array in found.fixed.items()]
        self._bound = _bound(found, dict(zip(found.inputs, memory, strict=True)), dict(self._fixed))
        outputs = iter(self._bound.outputs)
        written = [(array, next(outputs)) for array in memory[: len(found.written)]]
        self._gradients = [next(outputs) for _ in found.leaves]
        self._commits = [*written, *((array, next(outputs)) for _, array in self._own)]
        self._sites = list(zip(found.sites, outputs, strict=False))  # without what only must be done
        remembered = [found.tensors[i]._array for i in found.hidden]
        self._kept = [(array, np.empty_like(array)) for array in (*memory, *remembered)]
        self._now: Sequence[Tensor] = ()
        self._held: list[Tensor | None] = []

    def begin(self, tensors: Sequence[Tensor]) -> bool:
        """Returns whether the plan can go on from here, where the program can reach these tensors."""
        if not (
            all(tensors[i] is tensor and tensor._array is array for i, tensor, array in self._stay)
            and all(identical(tensors[i]._array, array) for i, array in self._fixed)
            and all(tensors[i] is self._found.tensors[i] for i in self._found.hidden)
        ):
            return False
        for i, array in self._own:
            array[...] = tensors[i]._array
        self._now = tensors
        self._held = [leaf._grad for leaf in self._found.leaves]
        for leaf, gradient in zip(self._found.leaves, self._gradients, strict=True):
            leaf._grad = Tensor(gradient)
        return True

    def compute(self) -> dict[Place, Any]:
        """Returns the plain numbers of a turn, by where in the text they are asked for; changes nothing yet.

        Raises:
            Exception: an operation refuses its values.
        """
        self._bound.run()
        return {site: output.item() for site, output in self._sites}

    def results(self) -> list[Any]:
        """Returns copies of what a turn gives, once it was computed: for `agrees`."""
        return [np.array(array) for array in self._bound.outputs]

    def agrees(self, results: Sequence[Any], gradients: Sequence[Any], after: Sequence[Tensor]) -> bool:
        """Returns whether a turn of the engine's from the same place gave the same, bit for bit.

        Args:
            results: what `results` gave.
            gradients: what the optimizers took.
            after: what the program can reach after the turn.
        """
        found = [tensor._array for tensor in self._found.written]
        found += [*gradients, *(after[i]._array for i in self._found.carried)]
        return len(found) <= len(results) and all(map(identical, found, results))

    def commit(self) -> None:
        """Does the turn that was computed."""
        for array, copy in self._kept:
            np.copyto(copy, array)
        for target, output in self._commits:
            np.copyto(target, output)
        for step in self._found.steps:
            step()

    def undo(self) -> None:
        """Takes back the last turn that was done."""
        for array, copy in self._kept:
            np.copyto(array, copy)

    def end(self, turns: int) -> None:
        """Leaves the tensors as the engine does after so many turns."""
        now, held, found = self._now, self._held, self._found
        self._now, self._held = (), []
        if not turns:
            for leaf, gradient in zip(found.leaves, held, strict=True):
                leaf._grad = gradient
            return
        for tensor, changes in zip(found.written, found.changes, strict=True):
            counter = tensor._shared_counter()
            if counter is not None:
                counter[0] += changes * turns
        for i, array in self._own:
            now[i]._array = np.array(array)
        written = set(map(id, found.written))
        for leaf, before, gradient in zip(found.leaves, held, self._gradients, strict=True):
            stays = before is None or id(before) in written
            leaf._grad = before if stays else Tensor(np.array(gradient))


def _bound(found: Moves, memory: dict[int, Any], fixed: dict[int, Any]) -> Bound:
    """The turn's operations, bound: what the program could reach but left alone is taken as it was."""
    trace: Trace = found.trace
    numbers = {number: fixed[place] for number, place in found.numbers.items() if place in fixed}
    trace = trace._replace(constants={n: numbers.get(n, array) for n, array in trace.constants.items()})
    inputs = [memory[number] for number in trace.inputs]
    return Bound(simplified(trace, trace.run(inputs, ARRAYS.apply, np.asarray)), inputs, exact=True)
