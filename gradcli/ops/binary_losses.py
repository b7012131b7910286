"""Binary cross entropy, of probabilities and of logits."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.kink import Kink
from gradcli.ops.loss_reduction import (
    check_reduction,
    gather_tangent,
    reduced_values,
    reduction_name,
    spread_cotangent,
)
from gradcli.ops.record import composite, general
from gradcli.ops.refusals import check_kind
from gradcli.ops.shapes import Shape, broadcast_all

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

FAMILY = "loss"

_SOURCE = "Bishop, Pattern Recognition and Machine Learning, eq. (4.90)"
_FLOOR = -100.0  # PyTorch's least logarithm in this loss
_EPSILON = 1e-12  # and the least x (1 - x) its derivative divides by


def _entropy(x: Any, target: Any, weight: Any, *, reduction: str, rank: int) -> Any:
    if not np.all((x >= 0) & (x <= 1)):
        raise RuntimeFault(
            "E303",
            "all elements of input should be between 0 and 1",
            help="give logits to binary_cross_entropy_with_logits, or sigmoid(x)",
        )
    logs = np.maximum(np.log(x), _FLOOR), np.maximum(np.log1p(-x), _FLOOR)
    return reduced_values(((target - 1) * logs[1] - target * logs[0]) * weight, rank, reduction)


def _entropy_slope(m: Any, x: Any, target: Any, weight: Any) -> Any:
    product = x * (1 - x)
    enough = m.gt(product, _EPSILON)
    return weight * (x - target) / m.where(enough, product, _EPSILON)


def _entropy_vjp(
    m: Any, g: Any, x: Any, target: Any, weight: Any, shapes: Sequence[Shape], reduction: str
) -> Any:
    return spread_cotangent(m, g, broadcast_all(shapes), reduction) * _entropy_slope(m, x, target, weight)


def _target_slope(m: Any, x: Any, weight: Any) -> Any:
    return weight * (m.log(1 - x) - m.log(x))


def _plain(m: Any, x: Any, target: Any, weight: Any, reduction: str, rank: int) -> Any:
    return gather_tangent(
        m, -weight * (target * m.log(x) + (1 - target) * m.log(1 - x)), (1,) * rank, reduction
    )


def _samples(s: Any) -> Any:
    return [
        ((s.unit(2, 3), s.unit(2, 3), s.positive(3)), {"reduction": reduction, "rank": 2})
        for reduction in ("mean", "sum", "none")
    ]


def _infer(*shapes: Shape, reduction: str, rank: int) -> Shape:
    shape = broadcast_all(shapes)
    return shape if reduction == "none" else ()


binary_entropy = general(
    "binary_entropy",
    args=("x", "target", "weight"),
    node="BinaryCrossEntropyBackward0",
    numpy=_entropy,
    complex=False,
    definition=_plain,
    vjps=(
        _entropy_vjp,
        lambda m, g, x, weight, shapes, reduction: (
            spread_cotangent(m, g, broadcast_all(shapes), reduction) * _target_slope(m, x, weight)
        ),
        None,
    ),
    jvps=(
        lambda m, t, x, target, weight, shapes, reduction: gather_tangent(
            m, t * _entropy_slope(m, x, target, weight), broadcast_all(shapes), reduction
        ),
        lambda m, t, x, weight, shapes, reduction: gather_tangent(
            m, t * _target_slope(m, x, weight), broadcast_all(shapes), reduction
        ),
        None,
    ),
    infer=_infer,
    faces="",
    family=FAMILY,
    samples=_samples,
    kinks=(
        Kink(
            "logarithms are at least -100, and the derivative divides by at least 1e-12",
            *("ends", "ends", ""),
        ),
    ),
    summary="Binary cross entropies of probabilities, weighted and reduced.",
    source=_SOURCE,
)


def _entropy_of_logits(x: Any, target: Any, weight: Any, positive: Any, *, reduction: str, rank: int) -> Any:
    # log(1 + exp(-x)) by its distance from max(-x, 0), which never overflows.
    slack = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
    losses = (1 - target) * x + ((positive - 1) * target + 1) * slack
    return reduced_values(losses * weight, rank, reduction)


def _logit_slope(m: Any, x: Any, target: Any, weight: Any, positive: Any) -> Any:
    favour = positive * target
    return weight * ((favour + 1 - target) * m.sigmoid(x) - favour)


def _logit_target_slope(m: Any, x: Any, weight: Any, positive: Any) -> Any:
    return -weight * (x + (positive - 1) * m.logsigmoid(x))


def _logit_plain(m: Any, x: Any, target: Any, weight: Any, positive: Any, reduction: str, rank: int) -> Any:
    chance = 1 / (1 + m.exp(-x))
    losses = -weight * (positive * target * m.log(chance) + (1 - target) * m.log(1 - chance))
    return gather_tangent(m, losses, (1,) * rank, reduction)


binary_entropy_of_logits = general(
    "binary_entropy_of_logits",
    args=("x", "target", "weight", "positive"),
    node="BinaryCrossEntropyWithLogitsBackward0",
    numpy=_entropy_of_logits,
    complex=False,
    definition=_logit_plain,
    vjps=(
        lambda m, g, x, target, weight, positive, shapes, reduction: (
            spread_cotangent(m, g, broadcast_all(shapes), reduction)
            * _logit_slope(m, x, target, weight, positive)
        ),
        lambda m, g, x, weight, positive, shapes, reduction: (
            spread_cotangent(m, g, broadcast_all(shapes), reduction)
            * _logit_target_slope(m, x, weight, positive)
        ),
        None,
        None,
    ),
    jvps=(
        lambda m, t, x, target, weight, positive, shapes, reduction: gather_tangent(
            m, t * _logit_slope(m, x, target, weight, positive), broadcast_all(shapes), reduction
        ),
        lambda m, t, x, weight, positive, shapes, reduction: gather_tangent(
            m, t * _logit_target_slope(m, x, weight, positive), broadcast_all(shapes), reduction
        ),
        None,
        None,
    ),
    infer=_infer,
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.unit(2, 3), s.positive(3), s.positive(3)), {"reduction": reduction, "rank": 2})
        for reduction in ("mean", "sum", "none")
    ],
    summary="Binary cross entropies of logits, weighted and reduced, without overflow.",
    source=_SOURCE,
)


@composite(
    "binary_cross_entropy",
    faces="F",
    family=FAMILY,
    source=_SOURCE,
    summary="Binary cross entropy of probabilities against targets.",
    example="F.binary_cross_entropy(sigmoid(x), ones(2, 2))",
)
def binary_cross_entropy(
    m: Any,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    if tuple(input.shape) != tuple(target.shape):
        raise ValueFault(
            "E301",
            f"Using a target size (torch.Size({list(target.shape)})) that is different to the input size "
            f"(torch.Size({list(input.shape)})) is deprecated. Please ensure they have the same size.",
        )
    if "f" in (input.dtype.kind, target.dtype.kind) and input.dtype.kind != target.dtype.kind:
        raise RuntimeFault(
            "E304", f"Found dtype {scalar_type(target.dtype)} but expected {scalar_type(input.dtype)}"
        )
    params = {"reduction": reduction, "rank": len(input.shape)}
    return m.apply(binary_entropy, (input, target, 1 if weight is None else weight), params)


@composite(
    "binary_cross_entropy_with_logits",
    faces="F",
    family=FAMILY,
    source=_SOURCE,
    summary="Binary cross entropy of sigmoid(x) against targets, from the logits x.",
    example="F.binary_cross_entropy_with_logits(x, ones(2, 2))",
)
def binary_cross_entropy_with_logits(
    m: Any,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    if tuple(input.shape) != tuple(target.shape):
        raise ValueFault(
            "E301",
            f"Target size (torch.Size({list(target.shape)})) must be the same as input size "
            f"(torch.Size({list(input.shape)}))",
        )
    if input.dtype.kind != "f":
        check_kind(binary_entropy_of_logits.name, input.dtype, [])
    weights = tuple(1 if value is None else value for value in (weight, pos_weight))
    params = {"reduction": reduction, "rank": len(input.shape)}
    return m.apply(binary_entropy_of_logits, (input, target, *weights), params)
