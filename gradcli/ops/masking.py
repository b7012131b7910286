"""Masks: elements chosen, replaced or counted where a condition holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.layout import memory
from gradcli.ops.record import Record, composite, elementwise, linear, with_number
from gradcli.ops.shapes import Shape, broadcast

__all__: list[str] = []

FAMILY = "masking"


def _check_mask(name: str, mask: Any) -> None:
    if memory(mask).dtype.kind != "b":
        raise RuntimeFault(
            "E304",
            f"{name}_ only supports boolean masks, but got mask with dtype {_c_name(memory(mask).dtype)}"
            if name == "masked_fill"
            else f"{name}: expected BoolTensor for mask",
            help="a comparison such as x > 0 makes a mask",
        )


def _c_name(dtype: Any) -> str:
    return {
        "float32": "float",
        "float64": "double",
        "int32": "int",
        "int64": "long int",
        "uint8": "unsigned char",
    }.get(dtype.name, str(dtype.name))


def _wide(m: Any, x: Any, shape: Shape) -> Any:
    return x if tuple(x.shape) == shape else m.expand(x, shape=shape, rank=len(x.shape))


def _masked_fill_front(m: Any, input: Any, mask: Any, value: Any) -> Any:  # noqa: A002 - PyTorch's name
    _check_mask("masked_fill", mask)
    form = int(hasattr(value, "shape"))
    if form and len(value.shape):
        raise RuntimeFault(
            "E301",
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{len(value.shape)} dimension(s).",
            help="where(mask, values, x) takes a tensor of values",
        )
    broadcast(tuple(mask.shape), tuple(input.shape))  # PyTorch's message names the mask first
    return m.apply(masked_fill if form else masked_fill_number, (input, mask, value), {})


def _masked_fill(x: Any, mask: Any, value: Any) -> Any:
    return np.where(mask, np.asarray(value).astype(x.dtype) if x.dtype != object else value, x)


masked_fill = elementwise(
    "masked_fill",
    args=("x", "mask", "value"),
    discrete=("mask",),
    node="MaskedFillBackward1",
    numpy=_masked_fill,
    complex=lambda x, mask, value: np.where(mask, value, x),
    sympy=lambda S, x, mask, value: S.Piecewise((value, mask), (x, True)),
    mpmath=lambda P, x, mask, value: value if mask else x,
    partials=(
        lambda m, mask: m.select(m.logical_not(mask), 1),
        None,
        lambda m, mask: m.select(mask, 1),
    ),
    front=_masked_fill_front,
    promote="keep",
    inplace=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.boolean(2, 3), s.normal()), {})],
    summary="The tensor with one value where the mask holds.",
    source="PyTorch derivatives.yaml, masked_fill",
    example="masked_fill(x, x > 0, 0.0)",
)

masked_fill_number: Record = with_number(masked_fill, 2, "masked_fill_number", "MaskedFillBackward0")


def _masked_put(g: Any, mask: Any, *, shape: Shape) -> Any:
    full = np.zeros(g.shape[:-1] + shape, g.dtype)
    full[..., mask] = g
    return full


def _masked_select_front(m: Any, input: Any, mask: Any) -> Any:  # noqa: A002 - PyTorch's name
    _check_mask("masked_select", mask)
    shape = broadcast(tuple(input.shape), tuple(mask.shape))
    if tuple(mask.shape) != shape:
        mask = np.broadcast_to(memory(mask), shape)
    return m.apply(masked_select, (_wide(m, input, shape), mask), {})


def _at_mask(x: Any, mask: Any) -> Any:
    return x[..., mask] if mask.ndim else np.reshape(x, (*x.shape, 1))[..., np.reshape(mask, 1)]


masked_select = linear(
    "masked_select_same",
    args=("x", "mask"),
    discrete=("mask",),
    node="MaskedSelectBackward0",
    numpy=_at_mask,
    transposes=(lambda m, g, mask, x_shape: m.masked_put(g, mask, shape=x_shape), None),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.boolean(2, 3)), {})],
    summary="The elements where a mask of the same shape holds, in row-major order.",
    source="NumPy reference, boolean indexing",
)

masked_select_ = composite(
    "masked_select",
    family=FAMILY,
    summary="The elements where the mask holds, in row-major order.",
    source="NumPy reference, boolean indexing",
    example="masked_select(x, x > 0)",
)(_masked_select_front)

masked_put = linear(
    "masked_put",
    args=("x", "mask"),
    discrete=("mask",),
    node="MaskedScatterBackward0",
    numpy=lambda g, mask, *, shape: (
        _masked_put(g, mask, shape=shape)
        if shape
        else np.where(mask, np.add.reduce(g, axis=-1), 0).astype(g.dtype)
    ),
    transposes=(lambda m, g, mask: m.masked_select_same(g, mask), None),
    promote="keep",
    faces="",
    infer=lambda x, mask, *, shape: shape,
    family=FAMILY,
    summary="Zeros with elements put where the mask holds: the transpose of masked_select.",
    source="NumPy reference, boolean indexing",
    samples=lambda s: [
        ((s.normal(2), np.array([[True, False, False], [False, False, True]])), {"shape": (2, 3)})
    ],
)


def _masked_scatter(x: Any, source: Any, mask: Any, *, rank: int) -> Any:
    """Puts the first elements of `source` (`rank` dims) where the mask holds; batch axes stand in front."""
    count = int(np.count_nonzero(mask))
    flat = np.reshape(source, (*source.shape[: source.ndim - rank], -1))
    lead = np.broadcast_shapes(x.shape[: x.ndim - mask.ndim], flat.shape[:-1])
    full = np.array(np.broadcast_to(x, lead + x.shape[x.ndim - mask.ndim :]))
    if mask.ndim:
        full[..., mask] = flat[..., :count]
    elif count:
        full[...] = flat[..., 0]
    return full


def _masked_scatter_source(m: Any, g: Any, mask: Any, source_shape: Shape) -> Any:
    taken = m.masked_select_same(g, mask)
    count, size = taken.shape[len(taken.shape) - 1], math.prod(source_shape)
    padded = m.slice_put(taken, shape=(size,), dim=-1, start=0, stop=count, step=1)
    return m.reshape(padded, shape=tuple(source_shape), rank=1)


masked_scatter = linear(
    "masked_scatter_same",
    args=("x", "source", "mask"),
    discrete=("mask",),
    node="MaskedScatterBackward0",
    numpy=_masked_scatter,
    transposes=(lambda m, g, mask: m.masked(g, m.logical_not(mask)), _masked_scatter_source, None),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.normal(4, 2), np.array([[True, False, True], [False, True, False]])), {"rank": 2})
    ],
    infer=lambda x, source, mask, *, rank: x,
    summary="The tensor with a source's elements, one after the other, where a mask of the same shape holds.",
    source="PyTorch derivatives.yaml, masked_scatter",
)


@composite(
    "masked_scatter",
    inplace=True,
    family=FAMILY,
    summary="The tensor with a source's elements, one after the other, where the mask holds.",
    source="PyTorch derivatives.yaml, masked_scatter",
    example="masked_scatter(x, x > 0, zeros(2, 2))",
)
def masked_scatter_(m: Any, input: Any, mask: Any, source: Any) -> Any:  # noqa: A002 - PyTorch's name
    _check_mask("masked_scatter", mask)
    if memory(input).dtype != memory(source).dtype:
        raise RuntimeFault(
            "E304",
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{scalar_type(memory(input).dtype)} and {scalar_type(memory(source).dtype)}",
        )
    shape = broadcast(tuple(input.shape), tuple(mask.shape))
    if tuple(mask.shape) != shape:
        mask = np.broadcast_to(memory(mask), shape)
    if math.prod(source.shape) < int(np.count_nonzero(memory(mask))):
        raise RuntimeFault("E301", "Number of elements of source < number of ones in mask")
    params = {"rank": len(source.shape)}
    return m.apply(masked_scatter, (_wide(m, input, shape), source, mask), params)


@composite(
    "nonzero",
    family=FAMILY,
    summary="Where the elements are not zero: a row of indices for each, or an index tensor per dim.",
    source="NumPy reference, numpy.nonzero",
    example="nonzero(x)",
)
def nonzero(m: Any, input: Any, *, as_tuple: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    array = memory(input)
    if as_tuple:
        return tuple(m.places(input, number=i) for i in range(max(array.ndim, 1)))
    return m.argwhere(input)


places = linear(
    "places",
    numpy=lambda x, *, number: np.nonzero(np.atleast_1d(x))[number],
    transposes=(None,),
    promote="keep",
    faces="",
    family=FAMILY,
    stacks=False,
    samples=lambda s: [((s.zeros_in(2, 3),), {"number": 1})],
    summary="The indices in one dim of the elements that are not zero.",
    source="NumPy reference, numpy.nonzero",
)

argwhere = linear(
    "argwhere",
    numpy=np.argwhere,
    transposes=(None,),
    promote="keep",
    stacks=False,
    family=FAMILY,
    samples=lambda s: [((s.zeros_in(2, 3),), {})],
    summary="A row of indices for each element that is not zero.",
    source="NumPy reference, numpy.argwhere",
    example="argwhere(x)",
)
