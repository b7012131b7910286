"""Losses with a margin: of embeddings, rankings and triplets."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.loss_reduction import check_reduction, reduction_name
from gradcli.ops.loss_reduction import reduce as reduced_loss
from gradcli.ops.record import Record, composite
from gradcli.ops.similarity import pairwise_distance

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

FAMILY = "loss"


def _loss(name: str, summary: str, example: str) -> Callable[[Callable[..., Any]], Record]:
    source = f"PyTorch reference, nn.functional.{name}"
    return composite(name, faces="F", family=FAMILY, summary=summary, source=source, example=example)


def _hinge(m: Any, x: Any) -> Any:
    return m.clamp_min(x, min=0)


@_loss(
    "hinge_embedding_loss",
    "x where the target is 1, max(0, margin - x) where it is -1.",
    "F.hinge_embedding_loss(x, ones(2, 2))",
)
def hinge_embedding_loss(
    m: Any,
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    apart = m.masked(_hinge(m, margin - input), m.ne(target, 1))
    near = m.masked(input, m.ne(target, -1))
    return reduced_loss(m, apart + near, reduction_name(size_average, reduce, reduction))


@_loss(
    "cosine_embedding_loss",
    "1 - cos where the target is 1, max(0, cos - margin) where it is -1.",
    "F.cosine_embedding_loss(x, x + 1, ones(2))",
)
def cosine_embedding_loss(
    m: Any,
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    rank = len(target.shape)
    if rank > 1:
        raise RuntimeFault(
            "E301", f"0D or 1D target tensor expected, multi-target not supported, got {rank}D"
        )
    if len(input1.shape) != rank + 1 or len(input2.shape) != rank + 1:
        raise RuntimeFault(
            "E301",
            f"{rank}D target tensor expects {rank + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}.",
        )
    total = {"dims": (-1,), "keepdim": False, "full": False}
    product = m.sum_dims(input1 * input2, **total)
    lengths = [m.sum_dims(x * x, **total) + 1e-12 for x in (input1, input2)]
    cosine = product / m.sqrt(lengths[0] * lengths[1])
    near = m.masked(1 - cosine, m.eq(target, 1))
    apart = m.masked(_hinge(m, cosine - margin), m.eq(target, -1))
    return reduced_loss(m, near + apart, reduction_name(size_average, reduce, reduction))


@_loss(
    "margin_ranking_loss",
    "max(0, margin - y (x1 - x2)) for targets y of 1 and -1.",
    "F.margin_ranking_loss(x, 2 * x, ones(2, 2))",
)
def margin_ranking_loss(
    m: Any,
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    ranks = [len(value.shape) for value in (input1, input2, target)]
    if len(set(ranks)) > 1:
        sizes = [f"torch.Size({list(value.shape)})" for value in (input1, input2, target)]
        raise RuntimeFault(
            "E301",
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
            f"{sizes[0]}, input2: {sizes[1]}, target: {sizes[2]} ",
        )
    loss = _hinge(m, -target * (input1 - input2) + margin)
    return reduced_loss(m, loss, reduction_name(size_average, reduce, reduction))


def _triplet(m: Any, near: Any, apart: Any, between: Any, margin: float, reduction: str) -> Any:
    if between is not None:
        apart = m.minimum(apart, between)
    return reduced_loss(m, _hinge(m, margin + near - apart), reduction)


@_loss(
    "triplet_margin_loss",
    "max(0, margin + d(anchor, positive) - d(anchor, negative)) with p-norm distances.",
    "F.triplet_margin_loss(x, 2 * x, 3 * x)",
)
def triplet_margin_loss(
    m: Any,
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    if margin <= 0:
        raise ValueFault("E303", f"margin must be greater than 0, got {margin}")
    distance: Callable[..., Any] = pairwise_distance.front  # type: ignore[assignment] # a composite has a front
    between = distance(m, positive, negative, p, eps) if swap else None
    near, apart = distance(m, anchor, positive, p, eps), distance(m, anchor, negative, p, eps)
    return _triplet(m, near, apart, between, margin, reduction)


@_loss(
    "triplet_margin_with_distance_loss",
    "The triplet margin loss with a distance of one's own.",
    "F.triplet_margin_with_distance_loss(x, 2 * x, 3 * x)",
)
def triplet_margin_with_distance_loss(
    m: Any,
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Any = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    check_reduction(reduction)
    if margin <= 0:
        raise ValueFault("E303", f"margin must be greater than 0, got {margin}")

    def distance(a: Any, b: Any) -> Any:
        return m.pairwise_distance(a, b) if distance_function is None else distance_function(a, b)

    near, apart = distance(anchor, positive), distance(anchor, negative)
    return _triplet(m, near, apart, distance(positive, negative) if swap else None, margin, reduction)


@_loss(
    "multilabel_soft_margin_loss",
    "The mean over classes of the binary cross entropies of logits.",
    "F.multilabel_soft_margin_loss(x, ones(2, 2))",
)
def multilabel_soft_margin_loss(
    m: Any,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    loss = -(target * m.logsigmoid(input) + (1 - target) * m.logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    classes = input.shape[-1]
    loss = m.sum_dims(loss, dims=(-1,), keepdim=False, full=False) / classes
    return reduced_loss(m, loss, reduction_name(size_average, reduce, reduction))
