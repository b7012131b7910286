"""What kind a value is: `type(x)`, `isinstance(x, kind)`, and what messages call it."""

from __future__ import annotations

from functools import cache
from types import MethodType
from typing import Any

from gradcli.autograd import Node, Tensor
from gradcli.autograd.dense import Device
from gradcli.autograd.generator import Generator
from gradcli.autograd.node import type_name
from gradcli.autograd.size import Size
from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind, Library, Routine, kind_of
from gradcli.explorer.scripts.classes import ScriptClass
from gradcli.explorer.scripts.instances import Instance, class_of
from gradcli.explorer.scripts.tensors import legacy_tensor
from gradcli.language import PLAIN, Caught, ErrorKind, Function, Lazy
from gradcli.ops.dtypes import DType

__all__ = ["NAMED", "OBJECT", "TENSOR", "is_instance", "is_subclass", "kind_name", "type_of"]

OBJECT = Kind("object", object)
TYPE = Kind("type", type)
TENSOR = Kind("Tensor", Tensor, legacy_tensor, path="torch.Tensor")

# What stands for a Python class of ours whose own name says nothing to the user.
NAMED = {
    Array: Kind("ndarray", Array, path="numpy.ndarray"),
    Device: Kind("device", Device, Device, path="torch.device"),
    DType: Kind("dtype", DType, path="torch.dtype"),
    Size: Kind("Size", Size, Size, path="torch.Size"),
    Generator: Kind("Generator", Generator, lambda device="cpu": Generator(), path="torch._C.Generator"),  # noqa: ARG005 - PyTorch's argument
    Function: Kind("function", Function),
    Lazy: Kind("generator", Lazy),
    Library: Kind("module", Library),
    MethodType: Kind("method", MethodType),
    Routine: Kind("builtin_function_or_method", Routine),
    Tensor: TENSOR,
    type(None): Kind("NoneType", type(None)),
    Kind: TYPE,
    ScriptClass: TYPE,
    ErrorKind: TYPE,
}


def type_of(value: Any) -> Any:
    """Returns `type(value)` as a value: a script's class, an error's, or a kind."""
    owner = class_of(value) if value.__class__ is not Instance else value.kind
    if owner is not None:
        return owner
    if value.__class__ is Caught:
        return value.kind
    if isinstance(value, Node):
        return _node_kind(type_name(value))
    return NAMED.get(value.__class__) or kind_of(value.__class__)


def kind_name(value: Any) -> str:
    """Returns what a value's type is called in messages."""
    return str(type_of(value).name)


@cache
def _node_kind(name: str) -> Kind:
    return Kind(name, Node)


def is_instance(value: Any, kinds: Any) -> bool:
    """Returns `isinstance(value, kinds)`.

    Raises:
        TypeFault: the second is neither a class nor a tuple of such.
    """
    if isinstance(kinds, tuple):
        return any(is_instance(value, kind) for kind in kinds)
    if isinstance(kinds, ScriptClass):
        owner = type_of(value)
        return isinstance(owner, ScriptClass) and owner.derives(kinds)
    if isinstance(kinds, Kind):
        if kinds is TYPE:
            return isinstance(value, (Kind, ScriptClass, ErrorKind))
        owner = class_of(value)
        return (
            kinds.cls is object
            or isinstance(value, kinds.cls)
            or (owner is not None and owner.derives(kinds))
        )
    if isinstance(kinds, ErrorKind):
        return isinstance(value, Caught) and kinds.covers(value.fault)
    if kinds is None or type(kinds) in PLAIN or not isinstance(kinds, type):
        raise TypeFault("E380", "isinstance() arg 2 must be a type, a tuple of types, or a union")
    return False


def is_subclass(kind: Any, kinds: Any) -> bool:
    """Returns `issubclass(kind, kinds)`; raises as `is_instance` does."""
    if isinstance(kinds, tuple):
        return any(is_subclass(kind, one) for one in kinds)
    if isinstance(kind, ScriptClass):
        return kind.derives(kinds)
    if isinstance(kind, Kind) and isinstance(kinds, Kind):
        return kinds.cls is object or issubclass(kind.cls, kinds.cls)
    if isinstance(kind, ErrorKind):
        return isinstance(kinds, ErrorKind) and kind.derives(kinds)
    if isinstance(kind, Kind) and isinstance(kinds, (ScriptClass, ErrorKind)):
        return False
    what = "1 must be a class" if not isinstance(kind, Kind) else "2 must be a class, a tuple of classes"
    raise TypeFault("E380", f"issubclass() arg {what}")
