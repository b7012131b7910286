"""A minimisation's value and gradient as a kept plan: traced once, then run at every point.

The variables, and the gradient, lie one behind the other in one array each: the optimizers that are offered
work on each element alone, so that one parameter does for all.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.diagnostics import GradcliError
from gradcli.plan.arrays import ARRAYS
from gradcli.plan.bound import Bound
from gradcli.plan.simplify import simplified
from gradcli.plan.steady import steady_gradient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gradcli.plan.gradient import GradientProgram

__all__ = ["Plan", "planned"]

MOST = 2**16  # elements of a value for which the time between operations matters


class Plan:
    """A program that is the same at every point, ready to run.

    Attributes:
        parameter: all variables that have a gradient, as one tensor with its `.grad`; a variable's array
            and that of its `.grad` are parts of it.
    """

    def __init__(self, program: GradientProgram, variables: Sequence[Tensor]) -> None:
        moving = [t for t, number in zip(variables, program.gradients, strict=True) if number is not None]
        point = np.concatenate([tensor._array.ravel() for tensor in moving])
        gradient = np.zeros_like(point)
        self._parts: list[tuple[Tensor, Any]] = []  # a variable and where its gradient lies
        end = 0
        for tensor in moving:
            start, end = end, end + tensor._array.size
            shape = tensor._array.shape
            tensor._array = point[start:end].reshape(shape)
            self._parts.append((tensor, gradient[start:end].reshape(shape)))
        self.parameter = Tensor(point, requires_grad=True)
        self.parameter._grad = Tensor(gradient)
        self.share()
        inputs = [tensor._array for tensor in variables]
        facts = program.trace.run(inputs, ARRAYS.apply, np.asarray)
        into = {place: part for place, (_, part) in enumerate(self._parts, 1)}
        bound = Bound(simplified(program.trace, facts), inputs, into)
        self._run = bound.run
        self._loss, self._gradient = bound.outputs[0], gradient

    def at(self) -> tuple[float, float]:
        """Returns the value where the variables stand, and the norm of its gradient, which is theirs then.

        Raises:
            Exception: an operation fails on these values; the engine has the words, or the way round.
        """
        self._run()
        gradient = self._gradient if self._gradient.dtype == np.float64 else self._gradient.astype(np.float64)
        return self._loss.item(), math.sqrt(gradient.dot(gradient))

    def share(self) -> None:
        """Gives the variables and the parameter the same gradient memory, with what backward has left."""
        for tensor, part in self._parts:
            part[...] = 0 if tensor._grad is None else tensor._grad._array
            tensor._grad = Tensor(part)


def planned(
    program: Callable[[], Tensor], variables: Sequence[Tensor], given: Iterable[Any] = ()
) -> Plan | None:
    """Returns the plan of a program's value and gradient; None where its trace does not stand for it.

    Args:
        program: computes the value.
        variables: what it is differentiated for.
        given: what else it may read; where a tensor among it is big, the time between operations is nothing.
    """
    tensors = [*variables, *(one for one in given if isinstance(one, Tensor))]
    kinds = {tensor._array.dtype for tensor in variables}
    if len(kinds) > 1 or max(tensor._array.size for tensor in tensors) > MOST:
        return None
    try:
        found = steady_gradient(lambda: [program()], variables)
    except GradcliError:
        return None  # it will be said where the value is asked for
    if found is None or all(number is None for number in found.gradients):
        return None
    return Plan(found, variables)
