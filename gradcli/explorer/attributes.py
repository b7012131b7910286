"""Attributes by a table per type of value: what is not listed does not exist."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Node, Tensor
from gradcli.autograd.hooks import Handle
from gradcli.autograd.methods import find_method, function_of
from gradcli.autograd.size import Size
from gradcli.diagnostics import AttributeFault, GradcliError, did_you_mean
from gradcli.explorer.functions import Function
from gradcli.explorer.pythonic import CONSTANTS, MathModule
from gradcli.explorer.values import kind_name
from gradcli.ops.catalog import spelled
from gradcli.ops.dtypes import DType
from gradcli.ops.named import Named
from gradcli.torch.namespace import Namespace
from gradcli.torch.namespace import names as namespace_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["attribute", "member", "member_of", "set_attribute"]

NO_FUNCTIONS = (Namespace, DType, bool, int, float)

# Tensor's own; each must exist on the class, those that do not are refused as unknown.
PROPERTIES = frozenset((
    "H", "T", "data", "device", "dtype", "grad", "grad_fn", "is_leaf", "is_sparse", "itemsize", "mH",
    "mT", "nbytes",
    "ndim", "output_nr", "requires_grad", "retains_grad", "shape",
))  # fmt: skip
SETTABLE = frozenset(("data", "grad", "requires_grad"))
METHODS = frozenset((
    "backward", "copy_", "detach", "detach_", "dim", "element_size", "is_contiguous",
    "is_floating_point", "item",
    "ndimension", "nelement", "numel", "register_hook", "register_post_accumulate_grad_hook",
    "new_empty", "new_full", "new_ones", "new_tensor", "new_zeros", "requires_grad_",
    "retain_grad", "size", "stride", "tolist",
))  # fmt: skip

NODE_METHODS = frozenset(("name", "register_hook", "register_prehook"))


def attribute(value: Any, name: str) -> Any:
    """Returns `value.name`.

    Raises:
        AttributeFault: the type of the value offers nothing of that name.
    """
    reader = READERS.get(type(value)) or next(
        (read for kind, read in OPEN.items() if isinstance(value, kind)), None
    )
    if reader is None or name.startswith("_"):
        raise _unknown(value, name, ())
    return reader(value, name)


def set_attribute(value: Any, name: str, new: Any) -> None:
    """Does `value.name = new`.

    Raises:
        AttributeFault: the value has no such attribute, or it cannot be set.
    """
    if not isinstance(value, Tensor) or name not in SETTABLE:
        raise AttributeFault(
            "E202",
            f"attribute '{name}' of '{kind_name(value)}' objects is not writable",
            help="a tensor's grad, data and requires_grad can be set" if isinstance(value, Tensor) else "",
        )
    found = vars(Tensor).get(name)
    if not isinstance(found, property) or found.fset is None:
        raise _unknown(value, name, SETTABLE)
    found.fset(value, new)


def member(path: str, name: str) -> Any:
    """Returns what one of PyTorch's namespaces holds, functions behind their names; None if nothing.

    What is no operation comes first: to find that a name is none, all operations have to be loaded.
    """
    spelling = f"{path}.{name}" if path else name
    found = CONSTANTS.get(name) if not path else None
    if found is None:
        found = namespace_names(path).get(name)
    if found is None:
        record = spelled().get(spelling)
        return None if record is None else Function(spelling, function_of(record), record)
    return found if isinstance(found, NO_FUNCTIONS) or not callable(found) else Function(spelling, found)


def member_of(module: Any, name: str) -> Any:
    """Returns what a module holds under a name, or None."""
    if isinstance(module, Namespace):
        return member(module._path, name)  # noqa: SLF001 - a namespace's public names are PyTorch's
    return module.member(name) if isinstance(module, MathModule) else None


def _of_tensor(value: Tensor, name: str) -> Any:
    own = name in PROPERTIES or name in METHODS
    record = None if own else spelled().get(f"Tensor.{name}")
    if own or record is not None:
        find_method(name)
        found = vars(Tensor).get(name)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(value)
        if found is not None:
            return Function(name, partial(found, value), record, bound=True)
    raise _unknown(value, name, [*PROPERTIES, *METHODS, *_method_names()])


def _method_names() -> list[str]:
    return [spelling.removeprefix("Tensor.") for spelling in spelled() if spelling.startswith("Tensor.")]


def _of_namespace(value: Namespace, name: str) -> Any:
    path = value._path  # noqa: SLF001 - a namespace's public names are PyTorch's
    found = member(path, name)
    if found is None:
        module = f"torch.{path}" if path else "torch"
        raise AttributeFault(
            "E202", f"module '{module}' has no attribute '{name}'", label=did_you_mean(name, value)
        )
    return found


def _of_math(value: MathModule, name: str) -> Any:
    found = value.member(name)
    if found is None:
        raise AttributeFault(
            "E202", f"module 'math' has no attribute '{name}'", label=did_you_mean(name, value)
        )
    return found


def _of_dtype(value: DType, name: str) -> Any:
    if name == "is_floating_point":
        return value.is_floating_point
    if name == "itemsize":
        return value.dtype.itemsize
    raise _unknown(value, name, ("is_floating_point", "itemsize"))


def _of_named(value: Named, name: str) -> Any:
    if name in value.fields:
        return value[value.fields.index(name)]
    raise _unknown(value, name, value.fields)


def _of_node(value: Node, name: str) -> Any:
    if name == "next_functions":
        return value.next_functions
    found = getattr(type(value), name, None) if name in NODE_METHODS else None  # of the class, and listed
    if found is None:
        raise _unknown(value, name, ("next_functions", *NODE_METHODS))
    return Function(name, partial(found, value))


def _of_handle(value: Handle, name: str) -> Any:
    if name != "remove":
        raise _unknown(value, name, ("remove",))
    return Function("remove", value.remove)


def _of_size(value: Size, name: str) -> Any:
    if name != "numel":
        raise _unknown(value, name, ("numel",))
    return Function(name, value.numel)


READERS: dict[type, Callable[[Any, str], Any]] = {
    Tensor: _of_tensor,
    Namespace: _of_namespace,
    MathModule: _of_math,
    DType: _of_dtype,
    Named: _of_named,
    Handle: _of_handle,
    Size: _of_size,
}
OPEN: dict[type, Callable[[Any, str], Any]] = {Node: _of_node, Tensor: _of_tensor}  # types with subclasses


def _unknown(value: Any, name: str, known: Iterable[str]) -> GradcliError:
    fault = AttributeFault(
        "E202", f"'{kind_name(value)}' object has no attribute '{name}'", label=did_you_mean(name, known)
    )
    if value is None:
        fault.advise("a gradient is None before backward, and for a tensor that is not a leaf")
    return fault
