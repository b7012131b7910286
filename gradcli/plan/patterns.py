"""What a step does to its operands, found once for all steps that look the same."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import Operation, call_of, view_of
from gradcli.plan.memory import Layout
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.memory import Memory, Operand
    from gradcli.plan.trace import Step

__all__ = ["Patterns"]

Turn = tuple[Any, tuple[Any, ...]]  # a function, and by argument the place of an operand, or an operand
UNKNOWN: Any = object()


class Patterns:
    """Views and calls of steps on operands in a memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._views: dict[Any, tuple[int, int] | None] = {}
        self._turns: dict[Any, list[Turn] | None] = {}

    def view(self, step: Step, operand: Operand, result: Any) -> Operand | None:
        """Returns where a step's result is, if that is its argument's memory seen in another way."""
        owner, address, layout = operand
        key = step.record, layout, *step.params.items()
        try:
            found = self._views.get(key, UNKNOWN)
        except TypeError:  # a list among the parameters
            found = self._seen(step, operand, result)
        else:
            if found is UNKNOWN:
                found = self._views[key] = self._seen(step, operand, result)
        return None if found is None else (owner, address + found[0], found[1])

    def _seen(self, step: Step, operand: Operand, result: Any) -> tuple[int, int] | None:
        """How far behind its argument a view begins, and its layout."""
        array = view_of(step, [self._memory.array(operand)], result)
        if array is None:
            return None
        layout = self._memory.layout(Layout(array.shape, array.strides, array.dtype))
        return array.__array_interface__["data"][0] - operand[1], layout

    def turns(self, step: Step, operands: Sequence[Any], results: Sequence[Operand]) -> list[Turn] | None:
        """Returns the calls that do a step one after the other, if all are of ufuncs on its operands.

        Args:
            step: which has no parameters.
            operands: by argument an operand or a Literal.
            results: where they are to be.
        """
        looks = [repr(x.value) if x.__class__ is Literal else (x[2], operands.index(x)) for x in operands]
        key = step.record, *looks, *[x[2] for x in results]
        if key not in self._turns:
            self._turns[key] = self._found(step, operands, results)
        return self._turns[key]

    def calls(
        self,
        step: Step,
        operands: Sequence[Any],
        results: Sequence[Operand],
        fixed: Sequence[bool],
        *,
        clean: bool,
    ) -> list[Callable[[], object]]:
        """Returns the calls that do a step on its own.

        Args:
            step: any.
            operands: by argument an operand or a Literal.
            results: where they are to be.
            fixed: by argument whether it is always the same.
            clean: there are zeros where the results are to be.
        """
        array = self._memory.array
        given = [x if x.__class__ is Literal else array(x) for x in operands]
        return call_of(Operation(step, given, fixed, [array(x) for x in results], lasting=clean))

    def _found(self, step: Step, operands: Sequence[Any], results: Sequence[Operand]) -> list[Turn] | None:
        given = (*operands, *results)
        places = {id(self._memory.array(x)): i for i, x in enumerate(given) if x.__class__ is not Literal}
        turns: list[Turn] = []
        for call in self.calls(step, operands, results, [False] * len(operands), clean=False):
            if call.__class__ is not partial or not isinstance(call.func, np.ufunc):
                return None
            arrays = (*call.args, *call.keywords.values())
            others = [x for x in arrays if id(x) not in places]
            if not _takes_stacks(call.func, arrays) or any(x.ndim or x.base is not None for x in others):
                return None
            chosen = (places[id(x)] if id(x) in places else self._memory.literal(x) for x in arrays)
            turns.append((call.func, tuple(chosen)))
        return turns


def _takes_stacks(function: np.ufunc, arrays: Sequence[Any]) -> bool:
    """Whether more dims in front of the operands are more of the same."""
    if len(arrays) != function.nin + 1 or not all(isinstance(x, np.ndarray) for x in arrays):
        return False
    return function.signature is None or (function is np.matmul and all(x.ndim > 1 for x in arrays))
