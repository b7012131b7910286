"""Expressions run once and written down: the gradient under test, and what it is a gradient of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, grad
from gradcli.checks.subject import Subject, Variable
from gradcli.diagnostics import GradcliError, InputFault
from gradcli.explorer.differentiate import advised, starting_gradients
from gradcli.explorer.job import named_tensor
from gradcli.explorer.values import array_of
from gradcli.explorer.workspace import prepare
from gradcli.plan import Tape, Trace, taped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.explorer.job import Job
    from gradcli.explorer.workspace import Workspace

__all__ = ["Traced", "trace_job"]

NO_VARIABLE = "no variable requires grad, so there is no gradient to check"


class Traced(NamedTuple):
    """A run.

    Attributes:
        subject: the traced program with the gradient that autograd gives.
        space: the names, for whatever else is evaluated at this point.
        notes: what the user should know, a sentence each.
        tape: what was recorded; what the names are used for later can be recorded with it.
        is_finite: whether the values are, wherever the gradient is taken.
    """

    subject: Subject
    space: Workspace
    notes: tuple[str, ...]
    tape: Tape
    is_finite: bool


class _Sum(NamedTuple):
    """Weighted roots and the gradient of their sum for each variable (None: nothing leads there)."""

    roots: Sequence[Tensor]
    weights: Sequence[Tensor | None]
    gradients: Sequence[Tensor | None]


def trace_job(job: Job, point: Mapping[str, Any] | None = None, *, order: int = 1) -> Traced:
    """Returns a request run under a tape; to be called inside a session.

    Args:
        job: what was asked, read.
        point: other values for the variables, by name.
        order: 1 for the gradient of the expressions; 2 for that of their gradient along random directions.

    Raises:
        GradcliError: a program cannot run, or PyTorch would refuse to differentiate it.
    """
    space = prepare(job)
    for name, value in (point or {}).items():
        space.rebind(name, value)
    with taped() as tape:
        roots = [space.root(program) for program in job.programs]
        tensors = _variables(job, space)
        for tensor in tensors.values():
            tape.input(tensor)
        weights, notes = starting_gradients(job.seeds, space, roots)
        try:
            found = _differentiated(roots, weights, list(tensors.values()), order, job.request.seed)
        except GradcliError as error:
            raise advised(error, roots, job.programs[0], job.programs) from None
    trace = tape.trace(found.roots)
    variables = tuple(
        Variable(name, array_of(tensor), np.zeros(tensor.shape) if gradient is None else array_of(gradient))
        for (name, tensor), gradient in zip(tensors.items(), found.gradients, strict=True)
    )
    cotangents = tuple(
        np.ones(root.shape) if weight is None else np.asarray(array_of(weight), np.float64)
        for root, weight in zip(found.roots, found.weights, strict=True)
    )
    cut = trace.without_cuts([array_of(tensor) for tensor in tensors.values()])
    is_finite = all(np.isfinite(array_of(root)).all() for root in found.roots)
    return Traced(Subject(cut, variables, cotangents), space, (*notes, *_cuts(trace, cut)), tape, is_finite)


def _variables(job: Job, space: Workspace) -> dict[str, Tensor]:
    """What the gradient is checked for: the names of --wrt, or all leaves, also those the programs make."""
    if job.request.backward.wrt:
        return {name: named_tensor(space, name, "--wrt") for name in job.request.backward.wrt}
    found = dict(space.variables())
    if not found:
        raise InputFault("E506", NO_VARIABLE, help="bind one with -v (not -c): -v x=2")
    return found


def _differentiated(
    roots: list[Tensor], weights: list[Tensor | None], tensors: list[Tensor], order: int, seed: int
) -> _Sum:
    """The gradient under test, by autograd; of order 2 that of <gradient, direction>."""
    first = grad(roots, tensors, weights, create_graph=order > 1, allow_unused=True)
    if order == 1:
        return _Sum(roots, weights, first)
    random = np.random.default_rng(seed)
    again = [gradient for gradient in first if gradient is not None and gradient.requires_grad]
    if not again:
        raise InputFault(
            "E506",
            "the gradient is constant, so there is no second derivative to check",
            help="check order 1",
        )
    directions: list[Tensor | None] = [Tensor(random.standard_normal(gradient.shape)) for gradient in again]
    return _Sum(again, directions, grad(again, tensors, directions, allow_unused=True))


def _cuts(trace: Trace, cut: Trace) -> tuple[str, ...]:
    """A word on what the gradient does not see."""
    if cut is trace:
        return ()
    return ("what detach() or no_grad cuts off is taken as constant, as the gradient takes it",)
