"""What a tensor tells of itself and lets be set: sizes, numbers, memory, text, grad bookkeeping.

Functions of a tensor, laid onto the class by `gradcli.autograd.methods`: those in METHODS as methods,
those in PROPERTIES as properties.
"""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import dense
from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.hooks import register_post_accumulate_grad_hook, register_tensor_hook, retain_grad
from gradcli.autograd.inplace import become
from gradcli.autograd.node import type_name
from gradcli.autograd.tensor import Tensor
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault
from gradcli.ops.shapes import broadcast_all, dim_from_right, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["METHODS", "PROPERTIES", "SETTERS"]


ORIGIN = np.empty(1)


def numel(tensor: Tensor) -> int:
    """How many elements it has."""
    return tensor._array.size


def size(tensor: Tensor, dim: int | None = None) -> Any:
    """Its shape, or the size of one dim."""
    return tensor.shape if dim is None else tensor._array.shape[dim_from_right(dim, tensor.ndim)]


def dim(tensor: Tensor) -> int:
    """How many dims it has."""
    return tensor._array.ndim


def stride(tensor: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours along each dim (or one) lie in memory."""
    steps = tuple(step // tensor._array.itemsize for step in tensor._array.strides)
    return steps if dim is None else steps[dim_from_right(dim, tensor.ndim)]


def is_contiguous(tensor: Tensor) -> bool:
    """Whether its elements lie in memory in row-major order."""
    return bool(tensor._array.flags.c_contiguous)


def item(tensor: Tensor) -> Any:
    """Its one element as a Python number.

    Raises:
        RuntimeFault: it has none or several, in PyTorch's words.
    """
    if tensor._array.size != 1:
        raise RuntimeFault(
            "E303",
            f"a Tensor with {tensor._array.size} elements cannot be converted to Scalar",
            help="take one element (x[0]), reduce it (x.sum()), or use .tolist()",
        )
    return tensor._disclosed.item()


def tolist(tensor: Tensor) -> Any:
    """Its elements as nested lists of Python numbers; one number for a 0-dim tensor."""
    return tensor._disclosed.tolist()


def numpy(tensor: Tensor, *, force: bool = False) -> Any:
    """Its array, memory shared.

    With `force` also where it requires grad.

    Raises:
        RuntimeFault: it requires grad, in PyTorch's words.
    """
    if tensor.requires_grad and not force:
        raise RuntimeFault(
            "E404",
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            help="write x.detach().numpy()",
        )
    return tensor._disclosed


def detach(tensor: Tensor) -> Tensor:
    """The same memory without a history; changes made through it are seen by version checks."""
    out = Tensor(tensor._array)
    out._counter = tensor._shared_counter()
    if context.tape is not None:
        context.tape.alias(out, tensor)
    return out


def detach_(tensor: Tensor) -> Tensor:
    """Itself, after its history was cut off.

    Raises:
        RuntimeFault: it is a view.
    """
    if tensor._base is not None:
        raise RuntimeFault("E404", "Can't detach views in-place. Use detach() instead. If you are using "
                           "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is "
                           "set as True, "
                           "gradients are views of DDP buckets, and hence detach_() cannot be called on "
                           "these gradients. "
                           "To fix this error, please refer to the Optimizer.zero_grad() function in "
                           "torch/optim/optimizer.py as the solution.")  # fmt: skip
    tensor._edge, tensor._requires_grad = None, False
    return tensor


def data(tensor: Tensor) -> Tensor:
    """The same memory without a history, and unknown to version checks."""
    out = Tensor(tensor._array)
    if tensor._counter is None:
        out._counter = None
    if context.tape is not None:
        context.tape.alias(out, tensor)
    return out


def set_data(tensor: Tensor, new: Tensor) -> None:
    """Gives the tensor other values; its history stays as it was."""
    if not isinstance(new, Tensor):
        raise TypeFault("E404", f"Variable data has to be a tensor, but got {type(new).__name__}")
    if tensor.requires_grad and new._array.dtype.kind != "f":
        raise RuntimeFault(
            "E404", "data set to a tensor that requires gradients must be floating point or complex dtype"
        )
    if context.tape is not None and new._array is not tensor._array:  # as it is after x.data -= 1
        context.tape.unexplained()
    tensor._array = new._array
    tensor._accumulator = None


def copy_(tensor: Tensor, source: Any, non_blocking: bool = False) -> Tensor:  # noqa: ARG001 - PyTorch's argument
    """Itself, with the values of `source` broadcast and cast into it."""
    check_writable(tensor)
    source = source if isinstance(source, Tensor) else Tensor(np.asarray(source))
    shape = broadcast_all([tensor._array.shape, source._array.shape])  # raises where they do not meet
    if shape != tensor._array.shape:
        raise RuntimeFault(
            "E301",
            f"output with shape {size_text(tensor._array.shape)} doesn't match the broadcast shape "
            f"{size_text(shape)}",
        )
    return become(tensor, TENSORS.copy(tensor, source))


def _scalar(tensor: Tensor) -> Any:
    if tensor._array.size != 1:
        raise ValueFault(
            "E303",
            "only one element tensors can be converted to Python scalars",
            help="take one element (x[0]), reduce it (x.sum()), or use .tolist()",
        )
    return tensor._disclosed.item()


def to_float(tensor: Tensor) -> float:
    """Its one element as a float."""
    return float(_scalar(tensor))


def to_int(tensor: Tensor) -> int:
    """Its one element as an int."""
    return int(_scalar(tensor))


def to_index(tensor: Tensor) -> int:
    """Its one integer element, for use as an index.

    Raises:
        TypeFault: it is not a single integer.
    """
    if tensor._array.size != 1 or tensor._array.dtype.kind not in "iub":
        raise TypeFault("E303", "only integer tensors of a single element can be converted to an index")
    return int(tensor._disclosed.item())


def iterate(tensor: Tensor) -> Iterator[Tensor]:
    """Its slices along the first dim.

    Raises:
        TypeFault: it has no dims.
    """
    if not tensor.ndim:
        raise TypeFault("E303", "iteration over a 0-d tensor")
    return iter(TENSORS.unbind(tensor, 0))


def contains(tensor: Tensor, value: Any) -> bool:
    """Whether some element equals a value."""
    other = value._disclosed if isinstance(value, Tensor) else value
    return bool(np.any(tensor._disclosed == other))


def grad_fn_name(tensor: Tensor) -> str | None:
    """The name of its node as its text shows it."""
    node = tensor.grad_fn
    return None if node is None else type_name(node)


def text(tensor: Tensor) -> str:
    """Its text, to the character as PyTorch prints it."""
    from gradcli.autograd.print_options import print_options  # only who prints tensors pays for it
    from gradcli.autograd.printing import tensor_text

    name = grad_fn_name(tensor)
    return tensor_text(
        tensor._disclosed,
        dtype_name=tensor.dtype.name,
        default_dtype_name=context.default_dtype.name,
        grad_fn=name,
        requires_grad=tensor.requires_grad and name is None,
        options=print_options(),
    )


def format_text(tensor: Tensor, spec: str) -> str:
    """Its text in an f-string: the bare number where it is 0-dim."""
    from gradcli.autograd.printing import format_spec, scalar_text  # as in `text`

    if tensor.ndim:
        if spec:
            raise TypeFault("E303", "unsupported format string passed to Tensor.__format__")
        return text(tensor)
    return format_spec(tensor._disclosed, spec) if spec else scalar_text(tensor._disclosed)


def is_floating_point(tensor: Tensor) -> bool:
    """Whether its elements are floating-point numbers."""
    return bool(tensor._array.dtype.kind == "f")


def is_inference(tensor: Tensor) -> bool:
    """Whether it was made in inference mode."""
    return tensor._counter is None


def element_size(tensor: Tensor) -> int:
    """Bytes of one element."""
    return tensor._array.itemsize


def data_ptr(tensor: Tensor) -> int:
    """A number that tensors share whose first elements lie in one place of memory."""
    # Counted from a block of our own: where memory begins is nothing for programs to know.
    return int(tensor._array.ctypes.data - ORIGIN.ctypes.data) % 2**47


METHODS: dict[str, Callable[..., Any]] = dense.METHODS | {
    "numel": numel,
    "nelement": numel,
    "size": size,
    "dim": dim,
    "ndimension": dim,
    "stride": stride,
    "is_contiguous": is_contiguous,
    "item": item,
    "tolist": tolist,
    "numpy": numpy,
    "detach": detach,
    "detach_": detach_,
    "copy_": copy_,
    "is_floating_point": is_floating_point,
    "is_inference": is_inference,
    "element_size": element_size,
    "data_ptr": data_ptr,
    "retain_grad": retain_grad,
    "register_hook": register_tensor_hook,
    "register_post_accumulate_grad_hook": register_post_accumulate_grad_hook,
    "__float__": to_float,
    "__int__": to_int,
    "__index__": to_index,
    "__iter__": iterate,
    "__contains__": contains,
    "__repr__": text,
    "__format__": format_text,
}
PROPERTIES: dict[str, Callable[[Tensor], Any]] = dense.PROPERTIES | {
    "data": data,
    "itemsize": element_size,
    "nbytes": lambda tensor: tensor._array.nbytes,
    "retains_grad": lambda tensor: tensor._retained and not tensor.is_leaf,
}
SETTERS: dict[str, Callable[[Tensor, Any], None]] = {"data": set_data}
