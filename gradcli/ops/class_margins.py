"""Hinge losses against one class or a set of classes."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A001, A002, PLR0913, PLR2004

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.algebra import NUMPY
from gradcli.ops.classification import check_classes
from gradcli.ops.kink import Kink
from gradcli.ops.loss_reduction import check_reduction, gather_tangent, reduction_name, spread_cotangent
from gradcli.ops.record import composite, general

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "loss"


def _excess(m: Any, x: Any, target: Any, x_shape: Shape, margin: float) -> tuple[Any, Any]:
    """The excess margin - x_target + x_j of each class j, and where it counts: > 0, j not the target."""
    at = m.unsqueeze(target, dim=-1)
    excess = margin - m.take_along(x, at, dim=-1, keepdim=True) + x
    own = m.put_along(
        m.ones_like(m.take_along(x, at, dim=-1, keepdim=True)), at, shape=x_shape, dim=-1, keepdim=True
    )
    return excess, m.logical_and(m.gt(excess, 0), m.eq(own, 0))


def _factor(m: Any, x: Any, target: Any, weight: Any, weighted: bool) -> Any:
    """The weight of each row over the number of classes, with a dim for them."""
    share = 1 / x.shape[-1]
    return m.unsqueeze(m.index(weight, target, dims=(-1,), rank=1), dim=-1) * share if weighted else share


def _multi_margin(
    m: Any,
    x: Any,
    target: Any,
    weight: Any,
    *,
    power: int,
    margin: float,
    weighted: bool,
    reduction: str,
    rank: int,
) -> Any:
    excess, counts = _excess(m, x, target, tuple(x.shape[-1 - rank :]), margin)
    powered = m.pow_scalar(excess, exponent=power) * _factor(m, x, target, weight, weighted)
    rows = m.sum_dims(m.masked(powered, counts), dims=(-1,), keepdim=False)
    return gather_tangent(m, rows, (1,) * rank, reduction)


def _multi_margin_numpy(x: Any, target: Any, weight: Any, **params: Any) -> Any:
    target = np.asarray(target)
    check_classes(target, np.ones(target.shape, bool), x.shape[-1])
    return _multi_margin(NUMPY, x, target, weight, **params)


def _multi_margin_slope(
    m: Any, x: Any, target: Any, weight: Any, x_shape: Shape, power: int, margin: float, weighted: bool
) -> Any:
    """The derivative of a row's loss in each margin that counts."""
    excess, counts = _excess(m, x, target, x_shape, margin)
    slope = power * m.pow_scalar(excess, exponent=power - 1) if power > 1 else m.ones_like(excess)
    return m.masked(slope * _factor(m, x, target, weight, weighted), counts)


def _multi_margin_vjp(
    m: Any,
    g: Any,
    x: Any,
    target: Any,
    weight: Any,
    x_shape: Shape,
    power: int,
    margin: float,
    weighted: bool,
    reduction: str,
) -> Any:
    rows = spread_cotangent(m, g, tuple(x_shape[:-1]), reduction)
    slope = m.unsqueeze(rows, dim=-1) * _multi_margin_slope(
        m, x, target, weight, x_shape, power, margin, weighted
    )
    back = m.put_along(
        m.sum_dims(slope, dims=(-1,), keepdim=False), target, shape=x_shape, dim=-1, keepdim=False
    )
    return slope - back


def _multi_margin_jvp(
    m: Any,
    t: Any,
    x: Any,
    target: Any,
    weight: Any,
    x_shape: Shape,
    power: int,
    margin: float,
    weighted: bool,
    reduction: str,
) -> Any:
    slope = _multi_margin_slope(m, x, target, weight, x_shape, power, margin, weighted)
    moved = t - m.take_along(t, m.unsqueeze(target, dim=-1), dim=-1, keepdim=True)
    return gather_tangent(
        m, m.sum_dims(slope * moved, dims=(-1,), keepdim=False), tuple(x_shape[:-1]), reduction
    )


multi_margin = general(
    "multi_margin",
    args=("x", "target", "weight"),
    discrete=("target", "weight"),
    node="MultiMarginLossBackward0",
    numpy=_multi_margin_numpy,
    complex=False,
    definition=_multi_margin,
    vjps=(_multi_margin_vjp, None, None),
    jvps=(_multi_margin_jvp, None, None),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [
        (
            (s.normal(4, 3), s.integers(3, 4), 1),
            {"power": power, "margin": 1.0, "weighted": False, "reduction": "mean", "rank": 1},
        )
        for power in (1, 2)
    ],
    kinks=(Kink("where a margin is met exactly the derivative is 0", "smaller"),),
    summary="Hinge losses of each class against the target's, reduced.",
    source="Crammer and Singer, Multiclass Kernel-based Vector Machines (2001)",
)


def _label_sets(m: Any, x: Any, target: Any, x_shape: Shape) -> tuple[Any, Any, Any]:
    """Which entries of the target count, being before a negative one; where they point; what they name."""
    ended = m.cumsum(m.cast_like(m.lt(target, 0), x), dim=-1, reverse=False)
    valid = m.eq(ended, 0)
    at = m.where(valid, target, 0)
    named = m.add_along(m.cast_like(valid, x), at, shape=x_shape, dim=-1)
    return valid, at, m.gt(named, 0)


def _label_excess(m: Any, x: Any, target: Any, x_shape: Shape) -> tuple[Any, Any, Any]:
    """1 - x_label + x_class for each label (rows) and class (columns), where that counts, and the labels."""
    valid, at, named = _label_sets(m, x, target, x_shape)
    labels = m.pick_along(x, at, dim=-1)
    excess = 1 - m.unsqueeze(labels, dim=-1) + m.unsqueeze(x, dim=-2)
    pairs = m.logical_and(m.unsqueeze(valid, dim=-1), m.logical_not(m.unsqueeze(named, dim=-2)))
    return excess, m.logical_and(m.gt(excess, 0), pairs), at


def _multilabel(m: Any, x: Any, target: Any, *, reduction: str, rank: int) -> Any:
    shape = tuple(x.shape[x.ndim - rank - 1 :])
    excess, counts, _ = _label_excess(m, x, target, shape)
    rows = m.sum_dims(m.masked(excess, counts), dims=(-2, -1), keepdim=False) / shape[-1]
    return gather_tangent(m, rows, (1,) * rank, reduction)


def _multilabel_vjp(m: Any, g: Any, x: Any, target: Any, x_shape: Shape, reduction: str) -> Any:
    rows = spread_cotangent(m, g, tuple(x_shape[:-1]), reduction) / x_shape[-1]
    excess, counts, at = _label_excess(m, x, target, x_shape)
    each = m.masked(m.unsqueeze(m.unsqueeze(rows, dim=-1), dim=-1) * m.ones_like(excess), counts)
    labels = m.sum_dims(each, dims=(-1,), keepdim=False)
    return m.sum_dims(each, dims=(-2,), keepdim=False) - m.add_along(labels, at, shape=x_shape, dim=-1)


def _multilabel_jvp(m: Any, t: Any, x: Any, target: Any, x_shape: Shape, reduction: str) -> Any:
    _, counts, at = _label_excess(m, x, target, x_shape)
    moved = m.unsqueeze(t, dim=-2) - m.unsqueeze(m.pick_along(t, at, dim=-1), dim=-1)
    rows = m.sum_dims(m.masked(moved, counts), dims=(-2, -1), keepdim=False) / x_shape[-1]
    return gather_tangent(m, rows, tuple(x_shape[:-1]), reduction)


multilabel_margin = general(
    "multilabel_margin",
    args=("x", "target"),
    discrete=("target",),
    node="MultilabelMarginLossBackward0",
    numpy=partial(_multilabel, NUMPY),
    complex=False,
    definition=_multilabel,
    vjps=(_multilabel_vjp, None),
    jvps=(_multilabel_jvp, None),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 4), np.array([[3, 0, -1, 1], [1, -1, 0, 0]])), {"reduction": reduction, "rank": 1})
        for reduction in ("mean", "sum", "none")
    ],
    kinks=(Kink("where a margin is met exactly the derivative is 0", "smaller"),),
    summary="Hinge losses of all other classes against each class of a set, reduced.",
    source="PyTorch derivatives.yaml, multilabel_margin_loss",
)


@composite(
    "multi_margin_loss",
    faces="F",
    family=FAMILY,
    example="F.multi_margin_loss(x, tensor([0, 1]))",
    summary="Hinge loss of each class against the target's.",
    source="Crammer and Singer, Multiclass Kernel-based Vector Machines (2001)",
)
def multi_margin_loss(
    m: Any,
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    if p not in {1, 2}:
        raise ValueFault("E303", "only p == 1 and p == 2 supported")
    if not len(input.shape):
        input = m.reshape(input, shape=(1,), rank=0)
    rank = len(input.shape)
    if rank > 2 or tuple(target.shape) not in {tuple(input.shape[:-1]), (1,) * (rank == 1)}:
        raise RuntimeFault(
            "E301",
            f"inconsistent target size, expected {list(input.shape[:-1])} but got {list(target.shape)}",
        )
    if rank == 1 and target.shape:
        target = m.reshape(target, shape=(), rank=1)
    params = {
        "power": p,
        "margin": float(margin),
        "weighted": weight is not None,
        "reduction": reduction,
        "rank": max(rank - 1, 0),
    }
    return m.apply(multi_margin, (input, target, 1 if weight is None else weight), params)


@composite(
    "multilabel_margin_loss",
    faces="F",
    family=FAMILY,
    example="F.multilabel_margin_loss(x, tensor([[0, -1], [1, -1]]))",
    summary="Hinge loss of all other classes against each class of a set, which ends at the first -1.",
    source="PyTorch reference, nn.functional.multilabel_margin_loss",
)
def multilabel_margin_loss(
    m: Any, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    if tuple(input.shape) != tuple(target.shape):
        raise RuntimeFault(
            "E301", f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}"
        )
    rank = max(len(input.shape) - 1, 0)
    if not len(input.shape):
        input, target = (m.reshape(value, shape=(1,), rank=0) for value in (input, target))
    return m.apply(multilabel_margin, (input, target), {"reduction": reduction, "rank": rank})
