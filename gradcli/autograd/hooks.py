"""Hooks: functions that see gradients on their way, and `retain_grad`."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import RuntimeFault

if TYPE_CHECKING:
    from gradcli.autograd.node import AccumulateGrad, Node
    from gradcli.autograd.tensor import Tensor

__all__ = ["Handle", "Hooks", "register_tensor_hook", "run_node_hooks", "run_post_accumulate_hooks", "run_tensor_hooks"]

_numbers = count()


class Handle:
    """Removes a hook."""

    __slots__ = ("_hooks", "_number")

    def __init__(self, hooks: dict[int, Any]) -> None:
        self._hooks = hooks
        self._number = next(_numbers)

    @property
    def number(self) -> int:
        """The hook's key, in order of registration."""
        return self._number

    def remove(self) -> None:
        """Takes the hook away; a second time does nothing."""
        self._hooks.pop(self._number, None)


class Hooks:
    """The hooks of a node: on its outputs' cotangents, before it runs, after it ran.

    `retained` holds, per output, the tensors whose `.grad` is filled in (retain_grad); weakly, so that
    a node does not keep its outputs alive.
    """

    __slots__ = ("post", "pre", "retained", "tensor")

    def __init__(self) -> None:
        self.tensor: dict[int, dict[int, Any]] = {}
        self.pre: dict[int, Any] = {}
        self.post: dict[int, Any] = {}
        self.retained: dict[int, weakref.ref[Tensor]] = {}

    def variable(self, output: int) -> Tensor | None:
        """The tensor at an output that asked for its gradient."""
        found = self.retained.get(output)
        return None if found is None else found()


def hooks_of(node: Node) -> Hooks:
    """Returns the node's hooks, made when first asked for."""
    if node.hooks is None:
        node.hooks = Hooks()
    return node.hooks  # type: ignore[no-any-return] # the slot is Hooks or None


def add(hooks: dict[int, Any], hook: Callable[..., Any]) -> Handle:
    """Returns the handle of a hook added to a table."""
    handle = Handle(hooks)
    hooks[handle.number] = hook
    return handle


def register_tensor_hook(tensor: Tensor, hook: Callable[[Tensor], Tensor | None]) -> Handle:
    """Returns the handle of a hook on the gradient of a tensor.

    Raises:
        RuntimeFault: the tensor does not require grad.
    """
    if not tensor.requires_grad:
        raise RuntimeFault("E406", "cannot register a hook on a tensor that doesn't require gradient")
    node, output = tensor.gradient_edge()
    if node.sequence < 0:
        _keep(tensor, node)
    return add(hooks_of(node).tensor.setdefault(output, {}), hook)


def register_post_accumulate_grad_hook(tensor: Tensor, hook: Callable[[Tensor], None]) -> Handle:
    """Returns the handle of a hook that runs after a leaf's `.grad` was updated.

    Raises:
        RuntimeFault: the tensor is not a leaf or does not require grad.
    """
    if not tensor.requires_grad:
        raise RuntimeFault("E406", "cannot register a hook on a tensor that doesn't require gradient")
    if not tensor.is_leaf:
        raise RuntimeFault("E406", "post accumulate grad hooks cannot be registered on non-leaf tensors")
    node: Any = tensor.gradient_edge()[0]
    _keep(tensor, node)
    if node.post_hooks is None:
        node.post_hooks = {}
    return add(node.post_hooks, hook)


def _keep(tensor: Tensor, accumulator: Any) -> None:
    """Keeps a leaf's accumulator alive with its tensor: hooks must outlast the graph of the moment."""
    tensor._accumulator = lambda: accumulator  # noqa: SLF001 - one package


def retain_grad(tensor: Tensor) -> None:
    """Makes backward fill in the `.grad` of a tensor that is not a leaf.

    Raises:
        RuntimeFault: it does not require grad.
    """
    if not tensor.requires_grad:
        raise RuntimeFault("E406", "can't retain_grad on Tensor that has requires_grad=False")
    edge = tensor.edge()
    if edge is None:
        return
    tensor._retained = True  # noqa: SLF001 - one package
    hooks_of(edge[0]).retained[edge[1]] = weakref.ref(tensor)


def run_tensor_hooks(m: Any, node: Node, g: Any) -> Any:
    """Returns the cotangent(s) at a node after the hooks on its outputs, each seeing the last one's result."""
    hooks: Hooks = node.hooks
    many = len(node.outputs) > 1
    parts = list(g) if many else [g]
    for output, part in enumerate(parts):
        if part is None:
            continue
        for hook in list(hooks.tensor.get(output, {}).values()):
            parts[output] = part = _replace(m, part, hook(m.wrap(part)), hook)
        variable = hooks.variable(output)
        if variable is not None:
            held = m.wrap(part)
            variable._grad = held if variable._grad is None else variable._grad + held  # noqa: SLF001 - one package
    return parts if many else parts[0]


def _replace(m: Any, old: Any, new: Any, hook: Callable[..., Any]) -> Any:
    if new is None:
        return old
    value = m.unwrap(new)
    if value.shape != old.shape:
        raise RuntimeFault(
            "E406",
            f"hook '{getattr(hook, '__name__', 'hook')}' has changed the size of value",
            help="return a gradient of the same shape, or None to leave it as it is",
        )
    return value


def run_node_hooks(m: Any, hooks: dict[int, Any], grads: Any, outputs: Any = None) -> Any:
    """Returns a node's cotangents after its own hooks.

    A prehook gets the cotangents of the outputs; a hook those of the inputs and of the outputs.
    """
    if not hooks:
        return grads
    parts = tuple(grads) if isinstance(grads, (tuple, list)) else (grads,)
    for hook in list(hooks.values()):
        shown = tuple(None if part is None else m.wrap(part) for part in parts)
        if outputs is None:
            result = hook(shown)
        else:
            came = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
            result = hook(shown, tuple(None if part is None else m.wrap(part) for part in came))
        if result is not None:
            new = result if isinstance(result, (tuple, list)) else (result,)
            parts = tuple(None if part is None else m.unwrap(part) for part in new)
    return parts if isinstance(grads, (tuple, list)) else parts[0]


def run_post_accumulate_hooks(node: AccumulateGrad) -> None:
    """Runs the hooks of a leaf whose `.grad` was just updated."""
    if node.post_hooks:
        for hook in list(node.post_hooks.values()):
            hook(node.variable)
