"""Identities of matrices: transposes, inverses, products with vectors, outer products, ones, identity."""

# Rules take the algebra, used or not, and count terms and dims:
# ruff: noqa: ARG001, PLR2004

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import added, multiplied
from gradcli.explorer.diff.arrangement import expand, squeeze, transpose, unsqueeze
from gradcli.explorer.diff.matrices import (
    diag,
    eye,
    matmul,
    of_ones,
    outer,
    product_of,
    row_or_column,
    turned,
)
from gradcli.explorer.diff.patterns import Rule, apart, powers
from gradcli.explorer.diff.reduction import total

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["RULES"]

MATRIX = 2  # dims


def _twice(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    return inner.args[0] if inner.op == "transpose" else None


def _of_product(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op != "matmul" or any(part.ndim < MATRIX for part in inner.args):
        return None
    return turned(m, inner.args)


def _of_outer(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    return outer(m, inner.args[1], inner.args[0]) if inner.op == "outer" else None


def _symmetric(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    return inner if inner.op in {"eye", "diag"} else None


def _of_sum(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op != "add" or not any(part.op == "transpose" for part in inner.args):
        return None
    parts = [transpose(m, expand(m, part, inner.shape)) for part in inner.args]
    return added(m, list(zip(inner.data, parts, strict=True)))


def _of_elements(m: Formulas, term: Term) -> Term | None:
    """Numbers stand before the transpose; of factors that are turned themselves each is turned."""
    (inner,) = term.args
    if inner.op != "mul":
        return None
    number = inner.data[0]
    flat, rest = apart(inner)
    if any(one.op in {"transpose", "unsqueeze"} for one, _ in rest):
        each = [(transpose(m, _full(m, one)), e) for one, e in rest]
        return multiplied(m, [*flat, *each], number)
    if number == 1 and not flat:
        return None
    whole = expand(m, multiplied(m, rest), inner.shape)
    return multiplied(m, [*flat, (transpose(m, whole), 1)], number)


def _full(m: Formulas, term: Term) -> Term:
    """A factor with two dims at least, as rows."""
    return unsqueeze(m, term, (-2,)) if term.ndim == 1 else term


def _of_repeated(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op == "expand" and inner.ndim == MATRIX:
        source = inner.args[0]
        return expand(m, transpose(m, _full(m, source)) if source.ndim else source, term.shape)
    if inner.op == "unsqueeze" and inner.ndim == MATRIX and len(inner.data) == 1:
        (dim,) = inner.data
        return unsqueeze(m, inner.args[0], (-1 if dim == -2 else -2,))
    return None


def _inverse(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op == "inv":
        return inner.args[0]
    if inner.op == "eye":
        return inner
    return transpose(m, m.inv(inner.args[0])) if inner.op == "transpose" else None


def _identity(m: Formulas, term: Term) -> Term | None:
    parts = list(term.args)
    kept = [part for part in parts if part.op != "eye"]
    if len(kept) < len(parts):
        return product_of(m, kept) if kept else eye(m, parts[0].data)
    for i, (one, other) in enumerate(pairwise(parts)):
        if _inverse_of(one, other) or _inverse_of(other, one):
            rest = [*parts[:i], *parts[i + 2 :]]
            return product_of(m, rest) if rest else eye(m, one.shape[-1])
    return None


def _inverse_of(one: Term, other: Term) -> bool:
    if one.op == other.op == "transpose":
        return _inverse_of(one.args[0], other.args[0])
    return one.op == "inv" and one.args[0] is other


def _with_vectors(m: Formulas, term: Term) -> Term | None:
    return row_or_column(m, list(term.args))


def _with_ones(m: Formulas, term: Term) -> Term | None:
    return of_ones(m, list(term.args))


def _row_times_matrix(m: Formulas, term: Term) -> Term | None:
    if term.args[0].ndim != 1 or term.args[-1].ndim != MATRIX:
        return None
    return product_of(m, [*[transpose(m, part) for part in reversed(term.args[1:])], term.args[0]])


def _with_outer(m: Formulas, term: Term) -> Term | None:
    parts = list(term.args)
    for i, part in enumerate(parts):
        if part.op == "outer":
            left, right = part.args
            before, after = parts[:i], parts[i + 1 :]
            if before:
                left = matmul(m, product_of(m, before), left)
            if after:
                right = matmul(m, right, product_of(m, after))
            return (
                outer(m, left, right) if left.ndim and right.ndim else multiplied(m, [(left, 1), (right, 1)])
            )
    return None


def _repeated_times_vector(m: Formulas, term: Term) -> Term | None:
    first, last = term.args[0], term.args[-1]
    if first.op != "expand" or first.ndim != MATRIX or last.ndim != 1:
        return None
    rest = product_of(m, list(term.args[1:]))
    (source,) = first.args
    if source.ndim == MATRIX and source.shape[1] == 1:
        parts = [squeeze(m, source, (-1,)), total(m, rest, (-1,), keepdim=False)]
    elif source.ndim:
        parts = [matmul(m, source, rest)]
    else:
        parts = [source, total(m, rest, (-1,), keepdim=False)]
    return expand(m, multiplied(m, [(part, 1) for part in parts]), term.shape, term)


def _with_repeated(  # noqa: PLR0911 - a line per kind of repetition
    m: Formulas, term: Term
) -> Term | None:
    """A matrix of equal elements, rows or columns at an end."""
    parts = list(term.args)
    if any(part.ndim != MATRIX for part in parts):
        return None
    first, last = parts[0], parts[-1]
    if last.op == "expand":
        rest = product_of(m, parts[:-1])
        source = last.args[0]
        if source.ndim < MATRIX or source.shape[0] == 1:
            sums = unsqueeze(m, total(m, rest, (-1,), keepdim=False), (-1,))
            return expand(m, multiplied(m, [(sums, 1), (source, 1)]), term.shape)
        return expand(m, matmul(m, rest, source), term.shape)
    if first.op == "expand":
        rest = product_of(m, parts[1:])
        source = first.args[0]
        if source.ndim == MATRIX or not source.ndim:
            if source.ndim and source.shape[0] == 1:
                return expand(m, matmul(m, source, rest), term.shape)
            sums = total(m, rest, (-2,), keepdim=False)
            return expand(m, multiplied(m, [(sums, 1), (source, 1)]), term.shape)
        return expand(m, matmul(m, source, rest), term.shape)
    return None


def _diagonal_times_vector(m: Formulas, term: Term) -> Term | None:
    parts = list(term.args)
    if parts[0].op == "diag" and parts[-1].ndim == 1:
        return multiplied(m, [(parts[0].args[0], 1), (product_of(m, parts[1:]), 1)])
    if parts[-1].op == "diag" and parts[0].ndim == 1:
        return multiplied(m, [(product_of(m, parts[:-1]), 1), (parts[-1].args[0], 1)])
    return None


def _diagonal(m: Formulas, term: Term) -> Term | None:
    """eye(n) times the same number along each row is diag."""
    number, _ = term.data
    parts = powers(term)
    at = next((i for i, (one, e) in enumerate(parts) if one.op == "eye" and e == 1), None)
    if at is None or len(parts) < 2:
        return None
    flat, whole = apart(term)
    rest = [(one, e) for one, e in whole if one is not parts[at][0]]
    if not rest or any(one.ndim != 1 for one, _ in rest):
        return None
    vector = multiplied(m, rest)
    return multiplied(m, [*flat, (diag(m, vector), 1)], number)


def _outer_of_columns(m: Formulas, term: Term) -> Term | None:
    """u[:, None]*v = outer(u, v), where nothing else has two dims."""
    flat, rest = apart(term)
    columns = [
        (one, e) for one, e in rest if one.op == "unsqueeze" and one.data == (-1,) and one.ndim == MATRIX
    ]
    rows = [(one, e) for one, e in rest if one.ndim == 1]
    if not columns or not rows or len(columns) + len(rows) < len(rest) or len(term.shape) != MATRIX:
        return None
    left = multiplied(m, [(one.args[0], e) for one, e in columns])
    right = multiplied(m, rows)
    return multiplied(m, [*flat, (outer(m, left, right), 1)], term.data[0])


RULES = (
    Rule("transpose twice", "A.T.T = A", "transpose", _twice),
    Rule("transpose of a product", "(A @ B).T = B.T @ A.T", "transpose", _of_product),
    Rule("transpose of an outer product", "outer(u, v).T = outer(v, u)", "transpose", _of_outer),
    Rule("symmetric", "eye(n).T = eye(n)", "transpose", _symmetric),
    Rule("transpose of a sum", "(A.T + B).T = A + B.T", "transpose", _of_sum),
    Rule("transpose of a multiple", "(c*A).T = c*A.T", "transpose", _of_elements),
    Rule("transpose of equal rows", "expand(u).T = expand(u[:, None])", "transpose", _of_repeated),
    Rule("inverse", "inv(A.T) = inv(A).T, inv(inv(A)) = A", "inv", _inverse),
    Rule("identity", "A @ eye(n) = A, A @ inv(A) = eye(n)", "matmul", _identity),
    Rule("rows and columns", "u[None, :] @ A = (u @ A)[None, :]", "matmul", _with_vectors),
    Rule("product with ones", "A @ ones = sum(A, 1)", "matmul", _with_ones),
    Rule("product with equal rows", "A @ expand(v) = outer(sum(A, 1), v)", "matmul", _with_repeated),
    Rule("equal rows times vector", "ones @ x = sum(x)*ones", "matmul", _repeated_times_vector),
    Rule("product with an outer product", "A @ outer(u, v) = outer(A @ u, v)", "matmul", _with_outer),
    Rule("diagonal times vector", "diag(v) @ x = v*x", "matmul", _diagonal_times_vector),
    Rule("row times matrix", "x @ A = A.T @ x", "matmul", _row_times_matrix),
    Rule("diagonal", "v*eye(n) = diag(v)", "mul", _diagonal),
    Rule("outer product", "u[:, None]*v = outer(u, v)", "mul", _outer_of_columns),
)
