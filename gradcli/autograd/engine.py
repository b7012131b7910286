"""The reverse engine: cotangents flow from roots to leaves, node by node, never recursing.

A node's `sequence` is above that of every node it depends on, so a queue by falling sequence
visits each node after all its consumers, whatever the depth or shape of the graph.
"""

# ruff: noqa: SLF001, S101 - Tensor's fields are this package's own; an assert tells mypy what is known

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.accumulation import accumulate
from gradcli.autograd.algebra import ARRAYS, TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.hooks import run_post_accumulate_hooks, run_post_hooks, run_pre_hooks, run_tensor_hooks
from gradcli.autograd.node import FREED, Edge, GraphFault, Node, RecordNode, graph_fault
from gradcli.autograd.node import freed as freed_fault
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.waiting import Waiting
from gradcli.diagnostics import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from gradcli.diagnostics import Span

__all__ = ["run"]


def run(
    roots: Sequence[Edge],
    cotangents: Sequence[Tensor],
    *,
    keep: bool,
    record: bool,
    inputs: Sequence[Edge] | None = None,
) -> list[Any]:
    """Returns the gradient of each of `inputs` (None: not reached); without inputs, fills in the leaves'.

    Args:
        roots: the outputs to start from, each with its cotangent.
        cotangents: one per root, of the root's shape.
        keep: retain what the nodes saved (retain_graph).
        record: compute with tensors so that the backward pass is itself differentiable.
        inputs: the edges whose cotangents are asked for; only nodes that lead to them run.
    """
    tape = context.tape
    m = None if tape is None else tape.algebra if record else tape.heard(roots)
    pass_ = _Pass(m or (TENSORS if record or (context.attended and context.dual) else ARRAYS), keep=keep)
    pass_.record = record
    if inputs is not None:
        pass_.wanted = dict.fromkeys(inputs)
        pass_.targets = {node for node, _ in inputs}
        pass_.needed = _leading_to(roots, inputs)
    enabled = context.grad_enabled
    span = context.span
    if context.journal is not None:
        pass_.freed = context.journal.began(roots, inputs)
    context.grad_enabled = record
    try:
        for (node, output), cotangent in zip(roots, cotangents, strict=True):
            pass_.deliver(node, output, pass_.m.unwrap(cotangent))
        pass_.drain()
        if inputs is None:
            pass_.settle()
            return []
        return pass_.collect(inputs)
    except GraphFault as fault:
        _locate(fault, span)
        raise
    finally:
        context.grad_enabled = enabled
        context.span = span


def _locate(fault: GraphFault, call: Span | None) -> None:
    """Gives a node's error the place of the backward call, and beside it that of the node's operation.

    Where no program called backward, the operation's place is the only one.
    """
    node = fault.about[0] if fault.about else None
    if fault.diagnostic.span is not None or not isinstance(node, Node):
        return
    fault.locate(node.span if call is None else call)
    if call is not None and node.span is not None and node.span != call:
        found = fault.diagnostic
        fault.diagnostic = found._replace(related=(*found.related, Label(node.span, fault.role)))


def _leading_to(roots: Sequence[Edge], inputs: Sequence[Edge]) -> set[Node]:
    """The nodes from which one of the inputs is reached, the inputs' own nodes not counted in."""
    seen: set[Node] = set()
    stack = [node for node, _ in roots]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.links[::2])
    targets = {node for node, _ in inputs}
    needed: set[Node] = set()
    for node in sorted(seen, key=lambda node: node.sequence):
        for target in node.links[::2]:
            if target in needed or target in targets:
                needed.add(node)
                break
    return needed


class _Pass:
    """The state of one backward pass."""

    # What few passes have.
    record = False
    freed: Callable[[Node], None] | None = None  # told of each node that was freed
    remaining: dict[Node, int] | None = None  # how many more cotangents each leaf with hooks waits for
    targets: AbstractSet[Node] = frozenset()
    wanted: dict[Edge, Any] | None = None
    needed: set[Node] | None = None

    def __init__(self, m: Any, *, keep: bool) -> None:
        self.m = m
        self.keep = keep
        self.waiting = Waiting()
        self.pending: dict[Node, Any] = {}  # the cotangents of those that wait
        self.leaves: dict[Node, Any] = {}
        self.arrived: list[Node] = []  # leaves with hooks that just got a cotangent

    def deliver(self, node: Node, output: int, g: Any) -> None:
        """Adds a cotangent to what waits at a node's output; the first one puts the node into the queue."""
        outputs = node.outputs
        shape, dtype = outputs[output]
        if g.shape != shape or g.dtype != dtype:
            g = self.m.conform(g, shape, dtype)
        if node.sequence < 0:
            held = self.leaves.get(node)
            self.leaves[node] = g if held is None else held + g
            if node.hooks is not None or node.post_hooks is not None:  # type: ignore[attr-defined] # a leaf's node
                self.arrived.append(node)
            return
        if self.needed is not None and node not in self.needed and node not in self.targets:
            return
        held = self.pending.get(node)
        if held is None:
            self.waiting.push(node)
            if len(outputs) > 1:
                held = [None] * len(outputs)
                held[output] = g
                self.pending[node] = held
            else:
                self.pending[node] = g
        elif len(outputs) > 1:
            held[output] = g if held[output] is None else held[output] + g
        else:
            self.pending[node] = held + g

    def drain(self) -> None:  # noqa: C901, PLR0912, PLR0915 - the engine's loop, where a call per node is felt
        """Runs nodes until none is waiting."""
        pending, m, deliver = self.pending, self.m, self.deliver
        push, pop, conform = self.waiting.push, self.waiting.pop, m.conform
        saved_value, saved_values = ARRAYS.saved_value, ARRAYS.saved_values
        plain, keep, freed = self.wanted is None, self.keep, self.freed
        watched = context.anomaly or context.watch is not None
        bare = m is ARRAYS and not watched and freed is None
        results: Sequence[Any]
        ahead: Any = None  # the next node where no other waits, as along a chain; `g` is its cotangent
        while pending or ahead is not None:
            if ahead is None:
                node = pop()
                g = pending.pop(node)
            else:
                node, ahead = ahead, None
            if not plain:
                # PyTorch's order: a node that only hands over its cotangent runs its hooks first, one that
                # also passes it on runs them after.
                through = node in self.needed  # type: ignore[operator] # set together with wanted
                if not through and node.hooks is not None:
                    g = run_tensor_hooks(m, node, g)
                self._capture(node, g)
                if not through:
                    continue
            links, facts = node.links, node.outputs
            if bare and node.__class__ is RecordNode and node.hooks is None and len(facts) == 1:
                # As RecordNode.pull and release, without their calls. Where an argument has the very same
                # facts as the result, both are of an elementwise program, and the rule keeps the shape.
                held, rule = node.held, node.rule
                if held is FREED:
                    raise freed_fault(node)
                if rule.single:
                    values: Any = (saved_value(node, held),)
                else:
                    values = saved_values(node, held) if held else ()
                pull = rule.pull
                if pull is not None:
                    results = (pull(m, g, values, node),)
                else:
                    results = [each(m, g, values, node) for each in rule.pulls]  # 0.2 µs more
                if values and not keep:
                    node.held = FREED
                if pull is not None and plain and not pending:
                    (g,), target = results, links[0]
                    if g is not None and target.sequence >= 0 and len(target.outputs) == 1:
                        outputs = target.outputs
                        shape, dtype = outputs[0]
                        if (outputs is not facts and g.shape != shape) or g.dtype is not dtype:
                            g = conform(g, shape, dtype)
                        ahead = target
                        continue
            else:
                context.span = node.span  # of nodes that are made here
                facts = ()  # a hook may give what it likes
                results = node.pull(m, g) if node.hooks is None else _pull_with_hooks(m, node, g)
                if watched:
                    _look_for_nan(node, results)
                if not keep:
                    node.release()
                    if freed is not None:
                        freed(node)
            for target, output, result in zip(links[::2], links[1::2], results):  # noqa: B905 - as many; strict costs 0.2 µs here
                if result is None:
                    continue
                # A node with one output that waits for nothing yet is the usual case, and a call per edge
                # would be a third of the engine's time.
                if plain and target not in pending and target.sequence >= 0 and len(target.outputs) == 1:
                    outputs = target.outputs
                    shape, dtype = outputs[0]
                    if (outputs is not facts and result.shape != shape) or result.dtype is not dtype:
                        result = conform(result, shape, dtype)  # noqa: PLW2901 - the same cotangent
                    pending[target] = result
                    push(target)
                else:
                    deliver(target, output, result)
            if self.arrived and self.wanted is None:
                self._settle_hooked()

    def _capture(self, node: Node, g: Any) -> None:
        wanted = self.wanted
        assert wanted is not None
        parts = g if len(node.outputs) > 1 else (g,)
        for output, part in enumerate(parts):
            if (node, output) in wanted and part is not None:
                wanted[node, output] = part

    def _settle_hooked(self) -> None:
        """Settles leaves with hooks once their last cotangent is in: PyTorch's order, which hooks show."""
        if self.remaining is None:
            self.remaining = _edges_to_leaves(list(self.pending))
        else:
            for leaf in self.arrived:
                self.remaining[leaf] = self.remaining.get(leaf, 1) - 1
        for leaf in dict.fromkeys(self.arrived):
            if self.remaining.get(leaf, 0) <= 0:
                self._settle(leaf, self.leaves.pop(leaf))
        self.arrived.clear()

    def settle(self) -> None:
        """Adds what arrived at the leaves to their `.grad`."""
        while self.leaves:
            self._settle(*self.leaves.popitem())

    def _settle(self, node: Any, g: Any) -> None:
        variable = node.variable
        if not variable._requires_grad and not variable.requires_grad:
            return  # it was a leaf that did when the graph was made
        if node.hooks is not None:
            g = run_pre_hooks(self.m, node, run_tensor_hooks(self.m, node, g))
        accumulate(variable, g if self.m is ARRAYS else self.m.own(g), record=self.record)
        if node.post_hooks is not None:
            run_post_accumulate_hooks(node)
        if node.hooks is not None:
            run_post_hooks(self.m, node, (), g)

    def collect(self, inputs: Sequence[Edge]) -> list[Any]:
        """The cotangent that arrived at each input, as a tensor that nothing else shares."""
        found: list[Any] = []
        wanted = self.wanted
        assert wanted is not None
        for edge in inputs:
            node = edge[0]
            g = self.leaves.get(node) if node.sequence < 0 else wanted[edge]
            if g is not None and node.sequence < 0 and node.hooks is not None:
                g = run_tensor_hooks(self.m, node, g)
            found.append(None if g is None else g if isinstance(g, Tensor) else self.m.own(g))
        return found


def _pull_with_hooks(m: Any, node: Node, g: Any) -> Any:
    """A node's cotangents, with the hooks of its outputs and its own around them."""
    g = run_pre_hooks(m, node, run_tensor_hooks(m, node, g))
    return run_post_hooks(m, node, node.pull(m, g), g)


def _edges_to_leaves(start: list[Node]) -> dict[Node, int]:
    """How many edges lead to each leaf from the nodes that are still to run."""
    found: dict[Node, int] = {}
    seen: set[Node] = set()
    stack = start
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for target in node.links[::2]:
            if target.sequence < 0:
                found[target] = found.get(target, 0) + 1
            else:
                stack.append(target)
    return found


def _look_for_nan(node: Node, results: Iterable[Any]) -> None:
    """Anomaly mode: PyTorch's error for nan; a watcher is told of every result."""
    for place, result in enumerate(results):
        if result is None:
            continue
        array = result._array if isinstance(result, Tensor) else np.asarray(result)
        if context.watch is not None:
            context.watch(node.name(), array, node.span)
        if context.anomaly and context.check_nan and np.isnan(array).any():
            # PyTorch counts the inputs that need no gradient too.
            number = [i for i, (target, _) in enumerate(node.next_functions) if target is not None][place]
            raise graph_fault(
                "E405",
                f"Function '{node.name()}' returned nan values in its {number}th output.",
                node,
                role="the derivative of this operation is nan",
                help="0 * inf in a derivative is the usual cause; keep the argument inside its domain",
            )
