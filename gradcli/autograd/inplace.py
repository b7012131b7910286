"""In-place operations: new values in old memory, and a history rewritten to match.

A view and its base share memory and a version counter. Changing either gives the base a new
node (`CopySlices` when the change went through a view), and views made before are given a new
node when they are next asked for one.
"""

# ruff: noqa: SLF001, S101 - Tensor's fields are this package's own; an assert tells mypy what is known

from __future__ import annotations

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.copy_slices import Constant, CopySlices, Replay
from gradcli.autograd.hooks import move_retained
from gradcli.autograd.node import Edge, Node, RecordNode, kept
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.writable import check_history, check_origin
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import category, scalar_type
from gradcli.ops.shapes import size_text

__all__ = ["become", "before", "refresh"]


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
        check_history(tensor)
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
        _give(tensor, edge if edge is not None else (Constant(tensor), 0))
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
    check_origin(view, "its base or another view of its base has been")
    view._view_version = view._counter[0]
    _give(view, (Replay(base, view), 0))
