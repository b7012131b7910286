"""Normalisation layers. Their sources stand with the operations, in gradcli.ops.normalization."""

# PyTorch's names and signatures; functional is F by custom; Tensor's fields are this package's own.
# ruff: noqa: A002, N812, PLR0913

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.tensor import make
from gradcli.diagnostics import ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import ones, zeros
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter
from gradcli.torch.nn.state import overwrite

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d",
    "InstanceNorm3d", "LayerNorm", "LocalResponseNorm", "RMSNorm",
]  # fmt: skip


class _Affine(Module):
    """A layer that scales and shifts what it normalised."""

    def _give(self, shape: tuple[int, ...], *, affine: bool, bias: bool, dtype: Any) -> None:
        self.register_parameter("weight", Parameter(ones(shape, dtype=dtype)) if affine else None)
        self.register_parameter("bias", Parameter(zeros(shape, dtype=dtype)) if affine and bias else None)

    def reset_parameters(self) -> None:
        """Makes the scale ones and the shift zeros."""
        for name, value in (("weight", 1.0), ("bias", 0.0)):
            param = self._parameters.get(name)
            if param is not None:
                overwrite(param, value)


class _ChannelNorm(_Affine):
    """A normalisation of channels, with running statistics if it keeps them.

    Attributes:
        ranks: how many dims the input may have.
    """

    ranks: tuple[int, ...] = ()

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_device(device)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._give((num_features,), affine=affine, bias=bias, dtype=dtype)
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros((num_features,), dtype=dtype) if tracked else None)
        self.register_buffer("running_var", ones((num_features,), dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", make(np.array(0)) if tracked else None)

    def reset_running_stats(self) -> None:
        """Forgets what was seen."""
        if self.track_running_stats:
            overwrite(self.running_mean, 0)
            overwrite(self.running_var, 1)
            overwrite(self.num_batches_tracked, 0)

    def _check(self, input: Any) -> None:
        if len(input.shape) not in self.ranks:
            wanted = " or ".join(f"{rank}D" for rank in self.ranks)
            raise ValueFault("E301", f"expected {wanted} input (got {len(input.shape)}D input)")

    def extra_repr(self) -> str:
        """Its settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_ChannelNorm):
    def forward(self, input: Any) -> Any:
        """The input normalised by its own statistics while training, else by the running ones."""
        self._check(input)
        share = 0.0 if self.momentum is None else self.momentum
        learns = self.training and self.track_running_stats
        if learns and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # a plain average of all batches
                share = 1.0 / float(self.num_batches_tracked)
        own = self.training or (self.running_mean is None and self.running_var is None)
        used = learns or not self.training
        return F.batch_norm(
            input,
            self.running_mean if used else None,
            self.running_var if used else None,
            self.weight,
            self.bias,
            own,
            share,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """Channels of (N, C) or (N, C, L) normalised over the batch."""

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Channels of (N, C, H, W) normalised over the batch."""

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Channels of (N, C, D, H, W) normalised over the batch."""

    ranks = (5,)


class _InstanceNorm(_ChannelNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Any) -> Any:
        """The input, each channel of each instance normalised."""
        self._check(input)
        single = len(input.shape) == self.ranks[0]
        place = 0 if single else 1
        if input.shape[place] != self.num_features:
            self._refuse(place, input.shape[place])
        found = F.instance_norm(
            input.unsqueeze(0) if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return found.squeeze(0) if single else found

    def _refuse(self, place: int, size: int) -> None:
        if self.affine:
            raise ValueFault(
                "E301",
                f"expected input's size at dim={place} to match num_features ({self.num_features}), but got: "
                f"{size}.",
            )
        from warnings import warn  # a mistake; not worth the start-up

        warn(
            f"input's size at dim={place} does not match num_features. You can silence this warning by not "
            "passing "
            "in num_features, which is not used because affine=False",
            UserWarning,
            stacklevel=4,
        )


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each instance of (N, C, L) or (C, L) normalised."""

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each instance of (N, C, H, W) or (C, H, W) normalised."""

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Each channel of each instance of (N, C, D, H, W) or (C, D, H, W) normalised."""

    ranks = (4, 5)


def _sizes(normalized_shape: Any) -> tuple[int, ...]:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)


class LayerNorm(_Affine):
    """The last dims normalised together, instance by instance."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        self.normalized_shape, self.eps = _sizes(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        self._give(self.normalized_shape, affine=elementwise_affine, bias=bias, dtype=dtype)

    def forward(self, input: Any) -> Any:
        """The input normalised."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_Affine):
    """The last dims over their root mean square, instance by instance."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        self.normalized_shape, self.eps = _sizes(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        scale = Parameter(ones(self.normalized_shape, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", scale)

    def forward(self, x: Any) -> Any:
        """The input normalised."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(_Affine):
    """Groups of channels normalised together, instance by instance.

    Raises:
        ValueFault: the groups do not divide the channels.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_device(device)
        if num_channels % num_groups:
            raise ValueFault(
                "E303", f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._give((num_channels,), affine=affine, bias=bias, dtype=dtype)

    def forward(self, input: Any) -> Any:
        """The input normalised."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """The input over a power of the mean square of neighbouring channels."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        """The input normalised."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
