"""How losses are reduced: to their mean or sum, or not at all; with cotangents and tangents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import ValueFault

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = [
    "check_reduction",
    "gather_tangent",
    "reduce",
    "reduced_values",
    "reduction_name",
    "spread_cotangent",
]


def reduction_name(size_average: Any, reduce_: Any, reduction: str) -> str:
    """Returns what the losses' old flags ask for, or `reduction` where neither is given."""
    if size_average is None and reduce_ is None:
        return reduction
    if reduce_ is not None and not reduce_:
        return "none"
    return "mean" if size_average is None or size_average else "sum"


def check_reduction(reduction: str) -> None:
    """Returns if PyTorch knows the reduction; raises its error otherwise."""
    if reduction not in {"mean", "sum", "none"}:
        raise ValueFault(
            "E303", f"{reduction} is not a valid value for reduction", help="'mean', 'sum' or 'none'"
        )


def reduce(m: Any, loss: Any, reduction: str) -> Any:
    """Returns the mean, the sum, or the losses themselves."""
    check_reduction(reduction)
    if reduction == "none":
        return loss
    record = m.mean_dims if reduction == "mean" else m.sum_dims
    return record(loss, dims=tuple(range(-len(loss.shape), 0)), keepdim=False, full=True)


def reduced_values(values: Any, rank: int, reduction: str) -> Any:
    """Returns an array of losses reduced over its last `rank` axes."""
    if reduction == "none":
        return values
    dims = tuple(range(-rank, 0))
    total = np.add.reduce(values, axis=dims)
    if reduction == "sum":
        return total
    count = 1
    for dim in dims:
        count *= values.shape[dim]
    return np.true_divide(total, count)


def spread_cotangent(m: Any, g: Any, shape: Shape, reduction: str) -> Any:
    """Returns the cotangent of a reduced loss as that of the losses."""
    if reduction == "none":
        return g
    dims = tuple(range(-len(shape), 0))
    share = g / m.count(shape, dims) if reduction == "mean" else g
    return m.spread(share, shape=shape, dims=dims, keepdim=False)


def gather_tangent(m: Any, moved: Any, shape: Shape, reduction: str) -> Any:
    """Returns the tangents of the losses as that of the reduced loss."""
    if reduction == "none":
        return moved
    dims = tuple(range(-len(shape), 0))
    return (m.mean_dims if reduction == "mean" else m.sum_dims)(moved, dims=dims, keepdim=False)
