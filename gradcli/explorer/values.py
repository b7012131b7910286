"""The values of a program, beside the language's own: what they are called, and what becomes a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd import Tensor, context
from gradcli.autograd.methods import function_of
from gradcli.diagnostics import LimitFault, TypeFault, ValueFault
from gradcli.ops.catalog import catalog
from gradcli.ops.dtypes import BOOL, INT64

__all__ = ["array_of", "as_tensor", "frozen", "is_plain", "kind_name", "looks_like_tensor"]

NUMBERS = (int, float)  # and bool, an int
MOST = 10_000_000  # parts of nested lists
MOST_DIMS = 64  # of an array


def array_of(tensor: Tensor) -> Any:
    """Returns a tensor's elements."""
    return tensor._array  # noqa: SLF001 - a friend of Tensor


def frozen(array: Any) -> Any:
    """Returns an array that nobody can change through this view."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


def is_plain(value: Any) -> bool:
    """Returns whether a value is a plain number."""
    return isinstance(value, NUMBERS)


def kind_name(value: Any) -> str:
    """Returns what a value's type is called in messages."""
    if value is None:
        return "NoneType"
    name = type(value).__name__
    return {"Function": "function", "Namespace": "module", "MathModule": "module", "Lazy": "generator"}.get(
        name, name
    )


def looks_like_tensor(value: Any) -> bool:
    """Returns whether a value is a list or tuple of numbers and tensors, nested as deep as tensors go.

    Raises:
        LimitFault: it has too many parts. A list may stand in a list several times, or in itself, so that
            few lines make a list that never ends.
    """
    level, seen, depth = [value], 0, 0
    while level:
        deeper: list[Any] = []
        for part in level:
            if isinstance(part, (list, tuple)):
                seen += len(part)
                if seen > MOST:
                    raise LimitFault(
                        "E613",
                        f"this list has more than {MOST} parts",
                        help="use a tensor: arange(n), zeros(n)",
                    )
                deeper.extend(part)
            elif not isinstance(part, (*NUMBERS, Tensor)):
                return False
        level, depth = deeper, depth + 1
        if depth > MOST_DIMS:
            return False
    return isinstance(value, (list, tuple))


def as_tensor(value: Any, like: Any = None) -> Tensor:
    """Returns a number or nested lists of numbers and tensors as a tensor; the latter keep their history.

    Whole numbers get the dtype of `like`, where that is a tensor of floats: in `x @ [1, 2]` they are numbers.

    Raises:
        TypeFault: it is none of these.
        ValueFault: the rows have different lengths.
    """
    if isinstance(value, Tensor):
        return value
    if isinstance(value, NUMBERS):
        return Tensor(_array(value))
    if not looks_like_tensor(value):
        raise TypeFault(
            "E303", f"expected a tensor, a number or a list of numbers, but got {kind_name(value)}"
        )
    if _has_tensor(value):
        parts = [as_tensor(part) for part in value]
        return function_of(catalog()["stack"])(parts)  # type: ignore[no-any-return] # of the algebra of tensors
    try:
        array = _array(value)
        if isinstance(like, Tensor) and like.dtype.kind == "f" and array.dtype.kind == "i":
            array = array.astype(like.dtype.dtype)
        return Tensor(array)
    except ValueError:
        raise _ragged(value) from None


def _array(value: Any) -> Any:
    try:
        array = np.array(value)
        if array.dtype.kind in "Ou":  # whole numbers beyond 64 bits
            array = np.array(value, dtype=np.float64)
    except OverflowError:
        raise ValueFault(
            "E303", "a whole number is too large for a tensor", help="write it as a float: 1e30"
        ) from None
    return array.astype({"b": BOOL, "i": INT64}.get(array.dtype.kind, context.default_dtype))


def _has_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, (list, tuple)) and any(map(_has_tensor, value)))


def _ragged(value: Any) -> ValueFault:
    """PyTorch's error for rows of different lengths."""
    dim = 0
    rows = list(value)
    while rows:
        lengths = [len(row) if isinstance(row, (list, tuple)) else -1 for row in rows]
        if any(length != lengths[0] for length in lengths):
            want = lengths[0]
            got = next(length for length in lengths if length != want)
            if want < 0 or got < 0:
                break
            return ValueFault(
                "E303",
                f"expected sequence of length {want} at dim {dim + 1} (got {got})",
                help="every row needs the same number of elements",
            )
        rows = [part for row in rows if isinstance(row, (list, tuple)) for part in row]
        dim += 1
    return ValueFault("E303", "the rows of a tensor must all be nested alike", help="write [[1, 2], [3, 4]]")
