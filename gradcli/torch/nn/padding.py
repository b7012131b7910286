"""Layers that put numbers around their input."""

# ruff: noqa: A002, N812 - PyTorch's names; functional is F by custom

from __future__ import annotations

from typing import Any

from gradcli.torch.nn import functional as F
from gradcli.torch.nn.module import Module

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d",
    "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip


class _Pad(Module):
    """What surrounds the last dims: as much on all sides, or two numbers for each dim, last dim first."""

    dims = 0
    mode = ""

    def __init__(self, padding: Any) -> None:
        super().__init__()
        sides = 2 * self.dims
        self.padding = (padding,) * sides if isinstance(padding, int) else tuple(padding)

    def forward(self, input: Any) -> Any:
        """The padded input."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The numbers of elements on each side."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        """The padded input."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The numbers of elements on each side, and what they are."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """One number around the last dim."""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """One number around the last two dims."""

    dims = 2


class ConstantPad3d(_ConstantPad):
    """One number around the last three dims."""

    dims = 3


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The numbers of elements on each side."""
        return f"{self.padding}"


class ZeroPad1d(_ZeroPad):
    """Zeros around the last dim."""

    dims = 1


class ZeroPad2d(_ZeroPad):
    """Zeros around the last two dims."""

    dims = 2


class ZeroPad3d(_ZeroPad):
    """Zeros around the last three dims."""

    dims = 3


class ReflectionPad1d(_Pad):
    """The last dim mirrored at its ends."""

    dims, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """The last two dims mirrored at their ends."""

    dims, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """The last three dims mirrored at their ends."""

    dims, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """The elements at the ends of the last dim, repeated."""

    dims, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """The elements at the ends of the last two dims, repeated."""

    dims, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """The elements at the ends of the last three dims, repeated."""

    dims, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """The last dim continued from its other end."""

    dims, mode = 1, "circular"


class CircularPad2d(_Pad):
    """The last two dims continued from their other ends."""

    dims, mode = 2, "circular"


class CircularPad3d(_Pad):
    """The last three dims continued from their other ends."""

    dims, mode = 3, "circular"
