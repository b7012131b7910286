"""Padding: dims made longer, with a constant, by reflection, by repetition or around a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.layout import along
from gradcli.ops.record import composite, general, linear
from gradcli.ops.shapes import Shape, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

FAMILY = "padding"

Pairs = tuple[tuple[int, int], ...]  # (before, after) for each dim, the last dim last

MODES = {"reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}


def _padded(x: Shape, pairs: Pairs) -> Shape:
    lead = len(x) - len(pairs)
    return (
        *x[:lead],
        *(size + before + after for size, (before, after) in zip(x[lead:], pairs, strict=True)),
    )


def _inside(shape: Shape, pairs: Pairs, sign: int) -> tuple[Any, ...]:
    """The key of what is left of a shape without the amounts of a sign at both ends."""
    cuts = [(max(sign * before, 0), max(sign * after, 0)) for before, after in pairs]
    return (..., *(slice(a, size - b) for size, (a, b) in zip(shape[-len(pairs) :], cuts, strict=True)))


def _constant(x: Any, *, pairs: Pairs, value: Any = 0) -> Any:
    full = np.full(_padded(x.shape, pairs), value, x.dtype)
    full[_inside(full.shape, pairs, 1)] = x[_inside(x.shape, pairs, -1)]
    return full


constant_pad = general(
    "constant_pad",
    node="ConstantPadNdBackward0",
    numpy=_constant,
    vjps=(lambda m, g, pairs: m.constant_pad(g, pairs=tuple((-before, -after) for before, after in pairs)),),
    jvps=(lambda m, t, pairs: m.constant_pad(t, pairs=pairs),),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, *, pairs, value=0: _padded(x, pairs),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"pairs": ((1, 2),), "value": 1.5}),
        ((s.normal(2, 4),), {"pairs": ((0, 1), (-1, 2)), "value": 0}),
    ],
    summary="The last dims padded with a constant; negative amounts cut.",
    source="PyTorch derivatives.yaml, constant_pad_nd",
)


def _sources(size: int, before: int, after: int, mode: str) -> Any:
    """For each place of a padded dim the place it copies."""
    places = np.arange(-before, size + after)
    if mode == "circular":
        return places % size
    if mode == "replicate":
        return np.clip(places, 0, size - 1)
    places = np.abs(places)
    return np.where(places >= size, 2 * (size - 1) - places, places)


def _copied(x: Any, *, pairs: Pairs, mode: str) -> Any:
    for dim, (before, after) in enumerate(pairs, -len(pairs)):
        if before or after:
            x = np.take(x, _sources(x.shape[dim], before, after, mode), axis=dim)
    return np.array(x)


def _collected(g: Any, *, shape: Shape, pairs: Pairs, mode: str) -> Any:
    for dim, (before, after) in enumerate(pairs, -len(pairs)):
        if before or after:
            full = np.zeros((*g.shape[: g.ndim + dim], shape[dim], *g.shape[g.ndim + dim + 1 :]), g.dtype)
            np.add.at(full, along(dim, _sources(shape[dim], before, after, mode)), g)
            g = full
    return np.array(g)


copy_pad = linear(
    "copy_pad",
    node=lambda pairs, mode: f"{MODES[mode]}{len(pairs)}DBackward0" if mode != "circular" else "CopySlices",
    numpy=_copied,
    transposes=(
        lambda m, g, x_shape, pairs, mode: m.copy_pad_collect(g, shape=x_shape, pairs=pairs, mode=mode),
    ),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, *, pairs, mode: _padded(x, pairs),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 4),), {"pairs": ((2, 1),), "mode": mode})
        for mode in ("reflect", "replicate", "circular")
    ],
    summary="The last dims padded with their own elements.",
    source="NumPy reference, numpy.pad",
)

copy_pad_collect = linear(
    "copy_pad_collect",
    node=lambda shape, pairs, mode: f"{MODES[mode]}{len(pairs)}DBackwardBackward0",
    numpy=_collected,
    transposes=(lambda m, g, pairs, mode: m.copy_pad(g, pairs=pairs, mode=mode),),
    promote="keep",
    faces="",
    infer=lambda x, *, shape, pairs, mode: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 7),), {"shape": (2, 4), "pairs": ((2, 1),), "mode": "reflect"})],
    summary="What was copied into a padding added up where it came from: the transpose of copy_pad.",
    source="NumPy reference, numpy.pad",
)


def _check(shape: Shape, pad: Sequence[int], pairs: Pairs, mode: str) -> None:
    spatial = len(pairs)
    if len(shape) not in (spatial + 1, spatial + 2):
        raise NotImplementedFault(
            "E303",
            "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now",
            help="such a padding is given for all dims but one or two",
        )
    for dim, (before, after) in enumerate(pairs, -spatial):
        size = shape[dim]
        if mode == "reflect" and (before >= size or after >= size):
            raise RuntimeFault(
                "E301",
                "Argument #4: Padding size should be less than the corresponding input dimension, but "
                "got: padding "
                f"({before}, {after}) at dimension {len(shape) + dim} of input {size_text(shape)}",
            )
        if mode == "circular" and (before > size or after > size):
            raise RuntimeFault("E301", "Padding value causes wrapping around more than once.")
        if size + before + after < 1:
            raise RuntimeFault(
                "E301", f"the padding {list(pad)} leaves nothing of dimension {len(shape) + dim}"
            )


@composite(
    "constant_pad_nd",
    faces="torch",
    family=FAMILY,
    summary="The last dims padded with a constant; negative amounts cut.",
    source="PyTorch derivatives.yaml, constant_pad_nd",
    example="constant_pad_nd(x, (1, 1), 0.5)",
)
def constant_pad_nd(m: Any, input: Any, pad: Any, value: Any = 0) -> Any:  # noqa: A002 - PyTorch's name
    return pad_.front(m, input, pad, "constant", value)  # type: ignore[misc] # a composite has a front


@composite(
    "pad",
    faces="F",
    family=FAMILY,
    summary="The last dims padded: pairs of amounts, the last dim first.",
    source="PyTorch reference, torch.nn.functional.pad",
    example="nn.functional.pad(x, (1, 1))",
)
def pad_(m: Any, input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:  # noqa: A002 - PyTorch's name
    amounts, shape = tuple(pad), tuple(input.shape)
    if len(amounts) % 2:
        raise RuntimeFault("E303", "Padding length must be divisible by 2")
    if len(amounts) > 2 * len(shape):
        raise RuntimeFault(
            "E303",
            "Padding length should be less than or equal to two times the input dimension but got "
            "padding length "
            f"{len(amounts)} and input of dimension {len(shape)}",
        )
    pairs = tuple(zip(amounts[::2], amounts[1::2], strict=True))[::-1]
    if mode == "constant":
        for dim, (before, after) in enumerate(pairs, -len(pairs)):
            if shape[dim] + before + after < 0:
                raise RuntimeFault(
                    "E301",
                    f"The input size {shape[dim]}, plus negative padding {before} and {after} resulted in "
                    "a negative "
                    f"output size, which is invalid. Check dimension {len(shape) + dim} of your input.",
                )
        if not pairs:
            return m.clone(input)
        return m.constant_pad(input, pairs=pairs, value=value or 0)
    if value is not None and value != 0:
        raise RuntimeFault("E303", f'Padding mode "{mode}" doesn\'t take in value argument')
    if mode not in MODES:
        raise NotImplementedFault("E303", f"Unrecognised padding mode {mode}")
    _check(shape, amounts, pairs, mode)
    if mode == "circular" and any(amount < 0 for amount in amounts):
        cut = tuple((min(before, 0), min(after, 0)) for before, after in pairs)
        input = m.constant_pad(input, pairs=cut)  # noqa: A001 - PyTorch's name
        pairs = tuple((max(before, 0), max(after, 0)) for before, after in pairs)
    return m.copy_pad(input, pairs=pairs, mode=mode)
