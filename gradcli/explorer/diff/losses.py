"""Losses as the formulas that books give for them."""

# Meanings take what their records are given, used or not:
# ruff: noqa: PLR0913

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.explorer.diff.arithmetic import added, multiplied, power
from gradcli.explorer.diff.reduction import mean, total
from gradcli.explorer.diff.terms import FLOAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["LOSSES"]


def _reduced(m: Formulas, term: Term, reduction: str, rank: int) -> Term:
    if reduction == "none":
        return term
    return (mean if reduction == "mean" else total)(m, term, tuple(range(-rank, 0)), keepdim=False)


def _squared_error(m: Formulas, a: Term, b: Term, *, reduction: str, scale: float, rank: int) -> Term:
    del scale
    return _reduced(m, power(added(m, [(1, a), (-1, b)]), 2), reduction, rank)


def _entropy_of_logits(
    m: Formulas, x: Term, target: Term, weight: Term, positive: Term, *, reduction: str, rank: int
) -> Term | None:
    """softplus(x) - y*x, which is -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x))."""
    if weight.number != 1 or positive.number != 1:
        return None
    soft = m.softplus(x, beta=1, threshold=20)
    losses = added(m, [(1, soft), (-1, multiplied(m, [(target, 1), (x, 1)]))])
    return _reduced(m, losses, reduction, rank)


def _negative_log_likelihood(
    m: Formulas,
    x: Term,
    target: Term,
    weight: Term,
    *,
    dim: int,
    ignore: int,
    weighted: bool,
    reduction: str,
    rank: int,
) -> Term | None:
    """The classes as ones and zeros; only where no target is the one that is ignored."""
    del weight
    if weighted or dim != -1 or target.moving or (m.value(target) == ignore).any():
        return None
    axes = (*target.axes, x.axes[-1])
    hot = m.make("one_hot", (target,), x.shape[-1], x.shape, FLOAT, axes)
    m.axes.together([hot, x], x.shape)
    picked = total(m, multiplied(m, [(hot, 1), (x, 1)]), (-1,), keepdim=False)
    return multiplied(m, [(_reduced(m, picked, reduction, rank), 1)], Fraction(-1))


def _gelu(m: Formulas, x: Term) -> Any:
    return multiplied(m, [(x, 1), (m.ndtr(x), 1)])


LOSSES: dict[str, Callable[..., Term | None]] = {
    "squared_error": _squared_error,
    "binary_entropy_of_logits": _entropy_of_logits,
    "nll": _negative_log_likelihood,
    "gelu": _gelu,
}
