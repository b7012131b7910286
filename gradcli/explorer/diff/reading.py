"""A run as terms: the expressions' trace, with the variables and constants that have names as leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.explorer.values import array_of
from gradcli.ops.dtypes import FLOATS
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.plan.trace import Trace

__all__ = ["Reading", "read"]


class Reading(NamedTuple):
    """A run as terms.

    Attributes:
        m: what made them.
        leaves: variables and the constants that have names, by name.
        roots: what was computed.
    """

    m: Formulas
    leaves: dict[str, Any]
    roots: tuple[Any, ...]


def read(
    m: Formulas,
    trace: Trace,
    variables: Mapping[str, Tensor],
    bound: Mapping[str, Any],
) -> Reading:
    """Returns a trace as terms.

    Args:
        m: the algebra.
        trace: its inputs are the variables; its outputs the roots.
        variables: by name.
        bound: all names with what they are bound to, for the constants among them.
    """
    terms: dict[int, Any] = {}
    leaves: dict[str, Any] = {}
    for number, (name, tensor) in zip(trace.inputs, variables.items(), strict=True):
        leaves[name] = terms[number] = m.leaf(name, array_of(tensor), moving=True)
    names: dict[int, str] = {
        id(array_of(value)): name for name, value in bound.items() if isinstance(value, Tensor)
    }
    for number, array in trace.constants.items():
        known = names.get(id(array))
        if known is None:
            terms[number] = m.constant(array)
        else:
            leaves[known] = terms[number] = m.leaf(known, array, moving=False)
    numbers = {id(value): name for name, value in bound.items() if value.__class__ is float}
    for step in trace.steps:
        given = [
            _literal(m, x.value, numbers, leaves) if x.__class__ is Literal else terms[x]
            for x in step.arguments
        ]
        found = m.apply(step.record, given, step.params)
        results = list(found) if isinstance(found, (tuple, list)) else [found]
        for number, term in zip(step.results, results, strict=True):
            terms[number] = term if step.tracked and term.dtype in FLOATS else _detached(m, term)
    return Reading(m, leaves, tuple(terms[number] for number in trace.outputs))


def _literal(m: Formulas, value: Any, numbers: dict[int, str], leaves: dict[str, Any]) -> Any:
    """A plain number, or the constant of which it is the very object."""
    name = numbers.get(id(value))
    if name is None:
        return value
    if name not in leaves:
        leaves[name] = m.leaf(name, np.asarray(value), moving=False)
    return leaves[name]


def _detached(m: Formulas, term: Any) -> Any:
    """A value that no gradient passes through."""
    if not term.moving or term.dtype.kind != "f":
        return term
    found = m.make("detach", (term,), None, term.shape, term.dtype, term.axes)
    found.moving = False
    return found
