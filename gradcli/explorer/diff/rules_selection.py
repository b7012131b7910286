"""Identities of conditions and of picking: where, comparisons, slices put together."""

# Rules take the algebra, used or not, and count terms and dims:
# ruff: noqa: ARG001

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import added, bare, multiplied
from gradcli.explorer.diff.arrangement import expand
from gradcli.explorer.diff.naming import below
from gradcli.explorer.diff.patterns import Rule, apart, called, is_number, powers
from gradcli.explorer.diff.records import where
from gradcli.explorer.diff.writing import formula, sentence

if TYPE_CHECKING:
    from fractions import Fraction

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.patterns import Powers
    from gradcli.explorer.diff.terms import Term

__all__ = ["RULES"]

TINY = 1e-5
FEW = 8  # slices of a stack that is written out though some are zero


def _same_sides(m: Formulas, term: Term) -> Term | None:
    _, taken, other = term.args
    return expand(m, taken, term.shape) if taken is other else None


def _nested(m: Formulas, term: Term) -> Term | None:
    mask, taken, other = term.args
    if taken.op == "where" and taken.args[0] is mask:
        return expand(m, where(m, mask, taken.args[1], other), term.shape)
    if other.op == "where" and other.args[0] is mask:
        return expand(m, where(m, mask, taken, other.args[2]), term.shape)
    return None


def _known(m: Formulas, term: Term) -> Term | None:
    """A condition on constants alone that is the same everywhere."""
    mask, taken, other = term.args
    if mask.moving or any(one.op == "detach" for one in below([mask])):
        return None
    value = m.value(mask)
    if not value.size or (value != value.flat[0]).any():
        return None
    if any(one.op == "leaf" for one in mask.args):
        m.assumed[f"{sentence(mask, holds=bool(value.flat[0]))}, as bound"] = None
    return expand(m, taken if value.flat[0] else other, term.shape)


def _number_outside(m: Formulas, term: Term) -> Term | None:
    """where(mask, c*v, 0) = c*where(mask, v, 0)."""
    mask, taken, other = term.args
    at = 1 if is_number(other, 0) else 2 if is_number(taken, 0) else 0
    side = term.args[at]
    if not at or side.op != "mul":
        return None
    flat, rest = apart(side)
    number = side.data[0]
    if not flat and number == 1:
        return None
    inner = multiplied(m, rest)
    zero = m.number(0)
    made = where(m, mask, inner, zero) if at == 1 else where(m, mask, zero, inner)
    return expand(m, multiplied(m, [*flat, (made, 1)], number), term.shape)


def _guard(m: Formulas, term: Term) -> Term | None:
    """What a rule does at exceptional points, left out where the point is none."""
    if not m.guards:
        return None
    mask, taken, other = term.args
    value = m.value(mask)
    if not value.size or (value != value.flat[0]).any() or not _exceptional(mask):
        return None
    holds = bool(value.flat[0])
    m.assumed[sentence(mask, holds=holds)] = None
    return expand(m, taken if holds else other, term.shape)


def _exceptional(mask: Term) -> bool:
    """Whether a condition sets single points apart, or the sign of a determinant."""
    if called(mask, "logical_not", "logical_and"):
        return any(_exceptional(arg) for arg in mask.args)
    if mask.op != "compare":
        return False
    return mask.data in {"eq", "ne"} or mask.args[0].op == "item" or _tiny(mask.args[1])


def _tiny(term: Term) -> bool:
    """Whether a bound is there to keep a division from zero."""
    return term.number is not None and 0 < abs(term.number) <= TINY


def _clamped_away(m: Formulas, term: Term) -> Term | None:
    """clamp(norm(x), min=1e-12) = norm(x), where that is larger."""
    if not m.guards or not called(term, "clamp_min"):
        return None
    (x,) = term.args
    least = dict(term.data[1])["min"]
    if not 0 < least <= TINY or (m.value(x) <= least).any():
        return None
    m.assumed[f"{formula(bare(x))} > {least}"] = None
    return x


def _positive_part(m: Formulas, term: Term) -> Term | None:
    """relu(x) > 0 where x > 0."""
    left, right = term.args
    if called(left, "relu") and is_number(right, 0) and term.data in {"gt", "le"}:
        found = m.gt(left.args[0], right) if term.data == "gt" else m.le(left.args[0], right)
        return expand(m, found, term.shape)
    return None


def _stacked(m: Formulas, term: Term) -> Term | None:
    """Slices put into zeros, one for each index of a dim, are a stack."""
    puts: dict[tuple[int, tuple[int, ...]], dict[int, list[Term]]] = {}
    others = []
    for c, one in zip(term.data, term.args, strict=True):
        flat, inner = _scalar_times_put(one)
        if inner is None:
            others.append((c, one))
            continue
        dim, index, shape = inner.data
        whole = multiplied(m, [*flat, (inner.args[0], 1)], c)
        puts.setdefault((dim, shape), {}).setdefault(index, []).append(whole)
    changed = False
    parts = list(others)
    for (dim, shape), rows in puts.items():
        values = {i: added(m, [(1, one) for one in several]) for i, several in rows.items()}
        if len(rows) == shape[dim] or (len(rows) > 1 and shape[dim] <= FEW):
            inner_shape = tuple(size for k, size in enumerate(shape) if k != len(shape) + dim)
            zeros = m.filled(0, inner_shape)
            args = tuple(expand(m, values.get(i, zeros), inner_shape) for i in range(shape[dim]))
            parts.append((1, m.make("stack", args, dim, shape)))
            changed = True
        else:
            changed = changed or any(len(several) > 1 for several in rows.values())
            parts += [(1, m.select_put(one, shape=shape, dim=dim, index=i)) for i, one in values.items()]
    return added(m, parts) if changed else None


def _scalar_times_put(term: Term) -> tuple[Powers, Term | None]:
    if term.op == "put":
        return [], term
    if term.op == "mul":
        flat, rest = apart(term)
        if len(rest) == 1 and rest[0][0].op == "put" and rest[0][1] == 1:
            return flat, rest[0][0]
    return [], None


def _into_where(m: Formulas, term: Term) -> Term | None:
    """where(c, a, 0)*b = where(c, a*b, 0), for tensors b."""
    for one, e in powers(term):
        if one.op != "where" or e != 1 or not is_number(one.args[2], 0):
            continue
        rest = [(arg, k) for arg, k in powers(term) if arg is not one]
        flat = [(arg, k) for arg, k in rest if not arg.ndim]
        inside = [(arg, k) for arg, k in rest if arg.ndim]
        if inside:
            mask, taken, other = one.args
            made = where(m, mask, multiplied(m, [(taken, 1), *inside]), other)
            return expand(m, multiplied(m, [*flat, (made, 1)], term.data[0]), term.shape)
    return None


def _wheres_together(m: Formulas, term: Term) -> Term | None:
    """where(c, a, 0) + where(c, 0, b) = where(c, a, b)."""
    groups: dict[Term, list[tuple[Fraction, Term]]] = {}
    for c, one in zip(term.data, term.args, strict=True):
        if one.op == "where":
            groups.setdefault(one.args[0], []).append((c, one))
    for mask, parts in groups.items():
        if len(parts) > 1:
            sides = [added(m, [(c, one.args[side]) for c, one in parts]) for side in (1, 2)]
            taken = {one for _, one in parts}
            others = [(c, one) for c, one in zip(term.data, term.args, strict=True) if one not in taken]
            return expand(m, added(m, [*others, (1, where(m, mask, *sides))]), term.shape)
    return None


def _of_nothing(m: Formulas, term: Term) -> Term | None:
    return m.filled(0, term.shape) if is_number(term.args[0], 0) else None


def _of_stack(m: Formulas, term: Term) -> Term | None:
    (inner,) = term.args
    dim, index = term.data
    return inner.args[index] if inner.op == "stack" and inner.data == dim else None


RULES = (
    Rule("same on both sides", "where(c, a, a) = a", "where", _same_sides),
    Rule("condition in itself", "where(c, where(c, a, b), d) = where(c, a, d)", "where", _nested),
    Rule("known condition", "where(True, a, b) = a", "where", _known),
    Rule("exceptional point", "where(norm(x) != 0, a, 0) = a", "where", _guard),
    Rule("clamped away from zero", "clamp(norm(x), min=1e-12) = norm(x)", "call", _clamped_away),
    Rule("number outside", "where(c, 2*a, 0) = 2*where(c, a, 0)", "where", _number_outside),
    Rule("factor into condition", "where(c, a, 0)*b = where(c, a*b, 0)", "mul", _into_where),
    Rule("conditions together", "where(c, a, 0) + where(c, 0, b) = where(c, a, b)", "add", _wheres_together),
    Rule("positive part", "relu(x) > 0 = x > 0", "compare", _positive_part),
    Rule("nothing put", "zeros with a slice of zeros = zeros", "put", _of_nothing),
    Rule("slice of a stack", "stack([a, b])[0] = a", "select", _of_stack),
    Rule("slices together", "put(a, 0) + put(b, 1) = stack([a, b])", "add", _stacked),
)
