"""Negative log likelihood of classes."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault, ValueFault
from gradcli.ops.along import take_along
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.loss_reduction import check_reduction, gather_tangent, reduction_name
from gradcli.ops.record import composite, general

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.shapes import Shape

__all__ = ["check_classes", "check_target", "counted_shares", "nll_of"]

FAMILY = "loss"

_SOURCE = "Bishop, Pattern Recognition and Machine Learning, eq. (4.108)"


def check_classes(target: Any, valid: Any, count: int) -> None:
    """Returns if all valid targets are classes; raises PyTorch's error for the first that is not."""
    wrong = valid & ((target < 0) | (target >= count))
    if np.any(wrong):
        raise IndexFault(
            "E303",
            f"Target {target[wrong].flat[0]} is out of bounds.",
            help=f"the classes are 0 to {count - 1}",
        )


def _nll(
    x: Any, target: Any, weight: Any, *, dim: int, ignore: int, weighted: bool, reduction: str, rank: int
) -> Any:
    target = np.asarray(target)
    valid = target != ignore
    check_classes(target, valid, x.shape[dim])
    at = np.where(valid, target, 0)
    share = np.where(valid, weight[..., at], 0) if weighted else valid.astype(x.real.dtype)
    picked = np.where(valid, -take_along.numpy(x, at, dim=dim, keepdim=False) * share, 0)  # type: ignore[misc] # it has one
    if reduction == "none":
        return picked
    dims = tuple(range(-rank, 0))
    total = np.add.reduce(picked, axis=dims)
    return total if reduction == "sum" else np.true_divide(total, np.add.reduce(share, axis=dims))


def counted_shares(
    m: Any, like: Any, target: Any, weight: Any, ignore: int, weighted: bool
) -> tuple[Any, Any, Any]:
    """Returns which targets count, where they point, and the weight of each."""
    valid = m.ne(target, ignore)
    at = m.where(valid, target, 0)
    share = m.cast_like(valid, like)
    return valid, at, share * m.index(weight, at, dims=(-1,), rank=1) if weighted else share


def _nll_vjp(
    m: Any,
    g: Any,
    target: Any,
    weight: Any,
    x_shape: Shape,
    shapes: Sequence[Shape],
    dim: int,
    ignore: int,
    weighted: bool,
    reduction: str,
) -> Any:
    valid, at, share = counted_shares(m, g, target, weight, ignore, weighted)
    shape = tuple(shapes[1])
    dims = tuple(range(-len(shape), 0))
    if reduction == "mean":
        g = g / m.sum_dims(share, dims=dims, keepdim=False)
    if reduction != "none":
        g = m.spread(g, shape=shape, dims=dims, keepdim=False)
    return m.put_along(m.masked(-g * share, valid), at, shape=tuple(x_shape), dim=dim, keepdim=False)


def _nll_jvp(
    m: Any,
    t: Any,
    target: Any,
    weight: Any,
    shapes: Sequence[Shape],
    dim: int,
    ignore: int,
    weighted: bool,
    reduction: str,
) -> Any:
    valid, at, share = counted_shares(m, t, target, weight, ignore, weighted)
    moved = m.masked(-m.take_along(t, at, dim=dim, keepdim=False) * share, valid)
    if reduction == "mean":
        dims = tuple(range(-len(shapes[1]), 0))
        return m.sum_dims(moved, dims=dims, keepdim=False) / m.sum_dims(share, dims=dims, keepdim=False)
    return gather_tangent(m, moved, tuple(shapes[1]), reduction)


def _samples(s: Any) -> Any:
    flat = {"dim": -1, "ignore": -100, "rank": 1}
    return [
        ((s.normal(4, 3), s.integers(3, 4), 1), flat | {"weighted": False, "reduction": reduction})
        for reduction in ("mean", "sum", "none")
    ] + [
        ((s.normal(4, 3), s.integers(3, 4), s.positive(3)), flat | {"weighted": True, "reduction": "mean"}),
        (
            (s.normal(2, 3, 4), s.integers(3, 2, 4), 1),
            {"dim": -2, "ignore": 1, "rank": 2, "weighted": False, "reduction": "mean"},
        ),
    ]


def _nll_infer(x: Shape, target: Shape, weight: Shape, *, reduction: str, **params: Any) -> Shape:
    return target if reduction == "none" else ()


nll = general(
    "nll",
    args=("x", "target", "weight"),
    discrete=("target", "weight"),
    node=lambda rank, **_: "NllLoss2DBackward0" if rank > 1 else "NllLossBackward0",
    numpy=_nll,
    vjps=(_nll_vjp, None, None),
    jvps=(_nll_jvp, None, None),
    infer=_nll_infer,
    promote="keep",
    faces="",
    family=FAMILY,
    samples=_samples,
    summary="Minus the elements at the targets, weighted and reduced.",
    source=_SOURCE,
)


def check_target(x: Any, target: Any) -> None:
    """Returns if class indices fit an input; raises PyTorch's errors otherwise."""
    shape, wanted = tuple(x.shape), tuple(target.shape)
    if target.dtype.kind not in "iu":
        raise RuntimeFault(
            "E304",
            f"expected target dtype to be Long or Byte, but got {scalar_type(target.dtype)}",
            help="class indices are integers; convert them with .long()",
        )
    if not shape:
        raise ValueFault("E301", f"Expected 1 or more dimensions (got {len(shape)})")
    if len(shape) > 1 and (not wanted or shape[0] != wanted[0]):
        raise ValueFault(
            "E301",
            f"Expected input batch_size ({shape[0]}) to match target batch_size "
            f"({wanted[0] if wanted else 1}).",
        )
    if len(shape) > 2 and shape[2:] != wanted[1:]:
        raise RuntimeFault("E301", f"Expected target size {[shape[0], *shape[2:]]}, got {list(wanted)}")
    if len(shape) < 3 and len(wanted) > len(shape) - 1:
        raise RuntimeFault(
            "E301",
            f"{len(shape) - 1}D target tensor expected, multi-target not supported"
            if len(shape) == 1
            else "0D or 1D target tensor expected, multi-target not supported",
        )


def nll_of(m: Any, x: Any, target: Any, weight: Any, ignore: int, reduction: str) -> Any:
    """Returns the negative log likelihood of class indices, given log-probabilities, as nll_loss does."""
    check_reduction(reduction)
    check_target(x, target)
    shape, rank = tuple(x.shape), len(x.shape)
    classes = shape[0] if rank == 1 else shape[1]
    if weight is not None and math.prod(weight.shape) != classes:
        raise RuntimeFault(
            "E301",
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}",
        )
    folded = rank == 3 or rank > 4
    wanted = tuple(target.shape)
    if folded:
        space = math.prod(shape[2:])
        x = m.reshape(x, shape=(*shape[:2], 1, space), rank=rank)
        target = m.reshape(target, shape=(shape[0], 1, space), rank=len(wanted))
    params = {
        "dim": -1 if rank == 1 else 1 - len(x.shape),
        "ignore": ignore,
        "weighted": weight is not None,
        "reduction": reduction,
        "rank": len(target.shape),
    }
    loss = m.apply(nll, (x, target, 1 if weight is None else weight), params)
    return m.reshape(loss, shape=wanted, rank=3) if folded and reduction == "none" else loss


@composite(
    "nll_loss",
    faces="F",
    family=FAMILY,
    source=_SOURCE,
    example="F.nll_loss(log_softmax(x, 1), tensor([0, 1]))",
    summary="Negative log likelihood of class indices, given log-probabilities.",
)
def nll_loss(
    m: Any,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    return nll_of(m, input, target, weight, ignore_index, reduction_name(size_average, reduce, reduction))
