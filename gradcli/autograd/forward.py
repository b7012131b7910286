"""Forward mode: tangents carried beside values, from the same records as reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import ValueFault
from gradcli.ops.record import Params, Record
from gradcli.ops.rules import push
from gradcli.ops.shapes import size_text

__all__ = ["jvp", "push_tangents"]


def push_tangents(record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
    """Gives the outputs of an operation their tangents; formulas run on tensors, so reverse mode sees them."""
    tangents = [value._tangent if isinstance(value, Tensor) else None for value in values]  # noqa: SLF001 - one package
    if all(tangent is None for tangent in tangents) or not record.rules:
        return
    context.dual = False  # the tangents of tangents are not wanted: one level of forward mode
    try:
        found = push(TENSORS, record, values, outs, tangents, params)
    finally:
        context.dual = True
    for out, tangent in zip(outs, found, strict=True):
        if tangent is not None and out.dtype.kind == "f":
            out._tangent = TENSORS.conform(tangent, out.shape, out.dtype)  # noqa: SLF001 - one package


def jvp(
    function: Callable[..., Any], primals: Sequence[Tensor], tangents: Sequence[Tensor]
) -> tuple[Any, Any]:
    """Returns (outputs, their tangents) of a function at `primals` along `tangents`, shapes alike.

    The tangent of an output that does not depend on the primals is zero.

    Raises:
        ValueFault: a tangent has another shape than its primal.
    """
    inputs = []
    for primal, tangent in zip(primals, tangents, strict=True):
        if primal.shape != tangent.shape:
            raise ValueFault(
                "E401",
                f"the tangent has a shape of {size_text(tangent.shape)} and its primal of {size_text(primal.shape)}",
            )
        dual = TENSORS.view_as_self(primal) if primal.requires_grad else Tensor(primal._array)  # noqa: SLF001
        dual._tangent = tangent  # noqa: SLF001 - one package
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
    found = out._tangent  # noqa: SLF001 - one package
    return TENSORS.zeros_like(out) if found is None else found  # type: ignore[no-any-return] # a tensor


