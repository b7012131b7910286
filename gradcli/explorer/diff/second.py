"""Second derivatives: the gradient along a direction, differentiated once more, and the matrix read off it.

A formula that is linear in the direction v is a matrix times v: `2*A.T @ A @ v` is `2*A.T @ A`, and `c*v` the
diagonal of c. Where no matrix can be read off, the product with v is what is shown. Source: Pearlmutter, Fast
exact multiplication by the Hessian (1994).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import added, multiplied
from gradcli.explorer.diff.arrangement import expand
from gradcli.explorer.diff.matrices import diag, eye, matmul, outer
from gradcli.explorer.diff.patterns import is_number, powers
from gradcli.explorer.diff.records import where
from gradcli.explorer.diff.reverse import derivatives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        parts = powers(product)
        rest = [(one, e) for one, e in parts if one is not direction]
        if (
            len(rest) < len(parts)
            and dict(parts)[direction] == 1
            and not any(one.directed for one, _ in rest)
        ):
            return expand(m, multiplied(m, rest, product.data[0]), direction.shape)
        return None
    if product.op == "add":
        found = [elementwise_factor(m, expand(m, one, product.shape), direction) for one in product.args]
        if all(one is not None for one in found):
            return added(m, [(c, one) for c, one in zip(product.data, found, strict=True) if one is not None])
    return None


def matrix_of(m: Formulas, product: Term, direction: Term) -> Term | None:
    """Returns the matrix H where a product with a vector v is H @ v; None where none is found."""
    if direction.ndim != 1 or product.ndim != 1:
        return None
    known: dict[Term, Term | None] = {direction: eye(m, direction.shape[0])}
    waiting = [product]
    while waiting:
        top = waiting[-1]
        missing = [] if top in known else [one for one in _vectors(top) if one not in known]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if top not in known:
            read = READ.get(top.op) if top.ndim == 1 else None
            known[top] = None if read is None else read(m, top, direction, known)
    return known[product]


def _vectors(term: Term) -> Sequence[Term]:
    """The vectors whose matrices that of a term is made of."""
    if term.op == "add":
        return term.args
    if term.op == "matmul":
        return term.args[-1:]
    if term.op == "where":
        return term.args[1:2]
    return [one for one in term.args if one.directed and one.ndim] if term.op == "mul" else []


def _of_sum(m: Formulas, product: Term, _direction: Term, known: Mapping[Term, Term | None]) -> Term | None:
    found = [known[one] for one in product.args]
    if any(one is None for one in found):
        return None
    return added(m, [(c, one) for c, one in zip(product.data, found, strict=True) if one is not None])


def _of_matrices(
    m: Formulas, product: Term, _direction: Term, known: Mapping[Term, Term | None]
) -> Term | None:
    *left, last = product.args
    inner = known[last]
    if inner is None or any(one.directed for one in left):
        return None
    found = left[0]
    for one in left[1:]:
        found = matmul(m, found, one)
    return matmul(m, found, inner)


def _of_repeated(
    m: Formulas, product: Term, direction: Term, _known: Mapping[Term, Term | None]
) -> Term | None:
    """One number for all elements, linear in v."""
    (inner,) = product.args
    row = None if inner.ndim else _row(m, inner, direction)
    return None if row is None else expand(m, row, (*product.shape, *row.shape))


def _row(m: Formulas, number: Term, direction: Term) -> Term | None:
    """The vector r where a number is r @ v; None where it is not linear in v."""
    (row,) = derivatives(m, [(number, m.number(1))], [direction])
    return None if row is None or row.directed else row


def _of_where(m: Formulas, product: Term, _direction: Term, known: Mapping[Term, Term | None]) -> Term | None:
    """Rows of a matrix, zeros elsewhere."""
    mask, taken, other = product.args
    matrix = known[taken]
    if matrix is None or mask.directed or not is_number(other, 0):
        return None
    rows = expand(m, where(m, mask, m.number(1), m.number(0)), product.shape)
    return matmul(m, diag(m, rows), matrix)


def _of_product(
    m: Formulas, product: Term, direction: Term, known: Mapping[Term, Term | None]
) -> Term | None:
    parts = powers(product)
    holds = [(one, e) for one, e in parts if one.directed]
    if len(holds) != 1 or holds[0][1] != 1:
        return None
    inner = holds[0][0]
    rest = multiplied(m, [(one, e) for one, e in parts if one is not inner], product.data[0])
    if not inner.ndim:  # a number linear in v, times a vector
        row = _row(m, inner, direction)
        return None if row is None else outer(m, expand(m, rest, product.shape), row)
    matrix = known[inner]
    if matrix is None:
        return None
    if not rest.ndim:
        return multiplied(m, [(rest, 1), (matrix, 1)])
    return diag(m, rest) if matrix.op == "eye" else matmul(m, diag(m, rest), matrix)


READ: dict[str, Callable[[Formulas, Term, Term, Mapping[Term, Term | None]], Term | None]] = {
    "add": _of_sum,
    "matmul": _of_matrices,
    "mul": _of_product,
    "expand": _of_repeated,
    "where": _of_where,
}
