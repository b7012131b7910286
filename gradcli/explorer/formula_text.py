"""Backward rules as text: a node's rule is run on terms under the names that its record gives.

`g*y - y*sum(g*y, dim=1, keepdim=True)` is what softmax's rule says when g, x and y are names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explorer.term_algebra import Terms
from gradcli.explorer.terms import Term

if TYPE_CHECKING:
    from gradcli.autograd.node import RecordNode

__all__ = ["rule_texts"]


def rule_texts(node: RecordNode) -> list[tuple[str, str]]:
    """Returns the name and the rule of each argument that a gradient flows to; g is that of the result."""
    m = _Rules()
    shape, dtype = node.outputs[0]
    cotangent: Any = m.named("g", np.ones(shape, dtype))
    if len(node.outputs) > 1:
        cotangent = [cotangent, *[None] * (len(node.outputs) - 1)]
    found = node.pull(m, cotangent)
    arguments = [node.record.argument(position) for position in node.rule.positions]
    return [
        (argument, rule.text)
        for argument, rule in dict(zip(arguments, found, strict=True)).items()
        if isinstance(rule, Term)
    ]


class _Rules(Terms):
    """Terms for the rule alone, whatever the shapes of the example are."""

    def conform(self, g: Any, shape: tuple[int, ...], dtype: Any) -> Any:  # noqa: ARG002 - the engine's own business
        """The cotangent as it is: summing to a shape is no part of a rule."""
        return g
