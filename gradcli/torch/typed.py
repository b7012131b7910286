"""torch.Tensor, torch.FloatTensor and their like as classes: constructors of old times, and names of types.

A tensor's own class is made from an array and does nothing else, because it is made per operation. What
programs see under PyTorch's names are these classes instead: they know its tensors as their instances
and hand out its methods.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd import tensor as _tensors
from gradcli.autograd.context import context
from gradcli.diagnostics import TypeFault
from gradcli.ops.devices import check_device
from gradcli.ops.dtypes import DType, named
from gradcli.torch.data import tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor",
    "LongTensor", "ShortTensor", "Tensor",
]  # fmt: skip


class _Type(type):
    """`FloatTensor([1, 2])` from numbers, `FloatTensor(2, 3)` of a size; a type in `x.type(FloatTensor)`."""

    dtype: DType | None

    def __call__(cls, *data: Any, **options: Any) -> Any:
        for key, value in options.items():
            if key not in ("device", "size", "data"):
                raise TypeFault("E303", f"new() got an unexpected keyword argument '{key}'")
            if key == "device":
                check_device(value, "new")
            else:
                data = (*data, value)
        wanted = cls.dtype or named(context.default_dtype.name)
        if all(isinstance(one, int) and not isinstance(one, bool) for one in data):
            from gradcli.torch.creation import shape_of  # a tensor of data does without

            shape = shape_of("new", data) if data else (0,)
            return _tensors.Tensor(np.zeros(shape, wanted.dtype))
        [first] = data
        if isinstance(first, _tensors.Tensor):
            return first.detach()
        if isinstance(first, (int, float)):
            raise TypeFault(
                "E303",
                f"new(): data must be a sequence (got {type(first).__name__})",
                help=f"write torch.tensor({first})",
            )
        return tensor(first, dtype=wanted)

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, _tensors.Tensor) and cls.dtype in (None, value.dtype)

    def __subclasscheck__(cls, other: type) -> bool:
        return other is cls or (cls.dtype is None and issubclass(other, _tensors.Tensor))

    def __getattr__(cls, name: str) -> Any:
        if cls.dtype is not None:
            raise AttributeError(f"type object 'torch.{cls.__name__}' has no attribute '{name}'")
        return getattr(_tensors.Tensor, name)

    def __eq__(cls, other: object) -> bool:
        return other is cls or (cls.dtype is None and other is _tensors.Tensor)

    def __hash__(cls) -> int:
        return hash(_tensors.Tensor) if cls.dtype is None else type.__hash__(cls)

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


def _made(name: str, dtype: str | None) -> _Type:
    return _Type(name, (), {"dtype": None if dtype is None else named(dtype), "__slots__": ()})


Tensor = _made("Tensor", None)
BoolTensor = _made("BoolTensor", "bool")
ByteTensor = _made("ByteTensor", "uint8")
CharTensor = _made("CharTensor", "int8")
DoubleTensor = _made("DoubleTensor", "float64")
FloatTensor = _made("FloatTensor", "float32")
HalfTensor = _made("HalfTensor", "float16")
IntTensor = _made("IntTensor", "int32")
LongTensor = _made("LongTensor", "int64")
ShortTensor = _made("ShortTensor", "int16")
