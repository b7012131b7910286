"""interpolate and its older names: images and signals resampled to another size."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import NotImplementedFault, ValueFault
from gradcli.ops.record import composite
from gradcli.ops.taps import Tap, scale_of

__all__: list[str] = []

FAMILY = "pooling"
SOURCE = "Keys, Cubic convolution interpolation (1981); PyTorch reference, torch.nn.functional.interpolate"

# mode: (numbers of spatial dims, kind of tap, node; {} is the number of dims)
MODES = {
    "nearest": ((1, 2, 3), "nearest", "UpsampleNearest{}D"),
    "nearest-exact": ((1, 2, 3), "nearest", "UpsampleNearestExact{}D"),
    "linear": ((1,), "linear", "UpsampleLinear{}D"),
    "bilinear": ((2,), "linear", "UpsampleBilinear{}D"),
    "trilinear": ((3,), "linear", "UpsampleTrilinear{}D"),
    "bicubic": ((2,), "cubic", "UpsampleBicubic{}D"),
    "area": ((1, 2, 3), "adaptive", ""),
}


def _factors(scale_factor: Any, rank: int) -> tuple[float, ...]:
    found = (scale_factor,) * rank if isinstance(scale_factor, (int, float)) else tuple(scale_factor)
    if len(found) != rank:
        raise ValueFault(
            "E303",
            "Input and scale_factor must have the same number of spatial dimensions, but got input with "
            "spatial "
            f"dimensions of {rank} and scale_factor of shape {list(found)}. Please provide input tensor "
            "in (N, C, d1, d2, "
            "...,dK) format and scale_factor in (s1, s2, ...,sK) format.",
        )
    return found


def _sizes(size: Any, rank: int) -> tuple[int, ...]:
    found = (size,) * rank if isinstance(size, int) else tuple(size)
    if len(found) != rank:
        raise ValueFault(
            "E303",
            "Input and output must have the same number of spatial dimensions, but got input with "
            "spatial dimensions of "
            f"{rank} and output size of {list(found)}. Please provide input tensor in (N, C, d1, d2, "
            "...,dK) format and "
            "output size in (o1, o2, ...,oK) format.",
        )
    return found


def _asked(shape: tuple[int, ...], size: Any, scale_factor: Any, recompute: Any) -> tuple[Any, Any]:
    """The sizes of the result, and the scale factors where they decide the positions."""
    rank = len(shape)
    if size is not None and scale_factor is not None:
        raise ValueFault("E303", "only one of size or scale_factor should be defined")
    if size is not None:
        if recompute:
            raise ValueFault("E303", "recompute_scale_factor is not meaningful with an explicit size.")
        return _sizes(size, rank), (None,) * rank
    if scale_factor is None:
        raise ValueFault("E303", "either size or scale_factor should be defined")
    factors = _factors(scale_factor, rank)
    found = tuple(math.floor(n * factor) for n, factor in zip(shape, factors, strict=True))
    return found, ((None,) * rank if recompute else factors)


@composite(
    "interpolate",
    args=("input",),
    faces="F",
    family=FAMILY,
    source=SOURCE,
    example="F.interpolate(ones(1, 1, 2, 2), scale_factor=2, mode='bilinear')",
    summary="A signal, image or volume resampled to a size or by a factor.",
)
def interpolate(
    m: Any,
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    rank, aligned = len(input.shape) - 2, bool(align_corners)
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueFault(
            "E303",
            "align_corners option can only be set with the interpolating modes: linear | bilinear | "
            "bicubic | trilinear",
        )
    if antialias:
        raise NotImplementedFault("E303", "interpolate with antialias=True is not implemented")
    if mode not in MODES or rank not in MODES[mode][0]:
        raise NotImplementedFault(
            "E303",
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank + 2}D) for the modes: "
            "nearest | linear | bilinear "
            f"| bicubic | trilinear | lanczos | area | nearest-exact (got {mode})",
        )
    shape = tuple(input.shape[2:])
    found, factors = _asked(shape, size, scale_factor, recompute_scale_factor)
    if mode == "area":
        return _mean_over(m, rank)(input, found)
    _, kind, node = MODES[mode]
    last = 1 if mode == "nearest-exact" else int(aligned)
    plan = tuple(
        Tap(kind, n, o, (scale_of(n, o, factor, aligned and kind != "nearest"), last))
        for n, o, factor in zip(shape, found, factors, strict=True)
    )
    return m.resample(input, plan=plan, name=node.format(rank), divisor=1)


def _mean_over(m: Any, rank: int) -> Any:
    """The adaptive mean over so many dims."""
    return (m.adaptive_avg_pool1d, m.adaptive_avg_pool2d, m.adaptive_avg_pool3d)[rank - 1]


@composite(
    "upsample",
    args=("input",),
    faces="F",
    family=FAMILY,
    source=SOURCE,
    example="F.upsample(ones(1, 1, 2, 2), scale_factor=2)",
    summary="The older name of interpolate.",
)
def upsample(
    m: Any,
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:
    return m.interpolate(input, size, scale_factor, mode, align_corners)


@composite(
    "upsample_nearest",
    args=("input",),
    faces="F",
    family=FAMILY,
    source=SOURCE,
    example="F.upsample_nearest(ones(1, 1, 2, 2), scale_factor=2)",
    summary="interpolate with mode='nearest'.",
)
def upsample_nearest(m: Any, input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    return m.interpolate(input, size, scale_factor, "nearest")


@composite(
    "upsample_bilinear",
    args=("input",),
    faces="F",
    family=FAMILY,
    source=SOURCE,
    example="F.upsample_bilinear(ones(1, 1, 2, 2), scale_factor=2)",
    summary="interpolate with mode='bilinear' and align_corners=True.",
)
def upsample_bilinear(m: Any, input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    return m.interpolate(input, size, scale_factor, "bilinear", True)
