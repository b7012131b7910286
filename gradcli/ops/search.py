"""Where and how many: operations whose results are places, counts and truth values, without a derivative."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.dims import (
    Dims,
    along,
    along_samples,
    check_nonempty,
    numpy_names,
    reduced,
    reduction_samples,
)
from gradcli.ops.order import ranking
from gradcli.ops.record import Record, general
from gradcli.ops.shapes import dims_from_right

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

FAMILY = "search"


def _discrete(name: str, *, args: tuple[str, ...] = ("x",), **facts: Any) -> Record:
    return general(
        name, args=args, complex=False, vjps=(None,) * len(args), promote="keep", family=FAMILY, **facts
    )


def _arg_front(name: str, record: Callable[[], Record]) -> Callable[..., Any]:
    @numpy_names
    def front(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        shape = tuple(input.shape)
        if input.dtype.kind == "b":
            raise RuntimeFault("E304", f"{name}(): does not support bool input", help="write x.int() first")
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


argmax: Record = _discrete(
    "argmax",
    numpy=_arg(np.argmax),
    front=_arg_front("argmax", lambda: argmax),
    samples=_arg_samples,
    summary="The place of the largest element, the first of several; of all in a row, or along a dim.",
    source="NumPy reference, numpy.argmax",
    example="argmax(x, dim=0)",
)

argmin: Record = _discrete(
    "argmin",
    numpy=_arg(np.argmin),
    front=_arg_front("argmin", lambda: argmin),
    samples=_arg_samples,
    summary="The place of the smallest element, the first of several; of all in a row, or along a dim.",
    source="NumPy reference, numpy.argmin",
    example="argmin(x, dim=0)",
)


@numpy_names
def _argsort_front(
    m: Any, input: Any, dim: Any = -1, descending: bool = False, *, stable: bool = False
) -> Any:
    return m.apply(
        argsort, (input,), {"dim": along("argsort", dim, len(input.shape)), "descending": descending}
    )


argsort: Record = _discrete(
    "argsort",
    numpy=lambda x, *, dim, descending: (
        np.zeros(x.shape, np.int64) if dim is None else ranking(x, dim, descending=descending)
    ),
    front=_argsort_front,
    samples=lambda s: along_samples(s, descending=False) + along_samples(s, descending=True),
    summary="The indices that sort along a dim; ties keep their order.",
    source="NumPy reference, numpy.argsort",
    example="argsort(x)",
)


def _truth(name: str, ufunc: Any) -> Callable[..., Any]:
    def found(x: Any, *, dims: Dims, keepdim: bool) -> Any:
        answer = ufunc.reduce(x, axis=dims, keepdims=keepdim, dtype=bool)
        return answer.astype(np.uint8) if x.dtype == np.uint8 else answer

    found.__name__ = name
    return found


def _dims_front(record: Callable[[], Record]) -> Callable[..., Any]:
    @numpy_names
    def front(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        return m.apply(
            record(), (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": keepdim}
        )

    return front


def _reduced_shape(x: Any, *, dims: Dims, keepdim: bool) -> Any:
    return reduced(x, dims, keepdim=keepdim)


any_: Record = _discrete(
    "any",
    numpy=_truth("any", np.logical_or),
    front=_dims_front(lambda: any_),
    samples=reduction_samples,
    infer=_reduced_shape,
    summary="Whether any element, of all or over dims, is not zero.",
    source="DLMF 1.1",
    example="any(x > 0)",
)

all_: Record = _discrete(
    "all",
    numpy=_truth("all", np.logical_and),
    front=_dims_front(lambda: all_),
    samples=reduction_samples,
    infer=_reduced_shape,
    summary="Whether all elements, of all or over dims, are not zero.",
    source="DLMF 1.1",
    example="all(x > 0)",
)


def _count_front(m: Any, input: Any, dim: Any = None) -> Any:
    return m.apply(
        count_nonzero, (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": False}
    )


count_nonzero: Record = _discrete(
    "count_nonzero",
    numpy=lambda x, *, dims, keepdim: np.add.reduce(x != 0, axis=dims, keepdims=keepdim, dtype=np.int64),
    front=_count_front,
    samples=reduction_samples,
    infer=_reduced_shape,
    summary="How many elements, of all or over dims, are not zero.",
    source="NumPy reference, numpy.count_nonzero",
    example="count_nonzero(x, dim=0)",
)
