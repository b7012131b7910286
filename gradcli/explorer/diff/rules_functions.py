"""Identities of functions: sigmoid, softmax, exponentials and logarithms, signs."""

# Rules take the algebra, used or not, and count terms and dims:
# ruff: noqa: PLR2004

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import added, multiplied, scaled
from gradcli.explorer.diff.arrangement import expand, reshape
from gradcli.explorer.diff.patterns import Rule, called, powers

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["RULES"]

FEW = 4  # terms that are multiplied out


def _exp_of_log(m: Formulas, term: Term) -> Term | None:
    if not called(term, "exp", "log"):
        return None
    (inner,) = term.args
    if called(term, "exp") and called(inner, "log_softmax_dims"):
        return m.softmax_dims(inner.args[0], dims=dict(inner.data[1])["dims"])  # type: ignore[no-any-return] # a term
    return inner.args[0] if called(inner, "log" if called(term, "exp") else "exp") else None


def _exp_of_difference(m: Formulas, term: Term) -> Term | None:
    """exp(x - logsumexp(x)) = softmax(x)."""
    if not called(term, "exp") or term.args[0].op != "add" or len(term.args[0].args) != 2:
        return None
    parts = dict(zip(term.args[0].args, term.args[0].data, strict=True))
    for one, c in parts.items():
        total = one.args[0] if one.op == "unsqueeze" else one
        if c == -1 and called(total, "logsumexp"):
            (x,) = total.args
            dims = dict(total.data[1])["dims"]
            if parts.get(x) == 1 and len(dims) == 1 and _lies_along(one, total, x, dims):
                return m.softmax_dims(x, dims=dims)  # type: ignore[no-any-return] # a term
    return None


def _lies_along(one: Term, total: Term, x: Term, dims: tuple[int, ...]) -> bool:
    """Whether a reduced term stands beside what was reduced so that each row meets its own."""
    if one is total:
        return not total.ndim or total.ndim == x.ndim
    return bool(one.data == dims)


def _sigmoid(m: Formulas, term: Term) -> Term | None:
    """exp(u)/(1 + exp(u)) = sigmoid(u), 1/(1 + exp(u)) = sigmoid(-u)."""
    parts = dict(powers(term))
    for one, e in parts.items():
        if one.op != "add" or e >= 0 or e.denominator != 1 or len(one.args) != 2 or set(one.data) != {1}:
            continue
        inner = next((arg for arg in one.args if called(arg, "exp")), None)
        if inner is None or not any(arg.number == 1 for arg in one.args):
            continue
        (u,) = inner.args
        above = parts.get(inner, Fraction(0))
        up = min(max(above, Fraction(0)), -e) if above.denominator == 1 else Fraction(0)
        kept = [(arg, k) for arg, k in parts.items() if arg is not one and arg is not inner]
        made = [(m.sigmoid(u), up), (m.sigmoid(scaled(u, -1)), -e - up), (inner, above - up)]
        return expand(m, multiplied(m, [*kept, *made], term.data[0]), term.shape)
    return None


def _sigmoid_times_exponential(m: Formulas, term: Term) -> Term | None:
    """sigmoid(u)*exp(-u) = sigmoid(-u)."""
    parts = dict(powers(term))
    for one, e in parts.items():
        if called(one, "sigmoid") and e >= 1:
            other = m.exp(scaled(one.args[0], -1))
            if parts.get(other, 0) >= 1:
                kept = [(arg, k - (arg is one or arg is other)) for arg, k in parts.items()]
                turned = m.sigmoid(scaled(one.args[0], -1))
                return expand(m, multiplied(m, [*kept, (turned, 1)], term.data[0]), term.shape)
    return None


def _distributed(m: Formulas, term: Term) -> Term | None:
    """(a/s - b/t)*s*t = a*t - b*s, where that is shorter."""
    parts = powers(term)
    for one, e in parts:
        if one.op == "add" and e == 1 and len(one.args) <= FEW and any(arg.op == "mul" for arg in one.args):
            rest = [(arg, k) for arg, k in parts if arg is not one]
            shared = {arg for arg, k in rest if k > 0}
            below = {arg for part in one.args if part.op == "mul" for arg, k in powers(part) if k < 0}
            if shared & below:
                made = [
                    (c, multiplied(m, [(arg, 1), *rest])) for c, arg in zip(one.data, one.args, strict=True)
                ]
                return expand(m, scaled(added(m, made), term.data[0]), term.shape)
    return None


def _multiplied_out(m: Formulas, term: Term) -> Term | None:
    """a*(1 - b) - (1 - a)*b = a - b, where that is shorter."""
    if len(term.args) > FEW:
        return None
    made = []
    for c, one in zip(term.data, term.args, strict=True):
        inner = (
            next((arg for arg, e in powers(one) if arg.op == "add" and e == 1), None)
            if one.op == "mul"
            else None
        )
        if inner is None or len(inner.args) > FEW:
            made.append((c, one))
            continue
        rest = [(arg, e) for arg, e in powers(one) if arg is not inner]
        made += [
            (c * k, multiplied(m, [(arg, 1), *rest], one.data[0]))
            for k, arg in zip(inner.data, inner.args, strict=True)
        ]
    return expand(m, added(m, made), term.shape) if len(made) > len(term.args) else None


def _even_steps(m: Formulas, term: Term) -> Term | None:
    """cumsum(ones) = arange(1, n + 1), backwards arange(n, 0, -1)."""
    if not called(term, "cumsum") or term.ndim != 1 or term.args[0].op != "expand":
        return None
    (x,) = term.args
    if x.args[0].ndim:
        return None
    steps = m.make("steps", (m.counted(x, (-1,)),), (dict(term.data[1])["reverse"], x.shape[0]), x.shape)
    return multiplied(m, [(x.args[0], 1), (steps, 1)])


def _softmax(m: Formulas, term: Term) -> Term | None:
    """exp(x)/sum(exp(x)) = softmax(x)."""
    parts = dict(powers(term))
    for one, e in parts.items():
        total = one.args[0] if one.op == "unsqueeze" else one
        if e != -1 or total.op != "sum" or not called(total.args[0], "exp"):
            continue
        inner = total.args[0]
        dims = total.data
        if parts.get(inner, 0) < 1 or len(dims) != 1 or not _lies_along(one, total, inner, dims):
            continue
        kept = [(arg, k - (arg is inner)) for arg, k in parts.items() if arg is not one]
        return multiplied(m, [*kept, (m.softmax_dims(inner.args[0], dims=dims), 1)], term.data[0])
    return None


def _reshaped_elements(m: Formulas, term: Term) -> Term | None:
    """reshape(reshape(x)**2) = reshape(reshape(x))**2, where the reshapes meet."""
    (inner,) = term.args
    if not _holds_reshape(inner):
        return None
    each = [reshape(m, one, term.shape) if one.ndim else one for one in inner.args]
    if inner.op == "add":
        return added(m, list(zip(inner.data, each, strict=True)))
    if inner.op == "mul":
        return multiplied(m, list(zip(each, inner.data[1], strict=True)), inner.data[0])
    record, params = inner.data
    return m.apply(record, each, dict(params))  # type: ignore[no-any-return] # one term of one result


def _holds_reshape(term: Term, depth: int = 4) -> bool:
    """Whether a term is made, element by element, of something reshaped."""
    elements = term.op in {"add", "mul"} or (term.op == "call" and term.data[0].kind == "elementwise")
    if not elements or any(one.ndim and one.shape != term.shape for one in term.args):
        return False
    return any(one.op == "reshape" or (depth and _holds_reshape(one, depth - 1)) for one in term.args)


def _signs(m: Formulas, term: Term) -> Term | None:
    """abs(x)*sign(x) = x."""
    parts = dict(powers(term))
    for one, e in parts.items():
        if called(one, "sign") and e == 1:
            size = next((arg for arg in parts if called(arg, "abs") and arg.args == one.args), None)
            if size is not None and parts[size] == 1:
                kept = [(arg, k) for arg, k in parts.items() if arg is not one and arg is not size]
                return multiplied(m, [*kept, (one.args[0], 1)], term.data[0])
    return None


def _even_power(m: Formulas, term: Term) -> Term | None:
    """abs(x)**2 = x**2."""
    parts = powers(term)
    if not any(called(one, "abs") and e % 2 == 0 for one, e in parts):
        return None
    return multiplied(
        m, [(one.args[0] if called(one, "abs") and e % 2 == 0 else one, e) for one, e in parts], term.data[0]
    )


def _turned_difference(m: Formulas, term: Term) -> Term | None:
    """-(a - b) = b - a."""
    number, _ = term.data
    if number >= 0:
        return None
    for one, e in powers(term):
        if one.op == "add" and e == 1 and any(c < 0 for c in one.data) and _turns(one):
            parts = [(arg, k) for arg, k in powers(term) if arg is not one]
            turned = m.make(
                "add", tuple(reversed(one.args)), tuple(-c for c in reversed(one.data)), one.shape, one.dtype
            )
            return expand(m, multiplied(m, [*parts, (turned, 1)], -number), term.shape)
    return None


def _turns(term: Term) -> bool:
    """Whether a sum begins with a plus and has as many minuses, so that it reads as well the other way."""
    return len(term.args) == 2 and term.data[0] > 0 > term.data[1] and not term.args[0].number


RULES = (
    Rule("exponential and logarithm", "exp(log(x)) = x", "call", _exp_of_log),
    Rule("softmax of a difference", "exp(x - logsumexp(x)) = softmax(x)", "call", _exp_of_difference),
    Rule("sigmoid", "exp(u)/(1 + exp(u)) = sigmoid(u)", "mul", _sigmoid),
    Rule("sigmoid turned", "sigmoid(u)*exp(-u) = sigmoid(-u)", "mul", _sigmoid_times_exponential),
    Rule("factors that cancel", "(a/s - b/t)*s*t = a*t - b*s", "mul", _distributed),
    Rule("multiplied out", "a*(1 - b) - (1 - a)*b = a - b", "add", _multiplied_out),
    Rule("running sum of ones", "cumsum(ones(n)) = arange(1, n + 1)", "call", _even_steps),
    Rule("softmax", "exp(x)/sum(exp(x)) = softmax(x)", "mul", _softmax),
    Rule("reshapes that meet", "reshape(reshape(x)**2) = x**2", "reshape", _reshaped_elements),
    Rule("signs", "abs(x)*sign(x) = x", "mul", _signs),
    Rule("even power", "abs(x)**2 = x**2", "mul", _even_power),
    Rule("turned difference", "-(a - b) = b - a", "mul", _turned_difference),
)
