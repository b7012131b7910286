"""In-place operations: new values in old memory, and a history rewritten to match.

A view and its base share memory and a version counter. Changing either gives the base a new
node (`CopySlices` when the change went through a view), and views made before are given a new
node when they are next asked for one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.node import Edge, Node, RecordNode
from gradcli.autograd.tensor import LEAF_IN_PLACE, Tensor
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import category, scalar_type
from gradcli.ops.shapes import size_text

__all__ = ["become", "check_writable", "refresh"]

OUT_OF_PLACE = "write the out-of-place form (x = x + 1), or change it inside `with torch.no_grad():`"


def check_writable(tensor: Tensor) -> None:
    """Returns if grad mode allows the tensor to be changed in place.

    Raises:
        RuntimeFault: it is a leaf that requires grad, a view of one, or one of several views; or its
            elements share memory with each other.
    """
    if not tensor._array.flags.writeable:
        raise RuntimeFault(
            "E403",
            "unsupported operation: more than one element of the written-to tensor refers to a single memory "
            "location. Please clone() the tensor before performing the operation.",
        )
    if not context.grad_enabled:
        return
    base = tensor._base
    if base is None:
        if tensor._requires_grad and tensor._edge is None:
            raise RuntimeFault("E403", LEAF_IN_PLACE, help=OUT_OF_PLACE)
        return
    if base._requires_grad and base._edge is None:
        raise RuntimeFault(
            "E403",
            "a view of a leaf Variable that requires grad is being used in an in-place operation.",
            help=OUT_OF_PLACE,
        )
    record, params, number = tensor._view[-1]
    if len(record.outputs) != 1 or record.outputs == ("*",):
        raise RuntimeFault(
            "E403",
            f"Output {number} of {record.node_name(params)} is a view and is being modified inplace. This view is "
            "the output of a function that returns multiple views. Such functions do not allow the output views "
            "to be modified inplace. You should replace the inplace operation by an out-of-place one.",
        )


def become(tensor: Tensor, result: Tensor) -> Tensor:
    """Returns `tensor` after it took the values and the history of `result`, computed out of place from it.

    Raises:
        RuntimeFault: the result has another shape or a dtype that does not fit, in PyTorch's words.
    """
    array, new = tensor._array, result._array
    if new.shape != array.shape:
        raise RuntimeFault(
            "E301",
            f"output with shape {size_text(array.shape)} doesn't match the broadcast shape {size_text(new.shape)}",
            help="an in-place operation cannot change the shape; write x = x + y",
        )
    if category(new.dtype) > category(array.dtype):
        raise RuntimeFault(
            "E304",
            f"result type {scalar_type(new.dtype).title()} can't be cast to the desired output type "
            f"{scalar_type(array.dtype)}",
        )
    node = result.grad_fn if result is not tensor else None
    if isinstance(node, RecordNode):
        _keep_old_values(node, tensor)
    np.copyto(array, new, casting="unsafe")
    tensor._version[0] += 1
    if not context.grad_enabled:
        tensor._view_version = tensor._version[0]
        return tensor
    if node is None:
        if tensor.requires_grad:
            _rebase(tensor, None)
        return tensor
    if isinstance(node, RecordNode):
        version = tensor._version
        node.saved = [
            (array, None, version, version[0], value[4]) if value[1] is None and value[0] is new else value
            for value in node.saved or ()
        ]
    _rebase(tensor, (node, result.output_nr))
    return tensor


def _keep_old_values(node: RecordNode, tensor: Tensor) -> None:
    """Copies what backward needs of the tensor's values from before the change."""
    for number, (array, source, *_) in enumerate(node.saved or ()):
        if source is tensor or array is tensor._array:
            old = Tensor(np.array(array), tensor._requires_grad)
            old._edge = tensor.edge()
            node.saved[number] = (old._array, old, None, 0, -1)  # type: ignore[index] # not None here


def _rebase(tensor: Tensor, edge: Edge | None) -> None:
    """Gives the tensor its new history; through a view, the base gets it too. None: constants were written."""
    base = tensor._base
    if base is None:
        tensor._edge = edge if edge is not None else (_Constant(tensor), 0)
        tensor._requires_grad = True
        return
    node = CopySlices(base, tensor, edge)
    base._edge = (node, 0)
    base._requires_grad = True
    tensor._view_version = -1


def refresh(view: Tensor) -> None:
    """Gives a view whose base was changed in place the node that its base's new history implies."""
    base = view._base
    assert base is not None
    view._view_version = view._version[0]
    if base._edge is None:
        return
    view._edge = (_Replay(base, view), 0)
    view._requires_grad = True


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
        self.edges = (base._edge,)  # type: ignore[assignment] # checked by refresh
        self.outputs = ((view._array.shape, view._array.dtype),)
        self.sequence = next(context.sequence)
        self.span = context.span
        self.hooks = None

    def name(self) -> str:
        return "AsStridedBackward0"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        return (put(m, m.zeros(self.base_shape, cotangents), self.chain, cotangents),)


class CopySlices(Node):
    """A base that was changed through a view: cotangents of the changed part go through the change."""

    __slots__ = ("chain", "inner", "through_view")

    def __init__(self, base: Tensor, view: Tensor, edge: Edge | None) -> None:
        self.chain = view._view
        self.inner = edge[0] if edge is not None else None
        # The inner node's first edge is the view's own history when the view required grad; the base's
        # old history takes its place.
        self.through_view = self.inner is not None and _reads_view(self.inner, view)
        others = self.inner.edges[self.through_view :] if self.inner is not None else ()
        self.edges = (*(() if base._edge is None else (base._edge,)), *others)
        self.outputs = ((base._array.shape, base._array.dtype),)
        self.sequence = next(context.sequence)
        self.span = context.span
        self.hooks = None

    def name(self) -> str:
        return "CopySlices"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        part = walk(m, cotangents, self.chain)
        inner: tuple[Any, ...] = ()
        if self.inner is not None:
            shape, dtype = self.inner.outputs[0]
            inner = self.inner.pull(m, m.conform(part, shape, dtype))
        own = inner[0] if self.through_view else None
        others = inner[self.through_view :]
        if len(self.edges) == len(others):
            return tuple(others)
        replacement = m.zeros_like(part) if own is None else m.conform(own, part.shape, part.dtype)
        return (put(m, cotangents, self.chain, replacement), *others)

    def release(self) -> None:
        if self.inner is not None:
            self.inner.release()


def _reads_view(node: Node, view: Tensor) -> bool:
    edge = view._edge
    return bool(node.edges) and edge is not None and node.edges[0] == edge


def walk(m: Any, x: Any, chain: Any) -> Any:
    """Returns the part of x that a chain of views shows."""
    for record, params, number in chain:
        x = m.apply(record, (x,), params)
        if isinstance(x, (tuple, list)):
            x = x[number]
    return x


def put(m: Any, x: Any, chain: Any, part: Any) -> Any:
    """Returns a copy of x in which the part that a chain of views shows is replaced."""
    if isinstance(x, Tensor):
        copy = m.clone(x)
        target = walk(m, copy, chain)
        become(target, apply_copy(m, target, part))
        return copy
    copy = np.array(x)
    walk(m, copy, chain)[...] = part
    return copy


def apply_copy(m: Any, target: Tensor, source: Any) -> Tensor:
    """Returns what `target` becomes when `source` is copied into it."""
    return m.copy(target, source)  # type: ignore[no-any-return] # a record's result
