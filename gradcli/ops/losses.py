"""Losses of one number against another: squared, absolute, Huber's, soft margin."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.loss_reduction import (
    check_reduction,
    gather_tangent,
    reduced_values,
    reduction_name,
    spread_cotangent,
)
from gradcli.ops.loss_reduction import reduce as reduced_loss
from gradcli.ops.record import Record, composite, general
from gradcli.ops.shapes import Shape, broadcast_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__: list[str] = []

FAMILY = "loss"


def _pointwise(
    name: str,
    value: Callable[..., Any],
    slope: Callable[..., Any],
    plain: Callable[..., Any],
    node: str,
    *,
    samples: Any,
    symmetric: bool = True,
    **facts: Any,
) -> Record:
    """A loss of a - b, or of a alone given b, reduced in the same node; `slope` is its partial in a."""

    def vjp(m: Any, g: Any, a: Any, b: Any, shapes: Sequence[Shape], reduction: str, scale: float) -> Any:
        return spread_cotangent(m, g, broadcast_all(shapes), reduction) * slope(m, a, b, scale)

    def jvp(m: Any, t: Any, a: Any, b: Any, shapes: Sequence[Shape], reduction: str, scale: float) -> Any:
        return gather_tangent(m, t * slope(m, a, b, scale), broadcast_all(shapes), reduction)

    def vjp_b(m: Any, g: Any, a: Any, b: Any, shapes: Sequence[Shape], reduction: str, scale: float) -> Any:
        return -vjp(m, g, a, b, shapes, reduction, scale)

    def jvp_b(m: Any, t: Any, a: Any, b: Any, shapes: Sequence[Shape], reduction: str, scale: float) -> Any:
        return -jvp(m, t, a, b, shapes, reduction, scale)

    def infer(a: Shape, b: Shape, *, reduction: str, scale: float, rank: int) -> Shape:
        shape = broadcast_all((a, b))
        return shape if reduction == "none" else ()

    def definition(m: Any, a: Any, b: Any, *, reduction: str, scale: float, rank: int) -> Any:
        return gather_tangent(m, plain(m, a, b, scale), (1,) * rank, reduction)

    return general(
        name,
        args=("a", "b"),
        node=node,
        numpy=lambda a, b, *, reduction, scale, rank: reduced_values(value(a, b, scale), rank, reduction),
        complex=facts.pop("complex", False),
        definition=definition,
        vjps=(vjp, vjp_b if symmetric else None),
        jvps=(jvp, jvp_b if symmetric else None),
        infer=infer,
        faces="",
        family=FAMILY,
        samples=samples,
        **facts,
    )


def _samples(scale: float) -> Callable[[Any], Any]:
    return lambda s: [
        ((s.normal(2, 3), s.normal(2, 3)), {"reduction": reduction, "scale": scale, "rank": 2})
        for reduction in ("mean", "sum", "none")
    ]


def _square(a: Any, b: Any, scale: float) -> Any:
    difference = np.subtract(a, b)
    return difference * difference


squared_error = _pointwise(
    "squared_error",
    _square,
    lambda m, a, b, scale: 2 * (a - b),
    lambda m, a, b, scale: (a - b) * (a - b),
    "MseLossBackward0",
    samples=_samples(1.0),
    complex=lambda a, b, *, reduction, scale, rank: reduced_values((a - b) ** 2, rank, reduction),
    summary="Squared differences, reduced.",
    source="PyTorch derivatives.yaml, mse_loss",
)


def _smooth(a: Any, b: Any, scale: float) -> Any:
    size = np.abs(a - b)
    return np.where(size < scale, 0.5 * size * size / scale, size - 0.5 * scale)


def _smooth_slope(m: Any, a: Any, b: Any, scale: float) -> Any:
    difference = a - b
    return m.where(m.lt(m.abs(difference), scale), difference / scale, m.sign(difference))


def _smooth_plain(m: Any, a: Any, b: Any, scale: float) -> Any:
    size = m.abs(a - b)
    return m.where(m.lt(size, scale), size * size / (2 * scale), size - scale / 2)


smooth_l1 = _pointwise(
    "smooth_l1",
    _smooth,
    _smooth_slope,
    _smooth_plain,
    "SmoothL1LossBackward0",
    samples=_samples(0.7),
    summary="Half squared differences over beta up to beta, absolute ones less beta / 2 above.",
    source="Girshick, Fast R-CNN (2015), eq. (3)",
)


def _huber(a: Any, b: Any, scale: float) -> Any:
    size = np.abs(a - b)
    return np.where(size <= scale, 0.5 * size * size, scale * (size - 0.5 * scale))


def _huber_slope(m: Any, a: Any, b: Any, scale: float) -> Any:
    difference = a - b
    return m.where(m.le(m.abs(difference), scale), difference, scale * m.sign(difference))


def _huber_plain(m: Any, a: Any, b: Any, scale: float) -> Any:
    size = m.abs(a - b)
    return m.where(m.le(size, scale), size * size / 2, scale * (size - scale / 2))


huber = _pointwise(
    "huber",
    _huber,
    _huber_slope,
    _huber_plain,
    "HuberLossBackward0",
    samples=_samples(0.7),
    summary="Half squared differences up to delta, delta times absolute ones less delta / 2 above.",
    source="Huber, Robust Estimation of a Location Parameter (1964)",
)


def _soft_margin_slope(m: Any, a: Any, b: Any, scale: float) -> Any:
    z = m.exp(-b * a)
    return -b * z / (1 + z)


soft_margin = _pointwise(
    "soft_margin",
    lambda a, b, scale: np.log1p(np.exp(-b * a)),
    _soft_margin_slope,
    lambda m, a, b, scale: m.log(1 + m.exp(-b * a)),
    "SoftMarginLossBackward0",
    symmetric=False,
    samples=_samples(1.0),
    summary="log(1 + exp(-y x)), reduced.",
    source="Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 10.6",
)


def _apply(m: Any, record: Record, values: tuple[Any, Any], reduction: str, scale: float = 1.0) -> Any:
    check_reduction(reduction)
    rank = max(len(value.shape) for value in values)
    return m.apply(record, values, {"reduction": reduction, "scale": float(scale), "rank": rank})


def _loss(name: str, summary: str, source: str, example: str = "") -> Callable[[Callable[..., Any]], Record]:
    return composite(
        name,
        faces="F",
        family=FAMILY,
        summary=summary,
        source=source,
        example=example or f"F.{name}(x, 2 * x)",
    )


@_loss("mse_loss", "Mean squared difference.", "Bishop, Pattern Recognition and Machine Learning, 1.5.5")
def mse_loss(
    m: Any,
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    if input.dtype.kind in "bui" and target.dtype.kind in "bui":
        broadcast_all((tuple(input.shape), tuple(target.shape)))  # PyTorch looks at the shapes first
        raise NotImplementedFault(
            "E304",
            f"\"mse_cpu\" not implemented for '{scalar_type(input.dtype)}'",
            help="convert it first: x.double()",
        )
    if weight is not None:
        return _weighted(m, _apply(m, squared_error, (input, target), "none"), weight, reduction)
    return _apply(m, squared_error, (input, target), reduction)


def _weighted(m: Any, loss: Any, weight: Any, reduction: str) -> Any:
    """The losses weighted; their mean is over the sum of the weights."""
    check_reduction(reduction)
    loss = loss * weight
    if reduction != "mean":
        return reduced_loss(m, loss, reduction)
    return reduced_loss(m, loss, "sum") / reduced_loss(m, weight, "sum")


@_loss("l1_loss", "Mean absolute difference.", "Bishop, Pattern Recognition and Machine Learning, 1.5.5")
def l1_loss(
    m: Any,
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    difference = m.abs(input - target)
    if weight is not None:
        return _weighted(m, difference, weight, reduction)
    check_reduction(reduction)
    return difference if reduction == "none" else (m.mean if reduction == "mean" else m.sum)(difference)


@_loss(
    "smooth_l1_loss",
    "Squared differences near 0, absolute ones beyond beta.",
    "Girshick, Fast R-CNN (2015), eq. (3)",
)
def smooth_l1_loss(
    m: Any,
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeFault("E303", "smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return l1_loss.front(m, input, target, reduction=reduction)  # type: ignore[misc] # a composite has a front
    return _apply(m, smooth_l1, (input, target), reduction, beta)


@_loss(
    "huber_loss",
    "Squared differences near 0, absolute ones beyond delta.",
    "Huber, Robust Estimation of a Location Parameter (1964)",
)
def huber_loss(
    m: Any, input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    if delta <= 0:
        raise RuntimeFault("E303", "huber_loss does not support non-positive values for delta.")
    if weight is not None:
        return _weighted(m, _apply(m, huber, (input, target), "none", delta), weight, reduction)
    return _apply(m, huber, (input, target), reduction, delta)


@_loss(
    "soft_margin_loss",
    "log(1 + exp(-y x)) for targets y of 1 and -1.",
    "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 10.6",
    "F.soft_margin_loss(x, ones(2, 2))",
)
def soft_margin_loss(
    m: Any, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    return _apply(m, soft_margin, (input, target), reduction_name(size_average, reduce, reduction))
