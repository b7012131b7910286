"""What is judged: a traced program, where it was taken, and the gradient it claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from gradcli.plan import Trace

__all__ = ["Subject", "Variable"]


class Variable(NamedTuple):
    """A leaf that was differentiated for.

    Attributes:
        name: what the user calls it.
        value: its elements, in the dtype that the program used.
        gradient: the gradient under test, of the value's shape.
    """

    name: str
    value: Any
    gradient: Any


class Subject(NamedTuple):
    """The scalar function s(x) = sum over roots of <cotangent, root(x)>, and its claimed gradient.

    Attributes:
        trace: the program; its inputs are the variables, in order. What autograd did not see
            (detach, no_grad) is constant in it.
        variables: the leaves.
        cotangents: per output of the trace an array of its shape, float64.
    """

    trace: Trace
    variables: tuple[Variable, ...]
    cotangents: tuple[Any, ...]

    def point(self) -> list[Any]:
        """Returns the variables' values in float64, exactly."""
        return [np.asarray(variable.value, np.float64) for variable in self.variables]
