"""Quantiles, with and without nan."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0124, PLR0913, PLR2004

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dims import along, numpy_names
from gradcli.ops.order import sort
from gradcli.ops.record import composite, general

__all__: list[str] = []

FAMILY = "order"

_ROUNDED = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}


def _rank_place(x: Any, q: Any, *, interpolation: str, skip_nan: bool) -> tuple[Any, Any, Any]:
    if not np.all((q >= 0) & (q <= 1)):
        raise RuntimeFault("E303", "quantile() q values must be in the range [0, 1]")
    nans = np.add.reduce(x != x, axis=-1, keepdims=True)
    last = x.shape[-1] - 1
    # Without skipping, a nan anywhere is the answer, and sorting puts it last.
    rank = q * np.maximum(last - nans, 0) if skip_nan else np.where(nans > 0, last, q * last)
    rank = rank.astype(x.dtype)
    if interpolation in _ROUNDED:
        rank = _ROUNDED[interpolation](rank)
    below, above = np.floor(rank), np.ceil(rank)
    weight = np.full_like(rank, 0.5) if interpolation == "midpoint" else rank - below
    return below.astype(np.int64), above.astype(np.int64), weight


rank_place = general(
    "rank_place",
    args=("x", "q"),
    outputs=("below", "above", "weight"),
    numpy=_rank_place,
    complex=False,
    vjps=(None, None),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.distinct(2, 5), s.unit(3)), {"interpolation": "linear", "skip_nan": False})],
    summary="Between which two of the sorted elements of a row a quantile lies, and how far along.",
    source="Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7",
)


def _check(x: Any, q: Any, interpolation: str) -> None:
    """Returns if the arguments can be; raises PyTorch's errors otherwise."""
    if 0 in tuple(x.shape):
        raise RuntimeFault("E303", "quantile() input tensor must be non-empty")
    if x.dtype.kind != "f" or x.dtype.itemsize < 4:
        raise RuntimeFault(
            "E304", "quantile() input tensor must be either float or double dtype", help="write x.double()"
        )
    if interpolation not in {*_ROUNDED, "linear", "midpoint"}:
        raise RuntimeFault(
            "E303",
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}",
        )
    if hasattr(q, "shape"):
        if len(q.shape) > 1:
            raise RuntimeFault("E301", "quantile() q must be a scalar or 1D tensor")
        if q.dtype != x.dtype:
            raise RuntimeFault("E304", "quantile() q tensor must be same dtype as the input tensor")
    elif not 0 <= q <= 1:
        raise RuntimeFault("E303", f"quantile() q must be in the range [0, 1] but got {q:g}")


def _quantile(m: Any, x: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, *, skip_nan: bool) -> Any:
    _check(x, q, interpolation)
    rank = len(x.shape)
    at = None if dim is None else along("quantile", dim, rank)
    rows = m.flatten(x) if at is None else m.movedim(x, at, -1)
    several = hasattr(q, "shape") and len(q.shape) == 1
    wanted = (
        q if several else m.reshape(q, shape=(1,), rank=0) if hasattr(q, "shape") else m.array([q], like=rows)
    )
    inorder, _ = m.apply(sort, (rows,), {"dim": -1, "descending": False, "form": 0})
    params = {"interpolation": interpolation, "skip_nan": skip_nan}
    below, above, weight = m.apply(rank_place, (rows, wanted), params)
    low, high = m.pick_along(inorder, below, dim=-1), m.pick_along(inorder, above, dim=-1)
    found = low + (high - low) * weight
    if several:
        found = m.unsqueeze(m.movedim(found, -1, 0), dim=-1)
        if keepdim:  # the 1 that was added stands for what was reduced
            shape = (wanted.shape[0], *(1,) * rank)
            return m.reshape(found, shape=shape, rank=2) if at is None else m.movedim(found, -1, at)
    elif keepdim:
        return m.reshape(found, shape=(1,) * rank, rank=1) if at is None else m.movedim(found, -1, at)
    return m.squeeze(found, dims=(-1,), form=4)


@composite(
    "quantile",
    family=FAMILY,
    summary="Quantiles of all elements or along a dim, interpolated between two.",
    source="Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7",
    example="quantile(x, 0.25)",
)
@numpy_names
def quantile(
    m: Any,
    input: Any,
    q: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    return _quantile(m, input, q, dim, keepdim, interpolation, skip_nan=False)


@composite(
    "nanquantile",
    family=FAMILY,
    summary="Quantiles of what is not nan.",
    source="Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7",
    example="nanquantile(x, 0.25)",
)
@numpy_names
def nanquantile(
    m: Any,
    input: Any,
    q: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    return _quantile(m, input, q, dim, keepdim, interpolation, skip_nan=True)
