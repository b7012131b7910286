"""What a step does to its operands, found once for all steps that look the same."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import Operation, call_of
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.operands import Operand, Operands
    from gradcli.plan.trace import Step

__all__ = ["Patterns"]

Turn = tuple[Any, tuple[Any, ...]]  # a function, and by argument the place of an operand, or an operand


class Patterns:
    """The calls of steps on operands."""

    def __init__(self, operands: Operands) -> None:
        self._operands = operands
        self._known: dict[Any, list[Turn] | None] = {}

    def turns(
        self, step: Step, arguments: Sequence[Any], results: Sequence[Operand]
    ) -> list[tuple[Any, tuple[Operand, ...]]] | None:
        """Returns the calls that do a step one after the other, each a function and its operands.

        None where they are not all of functions that take more dims in front of their operands as more of
        the same.

        Args:
            step: which has no parameters.
            arguments: an operand or a Literal each.
            results: where they are to be.
        """
        looks = [repr(x.value) if x.__class__ is Literal else (x[2], arguments.index(x)) for x in arguments]
        key = step.record, *looks, *[x[2] for x in results]
        try:
            turns = self._known[key]
        except KeyError:
            turns = self._known[key] = self._found(step, arguments, results)
        if turns is None:
            return None
        given = [*arguments, *results]
        return [
            (function, tuple([given[x] if x.__class__ is int else x for x in places]))
            for function, places in turns
        ]

    def calls(
        self,
        step: Step,
        arguments: Sequence[Any],
        results: Sequence[Operand],
        fixed: Sequence[bool],
        *,
        clean: bool,
    ) -> list[Callable[[], object]]:
        """Returns the calls that do a step on its own.

        Args:
            step: any.
            arguments: an operand or a Literal each.
            results: where they are to be.
            fixed: by argument whether it is always the same.
            clean: there are zeros where the results are to be.
        """
        array = self._operands.array
        given = [x if x.__class__ is Literal else array(x) for x in arguments]
        return call_of(Operation(step, given, fixed, [array(x) for x in results], lasting=clean))

    def _found(self, step: Step, arguments: Sequence[Any], results: Sequence[Operand]) -> list[Turn] | None:
        given = (*arguments, *results)
        places = {id(self._operands.array(x)): i for i, x in enumerate(given) if x.__class__ is not Literal}
        turns: list[Turn] = []
        for call in self.calls(step, arguments, results, [False] * len(arguments), clean=False):
            if call.__class__ is not partial or not isinstance(call.func, np.ufunc):
                return None
            arrays = (*call.args, *call.keywords.values())
            others = [x for x in arrays if id(x) not in places]
            if not _takes_stacks(call.func, arrays) or any(x.ndim or x.base is not None for x in others):
                return None
            chosen = (places[id(x)] if id(x) in places else self._operands.literal(x) for x in arrays)
            turns.append((call.func, tuple(chosen)))
        return turns


def _takes_stacks(function: np.ufunc, arrays: Sequence[Any]) -> bool:
    """Whether more dims in front of the operands are more of the same."""
    if len(arrays) != function.nin + 1 or not all(isinstance(x, np.ndarray) for x in arrays):
        return False
    return function.signature is None or (function is np.matmul and all(x.ndim > 1 for x in arrays))
