"""`jacobian`: what are all first derivatives of these expressions?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault
from gradcli.explorer.derivatives import batches, said, warn_nonfinite, write_down
from gradcli.explorer.job import read_job
from gradcli.explorer.values import frozen
from gradcli.plan.derivatives_matrix import FORWARD, REVERSE, Matrix, cheaper_mode, jacobian
from gradcli.reports.derivatives import Block, Jacobian

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.request import EvalRequest
    from gradcli.plan.derivatives import Linear

__all__ = ["explore_jacobian", "matrix_of", "mode_of"]


def explore_jacobian(request: EvalRequest, mode: str | None, warn: Callable[[Diagnostic], None]) -> Jacobian:
    """Returns the derivative of each root for each variable.

    Args:
        request: the expressions, their bindings and what they are differentiated for.
        mode: `forward` or `reverse`; None: whichever needs fewer directions.
        warn: told of what stops nothing.

    Raises:
        GradcliError: a text cannot be read or run, or has no derivative.
    """
    with said(request, warn):
        job = read_job(request)
        written = write_down(job, "a Jacobian")
        matrix, how = matrix_of(written.linear, mode, ("column", "row"))
        names = list(written.variables)
        dependence = [_depends(written.linear, i) for i in range(len(written.roots))]
        blocks = tuple(
            Block(i, name, frozen(matrix.blocks[i][j]), dependent=j in dependence[i])
            for i in range(len(written.roots))
            for j, name in enumerate(names)
        )
        roots = written.shown_roots(job)
        notes = written.notes(job)
        unused = [name for j, name in enumerate(names) if not any(j in found for found in dependence)]
        if unused:
            notes.append(f"no root depends on {', '.join(unused)}: the derivative is zero")
        warn_nonfinite(
            job, roots, _by_name(names, matrix.blocks), warn, lambda: jacobian(written.linear, mode_of(how))
        )
    return Jacobian(
        roots=roots,
        variables=written.shown_variables(),
        blocks=blocks,
        mode=mode_of(how),
        how=how,
        directions=matrix.directions,
        passes=matrix.passes,
        notes=tuple(notes),
    )


def matrix_of(linear: Linear, mode: str | None, words: tuple[str, str]) -> tuple[Matrix, str]:
    """Returns the Jacobian of a trace, and how it was found, in a sentence.

    Args:
        linear: the trace at its point.
        mode: as asked for; None: the cheaper one.
        words: what forward and reverse mode find one of: a column, a row.

    Raises:
        NotImplementedFault: forward mode was asked for, and an operation has no rule for it.
    """
    if mode == FORWARD and not linear.can_push():
        raise NotImplementedFault(
            "E403", "an operation of the program has no forward rule", help="use --mode reverse"
        )
    chosen = mode or cheaper_mode(linear)
    matrix = jacobian(linear, chosen)
    columns = sum(linear.values[number].size for number in linear.trace.inputs)
    rows = sum(linear.values[number].size for number in linear.trace.outputs)
    counts = {FORWARD: _counted(columns, words[0]), REVERSE: _counted(rows, words[1])}
    other = REVERSE if chosen == FORWARD else FORWARD
    reason = "as asked for" if mode else f"{other} mode would take {counts[other]}"
    took = counts[chosen]
    if chosen == FORWARD and matrix.directions < sum(
        linear.values[number].size for number in linear.trace.inputs if number in linear.dependent
    ):
        took += f" in {_counted(matrix.directions, 'direction')}"
    return matrix, f"{chosen} mode: {took}, {batches(max(matrix.passes, 1))} ({reason})"


def mode_of(how: str) -> str:
    """Returns the mode that a sentence of `matrix_of` begins with."""
    return how.partition(" ")[0]


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _depends(linear: Linear, root: int) -> set[int]:
    """The positions of the inputs that an output depends on."""
    needed = {linear.trace.outputs[root]} & linear.dependent
    for step in reversed(linear.trace.steps):
        if step.tracked and not needed.isdisjoint(step.results):
            needed.update(x for x in step.arguments if x.__class__ is int and x in linear.dependent)
    return {j for j, number in enumerate(linear.trace.inputs) if number in needed}


def _by_name(names: list[str], blocks: list[list[Any]]) -> dict[str, Any]:
    """All derivatives for a variable in one array."""
    return {name: np.concatenate([row[j].ravel() for row in blocks]) for j, name in enumerate(names)}
