"""Names for what a graph computes, so that formulas can speak of it: `v1`, `y`, and `L` for the result."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.node import AccumulateGrad, Node, RecordNode
from gradcli.checks.naming import is_plain, text_at
from gradcli.explorer.term_algebra import FAILURES, HIDDEN
from gradcli.explorer.terms import ATOM, PRODUCT, RELATION, Factor, Term, number_term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.autograd.node import Edge
    from gradcli.explorer.graph_recorder import Operand, Origin, Recorder
    from gradcli.explorer.term_algebra import Terms
    from gradcli.explorer.workspace import Workspace

__all__ = ["UNNAMED", "Labels", "forward_terms", "label_graph"]

UNNAMED = "constant"
DEEP = 4  # operations that the formula of a constant goes through
SHORT = 30  # characters; a longer formula of a value is not put in its place
WHOLE = re.compile(r"[\w.]+(\([^()]*\))?")  # a name or a call: it needs no brackets


class Labels(NamedTuple):
    """What things are called.

    Attributes:
        of: per node, the name of its result; of a leaf's node, the variable.
        chosen: the nodes whose names the program gave.
        result: what gradients are gradients of, as in `dL/dx`.
        scalar: whether the result is one value that backward starts from with 1.
        constants: of values without a node, by id.
        values: per node and output, the array, as it was before later in-place changes.
    """

    of: dict[Node, str]
    chosen: frozenset[Node]
    result: str
    scalar: bool
    constants: dict[int, str]
    values: Mapping[Edge, Any]

    def gradient(self, node: Node, output: int = 0) -> str:
        """The name of the gradient of an output: `dL/dv1`."""
        return f"d{self.result}/d{self.value(node, output)}"

    def value(self, node: Node, output: int = 0) -> str:
        """The name of an output."""
        if len(node.outputs) == 1:
            return self.of[node]
        names = node.record.outputs if isinstance(node, RecordNode) else ()
        named = len(names) == len(node.outputs)
        return f"{self.of[node]}.{names[output]}" if named else f"{self.of[node]}[{output}]"

    def operand(self, m: Terms, operand: Operand, deep: int = 0) -> Term:
        """An argument of an operation as a term, itself in operations without a gradient if `deep`."""
        value = operand.value
        if not isinstance(value, Tensor):
            return m.lift(value)
        array = value._array if operand.edge is None else self.values.get(operand.edge, value._array)
        if operand.edge is not None and operand.edge[0] in self.of:
            return m.named(self.value(*operand.edge), array)
        fixed = array.dtype.kind != "f" and not operand.varies
        name = self.constants.get(id(value), "")
        if name:
            return m.named(name, array, fixed=fixed)
        if array.size and array.dtype.kind != "c" and not operand.varies and (array == array.flat[0]).all():
            return number_term(m, array.flat[0], array)
        if operand.text and len(operand.text) <= SHORT:
            strength = ATOM if WHOLE.fullmatch(operand.text) else RELATION
            return Term(m, array, (Factor(operand.text, strength),), fixed=fixed)
        made = self._made(m, operand.origin, deep + 1) if operand.origin and deep < DEEP else None
        return m.named(UNNAMED, array, fixed=fixed) if made is None else made.with_array(array)

    def _made(self, m: Terms, origin: Origin, deep: int) -> Term | None:
        """What made a constant, if that is a short formula."""
        try:
            found = m.apply(
                origin.record, [self.operand(m, one, deep) for one in origin.operands], origin.params
            )
        except FAILURES:
            return None
        return found if isinstance(found, Term) and len(found.text) <= SHORT else None


def label_graph(
    nodes: Sequence[Node], roots: Sequence[Tensor], space: Workspace, recorder: Recorder, *, seeded: bool
) -> Labels:
    """Returns names for the nodes, given in the order in which they ran; `seeded`: gradients were given."""
    found: dict[Node, str] = {}
    held = {name: value for name, value in space.values.items() if isinstance(value, Tensor)}
    # A name that the program binds anew stays the variable's: `dL/dx` is what was asked for.
    made = {
        value._edge: name
        for name, value in held.items()
        if value._edge is not None and name not in space.leaves
    }
    chosen = {edge[0]: name for edge, name in made.items() if edge[1] == 0 and len(edge[0].outputs) == 1}
    variables = {id(value): name for name, value in held.items() if value._edge is None}
    variables |= {id(value): name for name, value in space.leaves.items()}
    taken = {*held, *space.leaves}
    scalar = len(roots) == 1 and roots[0]._array.size == 1 and not seeded
    last = roots[0].gradient_edge()[0] if scalar else None
    numbered = 1  # and one more for each name that looks like a numbered one
    for node in nodes:
        if isinstance(node, AccumulateGrad):
            found[node] = variables.get(id(node.variable)) or _free(taken, "u", 1)
        elif node in chosen:
            found[node] = chosen[node]
        elif node is last:
            found[node] = "L" if "L" not in taken else _free(taken, "L", 1)
        else:
            found[node] = _free(taken, "v", numbered)
        numbered += found[node].startswith("v")
        taken.add(found[node])
    result = found[last] if last is not None else "L"
    return Labels(found, frozenset(chosen), result, scalar, variables, recorder.values)


def _free(taken: set[str], letter: str, number: int) -> str:
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def forward_terms(
    m: Terms, labels: Labels, recorder: Recorder, nodes: Sequence[Node], *, inline: bool
) -> tuple[dict[Node, str], dict[Node, Mapping[int, Term]], dict[Node, Term]]:
    """Returns per node its formula, the terms that its saved values go by, and the term of its result.

    With `inline`, a value whose formula is short goes by that formula instead of its name.
    """
    formulas: dict[Node, str] = {}
    names: dict[Node, Mapping[int, Term]] = {}
    results: dict[Node, Term] = {}
    # What the user wrote tells one step: of several that a call makes, each is told from the others.
    alone = Counter(
        node.span
        for node in nodes
        if node in recorder.origins and not recorder.origins[node].record.spellings()
    )
    for node in nodes:
        origin = recorder.origins.get(node)
        array = recorder.values.get((node, 0), np.zeros(*node.outputs[0]))
        own = m.named(labels.value(node), array)
        results[node] = own
        if origin is None:
            continue
        operands = [_short(labels, m, operand, results if inline else {}) for operand in origin.operands]
        known: dict[int, Term] = dict(enumerate(operands))
        try:
            made = m.apply(origin.record, operands, origin.params)
        except FAILURES:  # it keeps the user's words
            made = None
        several = isinstance(made, tuple)
        if made is not None:
            text = (
                made[0].text.rpartition(".")[0] if several else _written(origin.record.name, operands, made)
            )
            formulas[node] = _told(node, origin, text) if alone[node.span] == 1 else text
        if inline and isinstance(made, Term) and len(made.text) <= SHORT and node not in labels.chosen:
            results[node] = made.with_array(array)
        for output in range(len(node.outputs)):
            value = recorder.values.get((node, output), np.zeros(*node.outputs[output]))
            known[~output] = (
                results[node] if not output and not several else m.named(labels.value(node, output), value)
            )
        names[node] = known
    return formulas, names, results


def _written(name: str, operands: Sequence[Any], made: Term) -> str:
    """The formula as the program has it: a product is not put in order."""
    if name == "mul":
        return "*".join(
            one.factor().within(PRODUCT) for one in sorted(operands, key=lambda one: not one.plain)
        )
    return made.text


def _told(node: Node, origin: Origin, text: str) -> str:
    """The formula, or what the user wrote where it calls an operation that only gradcli has, or an object."""
    own = not origin.record.spellings() and text.startswith(f"{origin.record.name}(")
    objects = any(not is_plain(value) for key, value in origin.params.items() if key not in HIDDEN)
    return (text_at(node.span) if own or objects else "") or text


def _short(labels: Labels, m: Terms, operand: Operand, results: Mapping[Node, Term]) -> Any:
    edge = operand.edge
    if edge is not None and edge[1] == 0 and len(edge[0].outputs) == 1 and edge[0] in results:
        return results[edge[0]]
    return labels.operand(m, operand)
