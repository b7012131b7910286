"""embedding_bag: the rows of a table that a bag of indices names, put together in one row."""

# PyTorch's names and signatures:
# ruff: noqa: A002

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault, ValueFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import along, memory
from gradcli.ops.record import composite, linear

__all__: list[str] = []

FAMILY = "embedding"
SOURCE = "PyTorch reference, torch.nn.functional.embedding_bag"


def _bag_sums(weight: Any, share: Any, index: Any, bag: Any, *, count: int) -> Any:
    rows = np.expand_dims(share, -1) * np.take(weight, index, axis=-2)
    full = np.zeros((*rows.shape[:-2], count, rows.shape[-1]), rows.dtype)
    np.add.at(full, along(-2, bag), rows)
    return full


def _weight_transpose(  # noqa: PLR0913 - the form of a formula
    m: Any, g: Any, share: Any, index: Any, bag: Any, weight_shape: Any
) -> Any:
    rows = m.table_rows(g, bag, padding=-1) * m.unsqueeze_last(share)
    return m.table_rows_put(rows, index, shape=weight_shape, padding=-1)


def _share_transpose(m: Any, g: Any, weight: Any, index: Any, bag: Any) -> Any:
    both = m.table_rows(g, bag, padding=-1) * m.table_rows(weight, index, padding=-1)
    return m.sum_dims(both, dims=(-1,), keepdim=False)


bag_sums = linear(
    "bag_sums",
    args=("weight", "share", "index", "bag"),
    discrete=("index", "bag"),
    node="EmbeddingBagBackward0",
    numpy=_bag_sums,
    transposes=(_weight_transpose, _share_transpose, None, None),
    multilinear=True,
    promote="keep",
    grows=True,
    infer=lambda weight, share, index, bag, *, count: (count, weight[-1]),
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(4, 3), s.normal(5), s.integers(4, 5), np.array([0, 0, 2, 2, 2])), {"count": 3})
    ],
    summary="Sums of rows of a table, each row by its share, in each bag.",
    source="PyTorch derivatives.yaml, _embedding_bag",
)


def _bags(index: Any, offsets: Any, last: bool) -> tuple[Any, int]:
    """The bag of each index, and how many bags there are."""
    if index.ndim == 2:  # noqa: PLR2004 - a bag per row
        if offsets is not None:
            raise ValueFault(
                "E303",
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed "
                f"length sequences. However, found offsets of type {type(offsets)}",
            )
        return np.repeat(np.arange(len(index)), index.shape[1]), len(index)
    if index.ndim != 1:
        raise ValueFault("E301", f"input has to be 1D or 2D Tensor, but got Tensor of dimension {index.ndim}")
    if offsets is None:
        raise ValueFault("E303", "offsets has to be a 1D Tensor but got None")
    starts = memory(offsets)
    if starts.ndim != 1:
        raise ValueFault("E301", "offsets has to be a 1D Tensor")
    if starts.size and starts[0] != 0:
        raise RuntimeFault(
            "E303",
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position "
            f"0. However, got {starts[0]}",
        )
    if starts.size and starts[-1] > index.size:
        raise RuntimeFault(
            "E303",
            f"offsets[-1] can not be greater than input's length {index.size} but got offsets[-1] of "
            f"{starts[-1]}",
        )
    lengths = np.diff(starts if last else np.append(starts, index.size))
    if (lengths < 0).any():
        raise RuntimeFault("E303", "embedding_bag: the offsets must not fall")
    return np.repeat(np.arange(lengths.size), lengths), lengths.size


def _check(index: Any, weight: Any) -> None:
    if index.dtype.kind != "i":
        raise RuntimeFault(
            "E304",
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
            f"but got torch.{scalar_type(index.dtype)}Tensor instead (while checking arguments for "
            "embedding_bag)",
        )
    if len(weight.shape) != 2:  # noqa: PLR2004 - a table
        raise ValueFault(
            "E301", f"weight has to be a 2D Tensor, but got Tensor of dimension {len(weight.shape)}"
        )
    rows = weight.shape[0]
    flat = index.ravel()
    for at in np.flatnonzero((flat < 0) | (flat >= rows))[:1]:
        raise RuntimeFault(
            "E302",
            f"Index {at} of input takes value {flat[at]} which is not in the valid range [0, {rows})",
        )


def _largest(m: Any, weight: Any, index: Any, bag: Any, count: int) -> Any:
    """The largest element of each column in each bag, of tied ones the first; 0 where a bag is empty."""
    rows = memory(weight)[index]
    full = np.zeros((count, rows.shape[-1]), np.int64)
    filled = np.zeros((count, 1), bool)
    for one in np.unique(bag):
        inside = bag == one
        full[one] = index[inside][np.argmax(rows[inside], axis=0)]
        filled[one] = True
    found = m.gather(weight, full, dim=-2, rank=2)
    return m.masked(found, np.broadcast_to(filled, full.shape))


@composite(
    "embedding_bag",
    args=("input", "weight"),
    faces="F",
    family=FAMILY,
    example="F.embedding_bag(tensor([[0, 1], [1, 1]]), x)",
    source=SOURCE,
    summary="Sum, mean or largest elements of the rows of a table that each bag of indices names.",
)
def embedding_bag(  # noqa: C901, PLR0913 - PyTorch's signature, and its checks in its order
    m: Any,
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,  # noqa: ARG001 - part of the signature
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    if max_norm is not None or scale_grad_by_freq:
        raise NotImplementedFault(
            "E303", "embedding_bag: max_norm and scale_grad_by_freq are not implemented"
        )
    del norm_type
    if weight.dtype.kind == "i" and input.dtype.kind == "f":  # PyTorch still takes the order of version 0.4
        return m.embedding_bag(
            weight, input, offsets, mode=mode, per_sample_weights=per_sample_weights,
            include_last_offset=include_last_offset, padding_idx=padding_idx,
        )  # fmt: skip
    if mode not in {"sum", "mean", "max"}:
        raise ValueFault("E303", "mode has to be one of sum, mean or max")
    index = memory(input)
    if per_sample_weights is not None and tuple(per_sample_weights.shape) != index.shape:
        raise ValueFault(
            "E301",
            f"embedding_bag: If per_sample_weights (torch.Size({list(per_sample_weights.shape)})) is not "
            f"None, then it must have the same shape as the input (torch.Size({list(index.shape)}))",
        )
    bag, count = _bags(index, offsets, include_last_offset)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedFault(
            "E303",
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
            f"mode='sum' (got mode='{mode}'). Please open a feature request on GitHub.",
        )
    if per_sample_weights is not None and per_sample_weights.dtype != weight.dtype:
        raise RuntimeFault(
            "E304", "expected weight and per_sample_weights to have same scalar type",
            help="convert one of them with .double() or .float()",
        )  # fmt: skip
    _check(index, weight)
    share = per_sample_weights
    if share is not None and index.ndim == 2:  # noqa: PLR2004 - a bag per row
        share = m.reshape(share, shape=(index.size,), rank=2)
    flat = index.ravel()[: bag.size]
    if padding_idx is not None:
        kept = np.flatnonzero(flat != padding_idx % weight.shape[0])
        flat, bag = flat[kept], bag[kept]
        share = None if share is None else m.index_select_dim(share, kept, dim=-1)
    if mode == "max":
        return _largest(m, weight, flat, bag, count)
    if share is None:
        sizes = np.bincount(bag, minlength=count) if mode == "mean" else np.ones(count)
        share = m.array(1 / np.maximum(sizes, 1)[bag], like=weight)
    return m.apply(bag_sums, (weight, share, flat, bag), {"count": count})
