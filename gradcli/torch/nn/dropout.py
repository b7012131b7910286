"""Dropout layers: random zeros while training, nothing otherwise."""

# ruff: noqa: A002, N812 - PyTorch's names; functional is F by custom

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import ValueFault
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(Module):
    """A dropout with probability p.

    Raises:
        ValueFault: p is outside [0, 1].
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ValueFault("E303", f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """Its settings."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Elements zeroed with probability p, the others divided by 1 - p."""

    def forward(self, input: Any) -> Any:
        """The input, of any shape, with elements dropped."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """Whole channels of (N, C, L) or (C, L) zeroed with probability p."""

    def forward(self, input: Any) -> Any:
        """The input with channels dropped."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Whole channels of (N, C, H, W) zeroed with probability p."""

    def forward(self, input: Any) -> Any:
        """The input with channels dropped."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Whole channels of (N, C, D, H, W) zeroed with probability p."""

    def forward(self, input: Any) -> Any:
        """The input with channels dropped."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance of what SELU gives."""

    def forward(self, input: Any) -> Any:
        """The input, of any shape, with elements dropped."""
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels."""

    def forward(self, input: Any) -> Any:
        """The input with channels dropped."""
        return F.feature_alpha_dropout(input, self.p, self.training)
