"""Making tensors that are filled with one value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.operands import OverflowFault, float_text
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import BOOL, INT64
from gradcli.torch.data import finish, tensor
from gradcli.torch.dtypes import unwrap
from gradcli.torch.makers import FACTORY, maker, nothing_given

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = [
    "empty",
    "empty_like",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def shape_of(name: str, sizes: tuple[Any, ...], size: Any = None) -> Shape:
    """Returns the shape given as `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))`, after the budget allowed it.

    Raises:
        TypeFault: it is no tuple of integers.
        RuntimeFault: a size is negative.
    """
    if sizes and size is not None:
        raise TypeFault("E303", f"{name}() got multiple values for argument 'size'")
    if not sizes:
        if size is None:
            raise nothing_given(name, "size")
        sizes = (size,)
    if isinstance(sizes[0], (tuple, list)):
        if len(sizes) > 1:
            raise TypeFault("E303", f"{name}() takes 1 positional argument but {len(sizes)} were given")
        sizes = tuple(sizes[0])
    found = []
    for one in sizes:
        value = one.item() if isinstance(one, Tensor) and one.dtype.kind in "iu" else one
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeFault(
                "E303",
                f"{name}(): argument 'size' (position 1) must be tuple of ints, not {type(value).__name__}",
                help=f"write {name}(2, 3)",
            )
        if value < 0:
            if name == "zeros":
                raise RuntimeFault("E301", "zeros: Dimension size must be non-negative.")
            listed = f"[{', '.join(map(str, sizes))}]"
            raise RuntimeFault("E301", f"Trying to create tensor with negative dimension {value}: {listed}")
        found.append(value)
    context.budget.ask(tuple(found))
    return tuple(found)


def template(name: str, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    """Returns the array of the tensor that a `_like` function is given.

    Raises:
        TypeFault: it is no tensor.
    """
    if not isinstance(input, Tensor):
        raise TypeFault(
            "E303", f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    context.budget.ask(input.shape)
    return input._array  # noqa: SLF001 - one package


@maker(*FACTORY, "out")
def zeros(*sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns zeros of a shape, of the default dtype or the one given."""
    return finish(
        np.zeros(shape_of("zeros", sizes, size), unwrap(dtype) or context.default_dtype), requires_grad
    )


@maker(*FACTORY, "out")
def ones(*sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns ones of a shape, of the default dtype or the one given."""
    return finish(
        np.ones(shape_of("ones", sizes, size), unwrap(dtype) or context.default_dtype), requires_grad
    )


@maker(*FACTORY, "out", "memory_format")
def empty(*sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns a tensor of a shape with zeros for what PyTorch leaves undefined."""
    return finish(
        np.zeros(shape_of("empty", sizes, size), unwrap(dtype) or context.default_dtype), requires_grad
    )


@maker(*FACTORY, "out")
def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns a tensor of a shape with one value everywhere; the value decides the dtype unless one is given.

    Raises:
        TypeFault: the size is no tuple of integers, or the value no number.
    """
    if not isinstance(size, (tuple, list)):
        raise TypeFault(
            "E303",
            f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}",
            help="write full((2, 3), 1.0)",
        )
    value = _value("full", fill_value)
    kind = BOOL if isinstance(value, bool) else INT64 if isinstance(value, int) else context.default_dtype
    shape, wanted = shape_of("full", (tuple(size),)), unwrap(dtype) or kind
    return finish(np.full(shape, _fitting(value, wanted), wanted), requires_grad)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.item()
    if not isinstance(value, (int, float)):
        raise TypeFault(
            "E303", f"{name}(): argument 'fill_value' (position 2) must be Number, not {type(value).__name__}"
        )
    return value


# C++'s names of dtypes in the message of a number that does not fit.
C_NAMES = {"float16": "c10::Half", "float32": "float", "float64": "double", "int32": "int"}


def _fitting(value: Any, dtype: Any) -> Any:
    """A number as it fills a tensor of a dtype: fractions cut off, negative ones wrapped where PyTorch does.

    Raises:
        OverflowFault, RuntimeFault: it is too big, for anything or for the dtype.
    """
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise OverflowFault("E304", "int too big to convert", help=f"write it as {float_text(value)}")
    if dtype.kind == "b":
        return bool(value)
    if dtype.kind == "f":
        bound = float(np.finfo(dtype).max)
        fits = not math.isfinite(value) or abs(value) <= bound
    else:
        most = int(np.iinfo(dtype).max)
        least = -most if dtype.kind == "u" else int(np.iinfo(dtype).min)
        fits = math.isfinite(value) and least <= int(value) <= most
    if not fits:
        name = C_NAMES.get(dtype.name, f"{dtype.name}_t")
        raise RuntimeFault("E304", f"value cannot be converted to type {name} without overflow")
    return (
        value
        if dtype.kind == "f"
        else int(value) % 2 ** (8 * dtype.itemsize)
        if dtype.kind == "u"
        else int(value)
    )


@maker(*FACTORY, "memory_format")
def zeros_like(input: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns zeros of the shape and dtype of a tensor."""
    array = template("zeros_like", input)
    return finish(np.zeros(array.shape, unwrap(dtype) or array.dtype), requires_grad)


@maker(*FACTORY, "memory_format")
def ones_like(input: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns ones of the shape and dtype of a tensor."""
    array = template("ones_like", input)
    return finish(np.ones(array.shape, unwrap(dtype) or array.dtype), requires_grad)


@maker(*FACTORY, "memory_format")
def empty_like(input: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns a tensor of the shape and dtype of another, with zeros for what PyTorch leaves undefined."""
    array = template("empty_like", input)
    return finish(np.zeros(array.shape, unwrap(dtype) or array.dtype), requires_grad)


@maker(*FACTORY, "memory_format")
def full_like(
    input: Any,  # noqa: A002 - PyTorch's name
    fill_value: Any,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns one value in the shape and dtype of a tensor."""
    array = template("full_like", input)
    wanted = unwrap(dtype) or array.dtype
    value = _fitting(_value("full_like", fill_value), wanted)
    return finish(np.full(array.shape, value, wanted), requires_grad)


@maker(*FACTORY, method=True)
def new_zeros(
    self: Tensor, *sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns zeros of a shape in the dtype of this tensor."""
    return finish(
        np.zeros(shape_of("new_zeros", sizes, size), unwrap(dtype) or self.dtype.dtype), requires_grad
    )


@maker(*FACTORY, method=True)
def new_ones(
    self: Tensor, *sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns ones of a shape in the dtype of this tensor."""
    return finish(
        np.ones(shape_of("new_ones", sizes, size), unwrap(dtype) or self.dtype.dtype), requires_grad
    )


@maker(*FACTORY, method=True)
def new_empty(
    self: Tensor, *sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns a tensor of a shape in the dtype of this one."""
    return finish(
        np.zeros(shape_of("new_empty", sizes, size), unwrap(dtype) or self.dtype.dtype), requires_grad
    )


@maker(*FACTORY, method=True)
def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns a tensor of a shape with one value everywhere, in the dtype of this tensor."""
    made: Tensor = full(
        size, fill_value, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad
    )
    return made


@maker("device", "pin_memory", method=True)
def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns the data as a tensor in the dtype of this one."""
    made: Tensor = tensor(data, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad)
    return made
