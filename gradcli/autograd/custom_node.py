"""A program's own operation in the graph: its node, and the context that forward leaves for backward."""

# ruff: noqa: SLF001 - Tensor's and FunctionContext's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.node import NO_EDGE, SECOND_TIME, GraphFault, Node, Saved, freed, graph_fault
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import NotImplementedFault, TypeFault
from gradcli.ops.shapes import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["NOTHING", "NO_BACKWARD", "FunctionContext", "FunctionNode"]

NO_BACKWARD = (
    "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
    "backward mode AD."
)
RETAIN = "give retain_graph=True to the first backward"


class FunctionContext:
    """What forward leaves for backward: saved tensors, marks, and any attributes that the program sets.

    Attributes:
        needs_input_grad: per argument, whether it is a tensor that requires grad.
    """

    def __init__(self, name: str, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self._name = name
        self._to_save: tuple[Tensor | None, ...] = ()
        self._for_forward: tuple[Tensor | None, ...] | None = None
        self._saved: list[Saved | None] | None = None
        self._dirty: tuple[Tensor, ...] = ()
        self._non_differentiable: tuple[Tensor, ...] = ()
        self._materialize = True
        self._node: Callable[[], FunctionNode | None] = lambda: None
        self._freed = False

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'{self._name}Backward' object has no attribute '{name}'")

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors (or None) for backward, which finds them in `saved_tensors`.

        Raises:
            TypeFault: something else is given; keep it as an attribute instead.
        """
        for number, tensor in enumerate(tensors):
            if tensor is not None and not isinstance(tensor, Tensor):
                raise TypeFault(
                    "E407",
                    f"save_for_backward can only save variables, but argument {number} is of type "
                    f"{type(tensor).__name__}",
                    help="keep what is no tensor as an attribute: ctx.factor = factor",
                )
        self._to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors (or None) for jvp, which finds them in `saved_tensors`."""
        self._for_forward = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Says that forward changed these arguments in place; all must be among what it returns."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Says that these results have no gradient; backward still gets zeros for them."""
        self._non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros (the default) or None for results that nothing came back to."""
        self._materialize = bool(value)

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """The saved tensors, as part of the graph.

        Raises:
            RuntimeFault: the graph was freed, or one of them was changed in place since.
        """
        if self._freed:
            node = self._node()
            raise graph_fault("E402", SECOND_TIME, help=RETAIN) if node is None else freed(node)
        node = self._node()
        return tuple(
            None if one is None else one[1] if node is None else _restored(node, one)
            for one in self._saved or ()
        )


def _restored(node: FunctionNode, saved: Saved) -> Any:
    return TENSORS.saved_values(node, [saved])[0]  # type: ignore[arg-type] # what it asks of a node, any node has


class FunctionNode(Node):
    """The node of a program's own operation; the attributes of its context are found on it too."""

    __slots__ = ("backward", "ctx", "needed", "tensors", "title")

    def __init__(
        self, ctx: FunctionContext, backward: Callable[..., Any] | None, args: Sequence[Any]
    ) -> None:
        self.title = f"{ctx._name}Backward"
        self.ctx = ctx
        self.backward = backward
        self.tensors = tuple(isinstance(arg, Tensor) for arg in args)
        self.needed = ctx.needs_input_grad
        edges = [arg.gradient_edge() for arg, needed in zip(args, self.needed, strict=True) if needed]
        self._begin(edges, ())  # what it gives is not known yet

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.ctx, name)

    def name(self) -> str:
        """PyTorch's name of the node: no number at its end."""
        return self.title

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.title} object at {hex(id(self))}>"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """As `Node.next_functions`: an entry per tensor argument, (None, 0) where it requires no grad."""
        edges = iter(self.edges)
        return tuple(
            next(edges) if needed else NO_EDGE
            for needed, tensor in zip(self.needed, self.tensors, strict=True)
            if tensor
        )

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        """The cotangents that the program's backward gives for the arguments that require grad."""
        if self.backward is None:
            raise NotImplementedFault("E407", NO_BACKWARD, help="define backward(ctx, grad)")
        came = cotangents if len(self.outputs) > 1 else (cotangents,)
        found = self.backward(self.ctx, *[self._shown(m, i, one) for i, one in enumerate(came)])
        grads = self._checked(list(found) if isinstance(found, tuple) else [found])
        return tuple(
            None if grad is None else m.unwrap(grad)
            for grad, needed in zip(grads, self.needed, strict=True)
            if needed
        )

    def _shown(self, m: Any, output: int, cotangent: Any) -> Tensor | None:
        """A cotangent as backward sees it."""
        if cotangent is not None:
            return m.wrap(cotangent)  # type: ignore[no-any-return] # a tensor
        shape, dtype = self.outputs[output]
        if not self.ctx._materialize or shape is NOTHING:
            return None
        return make(np.zeros(shape, dtype))

    def _checked(self, grads: list[Any]) -> list[Any]:
        """What backward returned, if it is a gradient of the right shape or None for each argument."""
        count = len(self.needed)
        if len(grads) > count and all(grad is None for grad in grads[count:]):
            del grads[count:]
        if len(grads) != count:
            raise self._fault(
                f"function {self.title} returned an incorrect number of gradients (expected {count}, got "
                f"{len(grads)})",
                "return one gradient for each argument of forward after ctx, None for those without one",
            )
        place = 0  # counts tensor arguments only
        for position, (grad, tensor) in enumerate(zip(grads, self.tensors, strict=True)):
            problem = self._problem(position, place, grad) if grad is not None else None
            if problem:
                raise self._fault(problem, "return a gradient of the argument's shape, or None")
            place += tensor
        return grads

    def _problem(self, position: int, place: int, grad: Any) -> str:
        """What is wrong with the gradient for an argument; nothing if it will do."""
        if not self.tensors[position]:
            return (
                f"function {self.title} returned a gradient different than None at position "
                f"{position + 1}, but the corresponding forward input was not a Variable"
            )
        if not isinstance(grad, Tensor):
            return f"expected Variable or None (got {type(grad).__name__})"
        if self.needed[position]:
            node, output = self.edges[sum(self.needed[:position])]
            wanted = node.outputs[output][0]
            if not _reduces_to(grad.shape, wanted):
                return (
                    f"Function {self.title} returned an invalid gradient at index {place} - got "
                    f"{size_text(grad.shape)} but expected shape compatible with {size_text(wanted)}"
                )
        return ""

    def _fault(self, message: str, help: str) -> GraphFault:  # noqa: A002 - the word the user reads
        return graph_fault("E407", message, self, role=f"{self.title} was made here", help=help)

    def release(self) -> None:
        """Frees the saved tensors; backward may run again as long as it asks for none."""
        self.ctx._freed = True
        self.ctx._saved = None


class _Nothing(tuple[int, ...]):
    """The shape that stands for a result that is no tensor."""

    __slots__ = ()


NOTHING = _Nothing()


def _reduces_to(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether a gradient can be summed to a shape: what broadcasting that shape may have made of it."""
    lead = len(shape) - len(wanted)
    return lead >= 0 and all(size in (1, have) for size, have in zip(wanted, shape[lead:], strict=True))
