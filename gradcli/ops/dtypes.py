"""PyTorch's dtypes by name, and how they meet (PyTorch decides, never NumPy)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["BOOL", "FLOATS", "FLOAT32", "FLOAT64", "INT64", "NAMES", "category", "dtype_name", "promote", "result_type"]

BOOL = np.dtype(np.bool_)
INT64 = np.dtype(np.int64)
FLOAT16 = np.dtype(np.float16)
FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)
FLOATS = frozenset((FLOAT16, FLOAT32, FLOAT64))

NAMES: dict[str, Any] = {
    "bool": BOOL,
    "uint8": np.dtype(np.uint8),
    "int8": np.dtype(np.int8),
    "int16": np.dtype(np.int16),
    "int32": np.dtype(np.int32),
    "int64": INT64,
    "float16": FLOAT16,
    "float32": FLOAT32,
    "float64": FLOAT64,
    "short": np.dtype(np.int16),
    "int": np.dtype(np.int32),
    "long": INT64,
    "half": FLOAT16,
    "float": FLOAT32,
    "double": FLOAT64,
}

# PyTorch's names of scalar types in messages ("Got: Long").
SCALAR_TYPES = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "float16": "Half", "float32": "Float", "float64": "Double", "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
}  # fmt: skip

_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


def category(dtype: Any) -> int:
    """Returns 0 for bool, 1 for integers, 2 for floats, 3 for complex."""
    return _CATEGORY[dtype.kind]


def dtype_name(dtype: Any) -> str:
    """Returns PyTorch's name of a dtype, without `torch.`."""
    return str(dtype.name)


def scalar_type(dtype: Any) -> str:
    """Returns the name PyTorch's messages use: `Long` for int64."""
    return SCALAR_TYPES[dtype.name]


def promote(a: Any, b: Any) -> Any:
    """Returns the dtype of two tensors of equal standing: the higher category wins, else the wider.

    float32 with int64 is float32 in PyTorch, where NumPy says float64.
    """
    if a == b:
        return a
    left, right = category(a), category(b)
    if left != right:
        return a if left > right else b
    return np.promote_types(a, b)


def result_type(values: Iterable[Any], default: Any) -> Any:
    """Returns the dtype in which PyTorch computes with tensors, 0-dim tensors and Python numbers.

    A 0-dim tensor changes the dtype of dimensioned ones only by raising the category, and a Python
    number that of any tensor. `values` are arrays or Python numbers; `default` is the default float.
    """
    levels: list[Any] = [None, None, None]
    for value in values:
        if isinstance(value, np.ndarray):
            level, dtype = (2 if value.ndim else 1), value.dtype
        elif isinstance(value, bool):
            level, dtype = 0, BOOL
        elif isinstance(value, int):
            level, dtype = 0, INT64
        else:
            level, dtype = 0, default
        levels[level] = dtype if levels[level] is None else promote(levels[level], dtype)
    result = None
    for dtype in reversed(levels):
        if dtype is not None and (result is None or category(dtype) > category(result)):
            result = dtype
    return result
