"""x[key] and x[key] = value, read as PyTorch reads keys: basic parts are views, the rest index tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.inplace import become
from gradcli.autograd.tensor import Tensor, make
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import IndexFault, TypeFault, ValueFault
from gradcli.ops.broadcasting import expand_shape
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.placing import positions, put_at

__all__ = ["get_item", "set_item"]


def get_item(tensor: Tensor, key: Any) -> Tensor:
    """Returns the part of a tensor that a subscript names: a view for integers, slices, None and `...`.

    Index tensors, masks and lists give a copy.

    Raises:
        IndexFault: an index is out of range, or there are too many.
        ValueFault: a slice's step is not positive.
        TypeFault: the key is nothing that indexes.
    """
    if key.__class__ is int:  # the usual one, kept short
        return _select(tensor, -tensor.ndim, key, 0)
    if isinstance(key, slice):
        return _slice(tensor, -tensor.ndim, key, always=True)
    part, indices = _walk(tensor, _keys(key))
    if indices:
        dims, found = positions(part.shape, indices)
        return TENSORS.index(part, *found, dims=dims, rank=part.ndim)  # type: ignore[no-any-return] # a tensor
    return TENSORS.view_as_self(part) if part is tensor else part


def set_item(tensor: Tensor, key: Any, value: Any) -> None:
    """Writes a number or a tensor into the part of a tensor that a subscript names, as an in-place operation.

    Raises:
        IndexFault, ValueFault, TypeFault: as `get_item` does; TypeFault also for values that are no tensors.
        RuntimeFault: the value does not fit, or the tensor must not be changed in place.
    """
    if not isinstance(value, (Tensor, int, float)):
        raise TypeFault(
            "E303",
            f"can't assign a {type(value).__name__} to a torch.{scalar_type(tensor.dtype)}Tensor",
            help="tensor(...) makes a list a tensor",
        )
    if key is False:
        return
    part, indices = (
        (TENSORS.unsqueeze(tensor, dim=-tensor.ndim - 1), []) if key is True else _walk(tensor, _keys(key))
    )
    check_writable(part)
    if indices:
        filling = value if isinstance(value, Tensor) else make(np.array(value, tensor.dtype))
        become(part, put_at(TENSORS, part, indices, filling))
    elif isinstance(value, Tensor) and value.ndim:
        become(part, TENSORS.copy(part, _fitted(value, part.shape)))
    else:
        become(part, TENSORS.fill(part, value, form=3))


def _fitted(value: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The value without leading dims of size 1, expanded to a shape."""
    if value.shape == shape:
        return value
    own = value.shape
    while own and own[0] == 1:
        own = own[1:]
    value = TENSORS.reshape(value, shape=own, rank=value.ndim)
    return (
        value
        if own == shape
        else TENSORS.expand(value, shape=expand_shape(own, shape, scalar_type(value.dtype)), rank=len(own))
    )


def _keys(key: Any) -> tuple[Any, ...]:
    """The key as one entry per part; a list that holds slices, tensors or lists stands for a tuple."""
    if isinstance(key, tuple):
        return key
    if (
        isinstance(key, list)
        and len(key) < 32  # noqa: PLR2004 - a number of dims
        and any(one is None or one is ... or isinstance(one, (Tensor, slice, list, tuple)) for one in key)
    ):
        return tuple(key)
    return (key,)


def _consumed(key: Any) -> int:
    """How many dims of the tensor a part of the key stands for."""
    if key is None or key is ...:
        return 0
    return key.ndim if isinstance(key, Tensor) and _is_mask(key) else 1


def _walk(tensor: Tensor, keys: tuple[Any, ...]) -> tuple[Tensor, list[Any]]:
    """The view that the basic parts of the key give, and per dim of it an index tensor or None.

    The list ends with its last index tensor.
    """
    keys = tuple(_as_index(key) for key in keys)
    consumed = sum(_consumed(key) for key in keys)
    if consumed > tensor.ndim:
        if consumed == 1 and not isinstance(keys[0], Tensor):
            _refuse_zero_dim(keys)
        raise IndexFault(
            "E302",
            f"too many indices for tensor of dimension {tensor.ndim}",
            help=f"the tensor has the shape {list(tensor.shape)}",
        )
    part, at, own = tensor, 0, 0  # the next dim of the part, and of the tensor
    indexed: list[tuple[int, Any]] = []
    spare = tensor.ndim - consumed
    for key in keys:
        used = spare if key is ... else _consumed(key)
        if key is ...:
            at, spare = at + spare, 0
        elif key is None or (isinstance(key, Tensor) and _is_mask(key) and not key.ndim):
            part = TENSORS.unsqueeze(part, dim=at - part.ndim - 1)
            if key is not None:
                indexed.append((at, np.array([key.item() != 0])))
            at += 1
        elif isinstance(key, slice):
            part = _slice(part, at - part.ndim, key)
            at += 1
        elif isinstance(key, Tensor) and (key.ndim or key.dtype.kind not in "iu"):
            indexed.append((at, key))
            at += max(used, 1)
        else:
            part = _select(part, at - part.ndim, key if isinstance(key, int) else int(key), own)
        own += key is None or used
    return part, _per_dim(indexed)


def _is_mask(key: Any) -> bool:
    return key.dtype.kind == "b" or key.dtype == np.uint8  # type: ignore[no-any-return] # a bool


def _per_dim(indexed: list[tuple[int, Any]]) -> list[Any]:
    found: list[Any] = []
    at = 0
    for dim, index in indexed:
        found += [None] * (dim - at)
        found.append(index)
        at = dim + (index.ndim if _is_mask(index) else 1)
    return found


def _as_index(key: Any) -> Any:
    """A part of a key as None, `...`, a slice, an integer or a tensor."""
    if key is None or key is ... or isinstance(key, (slice, Tensor)):
        return key
    if isinstance(key, bool):
        return make(np.array(key))
    if isinstance(key, int):
        return key
    if isinstance(key, (list, tuple, range)):
        return _listed(list(key))
    if isinstance(key, str):
        raise TypeFault("E303", "new(): invalid data type 'str'")
    raise IndexFault(
        "E303",
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type(key).__name__})",
    )


def _listed(key: list[Any]) -> Tensor:
    """A list of numbers (of lists, of tensors) as an index tensor."""
    numbers = [_plain(one) for one in key]
    try:
        array = np.array(numbers)
    except ValueError:
        raise ValueFault(
            "E303", "expected index lists of one length", help="write x[[0, 1], [1, 0]]"
        ) from None
    if not array.size:
        array = array.astype(np.int64)
    if array.dtype.kind not in "bif":
        raise TypeFault("E303", "an index list holds integers or booleans only", help="write x[[0, 1]]")
    return make(array if array.dtype.kind == "b" else array.astype(np.int64))


def _plain(one: Any) -> Any:
    if isinstance(one, Tensor):
        return one.tolist()
    return [_plain(inner) for inner in one] if isinstance(one, (list, tuple)) else one


def _select(x: Tensor, dim: int, index: int, at: int) -> Tensor:
    if not x.ndim:
        _refuse_zero_dim((index,))
    size = x.shape[dim]
    if not -size <= index < size:
        raise IndexFault(
            "E302",
            f"index {index} is out of bounds for dimension {at} with size {size}",
            help=f"the indices run from 0 to {size - 1}, or from -1 back to {-size}"
            if size
            else "the dim is empty",
        )
    return TENSORS.select_at(x, dim=dim, index=index)  # type: ignore[no-any-return] # a tensor


def _slice(x: Tensor, dim: int, key: slice, *, always: bool = False) -> Tensor:
    """A range of a dim; the tensor itself where that is all of it, unless `always`."""
    if not x.ndim:
        _refuse_zero_dim((key,))
    start, stop, step = (_bound(one) for one in (key.start, key.stop, key.step))
    if step is not None and step < 1:
        if step == 0:
            raise ValueFault("E303", "slice step cannot be zero")
        raise ValueFault("E303", "step must be greater than zero", help="flip(x, dims) reverses a dim")
    size = x.shape[dim]
    begin, end, by = slice(start, stop, step).indices(size)
    if not always and (start or 0) == 0 and (stop is None or stop >= size) and by == 1:
        return x
    return TENSORS.slice(x, dim=dim, start=begin, stop=max(end, begin), step=by)  # type: ignore[no-any-return] # a tensor


def _bound(value: Any) -> int | None:
    if isinstance(value, Tensor):
        if value._array.size != 1 or value.dtype.kind not in "iub":  # noqa: SLF001 - one package
            raise TypeFault("E303", "only integer tensors of a single element can be converted to an index")
        return int(value.item())
    if value is not None and not isinstance(value, int):
        raise TypeFault("E303", "slice indices must be integers or None or have an __index__ method")
    return value


def _refuse_zero_dim(keys: tuple[Any, ...]) -> None:
    if isinstance(keys[0], slice):
        raise IndexFault("E302", "slice() cannot be applied to a 0-dim tensor.")
    if keys[0] is Ellipsis:
        raise IndexFault("E302", "too many indices for tensor of dimension 0")
    raise IndexFault(
        "E302",
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
        "convert a "
        "0-dim tensor to a number",
    )
