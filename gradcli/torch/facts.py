"""Questions about tensors and dtypes: which, how many, how they meet, what they can hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import TypeFault
from gradcli.ops import dtypes
from gradcli.ops.dtypes import DType, category
from gradcli.torch.dtypes import unwrap

__all__ = [
    "can_cast", "finfo", "iinfo", "is_floating_point", "is_nonzero", "is_tensor", "numel", "promote_types",
    "result_type",
]  # fmt: skip


def is_tensor(obj: Any) -> bool:
    """Returns whether something is a tensor."""
    return isinstance(obj, Tensor)


def _needs_tensor(name: str, value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeFault(
            "E303", f"{name}(): argument 'input' (position 1) must be Tensor, not {type(value).__name__}"
        )
    return value


def numel(input: Any) -> int:  # noqa: A002 - PyTorch's name
    """Returns the number of elements."""
    return math.prod(_needs_tensor("numel", input).shape)


def is_floating_point(input: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns whether the elements are floats."""
    return _needs_tensor("is_floating_point", input).dtype.kind == "f"  # type: ignore[no-any-return] # a bool


def is_nonzero(input: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns whether the one element is not zero."""
    return bool(_needs_tensor("is_nonzero", input))


def result_type(tensor1: Any, tensor2: Any) -> DType:
    """Returns the dtype in which two tensors or numbers are computed with."""
    values = [value._array if isinstance(value, Tensor) else value for value in (tensor1, tensor2)]  # noqa: SLF001 - one package
    return dtypes.named(dtypes.result_type(values, context.default_dtype).name)


def promote_types(type1: Any, type2: Any) -> DType:
    """Returns the dtype that holds what both dtypes hold."""
    return dtypes.named(dtypes.promote(unwrap(type1), unwrap(type2)).name)


def can_cast(from_: Any, to: Any) -> bool:
    """Returns whether PyTorch's promotion allows a conversion: never to a lower category."""
    return category(unwrap(from_)) <= category(unwrap(to))


class finfo:  # noqa: N801 - PyTorch's name
    """What a floating dtype can hold: eps, max, min, tiny, smallest_normal, resolution, bits, dtype."""

    __slots__ = ("bits", "dtype", "eps", "max", "min", "resolution", "smallest_normal", "tiny")

    def __init__(self, type: Any = None) -> None:  # noqa: A002 - PyTorch's name
        of = unwrap(type) or context.default_dtype
        if of.kind != "f":
            raise TypeFault(
                "E304",
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
            )
        facts = np.finfo(of)
        self.bits, self.dtype = int(facts.bits), str(of.name)
        self.eps, self.max, self.min = float(facts.eps), float(facts.max), float(facts.min)
        self.tiny = self.smallest_normal = float(facts.tiny)
        self.resolution = float(facts.resolution)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:  # noqa: N801 - PyTorch's name
    """What an integer dtype can hold: max, min, bits, dtype."""

    __slots__ = ("bits", "dtype", "max", "min")

    def __init__(self, type: Any) -> None:  # noqa: A002 - PyTorch's name
        of = unwrap(type)
        if of is None or of.kind not in "iu":
            raise TypeFault(
                "E304",
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
            )
        facts = np.iinfo(of)
        self.bits, self.dtype, self.max, self.min = (
            int(facts.bits),
            str(of.name),
            int(facts.max),
            int(facts.min),
        )

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
