"""Tensors from data: numbers, nested lists, arrays and other tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.budget import BIG
from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import NotImplementedFault, RuntimeFault, TypeFault, ValueFault
from gradcli.ops.devices import check_device
from gradcli.ops.dtypes import BOOL, INT64, promote
from gradcli.ops.layout import memory
from gradcli.torch.dtypes import unwrap
from gradcli.torch.makers import FACTORY, maker

__all__ = ["as_tensor", "finish", "from_numpy", "scalar_tensor", "tensor"]

MAX_DEPTH = 64  # dims; NumPy has no more


def finish(array: Any, requires_grad: bool) -> Tensor:
    """Returns a leaf around an array.

    Raises:
        RuntimeFault: it should require grad and is not of floating dtype.
    """
    if requires_grad and array.dtype.kind not in "fc":
        raise RuntimeFault(
            "E404",
            "Only Tensors of floating point and complex dtype can require gradients",
            help="write 1.0 for 1, or give dtype=torch.float32 (in an expression: dtype=float64)",
        )
    if array.nbytes >= BIG:
        context.budget.charge(array)
    return Tensor(array, bool(requires_grad))


@maker("device", "pin_memory")
def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns a leaf with a copy of the data: a number, nested lists, an array or a tensor.

    Integers become int64, floats the default dtype, truth values bool; a mixture the widest of them.

    Raises:
        ValueFault, TypeFault: the lists are ragged or hold something else, in PyTorch's words.
        RuntimeFault: a number does not fit into the dtype.
    """
    return finish(_copied(data, unwrap(dtype)), requires_grad)


@maker()
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Returns the data as a tensor: itself if it is one of that dtype, its memory if it is an array."""
    check_device(device, "as_tensor")
    wanted = unwrap(dtype)
    if isinstance(data, Tensor):
        return data if wanted is None else data.to(wanted)
    if isinstance(data, np.ndarray) and wanted in (None, data.dtype):
        return from_numpy(data)
    return finish(_copied(data, wanted), requires_grad=False)


def from_numpy(array: Any) -> Tensor:
    """Returns a tensor that shares an array's memory.

    Raises:
        TypeFault: it is no array, or one of another kind than numbers and truth values.
    """
    if not isinstance(array, np.ndarray):
        raise TypeFault("E303", f"expected np.ndarray (got {type(array).__name__})")
    if array.dtype.kind not in "bif" and array.dtype != np.uint8:
        raise TypeFault("E304", f"can't convert np.ndarray of type {array.dtype.name}")
    return Tensor(array)


@maker(*FACTORY)
def scalar_tensor(s: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns a 0-dim tensor of the default dtype, or the one given."""
    return finish(np.array(s, unwrap(dtype) or context.default_dtype), requires_grad)


def _copied(data: Any, wanted: Any) -> Any:
    if isinstance(data, (Tensor, np.ndarray)):
        array = memory(data)
        return np.array(array, wanted or array.dtype)
    if isinstance(data, str):
        raise TypeFault("E303", "new(): invalid data type 'str'")
    kinds: dict[Any, None] = {}
    shape = _shape(data)
    context.budget.ask(shape)
    numbers = _numbers(data, shape, 0, kinds)
    found: Any = None
    for kind in kinds:
        found = kind if found is None else promote(found, kind)
    dtype = wanted or found or context.default_dtype
    try:
        return _fitted(numbers, found, dtype).reshape(shape)
    except OverflowError:
        if found == INT64 and dtype.kind in "iub" and (wanted is None or dtype == INT64):
            raise ValueFault(
                "E304", "Overflow when unpacking long long", help="integers run from -2**63 to 2**63 - 1"
            ) from None
        raise RuntimeFault(
            "E304", f"value cannot be converted to type {_c_name(dtype)} without overflow"
        ) from None


def _fitted(numbers: list[Any], found: Any, dtype: Any) -> Any:
    if dtype.kind in "iu" and found is not None and found.kind == "f":
        numbers = [int(number) for number in numbers]
    if dtype.kind == "b":
        return np.array([bool(number) for number in numbers], dtype)
    return np.array(numbers, dtype)


def _c_name(dtype: Any) -> str:
    return {
        "int16": "short",
        "int32": "int",
        "int64": "int64_t",
        "float32": "float",
        "float64": "double",
    }.get(dtype.name, str(dtype.name))


def _is_list(data: Any) -> bool:
    # PyTorch takes tensors in lists for numbers.
    return isinstance(data, (list, tuple, range)) or (isinstance(data, np.ndarray) and data.ndim > 0)


def _shape(data: Any) -> tuple[int, ...]:
    """The sizes that the first elements suggest; `_numbers` finds out whether the others agree."""
    shape: list[int] = []
    while _is_list(data):
        shape.append(len(data))
        if len(shape) > MAX_DEPTH:
            raise ValueFault("E303", f"too many dimensions: {len(shape)}")
        if not len(data):
            break
        data = data[0]
    if isinstance(data, str) and shape:
        raise ValueFault("E303", "too many dimensions 'str'")
    return tuple(shape)


def _numbers(data: Any, shape: tuple[int, ...], depth: int, kinds: dict[Any, None]) -> list[Any]:
    """The numbers in row-major order; `kinds` collects their dtypes."""
    if depth < len(shape):
        if not _is_list(data):
            raise TypeFault("E303", "not a sequence", help="every row must have the same depth")
        if len(data) != shape[depth]:
            raise ValueFault(
                "E303",
                f"expected sequence of length {shape[depth]} at dim {depth} (got {len(data)})",
                help="all rows must have the same length",
            )
        if depth + 1 == len(shape) and isinstance(data, (list, range)):  # a row: the hot loop
            return [_number(one, kinds) for one in data]
        return [number for one in data for number in _numbers(one, shape, depth + 1, kinds)]
    return [_number(data, kinds)]


def _number(value: Any, kinds: dict[Any, None]) -> Any:
    kind = type(value)
    if kind is float:
        kinds[context.default_dtype] = None
    elif kind is int:
        kinds[INT64] = None
    elif kind is bool:
        kinds[BOOL] = None
    elif isinstance(value, (Tensor, np.ndarray, np.generic)):
        array = np.asarray(memory(value))
        if array.size != 1:
            if array.dtype.kind in "iub":
                raise TypeFault(
                    "E303", "only integer tensors of a single element can be converted to an index"
                )
            raise ValueFault(
                "E303",
                "only one element tensors can be converted to Python scalars",
                help="stack([a, b]) joins tensors",
            )
        kinds[array.dtype] = None
        return array.item()
    elif isinstance(value, (list, tuple)):
        raise TypeFault(
            "E303",
            f"'{kind.__name__}' object cannot be interpreted as an integer",
            help="a row holds numbers only, or rows of one length only",
        )
    elif isinstance(value, complex):
        raise NotImplementedFault("E304", "complex tensors are not implemented")
    elif isinstance(value, str):
        raise TypeFault("E303", "new(): invalid data type 'str'")
    else:
        raise RuntimeFault("E303", f"Could not infer dtype of {kind.__name__}")
    return value
