"""The graph: a node per recorded operation, with what its backward rule needs."""

# ruff: noqa: SLF001, S101 - Tensor's fields are this package's own; an assert tells mypy what is known

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from gradcli.autograd.context import context
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.shapes import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gradcli.autograd.hooks import Handle
    from gradcli.autograd.tensor import Tensor
    from gradcli.autograd.version import Version
    from gradcli.ops.record import Params, Record
    from gradcli.ops.rules import BackwardRule

__all__ = [
    "FREED",
    "NO_EDGE",
    "SECOND_TIME",
    "AccumulateGrad",
    "Edge",
    "GraphFault",
    "Node",
    "RecordNode",
    "Saved",
    "behind",
    "changed_in_place",
    "freed",
    "graph_fault",
    "kept",
    "short_name",
]

SECOND_TIME = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have "
    "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
    "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
    "if you need to access saved tensors after calling backward."
)
HINT_BACKTRACE = (
    " Hint: the backtrace further above shows the operation that failed to compute its gradient. The "
    "variable in "
    "question was changed in there or anywhere later. Good luck!"
)
HINT_ANOMALY = (
    " Hint: enable anomaly detection to find the operation that failed to compute its gradient, "
    "with torch.autograd.set_detect_anomaly(True, check_nan=False)."
)

Edge = tuple["Node", int]  # where a cotangent goes: a node, and which of its outputs it is for
HANDWRITTEN = (
    "CopyBackwards",
    "NotImplemented",
)  # the nodes that PyTorch does not generate carry its namespace
FREED: Any = object()  # what a node holds in the place of what it had saved
NO_EDGE = (None, 0)  # PyTorch's entry in next_functions for an input that does not require grad


class GraphFault(RuntimeFault):
    """A RuntimeFault that knows the tensor or the node it speaks of, for explanations.

    Attributes:
        about: the tensor or node, then what else tells.
        role: what a node's operation has to do with it, to be said where the operation stands.
    """

    about: tuple[Any, ...] = ()
    role: str = ""


def graph_fault(code: str, message: str, *about: Any, role: str = "", **fields: Any) -> GraphFault:
    """Returns an error about tensors or nodes; `fields` are those of the diagnostic."""
    fault = GraphFault(code, message, **fields)
    fault.about, fault.role = about, role
    return fault


def freed(node: Node) -> GraphFault:
    """Returns PyTorch's error for a node whose saved values are gone."""
    return graph_fault(
        "E402",
        SECOND_TIME,
        node,
        role=f"{type_name(node)} saved values here that are freed",
        help="give retain_graph=True to the first backward",
    )


class Node:
    """A step of the backward pass.

    Subclasses give `pull(m, cotangents)`: the cotangents of the inputs that `edges` lead to.
    `sequence` is larger than that of every node it depends on, so that visiting nodes by
    falling sequence is a topological order, however deep the graph.

    Attributes:
        links: the edges laid end to end (a node, which of its outputs, the next node, ...), so that an
            operation on one tensor shares that tensor's edge and need not wrap it.
        outputs: per output, its (shape, dtype).
        span: the place in the user's text that made it.
        hooks: None, or the hooks of this node and of its outputs.
    """

    __slots__ = ("__weakref__", "hooks", "links", "outputs", "sequence", "span")

    links: tuple[Any, ...]
    hooks: Any
    sequence: int
    span: Any
    outputs: tuple[tuple[tuple[int, ...], Any], ...]

    def _begin(self, edges: Iterable[Edge], results: Iterable[Tensor]) -> None:
        """Puts the node at the present place of the program; for the constructors of subclasses."""
        self.edges = edges
        self.outputs = tuple([(result._array.shape, result._array.dtype) for result in results])
        self.sequence = next(context.sequence)
        self.span = context.span
        self.hooks = None

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Where its cotangents go: one per input that requires grad."""
        return tuple(zip(self.links[::2], self.links[1::2], strict=True))

    @edges.setter
    def edges(self, edges: Iterable[Edge]) -> None:
        self.links = tuple(chain.from_iterable(edges))

    def name(self) -> str:
        """PyTorch's name of the node."""
        raise NotImplementedError

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        """The cotangents along `edges` (None: no contribution).

        `cotangents` is the output's cotangent, or a list with one per output, None where nothing
        came, when there are several outputs. `m` is the algebra they are values of.
        """
        raise NotImplementedError

    def release(self) -> None:
        """Frees what was saved for backward."""

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes its cotangents go to, with the number of the output each is for."""
        return self.edges

    def register_hook(self, hook: Callable[..., Any]) -> Handle:
        """The handle of a function of (cotangents of the inputs, of the outputs), run after the node."""
        from gradcli.autograd.hooks import add, hooks_of  # it names this module's classes

        return add(hooks_of(self).post, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Handle:
        """The handle of a function of the cotangents of the outputs, run before the node."""
        from gradcli.autograd.hooks import add, hooks_of  # as in register_hook

        return add(hooks_of(self).pre, hook)

    def __repr__(self) -> str:
        return f"<{type_name(self)} object at {hex(id(self))}>"


def behind(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yields some nodes and all that are behind them, each once."""
    stack = list(nodes)
    seen = set(stack)
    while stack:
        node = stack.pop()
        yield node
        for target in node.links[::2]:
            if target not in seen:
                seen.add(target)
                stack.append(target)


def type_name(node: Node) -> str:
    """Returns the node's name as PyTorch prints it, without namespaces."""
    return node.name().rpartition("::")[2]


def short_name(node: Node) -> str:
    """Returns the node's name as PyTorch's messages about in-place changes give it: `Exp`, `Max1`."""
    return type_name(node).removesuffix("0").replace("Backward", "")


class AccumulateGrad(Node):
    """Where a leaf's cotangents end: adds them to `variable.grad`."""

    __slots__ = ("post_hooks", "variable")

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self.edges = ()
        self.outputs = ((variable._array.shape, variable._array.dtype),)
        self.sequence = -1
        self.hooks = None
        self.post_hooks: dict[int, Any] | None = None
        self.span = None

    def name(self) -> str:
        """PyTorch's name of the node."""
        return "torch::autograd::AccumulateGrad"


# A value kept for backward: (array, tensor, version, expected, output). `tensor` is the input it came from:
# None for a number, and for an output, which is rebuilt from its node so that node and output do not keep
# each other alive. `version` counts in-place changes (None: nobody can change it), and must still be
# `expected`.
Saved = tuple[Any, "Tensor | None", "Version | None", int, int]


def kept(value: Any) -> Saved:
    """Returns what a node keeps of a value, in full.

    One or two are kept per operation, so the usual ones are kept short: a plain number as it is, and by the
    tensor itself an input that nothing had changed. No value of an operation is a tuple.
    """
    if value.__class__ is tuple:
        return value
    if hasattr(value, "_array"):
        return (value._array, value, value._shared_counter(), 0, -1)
    return (value, None, None, 0, -1)


def changed_in_place(node: Node, value: Any) -> GraphFault:
    """Returns PyTorch's error for a value that was changed since the node saved it."""
    saved = kept(value)
    array, tensor, version, expected, output = saved
    assert version is not None
    producer, number = (node, output) if tensor is None else (tensor.grad_fn, tensor.output_nr)
    origin = ""
    if producer is not None:
        origin = f", which is output {number} of {short_name(producer)},"
    return graph_fault(
        "E403",
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{scalar_type(array.dtype)}Tensor {size_text(array.shape)}]{origin} is at version "
        f"{version[0]}; expected version {expected} "
        f"instead.{HINT_BACKTRACE if context.anomaly else HINT_ANOMALY}",
        node,
        saved,
        role=f"{type_name(node)} saved it here for backward",
        help="do not change it in place between forward and backward: write x = x + 1 for x += 1, "
        "or change a .clone()",
    )


class RecordNode(Node):
    """A node made from an operation's record and the rule for the inputs that require grad."""

    __slots__ = ("held", "params", "rule", "shapes")

    # Filled in by `tensor._record` alone: one is made per operation, and a call of a constructor with nine
    # arguments costs as much as all its assignments.
    held: Any  # what `saved` reads: the value itself where the rule saves a single one; FREED after release
    params: Params
    rule: BackwardRule
    shapes: tuple[Any, ...] | None

    @property
    def saved(self) -> Sequence[Any] | None:
        """What `kept` gives in full, by the slots of `rule.save`; None once it is freed."""
        held = self.held
        return None if held is FREED else (held,) if self.rule.single else held

    @saved.setter
    def saved(self, saved: Sequence[Any] | None) -> None:
        self.held = FREED if saved is None else saved[0] if self.rule.single else saved

    @property
    def record(self) -> Record:
        """The operation."""
        return self.rule.record

    def name(self) -> str:
        """PyTorch's name of the node."""
        name = self.record.node_name(self.params)
        return f"torch::autograd::{name}" if name in HANDWRITTEN else name

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        """The cotangents of the inputs that require grad, by the record's formulas."""
        saved = self.saved
        if saved is None:
            raise freed(self)
        values = m.saved_values(self, saved) if saved else saved
        if len(self.outputs) > 1:
            cotangents = self._fill(m, cotangents)
        return tuple([pull(m, cotangents, values, self) for pull in self.rule.pulls])

    @property
    def out_shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the outputs."""
        return [shape for shape, _ in self.outputs]

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """As `Node.next_functions`, with (None, 0) for inputs that do not require grad."""
        found = dict(zip(self.rule.positions, self.edges, strict=True))
        differentiable = [i for i in range(self.rule.arity) if self.record.rule(i) is not None]
        return tuple(found.get(i, NO_EDGE) for i in differentiable)

    def _fill(self, m: Any, cotangents: list[Any]) -> Any:
        """Zeros for the outputs nothing came back to; the one that has a derivative, if only one has."""
        like = next(g for g in cotangents if g is not None)
        full = [
            m.zeros(shape, like) if g is None else g
            for g, (shape, dtype) in zip(cotangents, self.outputs, strict=True)
            if dtype.kind == "f"
        ]
        return full[0] if len(full) == 1 else tuple(full)

    def release(self) -> None:
        """Frees what was saved; nodes that saved nothing may be run again."""
        if self.saved:
            self.saved = None
