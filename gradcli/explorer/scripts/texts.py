"""What values print as: PyTorch's text for PyTorch's, Python's for classes, functions and instances."""

from __future__ import annotations

import sys
from collections import OrderedDict
from types import MethodType
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Node, Tensor
from gradcli.autograd.attributes import format_text
from gradcli.autograd.custom import FunctionContext, FunctionNode
from gradcli.autograd.hooks import Handle
from gradcli.autograd.node import type_name
from gradcli.autograd.size import Size
from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind, Library, Routine, kind_of
from gradcli.explorer.scripts.classes import ScriptClass, Super
from gradcli.explorer.scripts.devices import Device
from gradcli.explorer.scripts.instances import Instance, class_of, special
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.language.limits import items_fault
from gradcli.ops.dtypes import DType
from gradcli.ops.named import Named
from gradcli.torch.nn.module import Module
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from gradcli.explorer.scripts.host import ScriptHost

__all__ = ["format_value", "text_of"]

DEEPEST = 50  # modules and tuples inside one another


def text_of(host: ScriptHost, value: Any, *, quoted: bool) -> str:
    """Returns `str(value)`, or `repr(value)` where quoted, of a value that is no plain one."""
    for name in ("__repr__",) if quoted else ("__str__", "__repr__"):
        method = special(value, name)
        if method is not None:
            found = method()
            if not isinstance(found, str):
                raise TypeFault("E380", f"{name} returned non-string (type {kind_name(found)})")
            return found
    return _own_text(host, value, quoted=quoted)


def _own_text(host: ScriptHost, value: Any, *, quoted: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - a case per type
    if isinstance(value, Tensor):
        return repr(value)
    if isinstance(value, Module):
        return _module_text(host, value)
    address = host.addresses.text
    if isinstance(value, FunctionNode):
        return f"<torch.autograd.function.{type_name(value)} object at {address(value)}>"
    if isinstance(value, FunctionContext):
        return f"<torch.autograd.function.{vars(value)['_name']}Backward object at {address(value)}>"
    if isinstance(value, Node):
        return f"<{type_name(value)} object at {address(value)}>"
    if isinstance(value, (Array, Device)):
        return repr(value) if quoted else str(value)
    if isinstance(value, (Named, Size, DType, Kind, Library, ScriptClass, Optimizer)):
        return repr(value)
    if isinstance(value, OrderedDict):
        pairs = list(value.items())
        shown: Any = pairs if sys.version_info < (3, 12) else dict(pairs)
        return f"OrderedDict({host.formatter.text(shown, True)})" if pairs else "OrderedDict()"
    if isinstance(value, Instance):
        return f"<__main__.{value.kind.name} object at {address(value)}>"
    if isinstance(value, Routine):
        return f"<built-in function {value.name.rpartition('.')[2]}>"
    if isinstance(value, MethodType):
        return _method_text(host, value)
    if isinstance(value, Super):
        return f"<super: {value.owner!r}, <{kind_name(value.instance)} object>>"
    if isinstance(value, Handle):
        return f"<torch.utils.hooks.RemovableHandle object at {address(value)}>"
    return _offered_text(host, value)


def _offered_text(host: ScriptHost, value: Any) -> str:
    """The text of a value of our other classes: its own where its class writes one."""
    owner = class_of(value)
    if owner is not None:
        return f"<__main__.{owner.name} object at {host.addresses.text(value)}>"
    kind = value.__class__
    if kind.__name__ == "Generator" or kind.__repr__ in (object.__repr__, tuple.__repr__):
        if isinstance(value, tuple):
            return host.formatter.text(tuple(value), True)
        path = "torch._C.Generator" if kind.__name__ == "Generator" else kind_of(kind).path
        return f"<{path} object at {host.addresses.text(value)}>"
    return repr(value) if kind.__module__.startswith("gradcli.") else f"<{kind_name(value)} object>"


def _module_text(host: ScriptHost, value: Module) -> str:
    """A module's text, unless it contains itself so deeply that nobody could read it."""
    pending, depth = [value], 0
    while pending:
        depth += 1
        if depth > DEEPEST:
            raise items_fault(host.meter.limits)
        pending = [child for module in pending for child in module.children()]
    return repr(value)


def _method_text(host: ScriptHost, value: MethodType) -> str:
    inner: Any = value.__func__
    name = inner.name if hasattr(inner, "name") else inner.__qualname__
    owner = kind_name(value.__self__)
    if isinstance(value.__self__, Tensor):
        return f"<built-in method {name} of Tensor object at {host.addresses.text(value.__self__)}>"
    name = name if "." in name else f"{owner}.{name}"
    return f"<bound method {name} of {text_of(host, value.__self__, quoted=True)}>"


def format_value(host: ScriptHost, value: Any, spec: str) -> str:
    """Returns `format(value, spec)`: without a spec the text, for a 0-dim tensor the bare number."""
    if value.__class__ is Tensor:
        if not spec and value.ndim:
            return repr(value)
        return format_text(value, spec)
    method = special(value, "__format__")
    if method is not None:
        return method(spec)  # type: ignore[no-any-return] # as the script says
    if not spec:
        return text_of(host, value, quoted=False)
    raise TypeFault("E303", f"unsupported format string passed to {kind_name(value)}.__format__")
