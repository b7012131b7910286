"""torch's further questions about tensors: is_complex, is_same_size, broadcast_shapes, isin."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.layout import memory
from gradcli.ops.shapes import broadcast_all, dim_from_right
from gradcli.torch.data import as_tensor

__all__ = [
    "angle",
    "asarray",
    "broadcast_shapes",
    "conj",
    "is_complex",
    "is_conj",
    "is_inference",
    "is_same_size",
    "is_signed",
    "is_storage",
    "isin",
    "range",
    "real",
    "set_anomaly_enabled",
    "typename",
    "unique_consecutive",
    "unravel_index",
]  # fmt: skip


def _tensor(name: str, value: Any) -> Any:
    if not isinstance(value, Tensor):
        raise TypeFault(
            "E303", f"{name}(): argument 'input' (position 1) must be Tensor, not {type(value).__name__}"
        )
    return value


def is_complex(input: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns whether the elements are complex."""
    return bool(_tensor("is_complex", input).is_complex())


def is_conj(input: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns False: nothing is complex."""
    return bool(_tensor("is_conj", input).is_conj())


def is_signed(input: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns whether the dtype has negative numbers."""
    return bool(_tensor("is_signed", input).is_signed())


def is_inference(input: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns whether a tensor was made in inference mode."""
    return bool(_tensor("is_inference", input).is_inference())


def is_same_size(input: Any, other: Any) -> bool:  # noqa: A002 - PyTorch's name
    """Returns whether two tensors have the same shape."""
    return bool(_tensor("is_same_size", input).is_same_size(other))


def is_storage(obj: Any) -> bool:
    """Returns False: there are none."""
    del obj
    return False


def typename(obj: Any) -> str:
    """Returns the name of a tensor's type, such as `torch.FloatTensor`; else that of the class."""
    return str(obj.type()) if isinstance(obj, Tensor) else type(obj).__name__


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """Returns the data as a tensor; memory is shared where it can be and `copy` does not ask otherwise."""
    found: Any = as_tensor(obj, dtype, device)
    if copy:
        found = found.clone()
    return found.requires_grad_() if requires_grad else found  # type: ignore[no-any-return] # a tensor


def broadcast_shapes(*shapes: Any) -> Any:
    """Returns the shape that tensors of these shapes broadcast to.

    Raises:
        RuntimeFault: they do not.
    """
    from gradcli.autograd.size import Size

    return Size(broadcast_all([(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]))


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Returns for each element whether it is among others."""
    del assume_unique
    left, right = map(memory, (elements, test_elements))
    return Tensor(np.asarray(np.isin(left, right, invert=invert)))


def unique_consecutive(
    input: Any,  # noqa: A002 - PyTorch's name
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Returns the elements (or slices along a dim) without those that equal the one before.

    With `return_inverse` also where each went, with `return_counts` also how many each stands for.
    """
    array = memory(_tensor("unique_consecutive", input))
    rows = array.reshape(-1, 1) if dim is None else None
    if rows is None:
        moved = np.moveaxis(array, dim_from_right(dim or 0, array.ndim), 0)
        rows = moved.reshape(moved.shape[0], -1)
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    kept = array.reshape(-1)[new] if dim is None else np.compress(new, array, axis=dim)
    found = [Tensor(kept)]
    if return_inverse:
        inverse = np.cumsum(new) - 1
        found.append(Tensor(inverse.reshape(array.shape) if dim is None else inverse))
    if return_counts:
        found.append(Tensor(np.diff(np.append(np.flatnonzero(new), len(rows)))))
    return tuple(found) if len(found) > 1 else found[0]


def range(  # noqa: A001 - PyTorch's name
    start: float = 0,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Any:
    """Returns start, start + step, ..., up to and with `end`; `arange` leaves `end` out."""
    from warnings import warn  # a mistake; not worth the start-up

    from gradcli.torch.ranges import arange

    warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is "
        "inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in "
        "[start, end).",
        UserWarning,
        stacklevel=2,
    )
    first, last = (0, start) if end is None else (start, end)
    found = arange(float(first), float(last) + step / 2, step, requires_grad=requires_grad)
    return found if dtype is None else found.to(dtype)


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Returns the index along each dim of the elements at places in row-major order.

    Raises:
        RuntimeFault: a place is outside of the shape.
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    places = memory(_tensor("unravel_index", indices))
    try:
        found = np.unravel_index(places, sizes)
    except ValueError:
        raise RuntimeFault("E302", f"index out of bounds for a tensor of size {list(sizes)}") from None
    return tuple(Tensor(np.asarray(one)) for one in found)


def real(input: Any) -> Any:  # noqa: A002 - PyTorch's name
    """Returns the tensor itself: it is real."""
    return _tensor("real", input)


def conj(input: Any) -> Any:  # noqa: A002 - PyTorch's name
    """Returns the tensor itself: it is real."""
    return _tensor("conj", input)


def angle(input: Any) -> Any:  # noqa: A002 - PyTorch's name
    """Returns pi for elements below zero and 0 for others; its derivative is 0."""
    array = memory(_tensor("angle", input))
    kept = array.dtype if array.dtype.kind == "f" else context.default_dtype
    found: Any = Tensor(np.where(np.isnan(array), np.nan, np.where(array < 0, np.pi, 0)).astype(kept))
    return found + input * 0 if input.requires_grad else found


def set_anomaly_enabled(mode: bool, check_nan: bool = True) -> None:
    """Turns anomaly detection on or off."""
    context.anomaly, context.check_nan = bool(mode), check_nan
