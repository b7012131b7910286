"""Cross entropy: of logits against class indices or probabilities."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.classification import check_target, counted_shares, nll_of
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.loss_reduction import check_reduction, reduction_name
from gradcli.ops.record import composite

__all__: list[str] = []

FAMILY = "loss"

_SOURCE = "Bishop, Pattern Recognition and Machine Learning, eq. (4.108)"


def _of_probabilities(m: Any, logs: Any, target: Any, weight: Any, reduction: str, smoothing: float) -> Any:
    shape, rank = tuple(logs.shape), len(logs.shape)
    dim = -1 if rank == 1 else 1 - rank
    classes = shape[dim]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    product = logs * target
    if weight is not None:
        product = product * _per_class(m, weight, rank)
    if reduction == "none":
        return -m.sum_dims(product, dims=(dim,), keepdim=False)
    total = -m.sum_dims(product, dims=tuple(range(-rank, 0)), keepdim=False, full=True)
    return total if reduction == "sum" else total / (math.prod(shape) / classes)


def _per_class(m: Any, weight: Any, rank: int) -> Any:
    return weight if rank < 3 else m.reshape(weight, shape=(-1, *(1,) * (rank - 2)), rank=1)


def _smoothed(
    m: Any, logs: Any, target: Any, weight: Any, ignore: int, reduction: str, smoothing: float
) -> Any:
    rank = len(logs.shape)
    dim = -1 if rank == 1 else 1 - rank
    likelihood = nll_of(m, logs, target, weight, ignore, reduction)
    even = -m.sum_dims(
        logs if weight is None else logs * _per_class(m, weight, rank), dims=(dim,), keepdim=False
    )
    valid, _, share = counted_shares(m, logs, target, weight, ignore, weight is not None)
    even = m.masked(even, valid)
    everything = tuple(range(-len(target.shape), 0))
    if reduction != "none":
        even = m.sum_dims(even, dims=everything, keepdim=False, full=True)
    if reduction == "mean":
        even = even / m.sum_dims(share, dims=everything, keepdim=False)
    return likelihood * (1 - smoothing) + even * (smoothing / logs.shape[dim])


@composite(
    "cross_entropy",
    faces="F",
    family=FAMILY,
    source=_SOURCE,
    example="F.cross_entropy(x, tensor([0, 1]))",
    summary="Cross entropy of softmax(input) against class indices or probabilities.",
)
def cross_entropy(
    m: Any,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeFault("E303", f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    rank = len(input.shape)
    probabilities = tuple(input.shape) == tuple(target.shape)
    if probabilities and target.dtype.kind != "f":
        raise RuntimeFault(
            "E304",
            "Expected floating point type for target with class probabilities, got "
            f"{scalar_type(target.dtype)}",
            help="class indices have no class dim; probabilities are floating point",
        )
    if not probabilities:
        check_target(input, target)
    logs = m.log_softmax(input, 0 if rank == 1 else 1)
    if probabilities:
        return _of_probabilities(m, logs, target, weight, reduction, label_smoothing)
    if label_smoothing:
        return _smoothed(m, logs, target, weight, ignore_index, reduction, label_smoothing)
    return nll_of(m, logs, target, weight, ignore_index, reduction)


@composite(
    "linear_cross_entropy",
    faces="F",
    family=FAMILY,
    source=_SOURCE,
    example="F.linear_cross_entropy(x, 2 * x, tensor([0, 1]))",
    summary="Cross entropy of linear(input, linear_weight) against class indices or probabilities.",
)
def linear_cross_entropy(
    m: Any,
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: Any = None,
    label_smoothing: float = 0.0,
    options: Any = None,  # noqa: ARG001 - how PyTorch cuts the work in pieces, with the same result
) -> Any:
    classes = tuple(linear_weight.shape[:-1])
    if len(classes) > 1:  # classes at each place of a space
        rows = (math.prod(classes), linear_weight.shape[-1])
        linear_weight = m.reshape(linear_weight, shape=rows, rank=len(classes) + 1)
        if linear_bias is not None:
            linear_bias = m.reshape(linear_bias, shape=rows[:1], rank=len(linear_bias.shape))
    logits = m.linear(input, linear_weight, linear_bias)
    if len(classes) > 1:
        logits = m.reshape(logits, shape=(*logits.shape[:-1], *classes), rank=len(logits.shape))
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy.front(  # type: ignore[misc] # a composite has a front
        m,
        logits,
        target,
        weight,
        ignore_index=ignored,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
