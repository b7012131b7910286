"""Arrays that stand in for others: a shape, a dtype and a layout, but no elements that anybody reads.

A program run on stand-ins is traced without being computed: NumPy asks a stand-in what to do, and it
answers with another one. Its memory is reserved and never touched, so that strides are those of the real
array (what is a view, and what is contiguous, decides names and errors) and cost nothing. Whatever would
read an element, or is not known here, gives the attempt up.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from gradcli.ops.dtypes import BOOL, FLOAT32, FLOAT64, INT64

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["GivenUp", "StandIn", "like", "shows_stand_in", "stand_in", "stand_in_for"]

SMALL = 64  # elements
METHODS = {"__call__", "reduce", "accumulate"}
PROBES = {dtype: np.ones((), dtype) for dtype in (BOOL, INT64, FLOAT32, FLOAT64)}  # the usual ones


class GivenUp(Exception):
    """What was asked cannot be known without computing: no mistake, the eager engine does it instead."""


def _refuse(*_args: Any, **_named: Any) -> NoReturn:
    raise GivenUp


class StandIn(np.ndarray[Any, Any]):
    """An array of a shape, dtype and layout whose elements must not be read."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Any:
        """The stand-ins of a ufunc's results."""
        (target,) = named.pop("out", (None,))
        if named.pop("where", True) is not True or method not in METHODS:
            raise GivenUp
        if method == "reduce":
            found = _reduced(ufunc, *inputs, **named)
        elif method == "accumulate":
            found = stand_in(inputs[0].shape, ufunc.accumulate(np.ones(1, inputs[0].dtype)).dtype)
        elif ufunc.signature is not None:
            found = _product(ufunc, inputs)
        else:
            found = _pointwise(ufunc, inputs, named)
        if target is None:
            return found
        if not isinstance(target, StandIn) or target.shape != found.shape:
            raise GivenUp
        return target

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """The stand-ins of the results of NumPy's functions that are known here."""
        del types
        answer = ANSWERS.get(function)
        if answer is None:
            raise GivenUp
        return answer(function, args, kwargs)

    def astype(self, dtype: Any, *args: Any, copy: bool = True, **named: Any) -> Any:  # type: ignore[override] # what records ask for
        """A stand-in of another dtype."""
        if args or named:
            raise GivenUp
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        return like(self, dtype)

    def reshape(self, *shape: Any, **named: Any) -> Any:
        """A stand-in of another shape: a view where a view is possible."""
        sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        if named or -1 in sizes or math.prod(sizes) != self.size:
            raise GivenUp
        try:
            return super().reshape(tuple(sizes), copy=False)
        except ValueError:  # only by copying
            return stand_in(tuple(sizes), self.dtype)

    def copy(self, order: Any = "C") -> Any:
        """A stand-in of the same shape."""
        return like(self, self.dtype) if order == "K" else stand_in(self.shape, self.dtype)

    def __getitem__(self, key: Any) -> Any:
        """A view; what picks elements by value or number is not known here."""
        keys = key if isinstance(key, tuple) else (key,)
        if not all(one is None or one is Ellipsis or isinstance(one, (int, slice)) for one in keys):
            raise GivenUp
        found = super().__getitem__(key)
        if not isinstance(found, StandIn):  # an element
            raise GivenUp
        return found


for _reader in (
    "__bool__", "__int__", "__float__", "__complex__", "__index__", "__iter__", "__contains__", "__setitem__",
    "__array_wrap__", "__repr__", "__str__", "__format__", "item", "tolist", "tobytes", "tofile", "dumps",
    "dump", "nonzero", "argmax", "argmin", "argsort", "sort", "partition", "argpartition", "searchsorted",
    "take", "put", "choose", "compress", "repeat", "fill", "flatten", "ravel", "diagonal", "trace", "cumsum",
    "cumprod", "dot", "byteswap", "getfield", "setfield", "resize", "clip", "round", "var", "std", "mean",
):  # fmt: skip
    setattr(StandIn, _reader, _refuse)


def stand_in(shape: tuple[int, ...], dtype: Any) -> StandIn:
    """Returns a stand-in for a row-major array."""
    try:
        found = StandIn(shape, dtype)
    except MemoryError:  # address space is limited as well
        raise GivenUp from None
    if found.size <= SMALL:  # memory that was used before would make a difference to C code that reads it
        np.ndarray.fill(found, 0)
    return found


def shows_stand_in(array: Any) -> bool:
    """Returns whether an array's memory is that of a stand-in."""
    while array is not None:
        if isinstance(array, StandIn):
            return True
        array = getattr(array, "base", None)
    return False


def like(array: Any, dtype: Any) -> StandIn:
    """Returns a stand-in of an array's layout and another dtype."""
    found = stand_in(array.shape, dtype)
    if array.flags.c_contiguous:
        return found
    order = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    packed = stand_in(tuple(array.shape[axis] for axis in order), dtype)
    return packed.transpose(np.argsort(order))


def stand_in_for(array: Any) -> Any:
    """Returns a stand-in for an array, repeated where it is; a few indices or truth values as they are."""
    if array.size <= SMALL and array.dtype.kind != "f":
        return _plain(array)
    once = tuple(slice(None) if stride else slice(1) for stride in array.strides)
    return np.broadcast_to(_plain(like(_plain(array)[once], array.dtype)), array.shape).view(StandIn)


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, StandIn) else value


def _probe(value: Any) -> Any:
    """One element in place of an array: what a dtype needs to be found."""
    if not isinstance(value, np.ndarray):
        return value
    known = PROBES.get(value.dtype)
    return np.ones((), value.dtype) if known is None else known


def _pointwise(function: Any, inputs: Sequence[Any], named: Mapping[str, Any]) -> Any:
    arrays = [value for value in inputs if isinstance(value, np.ndarray)]
    if any(isinstance(value, np.ndarray) for value in named.values()):
        raise GivenUp
    found = function(*map(_probe, inputs), **named)
    shapes = {array.shape for array in arrays}
    shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
    if isinstance(found, tuple):
        return tuple(stand_in(shape, part.dtype) for part in found)
    # NumPy keeps the order of the axes where the operands agree on it.
    full = [array for array in arrays if array.shape == shape]
    if not full or any(array.flags.c_contiguous for array in full):
        return stand_in(shape, found.dtype)
    return like(full[0], found.dtype)


def _reduced(ufunc: np.ufunc, x: Any, axis: Any = 0, dtype: Any = None, keepdims: bool = False) -> Any:
    found = ufunc.reduce(np.ones(1, x.dtype), dtype=dtype)
    over = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    dims = {dim % x.ndim for dim in over} if x.ndim else set()
    if keepdims:
        return stand_in(tuple(1 if i in dims else size for i, size in enumerate(x.shape)), found.dtype)
    return stand_in(tuple(size for i, size in enumerate(x.shape) if i not in dims), found.dtype)


def _product(ufunc: np.ufunc, inputs: Sequence[Any]) -> Any:
    if ufunc is not np.matmul:
        raise GivenUp
    a, b = inputs
    left = a.shape if a.ndim > 1 else (1, *a.shape)
    right = b.shape if b.ndim > 1 else (*b.shape, 1)
    if left[-1] != right[-2]:
        raise GivenUp
    batch = np.broadcast_shapes(left[:-2], right[:-2])
    rows = left[-2:-1] if a.ndim > 1 else ()
    columns = right[-1:] if b.ndim > 1 else ()
    return stand_in(batch + rows + columns, np.result_type(a.dtype, b.dtype))


def _view(function: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    return function(_plain(args[0]), *args[1:], **named).view(StandIn)


def _asked(function: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    return function(*map(_plain, args), **named)


def _reshaped(_function: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    return args[0].reshape(*args[1:], **named)


def _triangle(_function: Any, args: Sequence[Any], _named: Mapping[str, Any]) -> Any:
    return stand_in(args[0].shape, args[0].dtype)


def _uniform(function: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Zeros or ones: a real array, which repeats one element."""
    if named or len(args) > 1:
        raise GivenUp
    return np.broadcast_to(function(_probe(args[0])), args[0].shape)


def _joined(_function: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    arrays, axis = args[0], named.get("axis", 0)
    others = [(*array.shape[:axis], *array.shape[axis:][1:]) for array in arrays]
    if any(other != others[0] for other in others):
        raise GivenUp
    shape = list(arrays[0].shape)
    shape[axis] = sum(array.shape[axis] for array in arrays)
    return stand_in(tuple(shape), np.result_type(*[array.dtype for array in arrays]))


def _stacked(function: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    arrays = [np.expand_dims(array, named.get("axis", 0)) for array in args[0]]
    return _joined(function, [arrays], named)


# What is answered of NumPy's functions that are no ufuncs.
ANSWERS: dict[Any, Callable[[Any, Any, Any], Any]] = {
    **dict.fromkeys((np.where, np.clip, np.nan_to_num, np.real, np.imag, np.isclose, np.round), _pointwise),
    **dict.fromkeys(
        (np.transpose, np.swapaxes, np.squeeze, np.expand_dims, np.moveaxis, np.flip, np.broadcast_to), _view
    ),
    **dict.fromkeys(
        (np.result_type, np.shape, np.ndim, np.size, np.may_share_memory, np.iscomplexobj, np.isrealobj),
        _asked,
    ),
    **dict.fromkeys((np.zeros_like, np.ones_like), _uniform),
    **dict.fromkeys((np.tril, np.triu), _triangle),
    np.reshape: _reshaped,
    np.concatenate: _joined,
    np.stack: _stacked,
}
