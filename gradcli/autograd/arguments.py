"""The arrays an operation computes with: of one dtype by PyTorch's rules, and affordable; else its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from gradcli.autograd.context import context
from gradcli.diagnostics import GradcliError, RuntimeFault
from gradcli.ops.dtypes import category, result_type, scalar_type
from gradcli.ops.refusals import check_kind
from gradcli.ops.shapes import broadcast_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["ask", "cast", "explain"]


def cast(record: Record, arrays: list[Any]) -> list[Any]:
    """Returns the arrays in the dtype that PyTorch computes in."""
    movable = [array for i, array in enumerate(arrays) if record.argument(i) not in record.discrete]
    if not movable:
        return arrays
    if record.promote == "same":
        return _same(record, arrays)
    dtype = result_type(movable, context.default_dtype)
    if category(dtype) < 2:  # noqa: PLR2004 - 2 is floating
        check_kind(record.name, dtype, arrays)
        if record.promote == "float":
            dtype = context.default_dtype
    return [
        array
        if record.argument(i) in record.discrete
        else array.astype(dtype, copy=False)
        if isinstance(array, ndarray)
        # Through an array, because a number that does not fit wraps round in PyTorch, and dtype.type
        # refuses it.
        else np.asarray(array).astype(dtype)[()]
        for i, array in enumerate(arrays)
    ]


def _same(record: Record, arrays: list[Any]) -> list[Any]:
    dtypes = [array.dtype for array in arrays if isinstance(array, ndarray)]
    if any(dtype != dtypes[0] for dtype in dtypes):
        names = [scalar_type(dtype).lower() for dtype in dtypes]
        raise RuntimeFault(
            "E304",
            f"expected m1 and m2 to have the same dtype, but got: {names[0]} != {names[1]}",
            help=f"{record.name} does not convert: give both sides one dtype with .double() or .float()",
        )
    return arrays


def ask(record: Record, arrays: Sequence[Any], params: Params) -> None:
    """Asks the budget for the result of a growing operation before it is made."""
    if record.infer is None and record.kind != "elementwise":
        return
    shapes = [np.shape(array) for array in arrays]
    shape = record.infer(*shapes, **params) if record.infer is not None else broadcast_all(shapes)
    context.budget.ask(shape)


class Tensor:
    """Stands for a tensor in a message, which names the kinds of what was given."""


def _as_given(array: Any) -> Any:
    if getattr(array, "dtype", np.dtype(float)).kind == "U":  # a text, cast as numbers are
        return str(array)
    return Tensor() if isinstance(array, ndarray) else array


def explain(record: Record, arrays: Sequence[Any], params: Params, error: Exception) -> GradcliError:
    """Returns PyTorch's error where the record can name it, else the failure in plain words."""
    shapes = [np.shape(array) for array in arrays]
    try:
        if record.infer is not None:
            record.infer(*shapes, **params)
        elif record.kind == "elementwise":
            broadcast_all(shapes)
    except GradcliError as known:
        return known
    name = record.name if record.spellings() else record.name.partition("_")[0]
    texts = [one for one in params.values() if isinstance(one, str)] if "ufunc" in str(error) else []
    given = [_as_given(array) for array in (*arrays, *texts)]
    if any(isinstance(one, str) for one in given):
        from gradcli.autograd.wording import invalid_combination, overloads  # only when something went wrong

        # A number's form of an operation, or its in-place one, is not what the program has called.
        if overloads(name):
            return invalid_combination(name, given, {})
    return RuntimeFault("E300", f"{name}: {error}", notes=(f"argument shapes: {[list(s) for s in shapes]}",))
