"""Different elements, how often they occur, and between which boundaries they lie; without a derivative."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, A006, ARG001, PLR0913

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.dims import (
    along,
)
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.record import Record, general

__all__: list[str] = []

FAMILY = "search"


def _unique(x: Any, *, dim: int | None, inverse: bool, counts: bool) -> Any:
    found: Any = np.unique(x, return_inverse=inverse, return_counts=counts, axis=dim)  # type: ignore[call-overload] # flags are no literals
    if not (inverse or counts):
        return found
    if inverse:  # NumPy's shape of it varies with its version
        shape = x.shape if dim is None else (x.shape[dim],)
        return (found[0], np.reshape(found[1], shape), *found[2:])
    return found


def _unique_front(
    m: Any,
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    at = None if dim is None else along("unique", dim, len(input.shape))
    return m.apply(unique, (input,), {"dim": at, "inverse": return_inverse, "counts": return_counts})


unique: Record = general(
    "unique",
    complex=False,
    vjps=(None,),
    promote="keep",
    family=FAMILY,
    numpy=_unique,
    front=_unique_front,
    stacks=False,
    samples=lambda s: [((s.integers(3, 6),), {"dim": None, "inverse": True, "counts": True})],
    summary="The different elements in order, with the place of each and how often it occurs, if asked for.",
    source="NumPy reference, numpy.unique",
    example="unique(x)",
)


def _bincount(x: Any, *weights: Any, least: int) -> Any:
    if not weights:
        return np.bincount(x, minlength=least)
    counted = np.bincount(x, weights[0], minlength=least)
    return counted.astype(weights[0].dtype, copy=False) if weights[0].dtype.kind == "f" else counted


def _bincount_front(m: Any, input: Any, weights: Any = None, minlength: int = 0) -> Any:
    if input.dtype.kind == "f":
        raise NotImplementedFault(
            "E304", f"\"bincount_cpu\" not implemented for '{scalar_type(input.dtype)}'"
        )
    if len(input.shape) != 1:
        raise RuntimeFault("E301", "bincount only supports 1-d non-negative integral inputs.")
    return m.apply(bincount, (input,) if weights is None else (input, weights), {"least": minlength})


bincount: Record = general(
    "bincount",
    args=("x", "*weights"),
    numpy=_bincount,
    complex=False,
    vjps=(None, None),
    promote="keep",
    front=_bincount_front,
    stacks=False,
    family=FAMILY,
    samples=lambda s: [
        ((s.integers(3, 6),), {"least": 0}),
        ((s.integers(3, 6), s.positive(6)), {"least": 5}),
    ],
    summary="How often each integer from 0 occurs, or the sum of the weights where it does.",
    source="NumPy reference, numpy.bincount",
    example="bincount(tensor([0, 1, 1]))",
)


def _histc(x: Any, *, bins: int, low: float, high: float) -> Any:
    if low == high:
        low, high = (np.min(x), np.max(x)) if x.size else (0, 1)
    if low == high:
        low, high = low - 1, high + 1
    return np.histogram(x, bins=bins, range=(low, high))[0].astype(x.dtype)


histc: Record = general(
    "histc",
    complex=False,
    vjps=(None,),
    promote="keep",
    family=FAMILY,
    numpy=_histc,
    stacks=False,
    front=lambda m, input, bins=100, min=0, max=0: m.apply(
        histc, (input,), {"bins": bins, "low": float(min), "high": float(max)}
    ),
    samples=lambda s: [((s.normal(6),), {"bins": 3, "low": -1.0, "high": 1.0})],
    summary="How many elements fall in each of `bins` equal parts of a range, if none is given that of x.",
    source="NumPy reference, numpy.histogram",
    example="histc(x, bins=4)",
)


def _searchsorted(edges: Any, x: Any, *, right: bool) -> Any:
    side: Literal["left", "right"] = "right" if right else "left"
    if edges.ndim == 1:
        return np.asarray(np.searchsorted(edges, x, side=side), np.int64)
    rows = np.reshape(edges, (-1, edges.shape[-1]))
    wanted = np.reshape(x, (len(rows), -1))
    found = [np.searchsorted(row, values, side=side) for row, values in zip(rows, wanted, strict=True)]
    return np.reshape(np.array(found, np.int64), np.shape(x))


searchsorted: Record = general(
    "searchsorted",
    args=("edges", "x"),
    numpy=_searchsorted,
    complex=False,
    vjps=(None, None),
    promote="keep",
    front=lambda m, sorted_sequence, input, *, right=False, side=None: m.apply(
        searchsorted, (sorted_sequence, input), {"right": right or side == "right"}
    ),
    faces="torch",
    stacks=False,
    family=FAMILY,
    samples=lambda s: [((np.array([0.0, 1.0, 2.0]), s.normal(4)), {"right": False})],
    summary="Where elements belong in a sorted row.",
    source="NumPy reference, numpy.searchsorted",
    example="searchsorted(tensor([0., 2.]), x)",
)

bucketize: Record = general(
    "bucketize",
    args=("x", "edges"),
    numpy=lambda x, edges, *, right: _searchsorted(edges, x, right=right),
    complex=False,
    vjps=(None, None),
    promote="keep",
    front=lambda m, input, boundaries, *, right=False: m.apply(
        bucketize, (input, boundaries), {"right": right}
    ),
    faces="torch",
    stacks=False,
    family=FAMILY,
    samples=lambda s: [((s.normal(4), np.array([0.0, 1.0, 2.0])), {"right": False})],
    summary="In which of the intervals between boundaries elements lie.",
    source="NumPy reference, numpy.digitize",
    example="bucketize(x, tensor([0., 2.]))",
)
