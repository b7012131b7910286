"""Where and how many: operations whose results are places, counts and truth values, without a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.diagnostics import IndexFault, NotImplementedFault, RuntimeFault
from gradcli.ops.dims import Dims, along, along_samples, check_nonempty, numpy_names, reduced, reduction_samples
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.order import ranking
from gradcli.ops.record import Record, general
from gradcli.ops.shapes import dims_from_right

__all__: list[str] = []

FAMILY = "search"


def _discrete(name: str, *, args: tuple[str, ...] = ("x",), **facts: Any) -> Record:
    return general(
        name, args=args, complex=False, vjps=(None,) * len(args), promote="keep", family=FAMILY, **facts
    )  # fmt: skip


def _arg_front(name: str, record: Callable[[], Record]) -> Callable[..., Any]:
    @numpy_names
    def front(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:  # noqa: A002 - PyTorch's name
        shape = tuple(input.shape)
        at = None if dim is None else along(name, dim, len(shape))
        if dim is None or at is not None:
            check_nonempty(name, shape, at, whole=IndexFault)
        return m.apply(record(), (input,), {"dim": at, "keepdim": keepdim, "rank": len(shape)})

    return front


def _arg(argument: Any) -> Callable[..., Any]:
    def found(x: Any, *, dim: int | None, keepdim: bool, rank: int) -> Any:
        if dim is not None:
            return argument(x, axis=dim, keepdims=keepdim)
        lead = x.shape[: x.ndim - rank]
        places = argument(np.reshape(x, (*lead, -1)), axis=-1)
        return np.reshape(places, lead + (1,) * rank) if keepdim else places

    return found


def _arg_samples(s: Any) -> Any:
    return [((s.distinct(2, 3),), {"dim": dim, "keepdim": False, "rank": 2}) for dim in (None, -1, -2)]


argmax = _discrete(
    "argmax", numpy=_arg(np.argmax), front=_arg_front("argmax", lambda: argmax), samples=_arg_samples,
    summary="The place of the largest element, the first of several; of all elements in a row, or along a dim.",
    source="NumPy reference, numpy.argmax", example="argmax(x, dim=0)",
)  # fmt: skip

argmin = _discrete(
    "argmin", numpy=_arg(np.argmin), front=_arg_front("argmin", lambda: argmin), samples=_arg_samples,
    summary="The place of the smallest element, the first of several; of all elements in a row, or along a dim.",
    source="NumPy reference, numpy.argmin", example="argmin(x, dim=0)",
)  # fmt: skip


@numpy_names
def _argsort_front(m: Any, input: Any, dim: Any = -1, descending: bool = False, *, stable: bool = False) -> Any:  # noqa: A002, ARG001 - PyTorch's signature; it is stable anyway
    return m.apply(argsort, (input,), {"dim": along("argsort", dim, len(input.shape)), "descending": descending})


argsort = _discrete(
    "argsort",
    numpy=lambda x, *, dim, descending: (
        np.zeros(x.shape, np.int64) if dim is None else ranking(x, dim, descending=descending)
    ),
    front=_argsort_front,
    samples=lambda s: along_samples(s, descending=False) + along_samples(s, descending=True),
    summary="The indices that sort along a dim; ties keep their order.",
    source="NumPy reference, numpy.argsort", example="argsort(x)",
)  # fmt: skip


def _truth(name: str, ufunc: Any) -> Callable[..., Any]:
    def found(x: Any, *, dims: Dims, keepdim: bool) -> Any:
        answer = ufunc.reduce(x, axis=dims, keepdims=keepdim, dtype=bool)
        return answer.astype(np.uint8) if x.dtype == np.uint8 else answer

    found.__name__ = name
    return found


def _dims_front(record: Callable[[], Record]) -> Callable[..., Any]:
    @numpy_names
    def front(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:  # noqa: A002 - PyTorch's name
        return m.apply(record(), (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": keepdim})

    return front


def _reduced_shape(x: Any, *, dims: Dims, keepdim: bool) -> Any:
    return reduced(x, dims, keepdim=keepdim)


any_ = _discrete(
    "any", numpy=_truth("any", np.logical_or), front=_dims_front(lambda: any_), samples=reduction_samples,
    infer=_reduced_shape, summary="Whether any element, of all or over dims, is not zero.", source="DLMF 1.1",
    example="any(x > 0)",
)  # fmt: skip

all_ = _discrete(
    "all", numpy=_truth("all", np.logical_and), front=_dims_front(lambda: all_), samples=reduction_samples,
    infer=_reduced_shape, summary="Whether all elements, of all or over dims, are not zero.", source="DLMF 1.1",
    example="all(x > 0)",
)  # fmt: skip


def _count_front(m: Any, input: Any, dim: Any = None) -> Any:  # noqa: A002 - PyTorch's name
    return m.apply(count_nonzero, (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": False})


count_nonzero = _discrete(
    "count_nonzero",
    numpy=lambda x, *, dims, keepdim: np.add.reduce(x != 0, axis=dims, keepdims=keepdim, dtype=np.int64),
    front=_count_front, samples=reduction_samples, infer=_reduced_shape,
    summary="How many elements, of all or over dims, are not zero.", source="NumPy reference, numpy.count_nonzero",
    example="count_nonzero(x, dim=0)",
)  # fmt: skip


def _unique(x: Any, *, dim: int | None, inverse: bool, counts: bool) -> Any:
    found = np.unique(x, return_inverse=inverse, return_counts=counts, axis=dim)
    if not (inverse or counts):
        return found
    if inverse:  # NumPy's shape of it varies with its version
        shape = x.shape if dim is None else (x.shape[dim],)
        return (found[0], np.reshape(found[1], shape), *found[2:])
    return found


def _unique_front(  # noqa: PLR0913, PLR0917 - PyTorch's signature
    m: Any, input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None  # noqa: A002, ARG001
) -> Any:
    at = None if dim is None else along("unique", dim, len(input.shape))
    return m.apply(unique, (input,), {"dim": at, "inverse": return_inverse, "counts": return_counts})


unique = _discrete(
    "unique", numpy=_unique, front=_unique_front, stacks=False,
    samples=lambda s: [((s.integers(3, 6),), {"dim": None, "inverse": True, "counts": True})],
    summary="The different elements in order, with the place of each and how often it occurs, if asked for.",
    source="NumPy reference, numpy.unique", example="unique(x)",
)  # fmt: skip


def _bincount(x: Any, *weights: Any, least: int) -> Any:
    counted = np.bincount(x, *weights, minlength=least)
    return counted.astype(weights[0].dtype, copy=False) if weights and weights[0].dtype.kind == "f" else counted


def _bincount_front(m: Any, input: Any, weights: Any = None, minlength: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    if input.dtype.kind == "f":
        raise NotImplementedFault("E304", f"\"bincount_cpu\" not implemented for '{scalar_type(input.dtype)}'")
    if len(input.shape) != 1:
        raise RuntimeFault("E301", "bincount only supports 1-d non-negative integral inputs.")
    return m.apply(bincount, (input,) if weights is None else (input, weights), {"least": minlength})


bincount = general(
    "bincount", args=("x", "*weights"), numpy=_bincount, complex=False, vjps=(None, None), promote="keep",
    front=_bincount_front, stacks=False, family=FAMILY,
    samples=lambda s: [((s.integers(3, 6),), {"least": 0}), ((s.integers(3, 6), s.positive(6)), {"least": 5})],
    summary="How often each integer from 0 occurs, or the sum of the weights where it does.",
    source="NumPy reference, numpy.bincount", example="bincount(tensor([0, 1, 1]))",
)  # fmt: skip


def _histc(x: Any, *, bins: int, low: float, high: float) -> Any:
    if low == high:
        low, high = (np.min(x), np.max(x)) if x.size else (0, 1)
    if low == high:
        low, high = low - 1, high + 1
    return np.histogram(x, bins=bins, range=(low, high))[0].astype(x.dtype)


histc = _discrete(
    "histc", numpy=_histc, stacks=False,
    front=lambda m, input, bins=100, min=0, max=0: m.apply(  # noqa: A006 - PyTorch's names
        histc, (input,), {"bins": bins, "low": float(min), "high": float(max)}
    ),
    samples=lambda s: [((s.normal(6),), {"bins": 3, "low": -1.0, "high": 1.0})],
    summary="How many elements fall in each of `bins` equal parts of a range (that of the elements if none is given).",
    source="NumPy reference, numpy.histogram", example="histc(x, bins=4)",
)  # fmt: skip


def _searchsorted(edges: Any, x: Any, *, right: bool) -> Any:
    side = "right" if right else "left"
    if edges.ndim == 1:
        return np.asarray(np.searchsorted(edges, x, side=side), np.int64)
    rows = np.reshape(edges, (-1, edges.shape[-1]))
    wanted = np.reshape(x, (len(rows), -1))
    found = [np.searchsorted(row, values, side=side) for row, values in zip(rows, wanted, strict=True)]
    return np.reshape(np.array(found, np.int64), np.shape(x))


searchsorted = general(
    "searchsorted", args=("edges", "x"), numpy=_searchsorted, complex=False, vjps=(None, None), promote="keep",
    front=lambda m, sorted_sequence, input, *, right=False, side=None: m.apply(  # noqa: A006 - PyTorch's name
        searchsorted, (sorted_sequence, input), {"right": right or side == "right"}
    ),
    faces="torch", stacks=False, family=FAMILY,
    samples=lambda s: [((np.array([0.0, 1.0, 2.0]), s.normal(4)), {"right": False})],
    summary="Where elements belong in a sorted row.", source="NumPy reference, numpy.searchsorted",
    example="searchsorted(tensor([0., 2.]), x)",
)  # fmt: skip

bucketize = general(
    "bucketize", args=("x", "edges"), numpy=lambda x, edges, *, right: _searchsorted(edges, x, right=right),
    complex=False, vjps=(None, None), promote="keep",
    front=lambda m, input, boundaries, *, right=False: m.apply(  # noqa: A006 - PyTorch's name
        bucketize, (input, boundaries), {"right": right}
    ),
    faces="torch", stacks=False, family=FAMILY,
    samples=lambda s: [((s.normal(4), np.array([0.0, 1.0, 2.0])), {"right": False})],
    summary="In which of the intervals between boundaries elements lie.", source="NumPy reference, numpy.digitize",
    example="bucketize(x, tensor([0., 2.]))",
)  # fmt: skip
