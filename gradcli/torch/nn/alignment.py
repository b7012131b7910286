"""Losses of sequences and of triples with a distance of one's own."""

# ruff: noqa: N812 - functional is F by custom

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.torch.nn import functional as F
from gradcli.torch.nn.distance import PairwiseDistance
from gradcli.torch.nn.module import Module

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CTCLoss", "TripletMarginWithDistanceLoss"]


class CTCLoss(Module):
    """Connectionist temporal classification. Source: Graves et al. (2006)."""

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__()
        self.blank, self.reduction, self.zero_infinity = blank, reduction, zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        """The loss of (T, N, C) log-probabilities and targets."""
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )


class TripletMarginWithDistanceLoss(Module):
    """How much nearer the positive is to the anchor than the negative, by any distance."""

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self.margin, self.swap, self.reduction = margin, swap, reduction

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """The loss of three batches."""
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )
