"""Order: sorting, the largest few, order statistics and modes; the gradient follows the element picked."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0124, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dims import along, along_samples, check_nonempty, numpy_names
from gradcli.ops.kink import Kink
from gradcli.ops.picking import picking
from gradcli.ops.record import Record, composite, general

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

FAMILY = "order"


def ranking(x: Any, dim: int, *, descending: bool = False) -> Any:
    """Returns the indices that sort x along a dim, ties in the order they stand; nan counts as largest."""
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    backwards = np.argsort(np.flip(x, dim), axis=dim, kind="stable")
    return x.shape[dim] - 1 - np.flip(backwards, dim)


def _at(x: Any, indices: Any, dim: int) -> tuple[Any, Any]:
    return np.take_along_axis(x, indices, dim), np.ascontiguousarray(indices)


def _several(name: str, numpy: Callable[..., Any], *, samples: Any, **facts: Any) -> Record:
    """An operation that picks several elements along a dim, none twice."""
    return general(
        name,
        outputs=("values", "indices"),
        numpy=numpy,
        complex=False,
        vjps=(
            lambda m, g, indices, x_shape, dim: m.put_along(g, indices, shape=x_shape, dim=dim, keepdim=True),
        ),
        jvps=(lambda m, t, indices, dim: (m.take_along(t, indices, dim=dim, keepdim=True), None),),
        promote="keep",
        family=FAMILY,
        samples=samples,
        kinks=(Kink("tied elements keep their order, and each cotangent goes to the one picked", "picked"),),
        **facts,
    )


def _sort(x: Any, *, dim: int | None, descending: bool, form: int) -> tuple[Any, Any]:
    if dim is None:
        return np.array(x), np.zeros(x.shape, np.int64)
    return _at(x, ranking(x, dim, descending=descending), dim)


@numpy_names
def _sort_front(m: Any, input: Any, dim: Any = -1, descending: bool = False, *, stable: Any = None) -> Any:
    params = {
        "dim": along("sort", dim, len(input.shape)),
        "descending": descending,
        "form": int(stable is not None),
    }
    return m.named("sort", ("values", "indices"), m.apply(sort, (input,), params))


sort = _several(
    "sort",
    _sort,
    node=lambda form, **_: f"SortBackward{form}",
    front=_sort_front,
    samples=lambda s: along_samples(s, descending=False, form=0) + along_samples(s, descending=True, form=0),
    summary="The elements along a dim in order, and where they stood.",
    source="PyTorch derivatives.yaml, sort",
    example="sort(x)",
)


@composite(
    "msort",
    family=FAMILY,
    summary="The elements along the first dim in order.",
    example="msort(x)",
    source="PyTorch reference, torch.msort",
)
def msort(m: Any, input: Any) -> Any:
    return _sort_front(m, input, 0)[0]


def _topk(x: Any, *, k: int, dim: int | None, largest: bool) -> tuple[Any, Any]:
    if dim is None:
        return np.array(x), np.zeros(x.shape, np.int64)
    first = (..., slice(k), *(slice(None),) * (-dim - 1))
    return _at(x, ranking(x, dim, descending=largest)[first], dim)


@numpy_names
def _topk_front(m: Any, input: Any, k: int, dim: Any = -1, largest: bool = True, sorted: bool = True) -> Any:
    shape = tuple(input.shape)
    at = along("topk", dim, len(shape))
    if not 0 <= k <= (1 if at is None else shape[at]):
        raise RuntimeFault("E303", "selected index k out of range", help="k is at most the size of the dim")
    return m.named(
        "topk", ("values", "indices"), m.apply(topk, (input,), {"k": k, "dim": at, "largest": largest})
    )


topk = _several(
    "topk",
    _topk,
    node="TopkBackward0",
    front=_topk_front,
    samples=lambda s: along_samples(s, k=1, largest=True) + along_samples(s, k=1, largest=False),
    summary="The k largest (or smallest) elements along a dim, and where they stand.",
    source="PyTorch derivatives.yaml, topk",
    example="topk(x, 1)",
)


def _kthvalue(x: Any, dim: int, *, k: int) -> Any:
    value = np.take(np.sort(x, axis=dim), [k - 1], axis=dim)
    hit = (x == value) | ((x != x) & (value != value))
    return np.expand_dims(np.argmax(hit, axis=dim), dim)


@numpy_names
def _kthvalue_front(m: Any, input: Any, k: int, dim: Any = -1, keepdim: bool = False) -> Any:
    shape = tuple(input.shape)
    at = along("kthvalue", dim, len(shape))
    if at is not None:
        check_nonempty("kthvalue", shape, at)
    if not 1 <= k <= (1 if at is None else shape[at]):
        place = 0 if at is None else at + len(shape)
        raise RuntimeFault("E303", f"kthvalue(): selected number k out of range for dimension {place}")
    found = m.apply(kthvalue, (input,), {"k": k, "dim": at, "keepdim": keepdim})
    return m.named("kthvalue", ("values", "indices"), found)


kthvalue = picking(
    "kthvalue",
    _kthvalue,
    tied="the first",
    family=FAMILY,
    node="KthvalueBackward0",
    front=_kthvalue_front,
    samples=lambda s: along_samples(s, k=1, keepdim=False) + along_samples(s, k=1, keepdim=True),
    summary="The k-th smallest element along a dim, and where it stands.",
    source="PyTorch derivatives.yaml, kthvalue",
    example="kthvalue(x, 1)",
)


def _mode(x: Any, dim: int) -> Any:
    order = ranking(x, dim)
    inorder = np.moveaxis(np.take_along_axis(x, order, dim), dim, -1)
    places = np.arange(inorder.shape[-1])
    starts = np.ones(inorder.shape, bool)
    starts[..., 1:] = inorder[..., 1:] != inorder[..., :-1]
    # How far each element is from the first of its equals; the longest run's end is the last of the mode.
    run = places - np.maximum.accumulate(np.where(starts, places, 0), axis=-1)
    last = np.moveaxis(np.argmax(run, axis=-1, keepdims=True), -1, dim)
    return np.take_along_axis(order, last, dim)


@numpy_names
def _mode_front(m: Any, input: Any, dim: Any = -1, keepdim: bool = False) -> Any:
    shape = tuple(input.shape)
    at = along("mode", dim, len(shape))
    if at is not None:
        check_nonempty("mode", shape, at)
    return m.named("mode", ("values", "indices"), m.apply(mode, (input,), {"dim": at, "keepdim": keepdim}))


mode = picking(
    "mode",
    _mode,
    tied="the last",
    family=FAMILY,
    node="ModeBackward0",
    front=_mode_front,
    summary="The most frequent element along a dim (the smallest of several), and where it stands last.",
    source="PyTorch derivatives.yaml, mode",
    example="mode(x)",
)
