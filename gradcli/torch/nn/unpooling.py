"""Layers that undo max pooling, and pooling by power means."""

# ruff: noqa: A002, N812 - PyTorch's names; functional is F by custom

from __future__ import annotations

from typing import Any

from gradcli.torch.nn import functional as F
from gradcli.torch.nn.module import Module

__all__ = ["LPPool1d", "LPPool2d", "LPPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]


class _MaxUnpool(Module):
    dims = 0

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = self._each(kernel_size)
        self.stride = self.kernel_size if stride is None else self._each(stride)
        self.padding = self._each(padding)

    def _each(self, value: Any) -> tuple[int, ...]:
        return (value,) * self.dims if isinstance(value, int) else tuple(value)

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        """The maxima where they were, and zeros around them."""
        function = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[self.dims - 1]
        return function(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Maxima back in their places, in one dim."""

    dims = 1


class MaxUnpool2d(_MaxUnpool):
    """Maxima back in their places, in two dims."""

    dims = 2


class MaxUnpool3d(_MaxUnpool):
    """Maxima back in their places, in three dims."""

    dims = 3


class _LPPool(Module):
    dims = 0

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    def forward(self, input: Any) -> Any:
        """The norm of each window."""
        function = (F.lp_pool1d, F.lp_pool2d, F.lp_pool3d)[self.dims - 1]
        return function(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """Its settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The p-norm of each window, in one dim."""

    dims = 1


class LPPool2d(_LPPool):
    """The p-norm of each window, in two dims."""

    dims = 2


class LPPool3d(_LPPool):
    """The p-norm of each window, in three dims."""

    dims = 3
