"""Convolutions and their transposes, in one, two and three dims."""

# ruff: noqa: A001, A002, N812, PLR0913 - PyTorch's names and signatures; functional is F by custom

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import empty
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.init import fans, kaiming_uniform_, uniform_
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

PADDINGS = ("valid", "same")
MODES = ("zeros", "reflect", "replicate", "circular")


def _per_dim(value: Any, dims: int) -> tuple[int, ...]:
    return (value,) * dims if isinstance(value, int) else tuple(value)


class _Convolution(Module):
    """Weight, bias and settings of a convolution or its transpose.

    Attributes:
        dims: how many dims the kernel has.
        transposed: whether it is a transpose.

    Raises:
        ValueFault: the settings do not go together.
    """

    dims = 0
    transposed = False

    def _prepare(
        self, channels: tuple[int, int], settings: dict[str, Any], *, bias: bool, dtype: Any
    ) -> None:
        """Keeps the settings, then draws weight and bias."""
        into, out = channels
        groups = settings["groups"]
        if groups <= 0:
            raise ValueFault("E303", "groups must be a positive integer")
        for name, count in (("in_channels", into), ("out_channels", out)):
            if count % groups:
                raise ValueFault("E303", f"{name} must be divisible by groups")
        self.in_channels, self.out_channels = into, out
        for name in ("kernel_size", "stride", "padding", "dilation", "output_padding"):
            given = settings[name]
            self.__dict__[name] = given if isinstance(given, str) else _per_dim(given, self.dims)
        self.groups, self.padding_mode = groups, settings["padding_mode"]
        self._check()
        first, second = (into, out // groups) if self.transposed else (out, into // groups)
        self.weight = Parameter(empty((first, second, *self.kernel_size), dtype=dtype))
        self.register_parameter("bias", Parameter(empty((out,), dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _check(self) -> None:
        if isinstance(self.padding, str):
            if self.padding not in PADDINGS:
                raise ValueFault(
                    "E303", f"Invalid padding string {self.padding!r}, should be one of {set(PADDINGS)}"
                )
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueFault("E303", "padding='same' is not supported for strided convolutions")
        if self.padding_mode not in MODES:
            raise ValueFault(
                "E303",
                f"padding_mode must be one of {set(MODES)}, but got padding_mode='{self.padding_mode}'",
            )

    def reset_parameters(self) -> None:
        """Draws weight and bias from uniforms within 1 / sqrt(fan_in)."""
        kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = fans(self.weight)
            bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
            uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Its sizes, and what differs from the defaults."""
        shown = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        )
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            value = self.__dict__[name]
            if value != (usual,) * len(value):
                shown += f", {name}={value}"
        shown += f", groups={self.groups}" if self.groups != 1 else ""
        shown += ", bias=False" if self.bias is None else ""
        return shown + (f", padding_mode={self.padding_mode}" if self.padding_mode != "zeros" else "")


class _Forward(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        settings = {
            "kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation,
            "output_padding": 0, "groups": groups, "padding_mode": padding_mode,
        }  # fmt: skip
        self._prepare((in_channels, out_channels), settings, bias=bias, dtype=dtype)

    def forward(self, input: Any) -> Any:
        """(N, C, ...) or (C, ...) convolved."""
        function = (F.conv1d, F.conv2d, F.conv3d)[self.dims - 1]
        padding = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._margins(), mode=self.padding_mode)
            padding = (0,) * self.dims
        return function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _margins(self) -> list[int]:
        """What to pad before and after, the last dim first."""
        margins: list[int] = []
        for dim in reversed(range(self.dims)):
            if not isinstance(self.padding, str):
                margins += [self.padding[dim]] * 2
            else:
                total = self.dilation[dim] * (self.kernel_size[dim] - 1) if self.padding == "same" else 0
                margins += [total // 2, total - total // 2]
        return margins


class Conv1d(_Forward):
    """A convolution of (N, C, L) or (C, L)."""

    dims = 1


class Conv2d(_Forward):
    """A convolution of (N, C, H, W) or (C, H, W)."""

    dims = 2


class Conv3d(_Forward):
    """A convolution of (N, C, D, H, W) or (C, D, H, W)."""

    dims = 3


class _Transposed(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        if padding_mode != "zeros":
            raise ValueFault("E303", f'Only "zeros" padding mode is supported for {self._get_name()}')
        settings = {
            "kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation,
            "output_padding": output_padding, "groups": groups, "padding_mode": padding_mode,
        }  # fmt: skip
        self._prepare((in_channels, out_channels), settings, bias=bias, dtype=dtype)

    def forward(self, input: Any, output_size: Any = None) -> Any:
        """(N, C, ...) or (C, ...) convolved with the transpose; the output's size may be asked for."""
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.dims - 1]
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        return function(
            input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, input: Any, output_size: Any) -> tuple[int, ...]:
        """The output padding that gives a size.

        Raises:
            ValueFault: none does.
        """
        lead = len(input.shape) - self.dims
        asked = list(output_size)
        wanted = asked[lead:] if len(asked) == lead + self.dims else asked
        if len(wanted) != self.dims:
            raise ValueFault(
                "E301",
                f"ConvTranspose{self.dims}D: for {len(input.shape)}D input, output_size must have "
                f"{self.dims} or {lead + self.dims} elements (got {len(wanted)})",
            )
        least = [
            (input.shape[lead + dim] - 1) * self.stride[dim]
            - 2 * self.padding[dim]
            + self.dilation[dim] * (self.kernel_size[dim] - 1)
            + 1
            for dim in range(self.dims)
        ]
        most = [size + step - 1 for size, step in zip(least, self.stride, strict=True)]
        if any(not low <= size <= high for low, size, high in zip(least, wanted, most, strict=True)):
            raise ValueFault(
                "E301",
                f"requested an output size of {wanted}, but valid sizes range from {least} to {most} (for "
                "an input "
                f"of {input.shape[2:]})",
            )
        return tuple(size - low for size, low in zip(wanted, least, strict=True))


class ConvTranspose1d(_Transposed):
    """The transpose of a convolution of (N, C, L) or (C, L)."""

    dims = 1


class ConvTranspose2d(_Transposed):
    """The transpose of a convolution of (N, C, H, W) or (C, H, W)."""

    dims = 2


class ConvTranspose3d(_Transposed):
    """The transpose of a convolution of (N, C, D, H, W) or (C, D, H, W)."""

    dims = 3
