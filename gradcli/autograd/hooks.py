"""Hooks: functions that see gradients on their way, and `retain_grad`."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

import weakref
from itertools import count
from typing import TYPE_CHECKING, Any

from gradcli.autograd.node import graph_fault
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import scalar_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.autograd.node import AccumulateGrad, Edge, Node
    from gradcli.autograd.tensor import Tensor

__all__ = [
    "Handle",
    "Hooks",
    "add",
    "hooks_of",
    "move_retained",
    "register_tensor_hook",
    "run_post_accumulate_hooks",
    "run_post_hooks",
    "run_pre_hooks",
    "run_tensor_hooks",
]

HOOK_WITHOUT_GRAD = "cannot register a hook on a tensor that doesn't require gradient"

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
        raise graph_fault("E406", HOOK_WITHOUT_GRAD, tensor)
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
        raise graph_fault("E406", HOOK_WITHOUT_GRAD, tensor)
    if not tensor.is_leaf:
        raise graph_fault(
            "E406", "post accumulate grad hooks cannot be registered on non-leaf tensors", tensor
        )
    node: Any = tensor.gradient_edge()[0]
    _keep(tensor, node)
    if node.post_hooks is None:
        node.post_hooks = {}
    return add(node.post_hooks, hook)


def _keep(tensor: Tensor, accumulator: Any) -> None:
    """Keeps a leaf's accumulator alive with its tensor: hooks must outlast the graph of the moment."""
    tensor._accumulator = lambda: accumulator


def retain_grad(tensor: Tensor) -> None:
    """Makes backward fill in the `.grad` of a tensor that is not a leaf.

    Raises:
        RuntimeFault: it does not require grad.
    """
    if not tensor.requires_grad:
        raise graph_fault("E406", "can't retain_grad on Tensor that has requires_grad=False", tensor)
    edge = tensor.edge()
    if edge is None:
        return
    tensor._retained = True
    hooks_of(edge[0]).retained[edge[1]] = weakref.ref(tensor)


def move_retained(tensor: Tensor, before: Edge, after: Edge) -> None:
    """Lets a tensor that retains its gradient find it at its new node; its hooks stay with the old one."""
    if before[0].hooks is not None:
        before[0].hooks.retained.pop(before[1], None)
    hooks_of(after[0]).retained[after[1]] = weakref.ref(tensor)


def run_tensor_hooks(m: Any, node: Node, g: Any) -> Any:
    """Returns the cotangent(s) at a node after its outputs' hooks, each seeing the last one's result."""
    hooks: Hooks = node.hooks
    many = len(node.outputs) > 1
    parts = list(g) if many else [g]
    for output, part in enumerate(parts):
        if part is None:
            continue
        for hook in list(hooks.tensor.get(output, {}).values()):
            parts[output] = part = _replace(m, part, hook(m.wrap(part)), hook)  # noqa: PLW2901 - in turn
        variable = hooks.variable(output)
        if variable is not None:
            held = m.wrap(part)
            variable._grad = held if variable._grad is None else variable._grad + held
    return parts if many else parts[0]


def _replace(m: Any, old: Any, new: Any, hook: Callable[..., Any]) -> Any:
    if new is None:
        return old
    _expect_tensor(new)
    value = m.unwrap(new)
    if value.dtype != old.dtype:
        before, after = (f"torch.{scalar_type(one.dtype)}Tensor" for one in (old, value))
        raise RuntimeFault(
            "E406",
            f"hook '{_name(hook)}' has changed the type of value (was {before} got {after})",
            help="return a gradient of the same dtype, or None to leave it as it is",
        )
    if value.shape != old.shape:
        raise RuntimeFault(
            "E406",
            f"hook '{_name(hook)}' has changed the size of value",
            help="return a gradient of the same shape, or None to leave it as it is",
        )
    return value


def _name(hook: Any) -> str:
    return str(
        getattr(hook, "__name__", type(hook).__name__)
    )  # functions of a program have a name of their own


def _expect_tensor(value: Any) -> None:
    if not hasattr(value, "requires_grad"):
        raise TypeFault("E406", f"expected Variable, but hook returned '{type(value).__name__}'")


def run_pre_hooks(m: Any, node: Node, g: Any) -> Any:
    """Returns the cotangent(s) at a node after its prehooks, each seeing the last one's result."""
    if not node.hooks.pre:
        return g
    if len(node.outputs) == 1:
        parts: tuple[Any, ...] = (g,)
        for hook in list(node.hooks.pre.values()):
            parts = _exchanged(m, parts, hook(_shown(m, parts)), hook)
        return parts[0]
    g, places = list(g), _with_gradient(node)
    for hook in list(node.hooks.pre.values()):
        parts = tuple(g[place] for place in places)
        for place, part in zip(places, _exchanged(m, parts, hook(_shown(m, parts)), hook), strict=True):
            g[place] = part
    return g


def _with_gradient(node: Node) -> list[int]:
    """The outputs that PyTorch's node has: those of a floating dtype."""
    return [number for number, (_, dtype) in enumerate(node.outputs) if dtype.kind == "f"]


def run_post_hooks(m: Any, node: Node, results: Any, g: Any) -> Any:
    """Returns the cotangents along a node's edges after its hooks, which see one for each of its inputs."""
    if not node.hooks.post:
        return results
    came = _shown(m, tuple(g[place] for place in _with_gradient(node)) if len(node.outputs) > 1 else (g,))
    places = [number for number, (target, _) in enumerate(node.next_functions) if target is not None]
    parts: list[Any] = [None] * len(node.next_functions)
    for place, result in zip(places, results, strict=True):
        parts[place] = result
    for hook in list(node.hooks.post.values()):
        parts = list(_exchanged(m, tuple(parts), hook(_shown(m, tuple(parts)), came), hook))
    return tuple(parts[place] for place in places)


def _shown(m: Any, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(None if part is None else m.wrap(part) for part in parts)


def _exchanged(m: Any, parts: tuple[Any, ...], result: Any, hook: Callable[..., Any]) -> tuple[Any, ...]:
    """What a node's hook makes of cotangents: its result where it gave one."""
    if result is None:
        return parts
    new = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    if len(new) != len(parts):
        raise RuntimeFault(
            "E406",
            f"hook '{_name(hook)}' has returned an incorrect number of values (got {len(new)}, "
            f"but expected {len(parts)})",
        )
    return tuple(
        None if one is None else m.unwrap(one) if old is None else _replace(m, old, one, hook)
        for old, one in zip(parts, new, strict=True)
    )


def run_post_accumulate_hooks(node: AccumulateGrad) -> None:
    """Runs the hooks of a leaf whose `.grad` was just updated."""
    if node.post_hooks:
        for hook in list(node.post_hooks.values()):
            result = hook(node.variable)
            if result is not None:
                raise TypeFault("E406", f"expected Variable, but hook returned '{type(result).__name__}'")
