"""What values print as: PyTorch's text for PyTorch's, Python's for classes, functions and instances."""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict
from types import MethodType
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Node, Tensor
from gradcli.autograd.attributes import format_text
from gradcli.autograd.custom import FunctionContext, FunctionNode
from gradcli.autograd.dense import Device
from gradcli.autograd.hooks import Handle
from gradcli.autograd.node import type_name
from gradcli.autograd.size import Size
from gradcli.diagnostics import GradcliError, TypeFault
from gradcli.explorer.scripts.admission import ORDERED_VIEWS, admit
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind, Library, Routine, kind_of
from gradcli.explorer.scripts.calls import explained
from gradcli.explorer.scripts.classes import ScriptClass, Super
from gradcli.explorer.scripts.errors import ErrorSuper
from gradcli.explorer.scripts.instances import Instance, class_of, special
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.language.limits import items_fault
from gradcli.language.values.plain import check_size
from gradcli.ops.dtypes import DType
from gradcli.ops.named import Named
from gradcli.torch.nn.module import Module
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from gradcli.explorer.scripts.host import ScriptHost

__all__ = ["format_value", "text_of"]

MOST = 10_000  # modules in one text


def text_of(host: ScriptHost, value: Any, *, quoted: bool) -> str:
    """Returns `str(value)`, or `repr(value)` where quoted, of a value that is no plain one."""
    try:
        for name in ("__repr__",) if quoted else ("__str__", "__repr__"):
            method = special(value, name)
            if method is not None:
                return _checked(name, method())
        return _own_text(host, value, quoted=quoted)
    except GradcliError:
        raise
    except Exception as error:  # noqa: BLE001 - no traceback ever
        raise explained("repr" if quoted else "str", error) from None


def _checked(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise TypeFault("E380", f"{name} returned non-string (type {kind_name(text)})")
    return text


def _own_text(host: ScriptHost, value: Any, *, quoted: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - a case per type
    if isinstance(value, Tensor):
        return repr(value)
    if isinstance(value, Module):
        return _module_text(host, value)
    if isinstance(value, Optimizer):
        return _optimizer_text(host, value)
    address = host.addresses.text
    if isinstance(value, FunctionNode):
        return f"<torch.autograd.function.{type_name(value)} object at {address(value)}>"
    if isinstance(value, FunctionContext):
        return f"<torch.autograd.function.{vars(value)['_name']}Backward object at {address(value)}>"
    if isinstance(value, Node):
        return f"<{type_name(value)} object at {address(value)}>"
    if isinstance(value, (Array, Device)):
        return repr(value) if quoted else str(value)
    if isinstance(value, (Named, Size, DType, Kind, Library, ScriptClass)):
        return repr(value)
    if isinstance(value, defaultdict):
        inside = host.formatter.text(dict(value), True)
        return f"defaultdict({host.formatter.text(admit(value.default_factory), True)}, {inside})"
    if isinstance(value, OrderedDict):
        pairs = list(value.items())
        shown: Any = pairs if sys.version_info < (3, 12) else dict(pairs)
        return f"OrderedDict({host.formatter.text(shown, True)})" if pairs else "OrderedDict()"
    if isinstance(value, ORDERED_VIEWS):
        return f"{value.__class__.__name__}({host.formatter.text(list(value), True)})"
    if isinstance(value, Instance):
        return f"<__main__.{value.kind.name} object at {address(value)}>"
    if isinstance(value, Routine):
        return f"<built-in function {value.name.rpartition('.')[2]}>"
    if isinstance(value, MethodType):
        return _method_text(host, value)
    if isinstance(value, ErrorSuper):
        return f"<super: {value.owner!r}, <{value.error.kind.name} object>>"
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
    """A module's text, after a look at how long it would be: a module may stand in another many times."""
    weights: dict[int, int] = {}

    def weigh(module: Module) -> int:
        if id(module) not in weights:
            weights[id(module)] = MOST  # of one that contains itself
            own = module.__dict__
            for name, one in own.items():
                if type(one) in (list, tuple, dict, set) and not name.startswith("_"):
                    check_size(one, host.meter)  # a setting that extra_repr may show
            weights[id(module)] = 1 + sum(
                weigh(child) for child in own["_modules"].values() if child is not None
            )
        return weights[id(module)]

    if weigh(value) >= MOST:
        raise items_fault(host.meter.limits)
    return repr(value)


def _optimizer_text(host: ScriptHost, value: Optimizer) -> str:
    """As the optimizer writes it itself, each setting by the formatter."""
    text = f"{kind_name(value)} ("
    for place, group in enumerate(value.param_groups):
        text += f"\nParameter Group {place}\n"
        for key in sorted(key for key in group if key != "params"):
            text += f"    {host.formatter.text(key)}: {host.formatter.text(group[key])}\n"
    return text + ")"


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
        return _checked("__format__", method(spec))
    if not spec:
        return text_of(host, value, quoted=False)
    raise TypeFault("E303", f"unsupported format string passed to {kind_name(value)}.__format__")
