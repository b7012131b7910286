"""The backward rules of a graph as formulas: each node's own, and for each variable all of them together."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.node import RecordNode
from gradcli.explorer.graph_labels import forward_terms
from gradcli.explorer.term_algebra import FAILURES, Terms
from gradcli.explorer.terms import Term, number_term, total
from gradcli.ops.catalog import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.autograd.node import Edge, Node
    from gradcli.explorer.graph_labels import Labels
    from gradcli.explorer.graph_recorder import Recorder

__all__ = ["Rule", "answer_formulas", "glossary", "node_rules"]

CALLED = re.compile(r"(\w+)\(")
LONGEST = 140  # characters of a formula that is still read; beyond, the gradient before it has a name


class Rule(NamedTuple):
    """What a node hands to one input: as a formula of its gradient, and as a factor where there is one."""

    whole: str
    local: str
    factor: Any | None


def node_rules(
    labels: Labels, recorder: Recorder, nodes: Sequence[Node]
) -> tuple[dict[Node, str], dict[Node, list[Rule]]]:
    """Returns per node, in the order in which they ran, its formula and its rules, one per edge."""
    m = Terms()
    formulas, names, _ = forward_terms(m, labels, recorder, nodes, inline=False)
    m = Terms(names)
    return formulas, {node: _rules(m, labels, node) for node in nodes if isinstance(node, RecordNode)}


def _rules(m: Terms, labels: Labels, node: RecordNode) -> list[Rule]:
    try:
        parts = [
            m.named(labels.gradient(node, output), np.ones(shape, dtype))
            for output, (shape, dtype) in enumerate(node.outputs)
        ]
        wholes = _pulled(m, node, parts if len(parts) > 1 else parts[0])
    except FAILURES:
        return [Rule("", "", None) for _ in node.edges]
    locals_: list[Any] = [None] * len(wholes)
    if len(node.outputs) == 1:
        one = Term(m, parts[0].array)
        try:
            locals_ = list(_pulled(m, node, one))
        except FAILURES:
            locals_ = [None] * len(wholes)
    return [
        Rule(_legible(whole.text), *_local(node, local)) if isinstance(whole, Term) else Rule("", "", None)
        for whole, local in zip(wholes, locals_, strict=True)
    ]


def _pulled(m: Terms, node: RecordNode, cotangents: Any) -> Sequence[Any]:
    with np.errstate(all="ignore"):
        return node.pull(m, cotangents)


def _legible(text: str) -> str:
    return text if len(text) <= LONGEST else ""


def _local(node: RecordNode, local: Any) -> tuple[str, Any | None]:
    """The factor, where the rule multiplies: elementwise, or by a number.

    A number alone says little of a rule that moves or sums elements: that of `expand` gives 2 for ones.
    """
    if not isinstance(local, Term):
        return "", None
    shape = node.outputs[0][0]
    number = local.plain and (math.prod(shape) == 1 or shape == local.shape)
    if node.record.kind != "elementwise" and not number:
        return "", None
    return _legible(local.text), local.array


def answer_formulas(
    labels: Labels, recorder: Recorder, nodes: Sequence[Node], roots: Sequence[Edge]
) -> dict[Node, str]:
    """Returns the formula of the gradient that arrives at each node: the rules run one after the other."""
    m = Terms()
    _, names, _ = forward_terms(m, labels, recorder, nodes, inline=True)
    m = Terms(names)
    waiting: dict[Edge, list[Term]] = {}
    opaque: set[Edge] = set()  # where a rule without a formula leads
    for node, output in roots:
        shape, dtype = node.outputs[output]
        one = np.ones(shape, dtype)
        start = number_term(m, 1, one) if labels.scalar else m.named(labels.gradient(node, output), one)
        start.fixed = False
        waiting.setdefault((node, output), []).append(start)
    found: dict[Node, str] = {}
    for node in reversed(nodes):
        parts = [_arrived(m, labels, waiting, node, output) for output in range(len(node.outputs))]
        if all(part is None for part in parts):
            continue
        if node.edges or (node, 0) not in opaque:
            found[node] = next(part.text for part in parts if part is not None)
        for (target, output), term in zip(node.edges, _handed(m, node, parts), strict=True):
            shape, dtype = target.outputs[output]
            edge = target, output
            if term is None or len(term.text) > 2 * LONGEST:
                opaque.add(edge)
            if edge in opaque:
                waiting[edge] = [m.named(labels.gradient(target, output), np.ones(shape, dtype))]
            elif term is not None:
                waiting.setdefault(edge, []).append(m.conform(term, shape, dtype))
    return found


def glossary(formulas: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Returns the operations in formulas that no user can call, with their summaries."""
    words = dict.fromkeys(word for text in formulas for word in CALLED.findall(text))
    records = {word: catalog()[word] for word in words if word in catalog()}
    return tuple((word, record.summary) for word, record in records.items() if not record.spellings())


def _arrived(
    m: Terms, labels: Labels, waiting: Mapping[Edge, Sequence[Term]], node: Node, output: int
) -> Term | None:
    """The sum of what was handed to an output; by its name where that would be too long to hand on."""
    parts = waiting.get((node, output))
    if parts is None:
        return None
    term = parts[0] if len(parts) == 1 else total(parts, parts[-1].array)
    if len(term.text) > LONGEST and node.edges:
        return m.named(labels.gradient(node, output), term.array)
    return term


def _handed(m: Terms, node: Node, parts: list[Any]) -> Sequence[Term | None]:
    nothing = [None] * len(node.edges)
    if not isinstance(node, RecordNode):
        return nothing
    try:
        found = _pulled(m, node, parts if len(parts) > 1 else parts[0])
    except FAILURES:
        return nothing
    return [term if isinstance(term, Term) else None for term in found]
