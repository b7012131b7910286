"""What is written down of a traced run, and can be asked afterwards. It is bounded, however long the run."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.autograd import Node, Tensor, context
from gradcli.autograd.node import AccumulateGrad
from gradcli.explorer.why.facts import Facts, Lost
from gradcli.explorer.why.losses import COPIES, PLAIN, loss
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradcli.autograd.node import Edge
    from gradcli.autograd.version import Version
    from gradcli.diagnostics import GradcliError, Span

__all__ = ["Call", "Change", "Failed", "Notebook", "Read", "tensors_of"]

MOST_PARTS = 64  # of a list or a module that are looked at
MOST_NODES = 256  # of a graph that are looked at for its leaves
MOST_COUNTERS = 2048  # tensors whose in-place changes are remembered


class Call(NamedTuple):
    """A backward pass: where it was called, from which roots, and whether for chosen inputs alone."""

    span: Span | None
    roots: tuple[weakref.ref[Node], ...]
    inputs: tuple[weakref.ref[Node], ...] | None


class Change(NamedTuple):
    """A change in place: where, of what, what did it, and the count of changes after it."""

    span: Span | None
    name: str
    word: str
    version: int


class Read(NamedTuple):
    """A `.grad` that was None when it was read."""

    tensor: Tensor
    span: Span | None


class Failed(NamedTuple):
    """The innermost operation that raised."""

    error: GradcliError
    word: str
    operands: tuple[Any, ...]


def tensors_of(values: Sequence[Any]) -> Iterator[Tensor]:
    """Yields the tensors among values, in their lists, and the parameters of modules; not too many."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (part for part in value[:MOST_PARTS] if isinstance(part, Tensor))
        elif isinstance(value, Module):
            yield from islice(value.parameters(), MOST_PARTS)


def parameters_of(optimizer: Optimizer) -> list[Tensor]:
    """Returns what an optimizer updates; not too many."""
    every = (param for group in optimizer.param_groups for param in group["params"])
    return list(islice(every, MOST_PARTS))


class Notebook:
    """The journal of one run.

    Attributes:
        facts: what is known of the values that are alive.
        calls: the latest backward passes; `root_edges` belongs to the last.
        freed: which pass freed a node.
        node_names: what the value that a node made was called.
        current: the node of what a name stands for now.
        changes: the latest in-place changes of each tensor, by its counter.
        reads: the latest reads of a missing gradient.
        losses: the latest operations that cut a value off, and `cuts` those before the last call.
        failed: the latest operation that raised.
        modes: where grad modes were made, and `blocks` those that are entered.
        plain: the latest places that made a plain value of a tensor with a graph, and what was lost there.
    """

    def __init__(self) -> None:
        self.facts = Facts()
        self.calls: deque[Call] = deque(maxlen=64)
        self.root_edges: tuple[Edge, ...] = ()
        self.freed: weakref.WeakKeyDictionary[Node, Call] = weakref.WeakKeyDictionary()
        self.node_names: weakref.WeakKeyDictionary[Node, str] = weakref.WeakKeyDictionary()
        self.current: dict[str, weakref.ref[Node]] = {}
        self.changes: OrderedDict[int, tuple[Version, deque[Change]]] = OrderedDict()
        self.reads: deque[Read] = deque(maxlen=16)
        self.losses: deque[Lost] = deque(maxlen=32)
        self.cuts: tuple[Lost, ...] = ()
        self.failed: Failed | None = None
        self.modes: dict[Span, None] = {}
        self.blocks: list[Span] = []
        self.plain: deque[tuple[Span, Lost]] = deque(maxlen=64)

    # What the engine tells.

    def began(self, roots: Sequence[Edge], inputs: Sequence[Edge] | None) -> Callable[[Node], None]:
        """Notes a backward pass; returns what notes the nodes it frees."""
        wanted = None if inputs is None else tuple(weakref.ref(node) for node, _ in inputs)
        call = Call(context.span, tuple(weakref.ref(node) for node, _ in roots), wanted)
        self.calls.append(call)
        self.cuts = tuple(self.losses)
        self.root_edges = tuple(roots)

        def note(node: Node) -> None:
            self.freed[node] = call

        return note

    def accumulating(self, leaf: Tensor) -> None:
        """Notes that a gradient arrived."""
        fact = self.facts.of(leaf)
        fact.filled = self.calls[-1].span if self.calls else None
        fact.cleared = None

    # What the program does.

    def made(self, result: Any, operands: Sequence[Any], word: str, span: Span | None) -> None:
        """Notes the results of an operation, unless an operation inside of it did."""
        if isinstance(result, Tensor):
            self._made(result, operands, word, span)
        elif isinstance(result, (list, tuple)) and not isinstance(result[:1], Tensor):
            names = targets(span)
            for place, part in enumerate(result[:MOST_PARTS]):
                if isinstance(part, Tensor):
                    self._made(part, operands, word, span)
                    if len(names) == len(result):
                        self.named(names[place], part)
        if word in PLAIN and result is not None:
            self._became_plain(result, operands, word, span)

    def _made(self, result: Tensor, operands: Sequence[Any], word: str, span: Span | None) -> None:
        fact = self.facts.get(result)
        if fact is not None:
            if word == "detach_":
                fact.lost = loss(result, word, span, None, None)
            return
        # What hands out a parameter did not make it.
        fact = self.facts.make(
            result, None if isinstance(result, Parameter) and word != "Parameter" else span
        )
        if result.requires_grad:
            if word in COPIES:
                self._copied(result, operands, word, span)
            return
        tensors = list(tensors_of(operands))
        source = next((tensor for tensor in tensors if tensor.requires_grad and tensor is not result), None)
        if source is not None:
            fact.lost = loss(result, word, span, self.block(), self.facts.of(source))
            # A read gradient, the update of a leaf: nothing is lost by them.
            if word != "grad" and not (word == "data" and source.is_leaf):
                self.losses.append(fact.lost._replace(leaves=tuple(map(weakref.ref, _leaves_of(source)))))
            return
        fact.inherit([self.facts.of(tensor) for tensor in tensors if tensor is not result])
        if fact.lost is None:
            known = [self.facts.get(part) for part in _plain_parts(operands)]
            fact.lost = next((one.lost for one in known if one is not None and one.lost is not None), None)
        if fact.lost is None and word in COPIES and span is not None:
            fact.lost = next((lost for place, lost in self.plain if inside(place, span)), None)

    def _copied(self, result: Tensor, operands: Sequence[Any], word: str, span: Span | None) -> None:
        """Notes that a new leaf took values, and no graph, from a tensor that has one."""
        for tensor in tensors_of(operands):
            if tensor.requires_grad and tensor is not result:
                lost = loss(result, word, span, None, self.facts.of(tensor))
                self.losses.append(lost._replace(leaves=tuple(map(weakref.ref, _leaves_of(tensor)))))

    def _became_plain(self, result: Any, operands: Sequence[Any], word: str, span: Span | None) -> None:
        source = next((one for one in tensors_of(operands) if one.requires_grad), None)
        lost = None
        if source is not None:
            lost = loss(result, word, span, None, self.facts.of(source))
        else:
            known = [self.facts.get(one) for one in tensors_of(operands)]
            lost = next((fact.lost for fact in known if fact is not None and fact.lost), None)
        if lost is None or isinstance(result, (int, str)):
            return
        self.facts.of(result, span).lost = lost
        if span is not None:
            self.plain.append((span, lost))

    def read(self, tensor: Tensor, grad: Tensor | None) -> None:
        """Notes that a gradient was read."""
        if grad is None:
            self.reads.append(Read(tensor, context.span))

    def named(self, name: str, value: Any) -> None:
        """Notes that a value was given a name: a result answers to its last one, a leaf to its first."""
        if isinstance(value, Module):
            for path, param in islice(value.named_parameters(), MOST_PARTS):
                self.facts.of(param).name = f"{name}.{path}"
            return
        if not isinstance(value, Tensor):
            return
        fact = self.facts.of(value, context.span)
        node = value.grad_fn
        if node is not None:
            self.node_names[node] = name
            self.current[name] = weakref.ref(node)
        if node is not None or not fact.name:
            fact.name = name

    def counters(self, operands: Sequence[Any], word: str) -> list[tuple[Tensor, int]]:
        """Returns the tensors that an operation may change, with how often they have been."""
        found = list(tensors_of([one for one in operands if not isinstance(one, Module)]))
        if word == "step" and operands and isinstance(operands[0], Optimizer):
            found = parameters_of(operands[0])
        return [(tensor, tensor._counter[0]) for tensor in found if tensor._counter is not None]

    def compare(self, before: list[tuple[Tensor, int]], word: str, span: Span | None) -> None:
        """Notes which of these tensors were changed."""
        for tensor, version in before:
            counter = tensor._counter
            if counter is None or counter[0] == version:
                continue
            name = self.facts.of(tensor).name
            if not name and tensor._base is not None:
                name = self.facts.of(tensor._base).name
            _, changes = self.changes.setdefault(id(counter), (counter, deque(maxlen=64)))
            changes.append(Change(span, name, word, counter[0]))
            if len(self.changes) > MOST_COUNTERS:
                self.changes.popitem(last=False)

    def overwritten(self, tensor: Tensor, span: Span | None) -> None:
        """Hears that `tensor.data` was assigned, which no counter shows."""

    def block(self) -> Span | None:
        """Returns where recording was turned off, if that is certain."""
        if self.blocks:
            return self.blocks[-1]
        return next(iter(self.modes)) if len(self.modes) == 1 else None


def _leaves_of(tensor: Tensor) -> list[Tensor]:
    """Some of the leaves that a tensor was computed from: all, where its graph is small."""
    leaves: list[Tensor] = []
    seen: set[Node] = set()
    stack = [tensor.gradient_edge()[0]]
    while stack and len(seen) < MOST_NODES:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, AccumulateGrad):
            leaves.append(node.variable)
        stack.extend(target for target, _ in node.edges)
    return leaves


def _plain_parts(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from value[:MOST_PARTS]
        else:
            yield value


def targets(span: Span | None) -> list[str]:
    """Returns the names on the left of a line such as `h, c = cell(x)` whose right side stands at a place."""
    if span is None:
        return []
    line = span.source.line(span.source.line_column(span.start)[0])
    left, equals, right = (part.strip() for part in line.partition("="))
    names = [name.strip() for name in left.strip("()").split(",")]
    whole = equals and right == span.text and all(name.isidentifier() for name in names)
    return names if whole else []


def inside(inner: Span, outer: Span) -> bool:
    """Returns whether a place lies within another."""
    return inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end
