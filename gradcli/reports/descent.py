"""How a minimisation went."""

from __future__ import annotations

from typing import Any, NamedTuple

from gradcli.reports.derivatives import Variable  # noqa: TC001 - fields of a named tuple

__all__ = ["Minimization", "Progress"]


class Progress(NamedTuple):
    """Where a minimisation stood after a number of steps."""

    step: int
    loss: float
    gradient_norm: float


class Minimization(NamedTuple):
    """What a minimisation came to.

    Attributes:
        expression: what was minimised.
        optimizer: its name.
        settings: its numbers, by name.
        status: `converged`, `stopped` (out of steps, or no step helps any more) or `diverged`.
        cause: why it ended, in a sentence.
        variables: the final ones.
        gradients: at the end, by name; None where nothing leads there.
        history: at the start and after every step.
        suggestion: a learning rate that does better; None where there is none to give.
        curvature: the largest magnitude of an eigenvalue of the Hessian at the start; None where unknown.
        notes: facts that the user should know, a sentence each.
    """

    expression: str
    optimizer: str
    settings: dict[str, float]
    status: str
    cause: str
    variables: tuple[Variable, ...]
    gradients: dict[str, Any]
    history: tuple[Progress, ...]
    suggestion: float | None = None
    curvature: float | None = None
    notes: tuple[str, ...] = ()
