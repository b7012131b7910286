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
from gradcli.plan.simplify_rules import RULES
from gradcli.plan.turn_moves import Moves, moves
from gradcli.plan.turn_tape import Sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradcli.plan.trace import Trace
    from gradcli.plan.turn_tape import Place, TurnTape

__all__ = ["TurnPlan", "turn_plan"]

NO_SITES = Sites()

# Copies may lie in another order than what they are copied from, and sums are added up in that order.
EXACT = {name: rule for name, rule in RULES.items() if name not in ("clone", "compact")}


def turn_plan(
    one: TurnTape,
    two: TurnTape,
    after: Sequence[Tensor],
    sites: Sites = NO_SITES,
    replaceable: Iterable[int] = (),
) -> TurnPlan | None:
    """Returns the plan of a turn, if two in a row show that all are alike; None where they do not.

    Args:
        one: the tape of a turn.
        two: that of the next.
        after: what the program can reach after it, in the order of the tape's tensors.
        sites: where a value may become a plain number: whoever runs the plan sees to what is done with it.
        replaceable: the places among what the program can reach where the plan's runner can put a new tensor.
    """
    found = moves(two, after, sites, replaceable) if one.is_like(two, sites) else None
    return None if found is None else TurnPlan(found)


class TurnPlan:
    """A turn, bound to the memory of the tensors that it moves.

    Between `begin` and `end` only what the plan itself reads is right: the arrays of tensors that stay, and
    the gradients that optimizers take.
    """

    def __init__(self, found: Moves) -> None:
        self._found = found
        stay = (*found.written, *found.stepped, *found.hidden)
        self._stay = [(i, found.tensors[i], found.tensors[i]._array) for i in stay]
        self._own = [(i, np.array(tensor._array)) for i, tensor in found.carried.items()]
        self._fixed = [(i, np.array(array)) for i, array in found.fixed.items()]
        moving = [array for _, _, array in self._stay]
        memory = [*moving[: len(moving) - len(found.hidden)], *(array for _, array in self._own)]
        self._bound = _bound(found, dict(zip(found.inputs, memory, strict=True)), dict(self._fixed))
        outputs = iter(self._bound.outputs)
        self._commits = [(array, next(outputs)) for array in moving[: len(found.written)]]
        self._gradients = [next(outputs) for _ in found.leaves]
        self._commits += [(array, next(outputs)) for _, array in self._own]
        self._sites = list(zip(found.sites, outputs, strict=False))  # without what only must be done
        self._moving = [*moving, *(array for _, array in self._own)]
        self._kept = [np.empty_like(array) for array in self._moving]
        self._counters: list[tuple[list[int], int]] = []
        self._held: list[Tensor | None] = []

    def begin(self, tensors: Sequence[Tensor]) -> bool:
        """Returns whether the plan can go on from here, where the program can reach these tensors."""
        if not (
            all(tensors[i] is tensor and tensor._array is array for i, tensor, array in self._stay)
            and all(identical(tensors[i]._array, array) for i, array in self._fixed)
        ):
            return False
        for i, array in self._own:
            array[...] = tensors[i]._array
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

    def commit(self) -> None:
        """Does the turn that was computed."""
        for copy, array in zip(self._kept, self._moving, strict=True):
            np.copyto(copy, array)
        counters = [self._found.tensors[i]._shared_counter() for i in self._found.stepped]
        self._counters = [(counter, counter[0]) for counter in counters if counter is not None]
        for target, output in self._commits:
            np.copyto(target, output)
        for step in self._found.steps:
            step()

    def undo(self) -> None:
        """Takes back the last turn that was done."""
        for copy, array in zip(self._kept, self._moving, strict=True):
            np.copyto(array, copy)
        for counter, count in self._counters:
            counter[0] = count

    def results(self) -> list[Any]:
        """Returns copies of what moves, as it is now: for `agrees`."""
        return [np.array(array) for array in self._moving]

    def agrees(self, results: Sequence[Any], after: Sequence[Tensor]) -> bool:
        """Returns whether a turn of the engine's left what moves as a turn of the plan did, bit for bit.

        Args:
            results: what `results` gave after the plan's.
            after: what the program can reach after the engine's.
        """
        found = [array for _, _, array in self._stay] + [after[i]._array for i, _ in self._own]
        return all(map(identical, found, results))

    def end(self, turns: int) -> Mapping[int, Tensor]:
        """Returns the carried tensors by place, to be put there; leaves the others as the engine does.

        Gradients that each turn makes anew are those from before the first of so many turns.
        """
        found = self._found
        for leaf, gradient in zip(found.leaves, self._held, strict=True):
            leaf._grad = gradient
        counters = [found.tensors[i]._shared_counter() for i in found.written]
        changed = {
            id(one): (one, n) for one, n in zip(counters, found.changes, strict=True) if one is not None
        }
        for counter, changes in changed.values():  # tensors may share one
            counter[0] += changes * turns
        if not turns:
            return {}
        fresh = {i: Tensor(np.array(array), found.carried[i]._requires_grad) for i, array in self._own}
        for i, tensor in fresh.items():
            tensor._counter = [found.versions[i]]
        return fresh


def _bound(found: Moves, memory: Mapping[int, Any], fixed: Mapping[int, Any]) -> Bound:
    """The turn's operations, bound: what the program could reach but left alone is taken as it was."""
    trace: Trace = found.trace
    numbers = {number: fixed[place] for number, place in found.numbers.items() if place in fixed}
    trace = trace._replace(constants={n: numbers.get(n, array) for n, array in trace.constants.items()})
    inputs = [memory[number] for number in trace.inputs]
    facts = trace.run(inputs, ARRAYS.apply, np.asarray)
    return Bound(simplified(trace, facts, rules=EXACT), inputs, exact=True)
