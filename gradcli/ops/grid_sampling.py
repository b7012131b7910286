"""grid_sample and affine_grid: images and volumes read at positions given by a tensor."""

# PyTorch's names and signatures:
# ruff: noqa: A002

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.record import Record, composite
from gradcli.ops.taps import CUBIC

__all__: list[str] = []

FAMILY = "pooling"
SOURCE = "Jaderberg et al., Spatial transformer networks (2015), 3.3; Keys (1981)"


def _pixels(x: Any, size: int, aligned: bool) -> Any:
    """Positions from -1 to 1 in units of elements."""
    return (x + 1) * ((size - 1) / 2) if aligned else ((x + 1) * size - 1) / 2


def _clipped(m: Any, x: Any, size: int) -> Any:
    return m.where(m.lt(x, 0), 0, m.where(m.gt(x, size - 1), size - 1, x))


def _reflected(m: Any, x: Any, size: int, aligned: bool) -> Any:
    """Positions folded back at the borders, which lie on elements or half an element outside."""
    low, span = (0.0, size - 1) if aligned else (-0.5, size)
    if not span:
        return x * 0
    away = m.abs(x - low)
    turns = m.floor(away / span)
    rest = away - turns * span
    odd = turns - m.floor(turns / 2) * 2
    return m.where(m.eq(odd, 0), rest, span - rest) + low


def _padded(m: Any, x: Any, size: int, padding: str, aligned: bool) -> Any:
    if padding == "zeros":
        return x
    return _clipped(m, _reflected(m, x, size, aligned) if padding == "reflection" else x, size)


def _taps(m: Any, x: Any, mode: str) -> list[tuple[Any, Any]]:
    """The elements that a position along one dim reads, as (index, weight)."""
    if mode == "nearest":
        at = m.round(x)
        return [(at, at - at + 1)]  # not 1: the gradient of the position is zero, not absent
    low = m.floor(x)
    part = x - low
    if mode == "bilinear":
        return [(low, 1 - part), (low + 1, part)]

    def near(t: Any) -> Any:
        return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1

    def far(t: Any) -> Any:
        return ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC

    weights = (far(part + 1), near(part), near(1 - part), far(2 - part))
    return [(low + at, weight) for at, weight in zip((-1, 0, 1, 2), weights, strict=True)]


def _read(m: Any, input: Any, taps: Any, sizes: tuple[int, ...]) -> Any:
    """The elements at one index per dim times the product of the weights; 0 where an index is outside."""
    flat: Any = 0
    inside: Any = True
    factor: Any = 1
    for (index, weight), size in zip(taps, sizes, strict=True):
        flat = m.cast(_clipped(m, index, size), dtype=np.dtype(np.int64)) + flat * size
        within = m.logical_and(m.ge(index, 0), m.le(index, size - 1))
        inside = within if inside is True else m.logical_and(inside, within)
        factor = weight * factor
    found = tuple(flat.shape[1:])
    rank = len(found) + 1
    values = m.plane_take(input, m.unsqueeze(flat, dim=-rank), sizes=sizes, found=found)
    return m.masked(values, m.unsqueeze(inside, dim=-rank)) * m.unsqueeze(factor, dim=-rank)


@composite(
    "grid_sample",
    args=("input", "grid"),
    faces="F",
    family=FAMILY,
    example="F.grid_sample(ones(1, 1, 2, 2), zeros(1, 2, 2, 2), align_corners=False)",
    source=SOURCE,
    summary="An image or volume read at the positions (x, y) or (x, y, z) of a grid, from -1 to 1.",
)
def grid_sample(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    if mode not in {"bilinear", "nearest", "bicubic"}:
        raise ValueFault(
            "E303",
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'",
        )
    if padding_mode not in {"zeros", "border", "reflection"}:
        raise ValueFault(
            "E303",
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
            f"but got: '{padding_mode}'",
        )
    sizes = tuple(input.shape[2:])
    rank, aligned = len(sizes), bool(align_corners)
    if rank not in {2, 3} or grid.shape[-1] != rank or input.shape[0] != grid.shape[0]:
        raise RuntimeFault(
            "E301",
            f"grid_sampler(): expected grid to have size {rank} in last dimension and the batch of the "
            f"input, but got grid with sizes {list(grid.shape)}",
        )
    axes = []
    for dim, size in enumerate(sizes):
        at = rank - 1 - dim  # the last entry of a position is the first spatial dim
        x = m.squeeze_last(m.slice(grid, dim=-1, start=at, stop=at + 1, step=1))
        x = _pixels(x, size, aligned)
        if mode == "bicubic":
            taps = [(_padded(m, index, size, padding_mode, aligned), w) for index, w in _taps(m, x, mode)]
        else:
            taps = _taps(m, _padded(m, x, size, padding_mode, aligned), mode)
        axes.append(taps)
    parts = [_read(m, input, taps, sizes) for taps in product(*axes)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")


def _grid_sampler(name: str, rank: int | None) -> Record:
    """The same under the name that takes numbers for the modes, for images, volumes or both."""
    places = rank or 2
    sizes = ", 2" * places

    @composite(
        name,
        args=("input", "grid"),
        faces="torch",
        family=FAMILY,
        example=f"{name}(ones(1, 1{sizes}), zeros(1{sizes}, {places}), 0, 0, False)",
        source=SOURCE,
        summary="As grid_sample, with the modes given by number.",
    )
    def front(  # noqa: PLR0913 - PyTorch's signature
        m: Any, input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool
    ) -> Any:
        if rank is not None and len(input.shape) != rank + 2:
            raise RuntimeFault(
                "E301",
                f"{name}(): expected {rank + 2}D input, but got input with sizes {list(input.shape)}",
            )
        for number, known in ((interpolation_mode, MODES), (padding_mode, PADDINGS)):
            if number not in range(len(known)):
                raise RuntimeFault("E303", f"{name}(): a mode is 0 to {len(known) - 1}, but got {number}")
        return m.grid_sample(input, grid, MODES[interpolation_mode], PADDINGS[padding_mode], align_corners)

    return front


grid_sampler = _grid_sampler("grid_sampler", None)
grid_sampler_2d = _grid_sampler("grid_sampler_2d", 2)
grid_sampler_3d = _grid_sampler("grid_sampler_3d", 3)


@composite(
    "affine_grid",
    args=("theta",),
    faces="F",
    family=FAMILY,
    example="F.affine_grid(ones(1, 2, 3), (1, 1, 2, 2), align_corners=False)",
    source=SOURCE,
    summary="The positions that affine maps send the elements of an image or volume to.",
)
def affine_grid(m: Any, theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    sizes = tuple(size)[2:]
    lines = []
    for count in sizes:
        ends = np.linspace(-1, 1, count) if count > 1 else np.zeros(1)
        lines.append(ends if align_corners else ends * (count - 1) / count)
    mesh = np.meshgrid(*lines, indexing="ij")
    base = np.stack([*reversed(mesh), np.ones(sizes)], -1).reshape(math.prod(sizes), len(sizes) + 1)
    found = m.matmul_batched(m.array(base, like=theta), m.mT(theta))
    return m.reshape(found, shape=(theta.shape[0], *sizes, len(sizes)), rank=3)
