"""Backward as a command line asks for it: how often, over which roots, from which gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.autograd import Tensor, backward, context, grad
from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.functions import check_gradient
from gradcli.diagnostics import GradcliError, RuntimeFault
from gradcli.explorer.values import array_of, as_tensor
from gradcli.explorer.workspace import located, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.explorer.bindings import Value
    from gradcli.explorer.request import Backward
    from gradcli.explorer.workspace import Workspace
    from gradcli.language.program import Program
    from gradcli.plan.tape import Tape

__all__ = ["NO_GRAPH", "advised", "differentiate", "recorded_gradient", "starting_gradients", "weighed"]

HINTS = {
    "E402": "add --retain-graph: it keeps what the first backward would free",
    "no_graph": "bind a variable with -v (not -c); detach(), item() and comparisons cut it off",
    "not_scalar": "give --grad-tensors, or reduce it: sum(...), mean(...)",
    "no_grad": "--wrt names what requires grad: bind it with -v, not -c",
    "unused": "name only variables that the expressions use",
}

NO_GRAPH = "does not require grad and does not have a grad_fn"
FROM_ONES = (
    "the root is no scalar, and nothing was bound: backward started from ones, as --grad-tensors would say"
)


def differentiate(  # noqa: PLR0913 - the parts of a run
    asked: Backward,
    space: Workspace,
    programs: tuple[Program, ...],
    given: tuple[Value, ...],
    roots: list[Tensor],
    wanted: list[Tensor],
) -> tuple[str, ...]:
    """Runs backward as often as asked, over all roots together or one after the other.

    Returns what the user should know of the gradients it started from, a sentence each.

    Args:
        asked: how.
        space: the names, whose gradients are cleared between runs where that is asked for.
        programs: where each root came from, for the places of errors.
        given: the values of --grad-tensors.
        roots: what is differentiated.
        wanted: what for; empty: all leaves.

    Raises:
        GradcliError: PyTorch's errors, with a place and a way out.
    """
    seeds, notes = starting_gradients(given, space, roots)
    calls = (
        [([root], [seed], program) for root, seed, program in zip(roots, seeds, programs, strict=True)]
        if asked.separately and len(seeds) == len(roots)
        else [(roots, seeds, programs[0])]
    )
    first = True
    context.anomaly = asked.detect_anomaly
    for _ in range(asked.passes):
        for tensors, gradients, program in calls:
            if asked.zero_between and not first:
                _zero(space)
            first = False
            try:
                backward(tensors, gradients, asked.retain_graph, asked.create_graph, wanted or None)
            except GradcliError as error:
                raise advised(error, tensors, program, programs) from None
    context.anomaly = False
    return notes


def starting_gradients(
    given: tuple[Value, ...], space: Workspace, roots: list[Tensor]
) -> tuple[list[Tensor | None], tuple[str, ...]]:
    """Returns the gradients that backward starts from, one per root (None: 1), and a word on them.

    Raises:
        RuntimeFault: there are more than roots.
        GradcliError: one cannot be computed.
    """
    if given or not _nothing_bound(space):
        return _seeds(given, space, len(roots)), ()
    seeds = [None if _size(root) == 1 else Tensor(np.ones_like(array_of(root))) for root in roots]
    return seeds, (FROM_ONES,) if any(seed is not None for seed in seeds) else ()


def weighed(given: tuple[Value, ...], space: Workspace, roots: list[Tensor]) -> list[Tensor]:
    """Returns the sums of roots times the gradients that backward starts from; without these, the roots.

    Raises:
        RuntimeFault: there are more than roots, or of another shape.
        GradcliError: one cannot be computed.
    """
    if not given:
        return roots
    seeds = _seeds(given, space, len(roots))
    seeds += [None] * (len(roots) - len(seeds))
    for index, (root, seed) in enumerate(zip(roots, seeds, strict=True)):
        if seed is not None:
            check_gradient(index, root, seed)
    return [
        root if seed is None else TENSORS.sum(TENSORS.mul(seed, root))
        for root, seed in zip(roots, seeds, strict=True)
    ]


def recorded_gradient(roots: list[Tensor], tensors: list[Tensor], tape: Tape | None = None) -> list[Tensor]:
    """Returns the gradient of the sum of roots for each tensor, itself recorded; zeros where nothing leads.

    A tape that hears it is all the record there need be.

    Raises:
        GradcliError: PyTorch would refuse to differentiate.
    """
    found: Sequence[Tensor | None] = [None] * len(tensors)
    if any(root.requires_grad for root in roots):
        if tape is None:
            found = grad(roots, tensors, create_graph=True, allow_unused=True)
        else:
            from gradcli.plan.gradient import written_gradient  # `eval` has no tape

            found = written_gradient(tape, roots, tensors)
    return [
        Tensor(np.zeros_like(array_of(tensor))) if one is None else one
        for one, tensor in zip(found, tensors, strict=True)
    ]


def _nothing_bound(space: Workspace) -> bool:
    """Whether all variables are defaults: then the shape of the root is ours, and no reason to refuse it."""
    return bool(space.leaves) and set(space.leaves) == set(space.defaults)


def _seeds(given: tuple[Value, ...], space: Workspace, count: int) -> list[Tensor | None]:
    """The gradients that backward starts from, one per root; None stands for 1."""
    if not given:
        return [None] * count
    values = [space.compute(value) for value in given]
    if len(values) == 1 and count > 1 and isinstance(values[0], (list, tuple)):
        values = list(values[0])
        given = given * max(len(values), 1)
    made = []
    for value, place in zip(values, given, strict=True):
        with located(place):
            array = isinstance(value, np.ndarray)
            made.append(None if value is None else Tensor(value) if array else as_tensor(value))
    if len(made) > count:  # PyTorch's function drops what is too much; its engine has these words
        raise RuntimeFault(
            "E401",
            f"got {count} tensors and {len(made)} gradients",
            span=whole(given[count]),
            help="give one gradient per root",
        )
    return made


def _zero(space: Workspace) -> None:
    for value in (*space.values.values(), *space.leaves.values()):
        if isinstance(value, Tensor):
            value.grad = None


def advised(
    error: GradcliError, roots: list[Tensor], program: Program, programs: tuple[Program, ...]
) -> GradcliError:
    """Returns the error with a place and with a way out in words of the command line."""
    found = error.diagnostic
    message = found.message
    hint = ""
    if found.code == "E402":
        hint = HINTS["E402"]
    elif NO_GRAPH in message:
        hint = HINTS["no_graph"]
        index = int(message.split()[1])
        program = programs[index] if len(roots) > 1 else program
    elif "can't retain_grad" in message:
        hint = HINTS["no_grad"]
    elif "appears to not have been used" in message:
        hint = HINTS["unused"]
    elif "can be implicitly created only" in message:
        hint = HINTS["not_scalar"]
        if len(roots) > 1:
            program = programs[next(index for index, root in enumerate(roots) if _size(root) != 1)]
    if hint:
        error.diagnostic = found._replace(help=hint)
    error.locate(whole(program))
    return error


def _size(tensor: Tensor) -> int:
    return int(array_of(tensor).size)
