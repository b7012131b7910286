"""Whether a program is the same wherever its variables stand: then its trace may stand for it."""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.autograd.context import context
from gradcli.plan.gradient import GradientProgram, gradient_program
from gradcli.plan.sameness import same, same_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.autograd.tensor import Tensor
    from gradcli.plan.trace import Trace

__all__ = ["steady_gradient"]


def steady_gradient(
    program: Callable[[], Sequence[Tensor]], variables: Sequence[Tensor]
) -> GradientProgram | None:
    """Returns the gradient program of a run, if it is that of every run; inside a session.

    It is none where values that depend on the variables become plain numbers (item(), a truth value), and
    where a second run, with the variables far away, leaves another trace: other random numbers, elements
    that were copied behind the tape's back. The random numbers drawn here are given back.

    Raises:
        GradcliError: the program cannot run, or has no derivative.
    """
    state = context.generator.get_state()
    try:
        found = gradient_program(program, lambda: variables)
        if not found.fixed:
            return None
        elsewhere = _elsewhere(program, variables)
    finally:
        context.generator.set_state(state)
    return found if elsewhere is not None and _same_trace(found.trace, elsewhere.trace) else None


def _elsewhere(
    program: Callable[[], Sequence[Tensor]], variables: Sequence[Tensor]
) -> GradientProgram | None:
    """The gradient program of a run at other values; None where it fails there, as it may."""
    kept = [np.array(tensor._array) for tensor in variables]
    source = np.random.default_rng(0)
    try:
        for tensor in variables:
            array = tensor._array
            array[...] = source.standard_normal(array.shape) - 1.5 * np.flip(array)
        return gradient_program(program, lambda: variables)
    except Exception:  # noqa: BLE001 - whatever it is, it is no reason to end
        return None
    finally:
        for tensor, array in zip(variables, kept, strict=True):
            tensor._array[...] = array


def _same_trace(one: Trace, other: Trace) -> bool:
    """Whether two traces do the same with the same numbers in them."""
    if (one.inputs, one.outputs) != (other.inputs, other.outputs):
        return False
    return same_steps(one.steps, other.steps) and same(one.constants, other.constants)
