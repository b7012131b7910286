"""Forward mode: tangents carried beside values, from the same records as reverse mode.

A view's tangent is the same view of its base's tangent, so that in-place changes of tangents reach
both, as those of values do.
"""

# ruff: noqa: SLF001, S101 - Tensor's fields are this package's own; an assert tells mypy what is known

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.copy_slices import walk
from gradcli.autograd.inplace import become
from gradcli.autograd.node import RecordNode, kept
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.ops.rules import push
from gradcli.ops.shapes import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["jvp", "overwrite_tangent", "push_tangents", "tangent_of"]


def push_tangents(record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
    """Gives an operation's outputs their tangents; formulas run on tensors, so reverse mode sees them."""
    if not record.rules:
        return
    context.dual = False  # the tangents of tangents are not wanted: one level of forward mode
    try:
        tangents = [tangent_of(value) if isinstance(value, Tensor) else None for value in values]
        if any(tangent is not None for tangent in tangents):
            if context.grad_enabled and not record.view:
                # The graph of a jvp saves tangents, which in-place operations change: it saves copies.
                tangents = [
                    TENSORS.clone(tangent) if tangent is not None and _recorded(tangent, values) else tangent
                    for tangent in tangents
                ]
            found = push(TENSORS, record, values, outs, tangents, params)
            for out, tangent in zip(outs, found, strict=True):
                if tangent is not None and out.dtype.kind == "f":
                    out._tangent = _own(record, TENSORS.conform(tangent, out.shape, out.dtype))
                    _keep(out)
    finally:
        context.dual = True


def _keep(out: Tensor) -> None:
    """Lets a node that saved its own output find the tangent there: backward, too, may run in forward mode.

    The output itself would tie its node to itself; a tensor of the same values and place stands for it.
    """
    node, number = out._edge or (None, 0)
    if not isinstance(node, RecordNode) or not node.saved:
        return
    saved = list(map(kept, node.saved))
    for slot, (array, tensor, version, expected, output) in enumerate(saved):
        if tensor is None and version is not None and output == number:
            own = make(array)
            own._edge, own._requires_grad, own._tangent = (node, number), True, out._tangent
            saved[slot] = (array, own, version, expected, output)
    node.saved = saved


def _recorded(tangent: Tensor, values: Sequence[Any]) -> bool:
    return tangent.requires_grad or any(isinstance(value, Tensor) and value.requires_grad for value in values)


def _own(record: Record, tangent: Tensor) -> Tensor:
    """The tangent in memory of its own, unless it is a view's: a later change must not spread."""
    return tangent if record.view and tangent._array.flags.writeable else TENSORS.clone(tangent)


def tangent_of(tensor: Tensor) -> Tensor | None:
    """Returns the tensor's tangent; that of a view made before its base had one is found through the base."""
    if tensor._tangent is None and tensor._base is not None and tensor._base._tangent is not None:
        tensor._tangent = walk(TENSORS, tensor._base._tangent, tensor._view)
    return tensor._tangent  # type: ignore[no-any-return] # a tensor or None


def overwrite_tangent(tensor: Tensor, result: Tensor) -> None:
    """Gives a tensor that is about to be changed in place the tangent of what it becomes."""
    context.dual = False
    try:
        new, old = tangent_of(result), tangent_of(tensor)
        if new is None and old is None:
            return
        if old is None:
            owner = tensor if tensor._base is None else tensor._base
            owner._tangent = make(np.zeros(owner.shape, owner.dtype))
            old = tangent_of(tensor)
            assert old is not None
        become(old, make(np.zeros(old.shape, old.dtype)) if new is None else new)
    finally:
        context.dual = True


def jvp(
    function: Callable[..., Any], primals: Sequence[Tensor], tangents: Sequence[Tensor]
) -> tuple[Any, Any]:
    """Returns (outputs, their tangents) of a function at `primals` along `tangents`, shapes alike.

    The tangent of an output that does not depend on the primals is zero. Both are part of the graph
    where the primals are, so that the gradient of a jvp is one backward away.

    Raises:
        TypeFault: a primal or a tangent is no tensor.
        ValueFault: they differ in number or shape.
    """
    if len(primals) != len(tangents):
        raise ValueFault("E401", f"got {len(primals)} primals and {len(tangents)} tangents")
    inputs = []
    for primal, tangent in zip(primals, tangents, strict=True):
        if not isinstance(primal, Tensor) or not isinstance(tangent, Tensor):
            raise TypeFault("E401", "primals and tangents must be tensors")
        if primal.shape != tangent.shape:
            raise ValueFault(
                "E401",
                f"the tangent has a shape of {size_text(tangent.shape)} and its primal of "
                f"{size_text(primal.shape)}",
            )
        dual = TENSORS.view_as_self(primal) if primal.requires_grad else Tensor(primal._array)
        if context.tape is not None and not primal.requires_grad:
            context.tape.alias(dual, primal)
        # Not by a view's rule: the primal itself has no tangent.
        dual._tangent = TENSORS.clone(TENSORS.conform(tangent, primal.shape, primal.dtype))
        inputs.append(dual)
    before, context.dual = context.dual, True
    try:
        outputs = function(*inputs)
    finally:
        context.dual = before
    if isinstance(outputs, Tensor):
        return outputs, _tangent(outputs)
    return outputs, tuple(_tangent(out) for out in outputs)


def _tangent(out: Tensor) -> Tensor:
    found = tangent_of(out)
    return make(np.zeros(out.shape, out.dtype)) if found is None else found
