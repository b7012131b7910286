"""What a step does to its operands, found once for all steps that look the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import turns_of
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.plan.operands import Operand, Operands
    from gradcli.plan.trace import Step

__all__ = ["Patterns"]

Pattern = tuple[np.ufunc, tuple[Any, ...]]  # with, by argument, the place of an operand, or an operand


class Patterns:
    """Steps as ufuncs on operands."""

    def __init__(self, operands: Operands) -> None:
        self._operands = operands
        self._known: dict[Any, list[Pattern] | None] = {}

    def turns(
        self, step: Step, arguments: Sequence[Any], results: Sequence[Operand]
    ) -> list[tuple[np.ufunc, tuple[Operand, ...]]] | None:
        """Returns the ufuncs that do a step one after the other, each with its operands.

        None where there are none, or not all take more dims in front of their operands as more of the same.

        Args:
            step: any.
            arguments: an operand or a Literal each.
            results: where they are to be.
        """
        if step.params:
            return None
        looks = [repr(x.value) if x.__class__ is Literal else (x[2], arguments.index(x)) for x in arguments]
        key = step.record, *looks, *[x[2] for x in results]
        try:
            patterns = self._known[key]
        except KeyError:
            patterns = self._known[key] = self._found(step, arguments, results)
        if patterns is None:
            return None
        given = [*arguments, *results]
        return [
            (function, tuple([given[x] if x.__class__ is int else x for x in places]))
            for function, places in patterns
        ]

    def _found(
        self, step: Step, arguments: Sequence[Any], results: Sequence[Operand]
    ) -> list[Pattern] | None:
        operands = self._operands
        given = [x if x.__class__ is Literal else operands.array(x) for x in (*arguments, *results)]
        turns = turns_of(step, given[: len(arguments)], given[len(arguments) :])
        if turns is None or not all(_takes_stacks(*turn) for turn in turns):
            return None
        places = {id(x): i for i, x in enumerate(given)}
        return [
            (function, tuple([places[id(x)] if id(x) in places else operands.literal(x) for x in arrays]))
            for function, arrays in turns
        ]


def _takes_stacks(function: np.ufunc, arrays: Sequence[Any]) -> bool:
    """Whether more dims in front of the operands are more of the same."""
    return function.signature is None or (function is np.matmul and all(x.ndim > 1 for x in arrays))
