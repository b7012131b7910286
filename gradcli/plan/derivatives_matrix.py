"""Whole Jacobians of a trace, block by block: columns by forward mode or rows by reverse mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.context import context
from gradcli.plan.derivatives_sparse import Lines, by_structure, fewest_directions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.plan.derivatives import Linear

__all__ = ["FORWARD", "REVERSE", "Matrix", "cheaper_mode", "jacobian"]

FORWARD, REVERSE = "forward", "reverse"
ROOM = 2**18  # elements of the biggest value of one batch: what the caches hold between two operations


class Matrix(NamedTuple):
    """A Jacobian.

    Attributes:
        blocks: `blocks[i][j]` is the derivative of output i for input j: the shape of the one, then of the
            other; in the output's dtype by forward mode, in the input's by reverse mode.
        directions: how many tangents or cotangents went through the program.
        passes: in how many batches they did.
    """

    blocks: list[list[Any]]
    directions: int
    passes: int


def cheaper_mode(linear: Linear) -> str:
    """Returns the mode that needs fewer directions; forward where both need as many, or nothing can tell."""
    rows = sum(linear.values[number].size for number in linear.trace.outputs)
    columns = sum(linear.values[number].size for number in linear.trace.inputs)
    if not linear.can_push():
        return REVERSE
    few = columns <= rows or (rows > 1 and 0 < fewest_directions(linear) <= rows)
    return FORWARD if few else REVERSE


def jacobian(linear: Linear, mode: str) -> Matrix:
    """Returns the derivatives of all outputs of a trace for all its inputs.

    Raises:
        GradcliError: an operation has no derivative, or the matrix is beyond the budget.
    """
    trace, values = linear.trace, linear.values
    forward = mode == FORWARD
    for output in trace.outputs:
        for number in trace.inputs:
            y, x = values[output], values[number]
            context.budget.ask((y.size, x.size), y.itemsize)
    found = by_structure(linear, ROOM) if forward else None
    lines, directions, passes = found or _walked(linear, forward=forward)
    blocks = [
        [
            (part.T if forward else part).reshape((*values[output].shape, *values[number].shape))
            for number, part in zip(trace.inputs, row, strict=True)
        ]
        for output, row in zip(trace.outputs, lines, strict=True)
    ]
    return Matrix(blocks, directions, passes)


def _walked(linear: Linear, *, forward: bool) -> Lines:
    """One direction for each element of the variables or, backward, of the outputs."""
    trace, values = linear.trace, linear.values
    lines = []
    for output in trace.outputs:
        row = []
        for number in trace.inputs:
            y, x = values[output], values[number]
            # As the batches come: lines of forward mode are columns of the block.
            sizes = (x.size, y.size) if forward else (y.size, x.size)
            row.append(np.zeros(sizes, (y if forward else x).dtype))
        lines.append(row)
    directions = passes = 0
    for at, number in enumerate(trace.inputs if forward else trace.outputs):
        if number not in linear.dependent:
            continue  # the rows of a constant are zero
        for start, basis in _bases(values[number], linear.widest()):
            stop = start + len(basis)
            found = (linear.push if forward else linear.pull)({number: basis})
            for other, part in enumerate(found):
                if part is None:
                    continue
                block = lines[other][at] if forward else lines[at][other]
                block[start:stop] = part.reshape(len(basis), block.shape[1])
            passes += 1
        directions += values[number].size
    return Lines(lines, directions, passes)


def _bases(like: Any, widest: int) -> Iterator[tuple[int, Any]]:
    """Unit vectors of an array's shape in batches, each with the place of its first one."""
    count = max(1, ROOM // max(widest, 1))
    for start in range(0, like.size, count):
        size = min(count, like.size - start)
        basis = np.zeros((size, like.size), like.dtype)
        basis[np.arange(size), np.arange(start, start + size)] = 1
        yield start, basis.reshape(size, *like.shape)
