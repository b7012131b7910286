"""Matrix products, flat: A @ B @ x is one term of three; numbers stand before it."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import multiplied
from gradcli.explorer.diff.arrangement import expand, scalars, squeeze, transpose, unsqueeze
from gradcli.explorer.diff.reduction import total
from gradcli.explorer.diff.terms import FLOAT
from gradcli.ops.shapes import broadcast

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.patterns import Powers
    from gradcli.explorer.diff.terms import Term

__all__ = ["diag", "eye", "matmul", "of_ones", "outer", "product_of", "row_or_column", "turned"]

MATRIX = 2  # dims


def eye(m: Formulas, size: int) -> Term:
    """Returns the identity matrix."""
    return m.make("eye", (), size, (size, size))


def diag(m: Formulas, vector: Term) -> Term:
    """Returns the diagonal matrix of a vector."""
    return m.make("diag", (vector,), None, (*vector.shape, *vector.shape))


def matmul(m: Formulas, left: Term, right: Term) -> Term:
    """Returns the product of matrices, vectors, and stacks of matrices, as `@` has it."""
    if left.ndim == right.ndim == MATRIX + 1 and left.shape[0] == right.shape[0] == 1:  # a stack of one
        one = matmul(m, squeeze(m, left, (-MATRIX - 1,)), squeeze(m, right, (-MATRIX - 1,)))
        return unsqueeze(m, one, (-MATRIX - 1,))
    numbers: Powers = []
    factor = Fraction(1)
    sides = []
    for side in (left, right):
        side_factor, flat, rest = _scalars(m, side)
        factor *= side_factor
        numbers += flat
        sides.append(rest)
    found = _product(m, *sides)
    return multiplied(m, [*numbers, (found, 1)], factor) if numbers or factor != 1 else found


def _scalars(m: Formulas, side: Term) -> tuple[Fraction, Powers, Term]:
    """A side as a number, powers of scalars and the rest."""
    if side.op == "expand" and side.args[0].op == "mul":
        number, flat, rest = _scalars(m, side.args[0])
        return number, flat, expand(m, rest, side.shape)
    if side.op != "mul":
        return Fraction(1), [], side
    flat, rest = scalars(side)
    return side.data[0], flat, rest


def _product(m: Formulas, left: Term, right: Term) -> Term:
    parts = [*_factors(left, ends=False), *_factors(right, ends=True)]
    return product_of(m, parts)


def _factors(term: Term, *, ends: bool) -> list[Term]:
    """The factors of a product that may stand in another: not if it is a vector at the inner end."""
    if term.op != "matmul" or len(term.args) > 12:  # noqa: PLR2004 - longer ones are not taken in: no squares
        return [term]
    inner = term.args[-1] if not ends else term.args[0]
    return list(term.args) if inner.ndim >= MATRIX else [term]


def product_of(m: Formulas, parts: list[Term]) -> Term:
    """Returns the product of matrices in a row; only the first and the last may be vectors."""
    if len(parts) == 1:
        return parts[0]
    first, last = parts[0], parts[-1]
    stack: tuple[int, ...] = ()
    for part in parts:
        if part.ndim > MATRIX:
            stack = broadcast(stack, part.shape[:-2])
    shape = stack
    axes: list[object] = [None] * len(stack)
    if first.ndim >= MATRIX:
        shape += (first.shape[-2],)
        axes.append(first.axes[-2])
    if last.ndim >= MATRIX:
        shape += (last.shape[-1],)
        axes.append(last.axes[-1])
    for one, other in pairwise(parts):
        m.axes.one(one.axes[-1], other.axes[-2] if other.ndim >= MATRIX else other.axes[-1])
    return m.make("matmul", tuple(parts), None, shape, FLOAT, tuple(axes))


def outer(m: Formulas, left: Term, right: Term) -> Term:
    """Returns the outer product of two vectors."""
    left_number, left_flat, left = _scalars(m, left)
    right_number, right_flat, right = _scalars(m, right)
    shape = (*left.shape, *right.shape)
    if left.op == "expand" and not left.args[0].ndim:
        found = multiplied(m, [(left.args[0], 1), (expand(m, right, shape), 1)])
    elif right.op == "expand" and not right.args[0].ndim:
        found = multiplied(m, [(right.args[0], 1), (expand(m, unsqueeze(m, left, (-1,)), shape), 1)])
    else:
        found = m.make("outer", (left, right), None, shape, FLOAT, (*left.axes, *right.axes))
    return multiplied(m, [*left_flat, *right_flat, (found, 1)], left_number * right_number)


def row_or_column(m: Formulas, parts: list[Term]) -> Term | None:
    """Returns a product with dims of size 1 at its ends as one of vectors; None where it has none."""
    first, last = parts[0], parts[-1]
    row = first.op == "unsqueeze" and first.data == (-2,) and first.ndim == MATRIX
    column = last.op == "unsqueeze" and last.data == (-1,) and last.ndim == MATRIX
    if (
        len(parts) == MATRIX
        and first.op == last.op == "unsqueeze"
        and first.data == (-1,)
        and last.data == (-2,)
    ):
        return outer(m, first.args[0], last.args[0])
    if not row and not column:
        return None
    inner = [first.args[0] if row else first, *parts[1:-1], last.args[0] if column else last]
    found = inner[0]
    for part in inner[1:]:
        found = matmul(m, found, part)
    return unsqueeze(m, found, tuple(dim for dim, is_one in ((-2, row), (-1, column)) if is_one))


def of_ones(m: Formulas, parts: list[Term]) -> Term | None:
    """Returns a product with a repeated vector at an end as a sum; None where there is none."""
    first, last = parts[0], parts[-1]
    if last.ndim == 1 and last.op == "expand" and parts[-2].ndim <= MATRIX:
        rest = product_of(m, parts[:-1])
        return multiplied(m, [(total(m, rest, (-1,), keepdim=False), 1), (last.args[0], 1)])
    if first.ndim == 1 and first.op == "expand" and parts[1].ndim <= MATRIX:
        rest = product_of(m, parts[1:])
        dim = -2 if rest.ndim > 1 else -1
        return multiplied(m, [(total(m, rest, (dim,), keepdim=False), 1), (first.args[0], 1)])
    return None


def turned(m: Formulas, parts: tuple[Term, ...]) -> Term:
    """Returns the transpose of a product of matrices: those transposed, in the other order."""
    return product_of(m, [transpose(m, part) for part in reversed(parts)])
