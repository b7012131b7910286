"""Operations whose results are elements of their argument: which ones, told by the numbers alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["selected", "tied"]

WITH_INDICES = frozenset((
    "max_dim", "min_dim", "sort", "topk", "kthvalue", "mode", "median_dim", "nanmedian_dim", "cummax",
    "cummin",
))  # fmt: skip
OVER_DIMS = frozenset(("max_all", "min_all", "amax", "amin", "aminmax"))
OF_ALL = frozenset(("median_all", "nanmedian_all"))


def selected(record: Record, x: Any, numbers: Sequence[Any], params: Params) -> list[Any] | None:
    """Returns per output the flat number of the element of x that each element is; None for indices.

    None alone: the record is no selection. Of equal elements the first is taken where no indices are named.

    Args:
        record: an operation.
        x: its argument, an array.
        numbers: its outputs.
        params: its parameters.
    """
    if not x.size or x.dtype.kind != "f":
        return None
    if record.name in WITH_INDICES:
        return [_by_indices(x, numbers[1], params["dim"], numbers[0].shape), None]
    if record.name in OVER_DIMS or record.name in OF_ALL:
        dims = _dims(record, x, params)
        return [_by_value(x, number, dims) for number in numbers]
    return None


def _dims(record: Record, x: Any, params: Params) -> tuple[int, ...]:
    return tuple(range(-x.ndim, 0)) if record.name in OF_ALL else tuple(params["dims"])


def _by_indices(x: Any, indices: Any, dim: int | None, shape: tuple[int, ...]) -> Any:
    if dim is None or not x.ndim:
        return np.zeros(math.prod(shape), np.int64)
    if indices.ndim < x.ndim:
        indices = np.expand_dims(indices, dim)
    numbered = np.arange(x.size).reshape(x.shape)
    return np.take_along_axis(numbered, indices, dim).ravel()


def _by_value(x: Any, number: Any, dims: tuple[int, ...]) -> Any:
    lines, numbered = _lines(x, dims), _lines(np.arange(x.size).reshape(x.shape), dims)
    first = np.argmax(lines == number.reshape(-1, 1), axis=-1)
    return np.take_along_axis(numbered, first[:, np.newaxis], -1).ravel()


def _lines(x: Any, dims: tuple[int, ...]) -> Any:
    """The elements over which each result is taken, in rows."""
    over = {dim % x.ndim for dim in dims} if x.ndim else set()
    kept = [dim for dim in range(x.ndim) if dim not in over]
    turned = np.transpose(x, [*kept, *sorted(over)])
    return turned.reshape(math.prod(x.shape[dim] for dim in kept), -1)


def tied(record: Record, x: Any, numbers: Sequence[Any], params: Params, elements: Iterable[int]) -> int:
    """Returns how many of the elements (flat) of x are picked, while another in their line is equal."""
    if not x.ndim:
        return 0
    if record.name in WITH_INDICES:
        dims: tuple[int, ...] = () if params["dim"] is None else (params["dim"],)
    else:
        dims = _dims(record, x, params)
    over = {dim % x.ndim for dim in dims}
    picked = np.unique(np.concatenate([np.ravel(number) for number in numbers if number.dtype.kind == "f"]))
    moving = np.fromiter(elements, np.int64)
    moving = moving[np.isin(x.flat[moving], picked)]
    count = 0
    for at in zip(*np.unravel_index(moving, x.shape), strict=True):
        line = x[tuple(slice(None) if dim in over else place for dim, place in enumerate(at))]
        count += int(np.count_nonzero(line == x[at]) > 1)
    return count
