"""PyTorch's dtypes by name, and how they meet (PyTorch decides, never NumPy)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BOOL",
    "FLOAT32",
    "FLOAT64",
    "FLOATS",
    "INT64",
    "NAMES",
    "DType",
    "category",
    "dtype_name",
    "dtype_of",
    "named",
    "promote",
    "result_type",
]

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


class DType:
    """A dtype as PyTorch names and prints it (`torch.float32`); to NumPy and in comparisons it is NumPy's."""

    __slots__ = ("dtype", "kind", "name")

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype  # under this name np.dtype() finds it, so that arrays take a DType
        self.kind = dtype.kind
        self.name = str(dtype.name)

    @property
    def is_floating_point(self) -> bool:
        """Whether it is a floating-point dtype."""
        return bool(self.kind == "f")

    @property
    def is_complex(self) -> bool:
        """Whether it is a complex dtype."""
        return bool(self.kind == "c")

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return int(self.dtype.itemsize)

    def __eq__(self, other: object) -> bool:
        return self.dtype == (other.dtype if isinstance(other, DType) else other)  # type: ignore[no-any-return]

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"torch.{self.name}"


_MADE: dict[Any, DType] = {dtype: DType(dtype) for dtype in dict.fromkeys(NAMES.values())}


def dtype_of(array: Any) -> DType:
    """Returns the dtype of an array under PyTorch's name."""
    found = _MADE.get(array.dtype)
    if found is None:  # complex arrays of the complex step, and what else NumPy may have
        found = _MADE[array.dtype] = DType(array.dtype)
    return found


def named(name: str) -> DType:
    """Returns the dtype of a name such as `float64`, `double` or `long`."""
    return _MADE[NAMES[name]]


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
