"""Where the elements of a linear map's result come from, found without touching most of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["destinations", "products", "sources"]

SUMS = frozenset(("sum_dims", "mean_dims", "sum_to"))
PRODUCTS = frozenset(("mm_matrix", "matmul_batched", "bmm", "mv", "dot", "vdot", "outer"))


def sources(
    record: Record, shapes: Sequence[tuple[int, ...]], run: Callable[[list[Any]], Sequence[Any]]
) -> list[Any] | None:
    """Returns per output the flat number of the input element that each element is; -1 for a zero.

    None: the map does more than move elements. The elements of several arguments are numbered through.

    Args:
        record: a linear record.
        shapes: of the arguments that are floats.
        run: the map, of arrays of those shapes.
    """
    if record.multilinear or record.name in SUMS or record.name == "cumsum":
        return None
    sizes = [math.prod(shape) for shape in shapes]
    ends = np.cumsum([0, *sizes])
    total = int(ends[-1])
    if not total:
        return None
    numbered = np.arange(1.0, total + 1)
    found = run([_part(numbered, ends, i, shape) for i, shape in enumerate(shapes)])
    moved = []
    for out in found:
        flat = np.asarray(out, np.float64).ravel()
        if not (np.isfinite(flat).all() and (flat >= 0).all() and (flat <= total).all()):
            return None
        index = flat.astype(np.int64)
        if (index != flat).any():
            return None
        moved.append(index - 1)
    drawn = np.random.default_rng(0).standard_normal(total)
    checked = run([_part(drawn, ends, i, shape) for i, shape in enumerate(shapes)])
    extended = np.append(drawn, 0.0)  # what -1 reads
    for index, out in zip(moved, checked, strict=True):
        if not np.array_equal(extended[index], np.asarray(out).ravel()):
            return None
    return moved


def _part(values: Any, ends: Any, i: int, shape: tuple[int, ...]) -> Any:
    return values[ends[i] : ends[i + 1]].reshape(shape)


def destinations(record: Record, shape: tuple[int, ...], params: Params, elements: Any) -> Any:
    """Returns per element (flat) of the argument the flat elements of the result that it is added to.

    An array (elements, how many each); None: the map is no sum over dims and no running sum.
    """
    if record.name in SUMS:
        return _summed(record, shape, params, elements)
    if record.name == "cumsum" and shape:
        dim = params["dim"] % len(shape)
        at = np.array(np.unravel_index(elements, shape))
        reached = []
        for place in at.T:
            steps = range(place[dim] + 1) if params.get("reverse") else range(place[dim], shape[dim])
            along = np.repeat(place[:, np.newaxis], len(steps), axis=1)
            along[dim] = steps
            reached.append(np.ravel_multi_index(tuple(along), shape))
        return reached
    return None


def _summed(record: Record, shape: tuple[int, ...], params: Params, elements: Any) -> Any:
    rank = len(shape)
    if record.name == "sum_to":
        target = params["shape"]
        lead = rank - len(target)
        over = {*range(lead), *(lead + i for i, size in enumerate(target) if size == 1)}
    else:
        over = {dim % rank for dim in params["dims"]} if rank else set()
    kept = [1 if dim in over else size for dim, size in enumerate(shape)]
    if not rank:
        return np.zeros((len(elements), 1), np.int64)
    at = [
        np.zeros_like(index) if dim in over else index
        for dim, index in enumerate(np.unravel_index(elements, shape))
    ]
    return np.ravel_multi_index(at, kept)[:, np.newaxis]


def products(
    record: Record, shapes: Sequence[tuple[int, ...]], position: int, elements: Any
) -> list[tuple[Any, Any]] | None:
    """Returns per element of one factor (flat): which results it is in, beside which elements of the other.

    None: the record is no product of matrices, or broadcasts stacks of them.
    """
    if record.name not in PRODUCTS:
        return None
    a, b = shapes
    if record.name == "outer":
        a, b, rows, columns = (a[0], 1), (1, b[0]), a[0], b[0]
    else:
        rows, columns = (a[-2] if len(a) > 1 else 1), (b[-1] if len(b) > 1 else 1)
        a = a if len(a) > 1 else (1, *a)
        b = b if len(b) > 1 else (*b, 1)
    if a[:-2] != b[:-2]:
        return None
    inner = a[-1]
    found = []
    for element in np.asarray(elements).tolist():
        if position == 0:
            row, k = divmod(element, inner)
            stack, row = divmod(row, rows)
            j = np.arange(columns)
            found.append(((stack * rows + row) * columns + j, (stack * inner + k) * columns + j))
        else:
            k, j = divmod(element, columns)
            stack, k = divmod(k, inner)
            i = np.arange(rows)
            found.append(((stack * rows + i) * columns + j, (stack * rows + i) * inner + k))
    return found
