"""The backward pass over terms: each kind of term by its own rule, calls by their records' rules.

Source: Griewank and Walther, Evaluating Derivatives (2008), 3.2; for matrices Giles, An extended collection
of matrix derivative results (2008).
"""

# Rules take what all kinds are given, used or not:
# ruff: noqa: ARG005

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.explorer.diff.arithmetic import added, multiplied
from gradcli.explorer.diff.arrangement import expand, permute, reshape, squeeze, transpose, unsqueeze
from gradcli.explorer.diff.closed_forms import CLOSED
from gradcli.explorer.diff.matrices import matmul, outer, product_of
from gradcli.explorer.diff.naming import below
from gradcli.explorer.diff.records import where
from gradcli.explorer.diff.reduction import spread, sum_to
from gradcli.ops.rules import Facts, backward_rule
from gradcli.plan.derivatives import has_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["derivatives", "plain_params"]

ATOMS = {"number", "leaf", "count", "named", "array", "eye", "steps", "one_hot", "compare", "detach"}
MATRIX = 2  # dims


def derivatives(
    m: Formulas, roots: Sequence[tuple[Term, Term]], variables: Sequence[Term]
) -> list[Term | None]:
    """Returns the gradient for each variable of the sum of roots times weights; None where none leads there.

    Args:
        m: the algebra of the terms.
        roots: each with its weight, of its shape.
        variables: leaves.
    """
    arrived: dict[Term, list[Term]] = {}
    for root, weight in roots:
        arrived.setdefault(root, []).append(weight)
    tuples: dict[Term, dict[int, Term]] = {}
    for term in reversed(below(root for root, _ in roots)):
        if term in tuples:
            _pull_call(m, term, tuples[term], arrived)
        elif term in arrived and term.moving and term.op not in ATOMS:
            g = _total(m, arrived[term], term.shape)
            if term.op == "item":
                tuples.setdefault(term.args[0], {})[term.data] = g
            elif term.op == "call":
                _pull_call(m, term, {0: g}, arrived)
            else:
                _pull_kind(m, term, g, arrived)
    return [_total(m, arrived[one], one.shape) if one in arrived else None for one in variables]


def _pull_kind(m: Formulas, term: Term, g: Term, arrived: dict[Term, list[Term]]) -> None:
    """The rule of a kind of term."""
    for i, arg in enumerate(term.args):
        if arg.moving:
            found = PULLS[term.op](m, g, term, i)
            if found is not None:
                arrived.setdefault(arg, []).append(sum_to(m, found, arg.shape))


def _total(m: Formulas, parts: list[Term], shape: tuple[int, ...]) -> Term:
    return (
        parts[0] if len(parts) == 1 else expand(m, added(m, [(1, part) for part in reversed(parts)]), shape)
    )


def _pull_call(m: Formulas, term: Term, gs: dict[int, Term], arrived: dict[Term, list[Term]]) -> None:
    """A record's rule: in its textbook form where it has one, else as the engine runs it."""
    record, frozen = term.data
    params = plain_params(frozen)
    needed = [
        i for i, arg in enumerate(term.args) if arg.moving and arg.dtype.kind == "f" and has_rule(record, i)
    ]
    if not needed:
        return
    before, m.at = m.at, term.args
    try:
        for i, found in _by_closed_form(m, term, gs, needed, params) or _by_rule(m, term, gs, needed, params):
            if found is not None:
                arrived.setdefault(term.args[i], []).append(sum_to(m, m.lift(found), term.args[i].shape))
    finally:
        m.at = before


def _by_closed_form(
    m: Formulas, term: Term, gs: dict[int, Term], needed: list[int], params: dict[str, Any]
) -> list[tuple[int, Any]] | None:
    closed = CLOSED.get(term.data[0].name)
    if closed is None or term.op == "calls" or not m.simplify:
        return None
    found = [(i, closed(m, gs[0], term, i, **params)) for i in needed]
    return None if any(one is None for _, one in found) else found


def _by_rule(
    m: Formulas, term: Term, gs: dict[int, Term], needed: list[int], params: dict[str, Any]
) -> list[tuple[int, Any]]:
    record = term.data[0]
    outputs = [term] if term.op == "call" else _items(m, term)
    rule = backward_rule(record, sum(1 << i for i in needed), len(term.args))
    saved = [term.args[slot] if slot >= 0 else outputs[~slot] for slot in rule.save]
    facts = Facts(params, [arg.shape for arg in term.args], [output.shape for output in outputs])
    seed: Any = (
        gs[0]
        if len(outputs) == 1
        else tuple(gs.get(i, m.zeros_like(one)) for i, one in enumerate(outputs) if one.dtype.kind == "f")
    )
    if isinstance(seed, tuple) and len(seed) == 1:
        seed = seed[0]
    return [(i, pull(m, seed, saved, facts)) for i, pull in zip(rule.positions, rule.pulls, strict=True)]


def _items(m: Formulas, term: Term) -> list[Term]:
    record, frozen = term.data
    return list(m.call(record, term.args, plain_params(frozen)))


def plain_params(frozen: Any) -> dict[str, Any]:
    """Returns parameters as the records take them."""
    return {key: getattr(value, "values", value) for key, value in frozen}


def _of_add(m: Formulas, g: Term, term: Term, i: int) -> Term:
    return multiplied(m, [(g, 1)], term.data[i])


def _of_mul(m: Formulas, g: Term, term: Term, i: int) -> Term:
    number, exponents = term.data
    e = exponents[i]
    powers = [(one, k - (j == i)) for j, (one, k) in enumerate(zip(term.args, exponents, strict=True))]
    return multiplied(m, [(g, 1), *powers], number * e)


def _of_matmul(m: Formulas, g: Term, term: Term, i: int) -> Term:
    parts = term.args
    left = product_of(m, list(parts[:i])) if i else None
    right = product_of(m, list(parts[i + 1 :])) if i + 1 < len(parts) else None
    if parts[i].ndim == 1:
        other = right if left is None else left
        if other is None or other.ndim == 1:
            return g if other is None else multiplied(m, [(g, 1), (other, 1)])
        return matmul(m, right, g) if right is not None else matmul(m, transpose(m, other), g)
    if left is not None and left.ndim == 1:
        if right is not None and right.ndim == 1:
            return multiplied(m, [(g, 1), (outer(m, left, right), 1)])
        return outer(m, left, g if right is None else matmul(m, right, g))
    found = g if left is None else matmul(m, transpose(m, left), g)
    if right is not None and right.ndim == 1:
        return outer(m, found, right)
    return found if right is None else matmul(m, found, transpose(m, right))


def _of_outer(m: Formulas, g: Term, term: Term, i: int) -> Term:
    return matmul(m, transpose(m, g), term.args[0]) if i else matmul(m, g, term.args[1])


def _of_where(m: Formulas, g: Term, term: Term, i: int) -> Term | None:
    mask = term.args[0]
    zero = m.number(0)
    if not i:
        return None
    return where(m, mask, g, zero) if i == 1 else where(m, mask, zero, g)


def _of_inv(m: Formulas, g: Term, term: Term, _i: int) -> Term:
    turned = transpose(m, term)
    return multiplied(m, [(matmul(m, matmul(m, turned, g), turned), 1)], Fraction(-1))


def _of_permute(m: Formulas, g: Term, term: Term, _i: int) -> Term:
    order = term.data
    return permute(m, g, tuple(order.index(k) for k in range(len(order))))


def _of_select(m: Formulas, g: Term, term: Term, _i: int) -> Any:
    dim, index = term.data
    return m.select_put(g, shape=term.args[0].shape, dim=dim, index=index)


def _of_put(m: Formulas, g: Term, term: Term, _i: int) -> Any:
    dim, index, _ = term.data
    return m.select_at(g, dim=dim, index=index)


def _of_slice(m: Formulas, g: Term, term: Term, _i: int) -> Any:
    dim, start, stop, step = term.data
    return m.slice_put(g, shape=term.args[0].shape, dim=dim, start=start, stop=stop, step=step)


PULLS: dict[str, Callable[[Formulas, Any, Any, int], Any]] = {
    "add": _of_add,
    "mul": _of_mul,
    "matmul": _of_matmul,
    "outer": _of_outer,
    "where": _of_where,
    "inv": _of_inv,
    "transpose": lambda m, g, term, i: transpose(m, g),
    "permute": _of_permute,
    "expand": lambda m, g, term, i: g,  # summed to the argument's shape by whoever asks
    "unsqueeze": lambda m, g, term, i: squeeze(m, g, term.data),
    "squeeze": lambda m, g, term, i: unsqueeze(m, g, term.data) if term.data else g,
    "reshape": lambda m, g, term, i: reshape(m, g, term.args[0].shape),
    "mean": lambda m, g, term, i: multiplied(
        m,
        [
            (spread(m, g, term.args[0].shape, term.data, keepdim=False, like=term.args[0]), 1),
            (m.counted(term.args[0], term.data), -1),
        ],
    ),
    "sum": lambda m, g, term, i: spread(
        m, g, term.args[0].shape, term.data, keepdim=False, like=term.args[0]
    ),
    "select": _of_select,
    "put": _of_put,
    "slice": _of_slice,
    "stack": lambda m, g, term, i: m.select_at(g, dim=term.data, index=i),
    "diag": lambda m, g, term, i: m.diagonal(g, offset=0, dim1=-2, dim2=-1),
}
