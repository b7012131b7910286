"""Instances of a script's classes: how they are made, and Python's protocols on them."""

from __future__ import annotations

from collections import defaultdict
from types import MethodType
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.callables import Kind, Routine
from gradcli.explorer.scripts.classes import (
    CLASS,
    MISSING,
    PRIVATE,
    ClassMethod,
    Property,
    ScriptClass,
    StaticMethod,
    bind,
)
from gradcli.language import ErrorKind, Function
from gradcli.language.values.faults import StopFault
from gradcli.torch.nn.module import Module
from gradcli.torch.optim.lr_scheduler import LRScheduler
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DERIVABLE",
    "Instance",
    "class_of",
    "instantiate",
    "iterate_script",
    "make_class",
    "special",
]

DERIVABLE = (Module, Optimizer, LRScheduler)
INSTANCE, MODULE = 320, 4_096  # bytes that one takes, about


class Instance:
    """An instance of a class that derives from nothing of ours.

    Python's protocols (len, iteration, operators) reach the methods that the script's class defines.

    Attributes:
        kind: its class.
        attributes: what the script assigned.
    """

    __slots__ = ("__weakref__", "attributes", "kind")

    def __init__(self, kind: ScriptClass) -> None:
        self.kind = kind
        self.attributes: dict[str, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the class's own `__call__` returns."""
        return self._needed("__call__", "'{}' object is not callable")(*args, **kwargs)

    def __len__(self) -> int:
        found = self._needed("__len__", "object of type '{}' has no len()")()
        if not isinstance(found, int):
            raise TypeFault("E380", f"'{type(found).__name__}' object cannot be interpreted as an integer")
        return found

    def __bool__(self) -> bool:
        method = special(self, "__bool__") or special(self, "__len__")
        return method is None or bool(method())

    def __iter__(self) -> Iterator[Any]:
        found = iterate_script(self)
        if found is None:
            raise TypeFault("E380", f"'{self.kind.name}' object is not iterable")
        return found

    def __contains__(self, item: Any) -> bool:
        method = special(self, "__contains__")
        if method is not None:
            return bool(method(item))
        return any(one is item or one == item for one in self)

    def __getitem__(self, key: Any) -> Any:
        return self._needed("__getitem__", "'{}' object is not subscriptable")(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._needed("__setitem__", "'{}' object does not support item assignment")(key, value)

    def __delitem__(self, key: Any) -> None:
        self._needed("__delitem__", "'{}' object doesn't support item deletion")(key)

    def __eq__(self, other: object) -> Any:
        method = special(self, "__eq__")
        return self is other if method is None else method(other)

    def __hash__(self) -> int:
        method = special(self, "__hash__")
        if method is None and self.kind.find("__eq__") is not MISSING:
            raise TypeFault("E380", f"unhashable type: '{self.kind.name}'")
        return id(self) >> 4 if method is None else int(method())

    def __repr__(self) -> str:
        method = special(self, "__repr__")
        return f"<__main__.{self.kind.name} object>" if method is None else str(method())

    def __float__(self) -> float:
        return float(
            self._needed("__float__", "float() argument must be a string or a real number, not '{}'")()
        )

    def __int__(self) -> int:
        return int(self._needed("__int__", "int() argument must be a string or a real number, not '{}'")())

    def _needed(self, name: str, refusal: str) -> Any:
        method = special(self, name)
        if method is None:
            raise TypeFault("E380", refusal.format(self.kind.name))
        return method


def _operator(name: str) -> Callable[[Any, Any], Any]:
    def apply(self: Any, other: Any) -> Any:
        method = special(self, name)
        return NotImplemented if method is None else method(other)

    return apply


def _sign(name: str, symbol: str) -> Callable[[Any], Any]:
    def apply(self: Any) -> Any:
        method = special(self, name)
        if method is None:
            raise TypeFault("E380", f"bad operand type for {symbol}: '{self.kind.name}'")
        return method()

    return apply


# The methods of an operator differ in nothing but their names.
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"):
    for _dunder in (f"__{_name}__", f"__r{_name}__", f"__i{_name}__"):
        setattr(Instance, _dunder, _operator(_dunder))
for _name in ("ne", "lt", "le", "gt", "ge"):
    setattr(Instance, f"__{_name}__", _operator(f"__{_name}__"))
for _name, _symbol in (("neg", "unary -"), ("pos", "unary +"), ("invert", "unary ~"), ("abs", "abs()")):
    setattr(Instance, f"__{_name}__", _sign(f"__{_name}__", _symbol))


def class_of(value: Any) -> ScriptClass | None:
    """Returns the class of the script that a value is an instance of; None if it is of none."""
    if value.__class__ is Instance:
        return value.kind
    own = getattr(value, "__dict__", None)  # of the object itself; only classes of ours have such a key
    found = None if own is None else own.get(CLASS)
    return found if isinstance(found, ScriptClass) else None


def special(value: Any, name: str) -> Any:
    """Returns the bound special method that a script's class gives a value, or None."""
    owner = class_of(value)
    if owner is None:
        return None
    member = owner.find(name)
    return None if member is MISSING or member is None else bind(member, value, owner)


def iterate_script(value: Any) -> Iterator[Any] | None:
    """Returns an iterator over an instance of a script's class, or None if the class offers none."""
    method = special(value, "__iter__")
    if method is not None:
        found = method()
        if found is value or (isinstance(found, Instance) and special(found, "__iter__") is None):
            return _stepped(special(found, "__next__"), found)
        items: Iterator[Any] = iter(found)
        return items
    get = special(value, "__getitem__")
    return None if get is None else _indexed(get)


def _stepped(step: Any, owner: Any) -> Iterator[Any]:
    if step is None:
        raise TypeFault("E380", f"iter() returned non-iterator of type '{owner.kind.name}'")
    while True:
        try:
            item = step()
        except StopFault:
            return
        yield item


def _indexed(get: Any) -> Iterator[Any]:
    place = 0
    while True:
        try:
            item = get(place)
        except IndexError:
            return
        yield item
        place += 1


def make_class(name: str, bases: tuple[Any, ...], members: dict[str, Any]) -> ScriptClass:
    """Returns the value of a class statement.

    Raises:
        TypeFault: it cannot derive from these.
    """
    from gradcli.torch.datasets import Dataset  # only scripts with classes pay for these
    from gradcli.torch.function import Function as AutogradFunction
    from gradcli.torch.samplers import Sampler

    marks = frozenset((Dataset, Sampler))
    for base in bases:
        if isinstance(base, ScriptClass):
            continue
        if isinstance(base, Kind) and (
            base.cls in (object, *marks) or issubclass(base.cls, (*DERIVABLE, AutogradFunction))
        ):
            continue
        if isinstance(base, ErrorKind):
            raise TypeFault(
                "E206",
                f"a class of errors has one base: `{base.name}` stands beside another",
                help=f"write `class MyError({base.name}): pass`",
            )
        what = f"`{base.name}`" if isinstance(base, (Kind, Routine)) else f"'{type(base).__name__}'"
        raise TypeFault(
            "E206",
            f"a class cannot derive from {what}",
            help="derive from nothing, from nn.Module or one of its layers, from torch.autograd.Function, "
            "Dataset, an optimizer, or from a class of your own",
        )
    return ScriptClass(name, bases, members, marks)


def instantiate(kind: ScriptClass, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Returns a new instance of a script's class, after its __init__."""
    root = kind.root
    kind.meter.charge(INSTANCE if root is None else MODULE)
    start = kind.find("__init__")
    if root is None:
        instance: Any = Instance(kind)
        if start is MISSING:
            if args or kwargs:
                raise TypeFault("E387", f"{kind.name}() takes no arguments")
            return instance
    elif issubclass(root, DERIVABLE):
        instance = root.__new__(root)
        _adopt(instance, kind, root)
        if start is MISSING:
            root.__init__(instance, *args, **kwargs)
            return instance
    else:
        raise TypeFault(
            "E407",
            f"{kind.name} should not be instantiated. Methods on autograd functions are all static",
            help=f"write {kind.name}.apply(...)",
        )
    made = bind(start, instance, kind)(*args, **kwargs)
    if made is not None:
        raise TypeFault("E380", f"__init__() should return None, not '{type(made).__name__}'")
    if isinstance(instance, Optimizer) and type(getattr(instance, "state", None)) is dict:
        instance.state = defaultdict(dict, instance.state)  # a script's step writes self.state[p]["step"]
    return instance


def _adopt(instance: Any, kind: ScriptClass, root: type) -> None:
    """Makes an instance of ours one of a script's class: its methods replace those that ours would find."""
    own = instance.__dict__
    own[CLASS] = kind
    own[PRIVATE] = {}
    if issubclass(root, Module):
        own["_get_name"] = lambda: kind.name
    for one in reversed(kind.order):
        for name, member in one.members.items():
            if name.startswith("_") or not callable(getattr(root, name, None)):
                continue
            if not isinstance(member, (Property, StaticMethod, ClassMethod)) and callable(member):
                own[name] = (
                    MethodType(member, instance)
                    if isinstance(member, Function)
                    else bind(member, instance, kind)
                )
