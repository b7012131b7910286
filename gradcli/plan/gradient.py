"""The gradient program: a forward run and its backward pass, written down as one trace.

Backward with `create_graph` applies records like any other code, so the tape hears it too: the gradient
program is derived by the same rules, and none is written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.autograd.functions import grad
from gradcli.plan.tape import taped
from gradcli.plan.writing import WRITING, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.autograd.tensor import Tensor
    from gradcli.plan.tape import Tape
    from gradcli.plan.trace import Trace

__all__ = ["GradientProgram", "gradient_program", "written_gradient"]


class GradientProgram(NamedTuple):
    """A program together with its gradient.

    Attributes:
        trace: its inputs are the variables; its outputs the roots, then the gradients that are not None.
        roots: the number of each root.
        gradients: per variable the number of its gradient; None where no root depends on it.
        fixed: no value that depends on the variables became a plain number, to decide what comes next.
        values: the array of each number, where the run was, if that was asked for; None where some are not
            known: they were changed in place, or cast without a tensor.
    """

    trace: Trace
    roots: tuple[int, ...]
    gradients: tuple[int | None, ...]
    fixed: bool = True
    values: Mapping[int, Any] | None = None


def written_gradient(
    tape: Tape,
    roots: Sequence[Tensor],
    tensors: Sequence[Tensor],
    weights: Sequence[Tensor | None] | None = None,
) -> Sequence[Tensor | None]:
    """Returns the gradient of the roots for each tensor, heard by the tape; None where nothing leads.

    It has no graph where nothing but records stands behind the roots: nobody asks for its history then.
    """
    given = None if weights is None else list(weights)
    tape.algebra = WRITING if is_plain(roots) else None
    try:
        return grad(list(roots), list(tensors), given, create_graph=True, allow_unused=True)
    finally:
        tape.algebra = None


def gradient_program(
    program: Callable[[], Sequence[Tensor]],
    variables: Callable[[], Sequence[Tensor]],
    weights: Sequence[Tensor | None] | None = None,
    *,
    values: bool = False,
) -> GradientProgram:
    """Returns the trace of a run and of the gradient of its roots for the variables; inside a session.

    Args:
        program: runs it and returns its roots.
        variables: asked once the program has run, which may make some of them.
        weights: the cotangent of each root; None stands for 1.
        values: keep those of the run, for whoever goes on with them (plan/derivatives.py).

    Raises:
        GradcliError: the program cannot run, or PyTorch would refuse to differentiate it.
    """
    with taped() as tape:
        roots = list(program())
        tensors = list(variables())
        for tensor in tensors:
            tape.input(tensor)
        found = written_gradient(tape, roots, tensors, weights)
    there = [gradient for gradient in found if gradient is not None]
    trace = tape.trace([*roots, *there])
    numbers = iter(trace.outputs[len(roots) :])
    return GradientProgram(
        trace,
        trace.outputs[: len(roots)],
        tuple(None if gradient is None else next(numbers) for gradient in found),
        tape.is_fixed(),
        tape.values(trace) if values else None,
    )
