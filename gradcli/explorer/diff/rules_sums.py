"""Identities of sums over dims, and of sums of terms that have something in common."""

# Rules take the algebra, used or not, and count terms and dims:
# ruff: noqa: PLR2004

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import added, multiplied
from gradcli.explorer.diff.arrangement import expand
from gradcli.explorer.diff.matrices import matmul, product_of
from gradcli.explorer.diff.patterns import Rule, called, powers
from gradcli.explorer.diff.reduction import total

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["RULES"]

MOST = 8  # terms of a sum that is taken apart
TOLERANCE = 1e-12


def _of_turned(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op not in {"transpose", "permute", "reshape", "put", "unsqueeze"} or term.shape:
        return None
    (source,) = inner.args
    return total(m, source, tuple(range(-source.ndim, 0)), keepdim=False)


def _of_transpose(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op != "transpose" or inner.ndim != 2 or len(term.data) != 1:
        return None
    (dim,) = term.data
    return total(m, inner.args[0], (-3 - dim,), keepdim=False)


def _as_mean(m: Formulas, term: Term) -> Term | None:
    """sum(x)/n = mean(x), where n counts what is summed; n*mean(x) = sum(x)."""
    parts = powers(term)
    for one, e in parts:
        if e != 1 or one.op not in {"sum", "mean"}:
            continue
        (inner,) = one.args
        dims = one.data
        count = m.counted(inner, dims)
        sign = -1 if one.op == "sum" else 1
        if count.op != "count" or dict(parts).get(count) != sign:
            continue
        rest = [(arg, k) for arg, k in parts if arg is not one and arg is not count]
        if one.op == "sum":
            made = m.make("mean", (inner,), dims, one.shape, one.dtype, one.axes)
        else:
            made = total(m, inner, dims, keepdim=False)
        return expand(m, multiplied(m, [*rest, (made, 1)], term.data[0]), term.shape)
    return None


def _of_terms(m: Formulas, term: Term) -> Term | None:
    """Where the sums of the terms are simpler than the sum of their sum: sum(x - mean(x)) is 0."""
    (inner,) = term.args
    if inner.op != "add" or len(inner.args) > MOST:
        return None
    parts = [expand(m, one, inner.shape, inner) for one in inner.args]
    if not any(part.op in {"expand", "mul"} for part in parts):
        return None
    dims = term.data
    return added(
        m, [(c, total(m, part, dims, keepdim=False)) for c, part in zip(inner.data, parts, strict=True)]
    )


def _of_shares(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    dims = term.data
    hot = inner.op == "one_hot" and dims == (-1,)
    soft = called(inner, "softmax_dims") and dict(inner.data[1])["dims"] == dims
    return m.filled(1, term.shape) if hot or soft else None


def _of_eye(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op != "eye":
        return None
    return m.filled(1, term.shape) if term.shape else m.number(inner.data)


def _of_outer(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    if inner.op != "outer":
        return None
    left, right = inner.args
    dims = term.data
    parts = [total(m, left, (-1,), keepdim=False) if -2 in dims else left]
    parts.append(total(m, right, (-1,), keepdim=False) if -1 in dims else right)
    return multiplied(m, [(part, 1) for part in parts])


def _of_distribution(m: Formulas, term: Term) -> Term | None:
    """A bound constant that sums to 1, as probabilities do."""
    (inner,) = term.args
    if inner.op != "leaf" or inner.moving or inner.dtype.kind != "f":
        return None
    found = m.value(inner).sum(axis=term.data)
    if (abs(found - 1) > TOLERANCE).any():
        return None
    m.assumed[f"{inner.data} sums to 1, as bound"] = None
    return m.filled(1, term.shape)


def _common_scalar(m: Formulas, term: Term) -> Term | None:
    """a*c + b*c = (a + b)*c where c is one number: a count, or a coefficient."""
    if len(term.args) < 2:
        return None
    each = [_scalar_powers(one) for one in term.args]
    common = set(each[0]).intersection(*each[1:])
    sizes = {abs(c) for c in term.data}
    number = sizes.pop() if len(sizes) == 1 and not any(one.number for one in term.args) else Fraction(1)
    if not common and number == 1:
        return None
    inverse = [(one, -e) for one, e in common]
    rest = added(
        m,
        [
            (c / number, multiplied(m, [(one, 1), *inverse]))
            for c, one in zip(term.data, term.args, strict=True)
        ],
    )
    return expand(m, multiplied(m, [*common, (rest, 1)], number), term.shape)


def _scalar_powers(term: Term) -> set[tuple[Term, Fraction]]:
    if term.op == "mul":
        return {(one, e) for one, e in powers(term) if not one.ndim}
    return {(term, Fraction(1))} if not term.ndim and term.op != "number" else set()


def _common_matrix(m: Formulas, term: Term) -> Term | None:
    """A @ x + B @ x = (A + B) @ x, and from the left."""
    for end in (-1, 0):
        groups: dict[Term, list[tuple[Fraction, Term]]] = {}
        for c, one in zip(term.data, term.args, strict=True):
            if one.op == "matmul":
                groups.setdefault(one.args[end], []).append((c, one))
        for side, parts in groups.items():
            if len(parts) > 1:
                return _gathered(m, term, side, parts, end)
    return None


def _gathered(
    m: Formulas, term: Term, side: Term, parts: list[tuple[Fraction, Term]], end: int
) -> Term | None:
    rest = [list(one.args[:-1] if end else one.args[1:]) for _, one in parts]
    inner = [product_of(m, factors) for factors in rest]
    if len({one.shape for one in inner}) > 1:
        return None
    whole = added(m, [(c, one) for (c, _), one in zip(parts, inner, strict=True)])
    product = matmul(m, whole, side) if end else matmul(m, side, whole)
    taken = {one for _, one in parts}
    others = [(c, one) for c, one in zip(term.data, term.args, strict=True) if one not in taken]
    return added(m, [(1, product), *others])


RULES = (
    Rule("mean", "sum(x)/n = mean(x)", "mul", _as_mean),
    Rule("sum of a transpose", "sum(A.T, 0) = sum(A, 1)", "sum", _of_transpose),
    Rule("sum of a turned tensor", "sum(A.T) = sum(A)", "sum", _of_turned),
    Rule("sum of shares", "sum(softmax(x)) = 1", "sum", _of_shares),
    Rule("sum of the identity", "sum(eye(n)) = n", "sum", _of_eye),
    Rule("sum of an outer product", "sum(outer(u, v)) = sum(u)*sum(v)", "sum", _of_outer),
    Rule("sum of probabilities", "sum(p) = 1", "sum", _of_distribution),
    Rule("sum of a sum", "sum(a + b) = sum(a) + sum(b)", "sum", _of_terms),
    Rule("common matrix", "A @ x + B @ x = (A + B) @ x", "add", _common_matrix),
    Rule("common number", "a*c + b*c = (a + b)*c", "add", _common_scalar),
)
