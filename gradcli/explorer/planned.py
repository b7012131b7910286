"""`eval` on big tensors: the programs are traced on stand-ins, and one plan gives values and gradients.

What the plan cannot do, and every mistake, is left to the eager engine, which starts from the same state
and has PyTorch's words.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import GradcliError
from gradcli.explorer.differentiate import starting_gradients
from gradcli.explorer.job import named_tensor
from gradcli.plan.program import planned
from gradcli.plan.standin import GivenUp, StandIn, like
from gradcli.plan.tape import taped
from gradcli.plan.unseen import UnseenTape

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.job import Job
    from gradcli.explorer.workspace import Workspace

__all__ = ["Outcome", "run_planned"]

# What records raise on stand-ins, where the engine may find an answer, and has the words if there is none.
FAILURES = (GradcliError, ArithmeticError, LookupError, MemoryError, TypeError, ValueError)
SMALL = 2**10  # elements; smaller tensors are what they are, so that their values may decide something


class Outcome(NamedTuple):
    """A run: the roots, what the user should know, and whether there are gradients at the leaves."""

    roots: list[Tensor]
    notes: tuple[str, ...]
    differentiated: bool


def run_planned(job: Job, space: Workspace, sought: Callable[[], list[Tensor]]) -> Outcome | None:
    """Returns what running the programs and one backward gives; None where a plan does not apply.

    Then nothing has changed.

    Args:
        job: what was asked.
        space: the names, bound.
        sought: gives the tensors whose gradients are shown, once the programs have run.
    """
    names, leaves = dict(space.values), dict(space.leaves)
    state = context.generator.get_state()
    try:
        return _run(job, space, sought)
    except (GivenUp, *FAILURES):
        space.values.clear()
        space.values.update(names)
        space.leaves.update(leaves)
        context.generator.set_state(state)
        return None


def _run(job: Job, space: Workspace, sought: Callable[[], list[Tensor]]) -> Outcome:
    bound = _stood_in(space)
    tape = UnseenTape()
    with taped(tape):
        for tensor, _ in bound:
            tape.input(tensor)
        roots = [space.root(program) for program in job.programs]
        targets = _targets(job, space, sought, roots)
        small = [tensor for tensor in targets if not isinstance(tensor._array, StandIn)]
        for tensor in small:
            tape.input(tensor)
        gradients: list[Any] = [None] * len(targets)
        notes: tuple[str, ...] = ()
        if targets:
            seeds, notes = starting_gradients(job.seeds, space, roots)
            gradients = tape.gradients(roots, targets, seeds)
    there = [gradient for gradient in gradients if gradient is not None]
    trace = tape.trace([*roots, *there])
    arrays = [array for _, array in bound] + [tensor._array for tensor in small]
    found = iter(planned(trace, arrays).run(arrays))
    for root in roots:
        root._array = next(found)
    for tensor, array in bound:
        tensor._array = array
    for tensor, gradient in zip(targets, gradients, strict=True):
        tensor._grad = None if gradient is None else Tensor(np.asarray(next(found)))
    return Outcome(roots, notes, bool(targets))


def _stood_in(space: Workspace) -> list[tuple[Tensor, Any]]:
    """Puts stand-ins in the place of big tensors; returns them with the arrays they stand for."""
    made: dict[int, tuple[Tensor, Any]] = {}
    for name, value in list(space.values.items()):
        if not isinstance(value, Tensor) or value._array.size <= SMALL:
            continue
        if id(value) not in made:
            array = value._array
            made[id(value)] = Tensor(like(array, array.dtype), value.requires_grad), array
        space.values[name] = made[id(value)][0]
        if name in space.leaves:
            space.leaves[name] = made[id(value)][0]
    return list(made.values())


def _targets(
    job: Job, space: Workspace, sought: Callable[[], list[Tensor]], roots: list[Tensor]
) -> list[Tensor]:
    """The tensors to differentiate for; none where only values are wanted."""
    asked = job.request.backward
    if not asked.run:
        return []
    wanted = [named_tensor(space, name, "--wrt") for name in asked.wrt]
    found = list({id(tensor): tensor for tensor in wanted or sought()}.values())
    known = {id(tensor) for tensor in space.leaves.values()}
    for tensor in found:
        made_unseen = isinstance(tensor._array, StandIn) and id(tensor) not in known
        if made_unseen or not tensor.is_leaf or not tensor.requires_grad:
            raise GivenUp
    if not found or not any(root.requires_grad for root in roots):
        raise GivenUp  # the engine knows what to say
    return found
