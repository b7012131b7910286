"""unfold and fold: windows of images as columns, and columns added back into images."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.conv import as_sizes
from gradcli.ops.patches import Geometry, counts, gather, scatter
from gradcli.ops.record import composite, linear

__all__: list[str] = []

FAMILY = "convolution"
SOURCE = "PyTorch reference, torch.nn.Unfold"


def _im2col(x: Any, *, geometry: Geometry, sizes: tuple[int, ...]) -> Any:
    windows = gather(x, geometry)
    lead, channels = x.shape[:-3], x.shape[-3]
    return windows.reshape(*lead, channels * math.prod(geometry.kernel), math.prod(windows.shape[-2:]))


def _col2im(x: Any, *, geometry: Geometry, sizes: tuple[int, ...]) -> Any:
    channels = x.shape[-2] // math.prod(geometry.kernel)
    shape = (*x.shape[:-2], channels, *geometry.kernel, *counts(sizes, geometry))
    return scatter(x.reshape(shape), geometry, sizes)


_IMAGE = Geometry((2, 2), (1, 2), (1, 1), ((1, 1), (0, 0)))

im2col = linear(
    "im2col",
    node="Im2ColBackward0",
    numpy=_im2col,
    transposes=(lambda m, g, geometry, sizes: m.col2im(g, geometry=geometry, sizes=sizes),),
    promote="keep",
    grows=True,
    infer=lambda x, *, geometry, sizes: (
        *x[:-3],
        x[-3] * math.prod(geometry.kernel),
        math.prod(counts(sizes, geometry)),
    ),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3, 3, 4),), {"geometry": _IMAGE, "sizes": (3, 4)})],
    summary="Every window of an image as a column.",
    source=SOURCE,
)

col2im = linear(
    "col2im",
    node="Col2ImBackward0",
    numpy=_col2im,
    transposes=(lambda m, g, geometry, sizes: m.im2col(g, geometry=geometry, sizes=sizes),),
    promote="keep",
    grows=True,
    infer=lambda x, *, geometry, sizes: (*x[:-2], x[-2] // math.prod(geometry.kernel), *sizes),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 12, 8),), {"geometry": _IMAGE, "sizes": (3, 4)})],
    summary="Columns added into the windows of an image that they came from.",
    source=SOURCE,
)


def _geometry(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Geometry:
    named = {"kernel_size": kernel_size, "stride": stride, "dilation": dilation, "padding": padding}
    kernel, steps, gaps, pads = (as_sizes(value, 2, name) for name, value in named.items())
    for name, sizes in (("kernel size", kernel), ("dilation", gaps), ("stride", steps)):
        if min(sizes) <= 0:
            raise RuntimeFault(
                "E303",
                f"{name} should be greater than zero, but got {name.split()[0]}_height: {sizes[0]} "
                f"{name.split()[0]}_width: {sizes[1]}",
            )
    return Geometry(kernel, steps, gaps, tuple((one, one) for one in pads))


def _pads(geometry: Geometry) -> tuple[int, ...]:
    return tuple(pair[0] for pair in geometry.padding)


@composite(
    "unfold_image",
    args=("input",),
    faces="",
    aliases=("nn.functional.unfold",),
    family=FAMILY,
    source=SOURCE,
    example="F.unfold(ones(1, 1, 3, 3), 2)",
    summary="Every window of an image as a column.",
)
def unfold(
    m: Any,
    input: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    geometry, rank = _geometry(kernel_size, dilation, padding, stride), len(input.shape)
    if rank not in (3, 4):
        raise IndexFault(
            "E302",
            f"Dimension out of range (expected to be in range of [-{rank}, {rank - 1}], but got {rank})",
            help="the dims are (batch, channels, height, width)",
        )
    sizes = tuple(input.shape[-2:])
    found = counts(sizes, geometry)
    if min(found) < 1:
        raise RuntimeFault(
            "E301",
            f"Given input with spatial size {sizes}, kernel_size={geometry.kernel}, "
            f"dilation={geometry.dilation}, "
            f"padding={_pads(geometry)}, calculated shape of the array of sliding blocks as {found}, but "
            "its components "
            "must be at least one.",
        )
    return m.im2col(input, geometry=geometry, sizes=sizes)


@composite(
    "fold",
    args=("input",),
    faces="F",
    family=FAMILY,
    source=SOURCE,
    example="F.fold(ones(1, 4, 4), (3, 3), 2)",
    summary="Columns added into the windows of an image that they came from.",
)
def fold(
    m: Any,
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    geometry, sizes = (
        _geometry(kernel_size, dilation, padding, stride),
        as_sizes(output_size, 2, "output_size"),
    )
    rank = len(input.shape)
    if rank not in (2, 3):
        raise RuntimeFault(
            "E301",
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
            f"non-zero dimensions for input, but got: {list(input.shape)}",
        )
    rows, columns = input.shape[-2:]
    if rows % math.prod(geometry.kernel):
        raise RuntimeFault(
            "E301",
            f"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={rows} and kernel_size={geometry.kernel}.",
        )
    found = counts(sizes, geometry)
    if columns != math.prod(found):
        raise RuntimeFault(
            "E301",
            f"Given output_size={sizes}, kernel_size={geometry.kernel}, dilation={geometry.dilation}, "
            f"padding={_pads(geometry)}, stride={geometry.stride}, expected size of input's dimension 2 "
            "to match the "
            f"calculated number of sliding blocks {found[0]} * {found[1]} = {math.prod(found)}, but got "
            f"input.size(2)={columns}.",
        )
    return m.col2im(input, geometry=geometry, sizes=sizes)
