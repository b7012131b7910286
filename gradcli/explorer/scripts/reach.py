"""Everything that a program can reach from its variables, as one list of marks: two states compared.

Values that are plain become marks themselves; what holds others becomes its kind, its size, and what it
holds. Tensors are marked by what they are, not by their numbers, and handed out beside the marks, in order.
Whatever may change behind these marks (an iterator, an array of NumPy's) makes a state unknown.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from array import array
from collections import OrderedDict, defaultdict
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.dense import Device, Layout
from gradcli.autograd.generator import Generator
from gradcli.autograd.hooks import Handle
from gradcli.autograd.node import Node
from gradcli.explorer.scripts import tags
from gradcli.explorer.scripts.callables import Kind, Library, Routine
from gradcli.explorer.scripts.classes import ClassMethod, Property, ScriptClass, StaticMethod
from gradcli.explorer.scripts.instances import Instance
from gradcli.language import ErrorKind, Function, Method, Variables
from gradcli.ops.dtypes import DType
from gradcli.ops.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

__all__ = ["Reach", "Unknown", "reach"]

MOST = 20_000  # values, but those of a list that holds plain ones alone count as one
LONGEST = 100_000  # such a list
SCALARS = frozenset({bool, int, float, complex, str, type(None), type(...), range})
EXACT = frozenset({bool, int, str, type(None)})  # where equal is the same
FIXED = (Library, Kind, ErrorKind, DType, Device, Layout, Record, type, np.dtype, ModuleType)
TORCH = "gradcli.torch."


class Unknown(Exception):
    """Something is within reach whose state cannot be told."""


class Reach(NamedTuple):
    """A state.

    Attributes:
        marks: equal in two states only where these differ in nothing but the numbers in tensors; but graphs,
            counts of changes and memory that is shared are not marked: plan/turn_moves.py looks at them.
        tensors: those within reach, a base before its views.
        names: by the place of a tensor among them, the name that alone leads to it.
    """

    marks: list[Any]
    tensors: list[Tensor]
    names: dict[int, str]


def reach(variables: Variables, without: AbstractSet[str]) -> Reach:
    """Returns what a program can reach.

    Args:
        variables: where it stands.
        without: the names in them that are left out.

    Raises:
        Unknown: the state of something cannot be told.
    """
    walk = _Walk()
    walk.begin(variables, without)
    walk.finish()
    if any(id(variables[name]) in walk.seen for name in without if type(variables.get(name)) is list):
        raise Unknown  # a list that is left out is not only what the name stands for
    places = {id(tensor): i for i, tensor in enumerate(walk.tensors) if id(tensor) not in walk.again}
    names = {
        places[id(value)]: name
        for name, value in variables.items()
        if id(value) in places and name not in without
    }
    return Reach(walk.marks, walk.tensors, names)


class _Walk:
    def __init__(self) -> None:
        self.marks: list[Any] = []
        self.tensors: list[Tensor] = []
        self.seen: dict[int, int] = {}
        self.again: set[int] = set()  # what was met more than once, by id
        self._alive: list[Any] = []  # so that no id is used twice
        self._pending: list[Any] = []

    def begin(self, variables: Variables, without: AbstractSet[str]) -> None:
        """Marks the variables that all begins with."""
        self._is_known(variables)
        self._names(variables, without)

    def _names(self, variables: Variables, without: AbstractSet[str] = frozenset()) -> None:
        """Marks names and puts off their values."""
        around = [getattr(variables, slot, None) for slot in ("outer", "globals")]
        for name, value in variables.items():
            if name not in without:
                self.marks.append(name)
                self._pending.append(value)
        self._pending += [one for one in around if one is not variables]

    def finish(self) -> None:
        """Marks all that was put off, and what that leads to."""
        pending, marks = self._pending, self.marks
        while pending:
            if len(marks) + len(pending) > MOST:
                raise Unknown
            value = pending.pop()
            kind = value.__class__
            if kind in SCALARS:
                marks.append((kind, value if kind in EXACT else repr(value)))
            elif not self._is_known(value):
                marks.append(kind)
                self._take(kind, value)

    def _is_known(self, value: Any) -> bool:
        """Whether a value was met before, which is marked then; a new one is counted."""
        number = self.seen.setdefault(id(value), len(self.seen))
        if number < len(self._alive):
            self.marks.append(number)
            self.again.add(id(value))
            return True
        self._alive.append(value)
        return False

    def _take(self, kind: type, value: Any) -> None:
        if issubclass(kind, Tensor):
            self._tensor(value)
        elif issubclass(kind, Variables):
            self._names(value)
        elif kind in CONTAINERS or issubclass(kind, tuple):
            self._items(value)
        elif kind in MAPPINGS:
            self._pending.append(getattr(value, "default_factory", None))
            self._held([part for pair in value.items() for part in pair])
        elif isinstance(value, FIXED):
            self.marks.append(id(value))
        else:
            parts = PARTS.get(kind)
            if parts is None:
                parts = _parts_of_other
            self._held(parts(value))

    def _items(self, value: Any) -> None:
        if len(value) > LONGEST:
            raise Unknown
        kinds = set(map(type, value))
        if kinds == {float}:
            self.marks.append(array("d", value).tobytes())
        elif SCALARS.issuperset(kinds):
            self.marks.append(repr(value))
        else:
            self._held(value)

    def _held(self, parts: Iterable[Any]) -> None:
        before = len(self._pending)
        self._pending += parts
        self.marks.append(len(self._pending) - before)

    def _tensor(self, tensor: Tensor) -> None:
        memory, base = tensor._array, tensor._base
        if base is not None and id(base) not in self.seen:
            self.marks.append(Tensor)
            self._is_known(base)
            self._tensor(base)
        leaf = tensor._accumulator and tensor._accumulator()
        if leaf and (leaf.hooks is not None or leaf.post_hooks is not None):
            raise Unknown  # what hooks hold is not within reach
        self.tensors.append(tensor)
        self.marks += (
            memory.shape, memory.strides, memory.dtype, tensor._requires_grad, tensor._edge is None,
            tensor._retained, tensor._tangent is None, tensor._counter is None,
            None if base is None else self.seen[id(base)],
        )  # fmt: skip
        self._pending += (tensor._grad, tags.tags_of(tensor))


def _parts_of_other(value: Any) -> Iterable[Any]:
    """What a value of a class that is not listed holds: those of torch's classes have all of it by name."""
    if not value.__class__.__module__.startswith(TORCH) or isinstance(value, Node):
        raise Unknown
    try:
        return [part for pair in vars(value).items() for part in pair]
    except TypeError:
        raise Unknown from None


def _parts_of_function(value: FunctionType) -> Iterable[Any]:
    """What a function of ours has around it; its defaults are as fixed as its code."""
    try:
        return [id(value.__code__), *(cell.cell_contents for cell in value.__closure__ or ())]
    except ValueError:  # one is still empty
        raise Unknown from None


def _parts_of_builtin(value: Any) -> Iterable[Any]:
    return (value.__name__, value.__self__)


def _state(value: Generator) -> Iterable[Any]:
    return (value.get_state().tobytes().hex(),)


CONTAINERS = frozenset({list, tuple, set, frozenset})
MAPPINGS = frozenset({dict, OrderedDict, defaultdict})
PARTS: dict[type, Callable[[Any], Iterable[Any]]] = {
    slice: lambda value: (value.start, value.stop, value.step),
    Function: lambda value: (id(value._body), value._defaults, value._outer),
    MethodType: lambda value: (value.__func__, value.__self__),
    Method: lambda value: (value.name, value.value),
    ScriptClass: lambda value: (value.name, list(value.bases), value.members),
    Instance: lambda value: (value.kind, value.attributes),
    StaticMethod: lambda value: (value.function,),
    ClassMethod: lambda value: (value.function,),
    Property: lambda value: (value.get, value.set),
    Routine: lambda value: (value.name, value.run),
    partial: lambda value: (value.func, value.args, value.keywords),
    FunctionType: _parts_of_function,
    BuiltinFunctionType: _parts_of_builtin,
    Handle: lambda value: (value.number, value._hooks),
    Generator: _state,
}
