"""Second derivatives: the gradient along a direction, differentiated once more, and the matrix read off it.

A formula that is linear in the direction v is a matrix times v: `2*A.T @ A @ v` is `2*A.T @ A`, and `c*v` the
diagonal of c. Where no matrix can be read off, the product with v is what is shown. Source: Pearlmutter, Fast
exact multiplication by the Hessian (1994).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import added, multiplied
from gradcli.explorer.diff.arrangement import expand
from gradcli.explorer.diff.matrices import eye, matmul, outer
from gradcli.explorer.diff.naming import below
from gradcli.explorer.diff.patterns import is_number
from gradcli.explorer.diff.records import where
from gradcli.explorer.diff.reverse import derivatives

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["elementwise_factor", "matrix_of"]

MATRIX = 2  # dims


def elementwise_factor(m: Formulas, product: Term, direction: Term) -> Term | None:
    """Returns c where a product with the direction v is c*v, element by element; None where it is more."""
    if product is direction:
        return m.filled(1, direction.shape)
    if is_number(product, 0):
        return product
    if product.op == "mul":
        parts = list(zip(product.args, product.data[1], strict=True))
        rest = [(one, e) for one, e in parts if one is not direction]
        if (
            len(rest) < len(parts)
            and dict(parts)[direction] == 1
            and not any(_has(one, direction) for one, _ in rest)
        ):
            return expand(m, multiplied(m, rest, product.data[0]), direction.shape)
        return None
    if product.op == "add":
        found = [elementwise_factor(m, expand(m, one, product.shape), direction) for one in product.args]
        if all(one is not None for one in found):
            return added(m, [(c, one) for c, one in zip(product.data, found, strict=True) if one is not None])
    return None


def matrix_of(  # noqa: PLR0911 - a line per kind of term
    m: Formulas, product: Term, direction: Term
) -> Term | None:
    """Returns the matrix H where a product with a vector v is H @ v; None where none is found."""
    if direction.ndim != 1 or product.ndim != 1:
        return None
    if product is direction:
        return eye(m, direction.shape[0])
    if product.op == "add":
        found = [matrix_of(m, one, direction) if one.ndim == 1 else None for one in product.args]
        if any(one is None for one in found):
            return None
        return added(m, [(c, one) for c, one in zip(product.data, found, strict=True) if one is not None])
    if product.op == "matmul":
        *left, last = product.args
        inner = matrix_of(m, last, direction) if last.ndim == 1 else None
        if inner is None or any(_has(one, direction) for one in left):
            return None
        found_left = left[0]
        for one in left[1:]:
            found_left = matmul(m, found_left, one)
        return matmul(m, found_left, inner)
    return READ[product.op](m, product, direction) if product.op in READ else None


def _of_repeated(m: Formulas, product: Term, direction: Term) -> Term | None:
    """One number for all elements, linear in v."""
    (inner,) = product.args
    (row,) = derivatives(m, [(inner, m.number(1))], [direction]) if not inner.ndim else [None]
    if row is None or _has(row, direction):
        return None
    return expand(m, row, (*product.shape, *row.shape))


def _of_where(m: Formulas, product: Term, direction: Term) -> Term | None:
    """Rows of a matrix, zeros elsewhere."""
    mask, taken, other = product.args
    matrix = matrix_of(m, taken, direction) if taken.ndim == 1 else None
    if matrix is None or _has(mask, direction) or not is_number(other, 0):
        return None
    rows = expand(m, where(m, mask, m.number(1), m.number(0)), product.shape)
    return matmul(m, m.make("diag", (rows,), None, (*rows.shape, *rows.shape)), matrix)


def _of_product(m: Formulas, product: Term, direction: Term) -> Term | None:
    parts = list(zip(product.args, product.data[1], strict=True))
    holds = [(one, e) for one, e in parts if _has(one, direction)]
    if len(holds) != 1 or holds[0][1] != 1:
        return None
    inner = holds[0][0]
    rest = multiplied(m, [(one, e) for one, e in parts if one is not inner], product.data[0])
    if not inner.ndim:  # a number linear in v, times a vector
        (row,) = derivatives(m, [(inner, m.number(1))], [direction])
        return None if row is None or _has(row, direction) else outer(m, expand(m, rest, product.shape), row)
    matrix = matrix_of(m, inner, direction)
    if matrix is None:
        return None
    if not rest.ndim:
        return multiplied(m, [(rest, 1), (matrix, 1)])
    if matrix.op == "eye":
        return m.make("diag", (rest,), None, (*rest.shape, *rest.shape))
    return matmul(m, m.make("diag", (rest,), None, (*rest.shape, *rest.shape)), matrix)


def _has(term: Term, direction: Term) -> bool:
    return direction in set(below([term]))


READ = {"mul": _of_product, "expand": _of_repeated, "where": _of_where}
