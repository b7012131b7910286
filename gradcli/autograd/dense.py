"""What PyTorch asks of a tensor where gradcli has one answer: it is on the CPU, dense and real.

Tables laid onto the class by `gradcli.autograd.methods`, like those of `attributes`.
"""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import NotImplementedFault, RuntimeFault, ValueFault
from gradcli.ops.devices import NO_CUDA, Device, DeviceFault
from gradcli.ops.dtypes import SCALAR_TYPES, DType, scalar_type

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["METHODS", "PROPERTIES", "Device", "DeviceFault"]


class Layout:
    """How elements are stored: `torch.strided`, and no other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "torch.strided"


STRIDED = Layout()
CPU = Device("cpu")


def moved(tensor: Tensor, memory_format: Any = None) -> Tensor:
    """Itself: it is on the CPU already."""
    del memory_format
    return tensor


def cuda(tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
    """Never returns: there is no such device."""
    del tensor, args, kwargs
    raise DeviceFault("E303", NO_CUDA, help="leave .cuda() out, or write device = torch.device('cpu')")


def _dtype_to(name: str) -> Callable[..., Any]:
    return lambda tensor, memory_format=None: tensor.to(np.dtype(name))  # noqa: ARG005 - part of the signature


def bfloat16(tensor: Tensor, memory_format: Any = None) -> Any:
    """Never returns: NumPy has no such dtype."""
    del tensor, memory_format
    raise NotImplementedFault("E304", "bfloat16 tensors are not implemented", help="use float16 or float32")


def imag(tensor: Tensor) -> Any:
    """Never returns: tensors are real."""
    del tensor
    raise RuntimeFault("E304", "imag is not implemented for tensors with non-complex dtypes.")


def is_same_size(tensor: Tensor, other: Tensor) -> bool:
    """Whether another tensor has the same shape."""
    return bool(tensor._array.shape == other._array.shape)


def is_set_to(tensor: Tensor, other: Tensor) -> bool:
    """Whether another tensor shows the same memory in the same way."""
    mine, theirs = tensor._array, other._array
    return bool(
        mine.ctypes.data == theirs.ctypes.data
        and mine.shape == theirs.shape
        and mine.strides == theirs.strides
    )


def storage_offset(tensor: Tensor) -> int:
    """How many elements after the beginning of its memory its first one stands."""
    base = tensor._array if tensor._base is None else tensor._base._array
    while base.base is not None and isinstance(base.base, np.ndarray) and base.dtype == base.base.dtype:
        base = base.base
    return int((tensor._array.ctypes.data - base.ctypes.data) // tensor._array.itemsize)


def is_nonzero(tensor: Tensor) -> bool:
    """Whether its one element is not zero."""
    return bool(tensor)


def as_array(tensor: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """Its array, for NumPy; raises PyTorch's error where it requires grad."""
    array = tensor.numpy()
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


def from_array(tensor: Tensor, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
    """A tensor of what a function of NumPy made of one."""
    del tensor, context, return_scalar
    return Tensor(np.asarray(array))


def sum_to_size(tensor: Tensor, *size: Any) -> Any:
    """Its sum over the dims that broadcasting a tensor of that size would add."""
    from gradcli.autograd.algebra import TENSORS  # it imports the tensor module, as this one does
    from gradcli.ops.shapes import size_text

    shape = tuple(size[0]) if size and not isinstance(size[0], int) else tuple(size)
    lead = tensor.ndim - len(shape)
    if lead < 0 or any(
        wanted not in (1, have) for wanted, have in zip(shape, tensor.shape[lead:], strict=True)
    ):
        raise RuntimeFault(
            "E301", f"size {{{size_text(shape)}}} is not expandable to size {{{size_text(tensor.shape)}}}."
        )
    return TENSORS.conform(tensor, shape, tensor._array.dtype)


def fill_diagonal_(tensor: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Itself, with a number along its main diagonal; with `wrap` again below it, in a tall matrix."""
    from gradcli.autograd.written import write  # a rare method

    array = tensor._array
    if array.ndim < 2:  # noqa: PLR2004 - a matrix
        raise RuntimeFault("E301", "dimensions must larger than 1")
    if array.ndim > 2 and len(set(array.shape)) > 1:  # noqa: PLR2004 - a matrix
        raise RuntimeFault("E301", "all dimensions of input must be of equal length")
    new = array.copy()
    np.fill_diagonal(new, fill_value, wrap=wrap)
    return write(tensor, new, "FillDiagonalBackward0")


def type_(tensor: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of its type, such as `torch.FloatTensor`; or itself in another dtype, given or named so."""
    del non_blocking
    name = f"torch.{scalar_type(tensor._array.dtype)}Tensor"
    if dtype is None:
        return name
    if isinstance(dtype, str):
        kinds = {f"torch.{kind}Tensor": np.dtype(of) for of, kind in SCALAR_TYPES.items()}
        if dtype not in kinds:
            raise ValueFault("E304", f"invalid type: '{dtype}'", help="write x.type(torch.float64)")
        dtype = kinds[dtype]
    elif not isinstance(dtype, (DType, np.dtype)):
        kind = getattr(dtype, "cls", dtype)  # torch.LongTensor and its like, which a script's class wraps
        dtype = getattr(kind, "dtype", kind)
    return tensor.to(dtype)


METHODS: dict[str, Callable[..., Any]] = {
    "cpu": moved,
    "to_dense": moved,
    "conj": moved,
    "conj_physical": moved,
    "resolve_conj": moved,
    "resolve_neg": moved,
    "share_memory_": moved,
    "pin_memory": moved,
    "cuda": cuda,
    "char": _dtype_to("int8"),
    "byte": _dtype_to("uint8"),
    "bfloat16": bfloat16,
    "is_complex": lambda tensor: tensor._array.dtype.kind == "c",
    "is_signed": lambda tensor: tensor._array.dtype.kind in "ifc",
    "is_nonzero": is_nonzero,
    "is_same_size": is_same_size,
    "is_set_to": is_set_to,
    "get_device": lambda tensor: -1,  # noqa: ARG005 - PyTorch's number of the CPU
    "dense_dim": lambda tensor: tensor._array.ndim,
    "sparse_dim": lambda tensor: 0,  # noqa: ARG005 - none is
    "storage_offset": storage_offset,
    "type": type_,
    "sum_to_size": sum_to_size,
    "fill_diagonal_": fill_diagonal_,
    "__array__": as_array,
    "__array_wrap__": from_array,
    **dict.fromkeys(
        ("is_conj", "is_neg", "is_pinned", "is_shared", "is_distributed"),
        lambda tensor: False,  # noqa: ARG005 - none is
    ),
}
PROPERTIES: dict[str, Callable[[Tensor], Any]] = {
    "device": lambda tensor: CPU,  # noqa: ARG005 - there is no other
    "is_cpu": lambda tensor: True,  # noqa: ARG005 - there is nothing else
    "layout": lambda tensor: STRIDED,  # noqa: ARG005 - as above
    "real": lambda tensor: tensor,
    "imag": imag,
    "name": lambda tensor: None,  # noqa: ARG005 - none has one
    "grad_dtype": lambda tensor: tensor.dtype,
    **dict.fromkeys(
        (
            "is_cuda", "is_meta", "is_mkldnn", "is_mps", "is_nested", "is_quantized", "is_sparse",
            "is_sparse_csr", "is_xla", "is_xpu", "volatile",
        ),
        lambda tensor: False,  # noqa: ARG005 - none is
    ),
}  # fmt: skip
