"""In-place operations: new values in old memory, and a history rewritten to match.

A view and its base share memory and a version counter. Changing either gives the base a new
node (`CopySlices` when the change went through a view), and views made before are given a new
node when they are next asked for one.
"""

# ruff: noqa: SLF001, S101 - Tensor's fields are this package's own; an assert tells mypy what is known

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.hooks import move_retained
from gradcli.autograd.node import NO_EDGE, Edge, Node, RecordNode, freed, graph_fault, kept, short_name
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.viewing import INFERENCE, NO_GRAD, SEVERAL
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import category, scalar_type
from gradcli.ops.shapes import size_text

__all__ = ["become", "check_writable", "refresh", "walk"]

LEAF_IN_PLACE = "a leaf Variable that requires grad is being used in an in-place operation."
OUT_OF_PLACE = "write the out-of-place form (x = x + 1), or change it inside `with torch.no_grad():`"
BOTH_INSIDE = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
    "moving both the view and the inplace either both inside the {mode} block (if you don't want the inplace "
    "to be tracked) or both outside (if you want the inplace to be tracked)."
)
ONE_OF_SEVERAL = (
    " This view is the output of a function that returns multiple views. Such functions do not allow the "
    "output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
)


def check_writable(tensor: Tensor) -> None:
    """Returns if the tensor may be changed in place.

    Raises:
        RuntimeFault: its elements share memory with each other; it is an inference tensor outside of
            inference mode; or grad mode is on and it is a leaf that requires grad, a view of one, one of
            several views, or a view made in no_grad mode.
    """
    if not tensor._array.flags.writeable:
        raise RuntimeFault(
            "E403",
            "unsupported operation: more than one element of the written-to tensor refers to a single memory "
            "location. Please clone() the tensor before performing the operation.",
        )
    if tensor._counter is None and not context.inference:
        raise RuntimeFault(
            "E403",
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a "
            "clone to get a "
            "normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for "
            "more details.",
            help="write y = y.clone() first",
        )
    if context.grad_enabled and tensor.requires_grad:
        _check_history(tensor)


def _check_history(tensor: Tensor) -> None:
    """Returns if a recorded in-place operation may give the tensor a new history."""
    base = tensor._base
    if base is not None:
        _check_origin(tensor, "is being")
        if base._requires_grad and base._edge is None:
            raise graph_fault(
                "E403",
                "a view of a leaf Variable that requires grad is being used in an in-place operation.",
                base,
                help=OUT_OF_PLACE,
            )
    if tensor.requires_grad and tensor.edge() is None:
        raise graph_fault("E403", LEAF_IN_PLACE, tensor, help=OUT_OF_PLACE)


def _check_origin(view: Tensor, changed: str) -> None:
    """Raises PyTorch's error for a view that cannot follow a change: `changed` says what was changed."""
    origin, edge = view._origin, view._edge
    if origin is None:
        return
    if origin == SEVERAL and edge is not None:
        start = f"Output {edge[1]} of {short_name(edge[0])} is a view and"
    elif edge is not None:
        start = f"Output {edge[1]} of {short_name(edge[0])} is a view of a view which was created in"
    else:
        start = "A view was created in"
    if origin == INFERENCE:
        start += " inference mode and"
    elif origin == NO_GRAD or edge is None:
        start += " no_grad mode and"
    end = " in normal mode." if origin == INFERENCE else "."
    if origin == NO_GRAD or (edge is None and origin == SEVERAL):
        end = " with grad mode enabled."
    why = ONE_OF_SEVERAL if origin == SEVERAL else BOTH_INSIDE.format(mode=origin)
    raise RuntimeFault("E403", f"{start} {changed} modified inplace{end}{why}", help=OUT_OF_PLACE)


def become(tensor: Tensor, result: Tensor) -> Tensor:
    """Returns `tensor` after it took the values and the history of `result`, computed out of place from it.

    Raises:
        RuntimeFault: the result has another shape or a dtype that does not fit, in PyTorch's words.
    """
    array, new = tensor._array, result._array
    if result is tensor:
        return tensor
    if new.shape != array.shape:
        raise RuntimeFault(
            "E301",
            f"output with shape {size_text(array.shape)} doesn't match the broadcast shape "
            f"{size_text(new.shape)}",
            help="an in-place operation cannot change the shape; write x = x + y",
        )
    if new.dtype is not array.dtype and category(new.dtype) > category(array.dtype):
        raise RuntimeFault(
            "E304",
            f"result type {scalar_type(new.dtype).title()} can't be cast to the desired output type "
            f"{scalar_type(array.dtype)}",
        )
    edge = result._edge if result._base is None else result.edge()
    node = None if edge is None else edge[0]
    if node is not None:
        _prepare(tensor, node)
    if context.attended:
        _announce(tensor, result)
    array[...] = new
    tensor._count_change()
    if not context.grad_enabled or (node is None and not tensor.requires_grad):
        return tensor
    if isinstance(node, RecordNode):
        version = tensor._counter
        node.saved = [
            (array, None, version, version[0], one[4]) if one[1] is None and one[0] is new else one  # type: ignore[index]
            for one in map(kept, node.saved or ())
        ]
    _rebase(tensor, edge)
    return tensor


def _announce(tensor: Tensor, result: Tensor) -> None:
    """Tells forward mode and a tape of a change that is about to happen."""
    if context.dual:
        from gradcli.autograd.forward import overwrite_tangent  # it imports this module

        overwrite_tangent(tensor, result)
    if context.tape is not None:
        context.tape.overwrite(tensor, result)


def before(tensor: Tensor) -> Tensor:
    """Returns a copy of a tensor with its history and tangent, for what outlives an in-place change."""
    old = Tensor(np.array(tensor._array), tensor.requires_grad)
    old._edge = tensor.edge()
    if context.dual:
        from gradcli.autograd.forward import tangent_of  # it imports this module

        old._tangent = tangent_of(tensor)
    return old


def _prepare(tensor: Tensor, node: Node) -> None:
    """Makes sure that the tensor may get the node's history, and the node keeps what it needs of it."""
    if not tensor.requires_grad:
        _check_history(tensor)
    if isinstance(node, RecordNode):
        _keep_old_values(node, tensor)


def _keep_old_values(node: RecordNode, tensor: Tensor) -> None:
    """Copies what backward needs of the changed argument's own values from before the change.

    Of the first argument alone, as PyTorch does: y.mul_(y) saves y as the other argument too, and fails.
    """
    node.saved = [
        (np.array(kept(one)[0]), before(tensor), None, 0, -1) if slot == 0 and kept(one)[1] is tensor else one
        for slot, one in zip(node.rule.save, node.saved or (), strict=False)
    ]


def _rebase(tensor: Tensor, edge: Edge | None) -> None:
    """Gives the tensor, or a view's base, its new history. None: constants were written."""
    base = tensor._base
    if base is None:
        _give(tensor, edge if edge is not None else (_Constant(tensor), 0))
    else:
        _give(base, (CopySlices(base, tensor, edge), 0))
        tensor._requires_grad = True
        tensor._view_version = -1  # the view's own node is made when it is next asked for


def _give(tensor: Tensor, edge: Edge) -> None:
    before = tensor._edge
    tensor._edge = edge
    tensor._requires_grad = True
    if before is not None and tensor._retained:
        move_retained(tensor, before, edge)


def refresh(view: Tensor) -> None:
    """Gives a view whose base was changed in place the node that its base's new history implies."""
    base = view._base
    assert base is not None
    assert view._counter is not None
    _check_origin(view, "its base or another view of its base has been")
    view._view_version = view._counter[0]
    _give(view, (_Replay(base, view), 0))


class _Constant(Node):
    """Where a history ends because constants were written over it."""

    __slots__ = ()

    def __init__(self, tensor: Tensor) -> None:
        self.edges = () if tensor._edge is None else (tensor._edge,)
        self.outputs = ((tensor._array.shape, tensor._array.dtype),)
        self.sequence = next(context.sequence)
        self.span = context.span
        self.hooks = None

    def name(self) -> str:
        return "FillBackward0"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        return tuple(m.zeros_like(cotangents) for _ in self.edges)


class _Replay(Node):
    """A view of a base that was changed after the view was made: the same views, taken anew."""

    __slots__ = ("base_shape", "chain")

    def __init__(self, base: Tensor, view: Tensor) -> None:
        self.chain = view._view
        self.base_shape = base._array.shape
        self.edges = (base.gradient_edge(),) if base._requires_grad else ()
        self.outputs = ((view._array.shape, view._array.dtype),)
        self.sequence = next(context.sequence)
        self.span = context.span
        self.hooks = None

    def name(self) -> str:
        return "AsStridedBackward0"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        if not self.edges:
            return ()
        return (put(m, m.zeros(self.base_shape, cotangents), self.chain, cotangents),)


class CopySlices(Node):
    """A base that was changed through a view: cotangents of the changed part go through the change."""

    __slots__ = ("array", "chain", "freed", "inner", "through_view")

    def __init__(self, base: Tensor, view: Tensor, edge: Edge | None) -> None:
        self.array = base._array
        self.chain = view._view
        self.inner = edge[0] if edge is not None else None
        # The inner node's first edge is the view's own history when the view required grad; the base's
        # old history takes its place.
        self.through_view = self.inner is not None and _reads_view(self.inner, view)
        self.freed = False
        others = self.inner.edges[self.through_view :] if self.inner is not None else ()
        self.edges = (*((base.gradient_edge(),) if base._requires_grad else ()), *others)
        self.outputs = ((base._array.shape, base._array.dtype),)
        self.sequence = next(context.sequence)
        self.span = context.span
        self.hooks = None

    def name(self) -> str:
        return "torch::autograd::CopySlices"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The base's old history, then what else the change depends on."""
        inner = self.inner.next_functions if self.inner is not None else ()
        own = len(self.edges) > len(self.inner.edges[self.through_view :] if self.inner is not None else ())
        rest = inner[1:] if self.through_view or inner[:1] == (NO_EDGE,) else inner
        return (self.edges[0] if own else NO_EDGE, *rest)

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        if self.freed:
            raise freed(self)
        part = walk(m, cotangents, self.chain)
        inner: tuple[Any, ...] = ()
        if self.inner is not None:
            shape, dtype = self.inner.outputs[0]
            inner = self._pull_inner(m, m.conform(part, shape, dtype))
        own = inner[0] if self.through_view else None
        others = inner[self.through_view :]
        if len(self.edges) == len(others):
            return tuple(others)
        replacement = m.zeros_like(part) if own is None else m.conform(own, part.shape, part.dtype)
        return (put(m, cotangents, self.chain, replacement), *others)

    def _pull_inner(self, m: Any, part: Any) -> tuple[Any, ...]:
        """The change's cotangents; a result that it saved is the part of this node's output that it wrote."""
        inner = self.inner
        assert inner is not None
        if not isinstance(part, Tensor) or not isinstance(inner, RecordNode) or not inner.saved:
            return inner.pull(m, part)
        base = Tensor(self.array, requires_grad=True)
        base._edge = (self, 0)
        saved = inner.saved
        inner.saved = [
            (one[0], walk(m, base, self.chain), *one[2:4], -1)
            if one[1] is None and one[2] is not None
            else one
            for one in map(kept, saved)
        ]
        try:
            return inner.pull(m, part)
        finally:
            inner.saved = saved

    def release(self) -> None:
        self.freed = True
        if self.inner is not None:
            self.inner.release()


def _reads_view(node: Node, view: Tensor) -> bool:
    edge = view._edge
    return bool(node.edges) and edge is not None and node.edges[0] == edge


def walk(m: Any, x: Any, chain: Any) -> Any:
    """Returns the part of x that a chain of views shows."""
    links = []
    while chain is not None:
        chain, *link = chain
        links.append(link)
    for record, params, number in reversed(links):
        x = m.apply(record, (x,), params)
        if isinstance(x, (tuple, list)):
            x = x[number]
    return x


def put(m: Any, x: Any, chain: Any, part: Any) -> Any:
    """Returns a copy of x in which the part that a chain of views shows is replaced."""
    if isinstance(x, Tensor):
        copy = m.clone(x)
        target = walk(m, copy, chain)
        become(target, m.copy(target, part))
        return copy
    copy = np.array(x)
    walk(m, copy, chain)[...] = part
    return copy
