"""torch.FloatTensor and its like: constructors of old times, and names of types."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.tensor import Tensor
from gradcli.ops.dtypes import named
from gradcli.torch.data import tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor",
    "LongTensor", "ShortTensor",
]  # fmt: skip

DTYPES = {
    "BoolTensor": "bool", "ByteTensor": "uint8", "CharTensor": "int8", "DoubleTensor": "float64",
    "FloatTensor": "float32", "HalfTensor": "float16", "IntTensor": "int32", "LongTensor": "int64",
    "ShortTensor": "int16",
}  # fmt: skip


class _Maker:
    """`FloatTensor([1, 2])` from numbers, `FloatTensor(2, 3)` of a size; a type in `x.type(FloatTensor)`."""

    __slots__ = ("__name__", "dtype")

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.dtype = named(DTYPES[name])

    def __call__(self, *data: Any) -> Tensor:
        if all(isinstance(one, int) and not isinstance(one, bool) for one in data):
            from gradcli.torch.creation import sizes  # it imports the module of tensors from data

            shape = sizes(self.__name__, data, {}) if data else (0,)
            return Tensor(np.zeros(shape, self.dtype.dtype))
        return tensor(data[0], dtype=self.dtype)

    def __repr__(self) -> str:
        return f"<class 'torch.{self.__name__}'>"


BoolTensor = _Maker("BoolTensor")
ByteTensor = _Maker("ByteTensor")
CharTensor = _Maker("CharTensor")
DoubleTensor = _Maker("DoubleTensor")
FloatTensor = _Maker("FloatTensor")
HalfTensor = _Maker("HalfTensor")
IntTensor = _Maker("IntTensor")
LongTensor = _Maker("LongTensor")
ShortTensor = _Maker("ShortTensor")
