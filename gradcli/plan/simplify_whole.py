"""Reductions over all of a tensor that pass over it several times, as the steps that they are made of.

Written by their records' own NumPy forms, operation for operation; as steps they run in tiles.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.ops.catalog import catalog
from gradcli.plan.simplify_rules import RULES
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.plan.simplify import Simplifier
    from gradcli.plan.trace import Step

__all__ = ["WHOLE_RULES"]


class _Writer:
    """Adds steps in place of one, by the names of records.

    Attributes:
        rank: of the step's argument.
        size: of it, in elements.
    """

    def __init__(self, simplifier: Simplifier, step: Step) -> None:
        self._simplifier = simplifier
        self._step = step
        shape = simplifier.facts[step.arguments[0]].shape
        self.rank = len(shape)
        self.size = math.prod(shape)

    def __call__(self, name: str, *arguments: Any, **params: Any) -> int:
        """A step on numbers of values (int) and literals (float); returns the number of its result."""
        given = tuple(x if x.__class__ is int else Literal(x) for x in arguments)
        return self._simplifier.add(self._step, catalog()[name], given, params, alike=False)

    def total(self, name: str, x: int, *, keepdim: bool) -> int:
        """A reduction over all dims."""
        return self(name, x, dims=tuple(range(-self.rank, 0)), keepdim=keepdim)


def _norm(write: _Writer, step: Step) -> int | None:
    (x,), order, keepdim = step.arguments, step.params["order"], step.params["keepdim"]
    if order == 2:  # noqa: PLR2004 - the Euclidean norm
        return write("sqrt", write.total("sum_dims", write("mul", x, x), keepdim=keepdim))
    if order == 1:
        return write.total("sum_dims", write("abs", x), keepdim=keepdim)
    if order == math.inf:
        return write.total("amax", write("abs", x), keepdim=keepdim)
    return None


def _variance(write: _Writer, step: Step) -> int | None:
    (x,), keepdim = step.arguments, step.params["keepdim"]
    deviation = write("sub", x, write.total("mean_dims", x, keepdim=True))
    squares = write.total("sum_dims", write("mul", deviation, deviation), keepdim=keepdim)
    return write("div_true", squares, float(max(write.size - step.params["correction"], 0)))


def _deviation(write: _Writer, step: Step) -> int | None:
    found = _variance(write, step)
    return None if found is None else write("sqrt", found)


def _logsumexp(write: _Writer, step: Step) -> int | None:
    (x,) = step.arguments
    top = write.total("amax", x, keepdim=True)
    top = write("where", write("isfinite", top), top, 0.0)
    total = write.total("sum_dims", write("exp", write("sub", x, top)), keepdim=True)
    found = write("add", write("log", total), top)
    if step.params.get("keepdim"):
        return found
    return write("reshape", found, shape=(), rank=write.rank)


def _over_all(rule: Callable[[_Writer, Step], int | None]) -> Callable[[Simplifier, Step], int | None]:
    def applied(simplifier: Simplifier, step: Step) -> int | None:
        fact = simplifier.facts.get(step.arguments[0])
        if fact is None or fact.dtype.kind != "f" or len(set(step.params["dims"])) != len(fact.shape):
            return None
        return rule(_Writer(simplifier, step), step)

    return applied


WHOLE_RULES: dict[str, Callable[[Simplifier, Step], int | None]] = {
    **RULES,
    "norm_dims": _over_all(_norm),
    "var_dims": _over_all(_variance),
    "std_dims": _over_all(_deviation),
    "logsumexp": _over_all(_logsumexp),
}
