"""Copies: the same elements in memory of their own, in another dtype, or overwritten."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.devices import check_device
from gradcli.ops.dtypes import BOOL, FLOAT64, INT64, NAMES, DType, scalar_type
from gradcli.ops.layout import is_contiguous
from gradcli.ops.record import Record, composite, elementwise, linear
from gradcli.ops.shapes import Shape, size_text

__all__ = ["as_dtype"]

FAMILY = "copying"


def as_dtype(dtype: Any) -> Any:
    """Returns NumPy's dtype of one given as NumPy's, as `torch.float64` or as Python's float, int or bool.

    Raises:
        TypeFault: it is none of these.
    """
    if isinstance(dtype, np.dtype):
        return dtype
    if isinstance(dtype, DType):
        return dtype.dtype
    python = {float: FLOAT64, int: INT64, bool: BOOL}.get(dtype) if isinstance(dtype, type) else None
    if python is None:
        raise TypeFault("E303", f"expected a dtype such as float64, but got {type(dtype).__name__}")
    return python


view_as_self = linear(
    "view_as_self",
    node="AliasBackward0",
    numpy=lambda x: x[...],
    transposes=(lambda m, g: g,),
    promote="keep",
    view=True,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    summary="The tensor itself under a node of its own.",
    source="PyTorch derivatives.yaml, alias",
)

clone: Record = linear(
    "clone",
    node="CloneBackward0",
    numpy=np.array,
    transposes=(lambda m, g: g,),
    promote="keep",
    infer=lambda x: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    front=lambda m, input, *, memory_format=None: m.apply(clone, (input,), {}),  # noqa: A006 - PyTorch's name
    summary="A copy with memory of its own.",
    source="PyTorch derivatives.yaml, clone",
    example="clone(x)",
)

compact = linear(
    "compact",
    node="CloneBackward0",
    numpy=lambda x: np.array(x, order="C"),
    transposes=(lambda m, g: g,),
    promote="keep",
    faces="",
    infer=lambda x: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    summary="A copy in row-major order.",
    source="PyTorch derivatives.yaml, clone",
)

copy = linear(
    "copy",
    args=("a", "b"),
    node="CopyBackwards",
    numpy=lambda a, b: np.array(np.broadcast_to(b, np.shape(a)), a.dtype),
    transposes=(lambda m, g: m.zeros_like(g), lambda m, g: g),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(3)), {})],
    summary="What a becomes when b is copied into it.",
    source="PyTorch derivatives.yaml, copy",
)

cast = linear(
    "cast",
    node="ToCopyBackward0",
    numpy=lambda x, *, dtype: x.astype(as_dtype(dtype)),
    complex=lambda x, *, dtype: x,
    # The engine casts a cotangent to its input's dtype.
    transposes=(lambda m, g: g,),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dtype": np.dtype(np.float64)})],
    summary="The elements in another dtype.",
    source="PyTorch derivatives.yaml, _to_copy",
)


def convert(m: Any, x: Any, dtype: Any) -> Any:
    """Returns x in a dtype: x itself where it has that dtype already."""
    wanted = as_dtype(dtype)
    return x if as_dtype(x.dtype) == wanted else m.apply(cast, (x,), {"dtype": wanted})


@composite(
    "to",
    faces="method",
    family=FAMILY,
    summary="The elements in another dtype, or in that of another tensor.",
    source="PyTorch reference, Tensor.to",
    example="x.to(x.dtype)",
)
def to(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    other: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Any:
    del non_blocking, memory_format
    for arg in args if other is None else (*args, other):
        if isinstance(arg, (np.dtype, DType, type)):
            dtype = arg
        elif hasattr(arg, "dtype"):
            dtype = arg.dtype  # of another tensor
        elif not isinstance(arg, bool):  # a truth value says non_blocking
            check_device(arg)
    check_device(device)
    converted = input if dtype is None else convert(m, input, dtype)
    return m.clone(input) if copy and converted is input else converted


@composite(
    "type_as",
    faces="method",
    family=FAMILY,
    summary="The elements in the dtype of another tensor.",
    source="PyTorch reference, Tensor.type_as",
    example="x.type_as(x)",
)
def type_as(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return convert(m, input, other.dtype)


@composite(
    "type",
    faces="method",
    family=FAMILY,
    summary="The elements in another dtype; without one the name of the tensor's type.",
    source="PyTorch reference, Tensor.type",
    example="x.type(x.dtype)",
)
def type_(m: Any, input: Any, dtype: Any = None) -> Any:  # noqa: A002 - PyTorch's name
    return f"torch.{scalar_type(as_dtype(input.dtype))}Tensor" if dtype is None else convert(m, input, dtype)


def _conversion(name: str, article: str) -> Record:
    @composite(
        name,
        faces="method",
        family=FAMILY,
        summary=f"The elements as {article}.",
        source=f"PyTorch reference, Tensor.{name}",
        example=f"x.{name}()",
    )
    def conversion(m: Any, input: Any, memory_format: Any = None) -> Any:  # noqa: A002, ARG001 - PyTorch's name
        return convert(m, input, NAMES[name])

    return conversion


double = _conversion("double", "64-bit floats")
float_ = _conversion("float", "32-bit floats")
half = _conversion("half", "16-bit floats")
long = _conversion("long", "64-bit integers, rounded towards zero")
int_ = _conversion("int", "32-bit integers, rounded towards zero")
short = _conversion("short", "16-bit integers, rounded towards zero")
bool_ = _conversion("bool", "truth values: whether they are not zero")


@composite(
    "contiguous",
    faces="method",
    family=FAMILY,
    summary="The tensor itself if its memory is in row-major order, else a copy.",
    source="PyTorch reference, Tensor.contiguous",
    example="x.T.contiguous()",
)
def contiguous(m: Any, input: Any, memory_format: Any = None) -> Any:  # noqa: A002, ARG001 - PyTorch's name
    return input if is_contiguous(input) else m.apply(compact, (input,), {})


def _fill_infer(x: Shape, value: Shape, *, form: int) -> Shape:  # noqa: ARG001 - part of the signature
    if value:
        raise RuntimeFault(
            "E301",
            f"fill_ only supports 0-dimension value tensor but got tensor with {len(value)} dimensions.",
            notes=(f"the value has the shape {size_text(value)}",),
        )
    return x


fill: Record = elementwise(
    "fill",
    args=("x", "value"),
    node=lambda form: f"FillBackward{form}",
    numpy=lambda x, value, *, form: np.broadcast_to(
        value, np.broadcast_shapes(np.shape(x), np.shape(value))
    ).astype(x.dtype),
    complex=lambda x, value, *, form: np.array(np.broadcast_arrays(x, value)[1]),
    partials=(0, 1),
    sympy=lambda S, x, value, *, form: value,
    infer=_fill_infer,
    promote="keep",
    front=lambda m, input, value: m.apply(  # noqa: A006 - PyTorch's name
        fill, (input, _filling(value)), {"form": int(hasattr(value, "shape"))}
    ),
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal()), {"form": 1})],
    summary="A tensor of the same shape with one value everywhere.",
    source="PyTorch derivatives.yaml, fill",
    example="fill(x, 2.0)",
)


def _filling(value: Any) -> Any:
    if hasattr(value, "shape") and len(value.shape):
        _fill_infer((), tuple(value.shape), form=1)
    return value


@composite(
    "fill_in_place",
    faces="",
    aliases=("Tensor.fill_",),
    inplace=True,
    family=FAMILY,
    summary="One value written everywhere.",
    source="PyTorch derivatives.yaml, fill_",
    example="x.clone().fill_(2.0)",
)
def fill_in_place(m: Any, input: Any, value: Any) -> Any:  # noqa: A002 - PyTorch's name
    # PyTorch numbers the nodes of fill and fill_ through.
    return m.apply(fill, (input, _filling(value)), {"form": 2 + hasattr(value, "shape")})


zero = elementwise(
    "zero",
    node="ZeroBackward0",
    numpy=lambda x: np.zeros(x.shape, x.dtype),
    partials=(0,),
    sympy=lambda S, x: S.Integer(0),
    promote="keep",
    faces="",
    aliases=("Tensor.zero_",),
    inplace=True,
    family=FAMILY,
    summary="Zeros in place of the elements.",
    source="PyTorch derivatives.yaml, zero",
    example="x.clone().zero_()",
)
