"""Convolutions in one, two and three dims, and their transposes.

One trilinear form B(x, w, h) = sum of h * conv(x, w) gives three bilinear maps, each the transpose of
the other two: `convolution` to h, `convolution_input` to x, `convolution_weight` to w. Derivatives of
any order stay among them. Shapes: x (N, C, *sizes), w (O, C / groups, *kernel), h (N, O, *windows).
"""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: ARG001, PLR0913

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.patches import Geometry, counts, gather, scatter
from gradcli.ops.record import Record, general, linear

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = ["convolve", "convolve_transposed"]

FAMILY = "convolution"
SOURCE = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), 2 and 4"


def _columns(x: Any, geometry: Geometry, groups: int, windows: Shape) -> Any:
    """The windows of x as matrices: (..., N, groups, C / groups * kernel, windows)."""
    found = gather(x, geometry, windows=windows)
    lead, channels = x.shape[: x.ndim - geometry.rank - 1], x.shape[x.ndim - geometry.rank - 1]
    inner = channels // groups * math.prod(geometry.kernel)
    return found.reshape(*lead, groups, inner, math.prod(windows))


def _weights(w: Any, rank: int, groups: int) -> Any:
    """The weight as matrices for all of N: (..., 1, groups, O / groups, C / groups * kernel)."""
    lead, outputs = w.shape[: w.ndim - rank - 2], w.shape[w.ndim - rank - 2]
    rows = outputs // groups
    return w.reshape(*lead, 1, groups, rows, math.prod(w.shape[w.ndim - rank - 1 :]))


def _maps(g: Any, rank: int, groups: int) -> Any:
    """The output as matrices: (..., N, groups, O / groups, windows)."""
    lead, outputs = g.shape[: g.ndim - rank - 1], g.shape[g.ndim - rank - 1]
    return g.reshape(*lead, groups, outputs // groups, math.prod(g.shape[g.ndim - rank :]))


def _convolve(x: Any, w: Any, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape) -> Any:
    rank = geometry.rank
    found = np.matmul(_weights(w, rank, groups), _columns(x, geometry, groups, windows))
    outputs = w.shape[w.ndim - rank - 2]
    return found.reshape(*found.shape[:-3], outputs, *windows)


def _convolve_input(g: Any, w: Any, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape) -> Any:
    rank = geometry.rank
    columns = np.matmul(np.swapaxes(_weights(w, rank, groups), -1, -2), _maps(g, rank, groups))
    channels = w.shape[w.ndim - rank - 1] * groups
    return scatter(
        columns.reshape(*columns.shape[:-3], channels, *geometry.kernel, *g.shape[g.ndim - rank :]),
        geometry,
        sizes,
    )


def _convolve_weight(x: Any, g: Any, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape) -> Any:
    rank = geometry.rank
    columns, maps = _columns(x, geometry, groups, windows), _maps(g, rank, groups)
    found = np.add.reduce(np.matmul(maps, np.swapaxes(columns, -1, -2)), axis=-4)
    channels, outputs = x.shape[x.ndim - rank - 1], g.shape[g.ndim - rank - 1]
    return found.reshape(*found.shape[:-3], outputs, channels // groups, *geometry.kernel)


def _same(geometry: Geometry, groups: int, sizes: Shape, windows: Shape) -> dict[str, Any]:
    return {"geometry": geometry, "groups": groups, "sizes": sizes, "windows": windows}


def _output_shape(
    x: Shape, w: Shape, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape
) -> Shape:
    rank = geometry.rank
    return (*x[: len(x) - rank - 1], w[len(w) - rank - 2], *windows)


def _input_shape(
    g: Shape, w: Shape, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape
) -> Shape:
    rank = geometry.rank
    return (*g[: len(g) - rank - 1], w[len(w) - rank - 1] * groups, *sizes)


def _weight_shape(
    x: Shape, g: Shape, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape
) -> Shape:
    rank = geometry.rank
    return (*x[: len(x) - rank - 2], g[len(g) - rank - 1], x[len(x) - rank - 1] // groups, *geometry.kernel)


PLANE = Geometry((2, 2), (1, 2), (1, 1), ((1, 1), (0, 1)))
LINE = Geometry((3,), (1,), (2,), ((2, 2),))


def _samples(*which: str) -> Any:
    """Arguments among x, w, h: a plane with a stride, and a line with dilation and two groups."""

    def draw(s: Any) -> Any:
        plane = {"x": (2, 2, 3, 4), "w": (3, 2, 2, 2), "h": (2, 3, 4, 2)}
        line = {"x": (1, 4, 5), "w": (2, 2, 3), "h": (1, 2, 5)}
        return [
            (
                tuple(s.normal(*plane[name]) for name in which),
                {"geometry": PLANE, "groups": 1, "sizes": (3, 4), "windows": (4, 2)},
            ),
            (
                tuple(s.normal(*line[name]) for name in which),
                {"geometry": LINE, "groups": 2, "sizes": (5,), "windows": (5,)},
            ),
        ]

    return draw


def _bilinear(
    name: str, args: tuple[str, str], map_: Any, infer: Any, transposes: Any, summary: str
) -> Record:
    return linear(
        name,
        args=args,
        node="ConvolutionBackward0",
        numpy=map_,
        transposes=transposes,
        multilinear=True,
        promote="same",
        grows=True,
        infer=infer,
        faces="",
        family=FAMILY,
        samples=_samples(*args),
        summary=summary,
        source=SOURCE,
    )


convolution = _bilinear(
    "convolution",
    ("x", "w"),
    _convolve,
    _output_shape,
    (
        lambda m, g, w, geometry, groups, sizes, windows: m.convolution_input(
            g, w, **_same(geometry, groups, sizes, windows)
        ),
        lambda m, g, x, geometry, groups, sizes, windows: m.convolution_weight(
            x, g, **_same(geometry, groups, sizes, windows)
        ),
    ),
    "Sums of products of a kernel with every window of the input.",
)
convolution_input = _bilinear(
    "convolution_input",
    ("h", "w"),
    _convolve_input,
    _input_shape,
    (
        lambda m, g, w, geometry, groups, sizes, windows: m.convolution(
            g, w, **_same(geometry, groups, sizes, windows)
        ),
        lambda m, g, h, geometry, groups, sizes, windows: m.convolution_weight(
            g, h, **_same(geometry, groups, sizes, windows)
        ),
    ),
    "A convolution transposed: every element spreads a multiple of the kernel.",
)
convolution_weight = _bilinear(
    "convolution_weight",
    ("x", "h"),
    _convolve_weight,
    _weight_shape,
    (
        lambda m, g, h, geometry, groups, sizes, windows: m.convolution_input(
            h, g, **_same(geometry, groups, sizes, windows)
        ),
        lambda m, g, x, geometry, groups, sizes, windows: m.convolution(
            x, g, **_same(geometry, groups, sizes, windows)
        ),
    ),
    "The kernel that a convolution's cotangent asks for.",
)


def _everywhere(rank: int) -> tuple[int, ...]:
    """The dims that a bias is constant over: N and the spatial ones."""
    return (-rank - 2, *range(-rank, 0))


def _with_bias(base: Record, compute: Any, pulled: tuple[Any, Any], summary: str) -> Record:
    """A convolution and a bias per channel, in one node."""

    def forward(
        x: Any, w: Any, b: Any, *, geometry: Geometry, groups: int, sizes: Shape, windows: Shape
    ) -> Any:
        bias = b[(..., np.newaxis, slice(None), *(np.newaxis,) * geometry.rank)]
        return compute(x, w, geometry=geometry, groups=groups, sizes=sizes, windows=windows) + bias

    def samples(s: Any) -> Any:
        channels = (3, 2) if base is convolution else (2, 4)
        return [
            ((*values, s.normal(count)), params)
            for (values, params), count in zip(base.samples(s), channels, strict=True)  # type: ignore[misc] # it has them
        ]

    return general(
        base.name + "_bias",
        args=("x", "w", "b"),
        node="ConvolutionBackward0",
        numpy=forward,
        vjps=(*pulled, lambda m, g, geometry: m.sum_dims(g, dims=_everywhere(geometry.rank), keepdim=False)),
        jvps=(
            lambda m, t, w, geometry, groups, sizes, windows: m.apply(
                base, (t, w), _same(geometry, groups, sizes, windows)
            ),
            lambda m, t, x, geometry, groups, sizes, windows: m.apply(
                base, (x, t), _same(geometry, groups, sizes, windows)
            ),
            lambda m, t, y_shape, geometry: m.spread(
                t, shape=y_shape, dims=_everywhere(geometry.rank), keepdim=False
            ),
        ),
        promote="same",
        grows=True,
        infer=lambda x, w, b, **params: base.infer(x, w, **params),  # type: ignore[misc]
        faces="",
        family=FAMILY,
        samples=samples,
        summary=summary,
        source=SOURCE,
    )


convolution_bias = _with_bias(
    convolution,
    _convolve,
    (
        lambda m, g, w, geometry, groups, sizes, windows: m.convolution_input(
            g, w, **_same(geometry, groups, sizes, windows)
        ),
        lambda m, g, x, geometry, groups, sizes, windows: m.convolution_weight(
            x, g, **_same(geometry, groups, sizes, windows)
        ),
    ),
    "A convolution with a bias per channel.",
)
convolution_input_bias = _with_bias(
    convolution_input,
    _convolve_input,
    (
        lambda m, g, w, geometry, groups, sizes, windows: m.convolution(
            g, w, **_same(geometry, groups, sizes, windows)
        ),
        lambda m, g, x, geometry, groups, sizes, windows: m.convolution_weight(
            g, x, **_same(geometry, groups, sizes, windows)
        ),
    ),
    "A transposed convolution with a bias per channel.",
)


def convolve(m: Any, x: Any, w: Any, bias: Any, geometry: Geometry, groups: int) -> Any:
    """Returns the convolution of a batch x with w, plus a bias (or None) per output channel."""
    sizes = tuple(x.shape[-geometry.rank :])
    params = _same(geometry, groups, sizes, counts(sizes, geometry))
    return (
        m.apply(convolution, (x, w), params)
        if bias is None
        else m.apply(convolution_bias, (x, w, bias), params)
    )


def convolve_transposed(
    m: Any, x: Any, w: Any, bias: Any, geometry: Geometry, groups: int, sizes: Shape
) -> Any:
    """Returns the transposed convolution of a batch x with w, of the given sizes, plus a bias (or None)."""
    # Not counts(sizes): output padding may leave room for one more.
    params = _same(geometry, groups, sizes, tuple(x.shape[-geometry.rank :]))
    if bias is None:
        return m.apply(convolution_input, (x, w), params)
    return m.apply(convolution_input_bias, (x, w, bias), params)
