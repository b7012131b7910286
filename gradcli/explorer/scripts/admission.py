"""Which values may reach a script at all; what is none of these is turned into one, or kept back."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType
from typing import Any

import numpy as np

from gradcli.autograd import Node, Tensor
from gradcli.autograd.dense import Device, Layout
from gradcli.autograd.generator import Generator
from gradcli.autograd.hooks import Handle
from gradcli.autograd.size import Size
from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind, Library, Routine, kind_of
from gradcli.explorer.scripts.classes import ClassMethod, Property, ScriptClass, StaticMethod, Super
from gradcli.explorer.scripts.instances import Instance
from gradcli.language import PLAIN, Caught, ErrorKind, Function, Lazy, Method
from gradcli.ops.dtypes import DType
from gradcli.ops.named import Named
from gradcli.torch.nn.parameter import Parameter

__all__ = ["ADMITTED", "ORDERED_VIEWS", "admit", "has"]

# Classes whose values scripts have as they are; `admit` adds those of ours that it meets.
ADMITTED = {
    *PLAIN, Array, defaultdict, Device, Method, Caught, ClassMethod,
    DType, ErrorKind, Function, Handle, Instance, Kind, Lazy, Library,
    Named, OrderedDict, Parameter, Property, Routine, ScriptClass, Size, StaticMethod, Super, Tensor,
} - {tuple}  # fmt: skip
ITERATORS = frozenset((
    GeneratorType, map, zip, filter, enumerate, reversed, type(iter([])), type(iter(())), type(iter({})),
))  # fmt: skip
_EMPTY: OrderedDict[str, Any] = OrderedDict()
ORDERED_VIEWS: tuple[Any, ...] = (type(_EMPTY.keys()), type(_EMPTY.values()), type(_EMPTY.items()))
HOMES = ("gradcli.torch.", "gradcli.language.")  # whose classes offer their public names only


def has(value: Any, special: str) -> bool:
    """Returns whether a value is of a class of ours below torch that has a special method."""
    kind = value.__class__
    return kind.__module__.startswith("gradcli.torch.") and hasattr(kind, special)


def admit(value: Any) -> Any:
    """Returns a value in the form in which a script may have it.

    Raises:
        TypeFault: it is nothing for scripts.
    """
    kind = type(value)
    if kind in ADMITTED:
        return value
    if kind is tuple:  # several results, among them perhaps a function (`vjp`)
        return value if ADMITTED.issuperset(map(type, value)) else tuple(map(admit, value))
    if issubclass(kind, (Tensor, Node, Generator, Layout)) or kind.__module__.startswith(HOMES):
        ADMITTED.add(kind)
        return value
    if kind in ITERATORS:
        return Lazy(value)
    if kind is MethodType and isinstance(value.__func__, (Function, Routine, FunctionType)):
        return value
    return _converted(value, kind)


def _converted(value: Any, kind: type) -> Any:
    """A value of Python's or NumPy's as one of a script's."""
    if kind is FunctionType or kind is BuiltinFunctionType:
        return Routine(value.__name__, value, binds=kind is FunctionType)
    if isinstance(value, (np.ndarray, np.generic)):
        return Array(value) if isinstance(value, np.ndarray) else value.item()
    if isinstance(value, type):
        return kind_of(value)
    if isinstance(value, tuple):
        return value
    if isinstance(value, dict):  # a Counter
        return dict(value)
    if kind in ORDERED_VIEWS:
        return value
    raise TypeFault("E303", f"a value of type '{kind.__name__}' is not available in scripts")
