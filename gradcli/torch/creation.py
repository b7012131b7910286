"""Making tensors. What fills them with one value stands here; this module also gathers the other makers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import BOOL, INT64
from gradcli.torch.data import as_tensor, finish, from_numpy, scalar_tensor, tensor
from gradcli.torch.dtypes import unwrap
from gradcli.torch.facts import (
    can_cast,
    finfo,
    iinfo,
    is_floating_point,
    is_nonzero,
    is_tensor,
    numel,
    promote_types,
    result_type,
)
from gradcli.torch.ranges import arange, eye, linspace, logspace, tril_indices, triu_indices
from gradcli.torch.sampling import (
    bernoulli,
    initial_seed,
    manual_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
)

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = [
    "arange",
    "as_tensor",
    "bernoulli",
    "can_cast",
    "empty",
    "empty_like",
    "eye",
    "finfo",
    "from_numpy",
    "full",
    "full_like",
    "iinfo",
    "initial_seed",
    "is_floating_point",
    "is_nonzero",
    "is_tensor",
    "linspace",
    "logspace",
    "manual_seed",
    "multinomial",
    "normal",
    "numel",
    "ones",
    "ones_like",
    "promote_types",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "result_type",
    "scalar_tensor",
    "tensor",
    "tril_indices",
    "triu_indices",
    "zeros",
    "zeros_like",
]  # fmt: skip

# Tensor's methods of these names, which take the dtype of the tensor they are called on.
METHODS = ("new_empty", "new_full", "new_ones", "new_tensor", "new_zeros")


def sizes(name: str, size: tuple[Any, ...], named: Any) -> Shape:
    """Returns the shape given as `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))`, after the budget allowed it.

    Raises:
        TypeFault: it is no tuple of integers.
        RuntimeFault: a size is negative.
    """
    if not size:
        if "size" not in named:
            raise TypeFault(
                "E303",
                f'{name}() missing 1 required positional arguments: "size"',
                help=f"write {name}(2, 3)",
            )
        size = (named["size"],)
    if isinstance(size[0], (tuple, list)):
        if len(size) > 1:
            raise TypeFault("E303", f"{name}() takes 1 positional argument but {len(size)} were given")
        size = tuple(size[0])
    found = []
    for one in size:
        value = one.item() if isinstance(one, Tensor) and one.dtype.kind in "iu" else one
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeFault(
                "E303",
                f"{name}(): argument 'size' (position 1) must be tuple of ints, not {type(value).__name__}",
                help=f"write {name}(2, 3)",
            )
        if value < 0:
            raise RuntimeFault("E301", f"{name}: Dimension size must be non-negative.")
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


def zeros(
    *size: Any,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
    **named: Any,
) -> Tensor:
    """Returns zeros of a shape, of the default dtype or the one given."""
    return finish(
        np.zeros(sizes("zeros", size, named), unwrap(dtype) or context.default_dtype), requires_grad
    )


def ones(
    *size: Any,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
    **named: Any,
) -> Tensor:
    """Returns ones of a shape, of the default dtype or the one given."""
    return finish(np.ones(sizes("ones", size, named), unwrap(dtype) or context.default_dtype), requires_grad)


def empty(
    *size: Any,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
    **named: Any,
) -> Tensor:
    """Returns a tensor of a shape with zeros for what PyTorch leaves undefined."""
    return finish(
        np.zeros(sizes("empty", size, named), unwrap(dtype) or context.default_dtype), requires_grad
    )


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
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
    return finish(np.full(sizes("full", (tuple(size),), {}), value, unwrap(dtype) or kind), requires_grad)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.item()
    if not isinstance(value, (int, float)):
        raise TypeFault(
            "E303", f"{name}(): argument 'fill_value' (position 2) must be Number, not {type(value).__name__}"
        )
    return value


def zeros_like(input: Any, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns zeros of the shape and dtype of a tensor."""
    array = template("zeros_like", input)
    return finish(np.zeros(array.shape, unwrap(dtype) or array.dtype), requires_grad)


def ones_like(input: Any, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns ones of the shape and dtype of a tensor."""
    array = template("ones_like", input)
    return finish(np.ones(array.shape, unwrap(dtype) or array.dtype), requires_grad)


def empty_like(input: Any, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns a tensor of the shape and dtype of another, with zeros for what PyTorch leaves undefined."""
    array = template("empty_like", input)
    return finish(np.zeros(array.shape, unwrap(dtype) or array.dtype), requires_grad)


def full_like(
    input: Any,  # noqa: A002 - PyTorch's name
    fill_value: Any,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    **_: Any,
) -> Tensor:
    """Returns one value in the shape and dtype of a tensor."""
    array = template("full_like", input)
    return finish(
        np.full(array.shape, _value("full_like", fill_value), unwrap(dtype) or array.dtype), requires_grad
    )


def new_zeros(
    self: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """Returns zeros of a shape in the dtype of this tensor."""
    return zeros(*size, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad, **named)


def new_ones(
    self: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """Returns ones of a shape in the dtype of this tensor."""
    return ones(*size, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad, **named)


def new_empty(
    self: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """Returns a tensor of a shape in the dtype of this one."""
    return empty(*size, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad, **named)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns a tensor of a shape with one value everywhere, in the dtype of this tensor."""
    return full(size, fill_value, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad)


def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Returns the data as a tensor in the dtype of this one."""
    return tensor(data, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad)
