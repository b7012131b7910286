"""Sliding and strided windows of a tensor, and pixels shuffled between channels and space."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.layout import along, memory
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, dim_from_right, flat_sizes, size_text

__all__: list[str] = []

FAMILY = "arrangement"


def _unfold(x: Any, *, dim: int, size: int, step: int) -> Any:
    if not x.ndim:
        return np.reshape(x, (1,))[:size]
    windows = np.lib.stride_tricks.sliding_window_view(x, size, dim, writeable=x.flags.writeable)
    return windows[along(dim - 1, slice(None, None, step))]


def _unfold_put(g: Any, *, shape: Shape, dim: int, size: int, step: int) -> Any:
    if not shape:
        return np.add.reduce(g, axis=-1)
    full = np.zeros(g.shape[: g.ndim - 1 - len(shape)] + shape, g.dtype)
    moved, windows = np.moveaxis(full, dim, -1), np.moveaxis(g, dim - 1, -2)
    places = np.arange(windows.shape[-2])[:, None] * step + np.arange(size)
    np.add.at(moved, along(-1, places), windows)
    return full


def _unfold_front(m: Any, input: Any, dimension: int, size: int, step: int) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    at = dim_from_right(dimension, len(shape))
    have = shape[at] if shape else 1
    if size < 0:
        raise RuntimeFault("E303", f"size is {size} but must be >= 0")
    if size > have:
        raise RuntimeFault(
            "E303",
            f"maximum size for tensor at dimension {len(shape) + at if shape else 0} is {have} but size "
            f"is {size}",
        )
    if step <= 0:
        raise RuntimeFault("E303", f"step is {step} but must be > 0")
    return m.apply(unfold, (input,), {"dim": at, "size": size, "step": step})


unfold = linear(
    "unfold_dim",
    node="UnfoldBackward0",
    numpy=_unfold,
    transposes=(
        lambda m, g, x_shape, dim, size, step: m.unfold_put(g, shape=x_shape, dim=dim, size=size, step=step),
    ),
    promote="keep",
    view=True,
    faces="",
    infer=lambda x, *, dim, size, step: (
        (*x[: len(x) + dim], (x[dim] - size) // step + 1, *x[len(x) + dim + 1 :], size) if x else (size,)
    ),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 5),), {"dim": -1, "size": 3, "step": 2}),
        ((s.normal(4, 2),), {"dim": -2, "size": 2, "step": 1}),
    ],
    summary="Sliding windows along a dim, as a new last dim; a view.",
    source="NumPy reference, numpy.lib.stride_tricks.sliding_window_view",
)

unfold_method = composite(
    "unfold",
    faces="method",
    family=FAMILY,
    summary="Sliding windows along a dim, as a new last dim; a view.",
    source="PyTorch reference, Tensor.unfold",
    example="x.unfold(0, 2, 1)",
)(_unfold_front)

unfold_put = linear(
    "unfold_put",
    node="UnfoldBackwardBackward0",
    numpy=_unfold_put,
    transposes=(lambda m, g, dim, size, step: m.unfold_dim(g, dim=dim, size=size, step=step),),
    promote="keep",
    faces="",
    infer=lambda x, *, shape, dim, size, step: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 2, 3),), {"shape": (2, 5), "dim": -1, "size": 3, "step": 2})],
    summary="Windows added up where they came from: the transpose of unfold.",
    source="NumPy reference, numpy.ufunc.at",
)


def _places(sizes: Shape, strides: Shape, offset: int) -> Any:
    places = np.array(offset)
    for size, stride in zip(sizes, strides, strict=True):
        places = places[..., None] + np.arange(size) * stride
    return places


as_strided_flat = linear(
    "as_strided_flat",
    node="AsStridedBackward0",
    numpy=lambda x, *, sizes, strides, offset, rank: np.reshape(x, (*x.shape[: x.ndim - rank], -1))[
        ..., _places(sizes, strides, offset)
    ],
    transposes=(
        lambda m, g, x_shape, sizes, strides, offset: m.take_put(
            g, _places(sizes, strides, offset), shape=x_shape
        ),
    ),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, *, sizes, strides, offset, rank: sizes,
    family=FAMILY,
    samples=lambda s: [((s.normal(6),), {"sizes": (2, 2), "strides": (1, 2), "offset": 1, "rank": 1})],
    summary="Elements at places in row-major order that strides name.",
    source="NumPy reference, numpy.lib.stride_tricks.as_strided",
)


@composite(
    "as_strided",
    family=FAMILY,
    summary="Elements at places that strides name, as a copy.",
    source="PyTorch reference, torch.as_strided",
    example="as_strided(x, (2,), (2,))",
)
def as_strided(m: Any, input: Any, size: Any, stride: Any, storage_offset: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    sizes, strides, offset = flat_sizes((tuple(size),)), flat_sizes((tuple(stride),)), storage_offset or 0
    if len(sizes) != len(strides):
        raise RuntimeFault(
            "E303",
            f"mismatch in length of strides and shape. Shape: {size_text(sizes)}, strides: "
            f"{size_text(strides)}",
        )
    if any(one < 0 for one in strides):
        raise RuntimeFault(
            "E303",
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{size_text(strides)}",
        )
    count = math.prod(input.shape)
    last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    if math.prod(sizes) and last >= count:
        width = memory(input).dtype.itemsize
        raise RuntimeFault(
            "E301",
            f"setStorage: sizes {size_text(sizes)}, strides {size_text(strides)}, storage offset "
            f"{offset}, and "
            f"itemsize {width} requiring a storage size of {(last + 1) * width} are out of bounds for "
            "storage of "
            f"size {count * width}",
        )
    return m.as_strided_flat(input, sizes=sizes, strides=strides, offset=offset, rank=len(input.shape))


def _shuffle(x: Any, *, r: int) -> Any:
    *lead, c, h, w = x.shape
    apart = np.reshape(x, (*lead, c // r**2, r, r, h, w))
    mixed = np.moveaxis(apart, (-4, -3), (-3, -1))  # (c, h, r, w, r)
    return np.reshape(mixed, (*lead, c // r**2, h * r, w * r))


def _unshuffle(x: Any, *, r: int) -> Any:
    *lead, c, h, w = x.shape
    apart = np.reshape(x, (*lead, c, h // r, r, w // r, r))
    mixed = np.moveaxis(apart, (-3, -1), (-4, -3))  # (c, r, r, h, w)
    return np.reshape(mixed, (*lead, c * r**2, h // r, w // r))


def _shuffle_front(m: Any, input: Any, upscale_factor: int) -> Any:  # noqa: A002 - PyTorch's name
    shape, r = tuple(input.shape), upscale_factor
    if len(shape) < 3:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E301",
            f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {len(shape)} "
            "dimension(s)",
        )
    if r <= 0:
        raise RuntimeFault("E303", f"pixel_shuffle expects a positive upscale_factor, but got {r}")
    if shape[-3] % r**2:
        raise RuntimeFault(
            "E301",
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
            "upscale_factor, "
            f"but input.size(-3)={shape[-3]} is not divisible by {r**2}",
        )
    return m.apply(pixel_shuffle, (input,), {"r": r})


pixel_shuffle = linear(
    "pixel_shuffle",
    node="PixelShuffleBackward0",
    numpy=_shuffle,
    transposes=(lambda m, g, r: m.pixel_unshuffle(g, r=r),),
    front=_shuffle_front,
    promote="keep",
    faces="torch F",
    infer=lambda x, *, r: (*x[:-3], x[-3] // r**2, x[-2] * r, x[-1] * r),
    family=FAMILY,
    samples=lambda s: [((s.normal(4, 2, 3),), {"r": 2})],
    summary="Channels turned into finer pixels: (c r^2, h, w) into (c, h r, w r).",
    source="Shi et al., Real-Time Single Image and Video Super-Resolution, CVPR 2016",
    example="nn.functional.pixel_shuffle(ones(4, 1, 1), 2)",
)


def _unshuffle_front(m: Any, input: Any, downscale_factor: int) -> Any:  # noqa: A002 - PyTorch's name
    shape, r = tuple(input.shape), downscale_factor
    if len(shape) < 3:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E301",
            "pixel_unshuffle expects input to have at least 3 dimensions, but got input with "
            f"{len(shape)} dimension(s)",
        )
    if r <= 0:
        raise RuntimeFault("E303", f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    for name, size, at in (("height", shape[-2], -2), ("width", shape[-1], -1)):
        if size % r:
            raise RuntimeFault(
                "E301",
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({at})={size} is "
                f"not divisible by {r}",
            )
    return m.apply(pixel_unshuffle, (input,), {"r": r})


pixel_unshuffle = linear(
    "pixel_unshuffle",
    node="PixelUnshuffleBackward0",
    numpy=_unshuffle,
    transposes=(lambda m, g, r: m.pixel_shuffle(g, r=r),),
    front=_unshuffle_front,
    promote="keep",
    faces="torch F",
    infer=lambda x, *, r: (*x[:-3], x[-3] * r**2, x[-2] // r, x[-1] // r),
    family=FAMILY,
    samples=lambda s: [((s.normal(1, 4, 2),), {"r": 2})],
    summary="Pixels turned into channels: undoes pixel_shuffle.",
    source="Shi et al., Real-Time Single Image and Video Super-Resolution, CVPR 2016",
    example="nn.functional.pixel_unshuffle(ones(1, 2, 2), 2)",
)


def _channels(x: Any, *, groups: int, rank: int) -> Any:
    """Channels are dim 1 of the `rank` dims: (groups, c / groups) transposed."""
    at = x.ndim - rank + 1
    c = x.shape[at]
    apart = np.reshape(x, (*x.shape[:at], groups, c // groups, *x.shape[at + 1 :]))
    return np.reshape(np.swapaxes(apart, at, at + 1), x.shape)


def _channel_front(m: Any, input: Any, groups: int) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    if rank < 3:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E301",
            f"channel_shuffle expects input with > 2 dims, but got input with sizes {size_text(input.shape)}",
        )
    if groups <= 0:
        raise RuntimeFault(
            "E303", f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    if input.shape[1] % groups:
        raise RuntimeFault(
            "E301",
            f"Number of channels must be divisible by groups. Got {input.shape[1]} channels and {groups} "
            "groups.",
        )
    return m.apply(channel_shuffle, (input,), {"groups": groups, "rank": rank})


channel_shuffle = linear(
    "channel_shuffle",
    node="ChannelShuffleBackward0",
    numpy=_channels,
    transposes=(
        lambda m, g, x_shape, groups, rank: m.channel_shuffle(g, groups=x_shape[1] // groups, rank=rank),
    ),
    front=_channel_front,
    promote="keep",
    faces="torch F",
    infer=lambda x, *, groups, rank: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(1, 6, 2),), {"groups": 2, "rank": 3})],
    summary="Channels of groups interleaved.",
    source="Zhang et al., ShuffleNet, CVPR 2018",
    example="nn.functional.channel_shuffle(ones(1, 4, 2), 2)",
)
