"""What the classes of ours offer a script: tables of names, made from the classes and never from values."""

from __future__ import annotations

from functools import cache, partial
from types import FunctionType, MemberDescriptorType, MethodDescriptorType, MethodType
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor, attributes, methods
from gradcli.autograd.dense import Device
from gradcli.autograd.generator import Generator
from gradcli.autograd.size import Size
from gradcli.explorer.attributes import METHODS, PROPERTIES
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Routine
from gradcli.ops.catalog import spelled
from gradcli.ops.dtypes import DType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Getter = Callable[[Any], Any]

__all__ = ["FUNCTIONS", "GETTERS", "method_of", "offered", "tensor_names", "tensor_table"]

# Public names in our class bodies that PyTorch does not have.
HIDDEN = frozenset((
    "changing", "closed_form", "dims", "edge", "function", "gradient_edge", "is_better", "register",
    "stepped", "told", "unnamed",
))  # fmt: skip

# Of classes whose bodies have more public names than PyTorch's.
LISTED: dict[type, tuple[str, ...]] = {
    Size: ("count", "index", "numel"),
    Device: ("index", "type"),
    DType: ("is_complex", "is_floating_point", "itemsize"),
    Generator: ("get_state", "initial_seed", "manual_seed", "seed", "set_state"),
}
EXTRA = ("cpu", "numpy", "type")


@cache
def offered(cls: type) -> dict[str, Getter]:
    """Returns what each name of a class of ours reads on an instance: its public functions and properties.

    `_names` never are among them, nor is what a class inherits from Python's own.
    """
    found: dict[str, Getter] = {}
    listed = next((names for kind, names in LISTED.items() if issubclass(cls, kind)), None)
    for kind in reversed(cls.__mro__):
        if not kind.__module__.startswith("gradcli.") and listed is None:
            continue
        for name, member in vars(kind).items():
            if name.startswith("_") or name in HIDDEN or (listed is not None and name not in listed):
                continue
            getter = _getter(name, member)
            if getter is not None:
                found[name] = getter
    return found


def _getter(name: str, member: Any) -> Getter | None:
    """What reads a member of a class body on an instance; None if it is nothing for scripts."""
    if isinstance(member, FunctionType):
        return partial(MethodType, member)
    if isinstance(member, property):
        return member.fget
    if isinstance(member, MemberDescriptorType):  # a slot
        return partial(_read_slot, member)
    if isinstance(member, (staticmethod, classmethod)):
        return partial(_read_function, name, member)
    if isinstance(member, MethodDescriptorType):  # of a tuple, listed
        return lambda value: Routine(name, partial(member, value))
    return None


def _read_slot(slot: Any, value: Any) -> Any:
    return slot.__get__(value)


def _read_function(name: str, member: Any, value: Any) -> Any:
    if isinstance(member, classmethod):
        return MethodType(member.__func__, type(value))
    return Routine(name, member.__func__)


# What has been asked for of Tensor: what reads it, and of a method the function itself.
GETTERS: dict[str, Getter] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {}


def tensor_table(name: str) -> Getter | None:
    """Returns what reads a public name of a tensor, or None."""
    found = GETTERS.get(name)
    if found is None and not name.startswith("_"):
        found = _of_tensor(name)
        if found is not None:
            GETTERS[name] = found
    return found


def _of_tensor(name: str) -> Getter | None:
    if not _is_tensors(name):
        return None
    methods.find_method(name)
    member = vars(Tensor).get(name)
    if isinstance(member, property):
        return member.fget
    if name == "numpy":
        return lambda value: Routine("numpy", lambda: Array(attributes.METHODS["numpy"](value)))
    if member is None:
        return None
    if member.__name__ == "<lambda>":  # of a record; messages shall name the method
        member.__name__ = member.__qualname__ = name
    FUNCTIONS[name] = member
    return partial(MethodType, member)


def _is_tensors(name: str) -> bool:
    """Whether PyTorch has a name of Tensor's, as far as we do."""
    tables = (PROPERTIES, METHODS, EXTRA, attributes.METHODS, attributes.PROPERTIES, methods.RESHAPING,
              methods.WRITABLE, methods._offers)  # fmt: skip # noqa: SLF001 - what a layer above gives has no other list
    return name not in HIDDEN and (any(name in table for table in tables) or f"Tensor.{name}" in spelled())


def method_of(cls: type, name: str) -> Any:
    """Returns the function behind a public name of a class of ours, unbound, or None."""
    if issubclass(cls, Tensor):
        if tensor_table(name) is None:
            return None
        member = vars(Tensor).get(name)
        return None if member is None or isinstance(member, property) else Routine(name, member)
    if name not in offered(cls):  # type: ignore[arg-type] # a class is hashable
        return None
    member = next(vars(kind)[name] for kind in cls.__mro__ if name in vars(kind))
    return Routine(name, member) if isinstance(member, FunctionType) else None


def tensor_names() -> Iterable[str]:
    """Returns all names that a tensor may have, for did-you-mean."""
    prefix = "Tensor."
    records = (name.removeprefix(prefix) for name in spelled() if name.startswith(prefix))
    return (*PROPERTIES, *METHODS, *EXTRA, *records)
