"""Attributes of what has classes: instances and classes of a script, modules and optimizers, `super()`."""

from __future__ import annotations

from functools import partial
from types import FunctionType, MethodType
from typing import Any

from gradcli.diagnostics import AttributeFault, TypeFault, did_you_mean
from gradcli.explorer.scripts.admission import admit
from gradcli.explorer.scripts.callables import Kind, Routine, kind_of
from gradcli.explorer.scripts.classes import (
    CLASS,
    MISSING,
    PRIVATE,
    Property,
    ScriptClass,
    StaticMethod,
    Super,
    bind,
    unbound,
)
from gradcli.explorer.scripts.functions import function_attribute
from gradcli.explorer.scripts.instances import Instance, class_of
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.explorer.scripts.tables import method_of, offered
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.registration import TABLES

__all__ = [
    "class_attribute", "instance_attribute", "kind_attribute", "owned_attribute", "set_class_attribute",
    "set_instance_attribute", "set_owned_attribute", "super_attribute",
]  # fmt: skip

# Special methods that `super()` and a class of ours offer; the rest is Python's business.
SPECIAL = ("__init__", "__call__", "__repr__", "__len__", "__getitem__", "__iter__", "__contains__")


def _missing(owner: str, name: str, known: Any) -> AttributeFault:
    return AttributeFault(
        "E203",
        f"'{owner}' object has no attribute '{name}'",
        label=did_you_mean(name, [one for one in known if not one.startswith("_")]),
    )


def instance_attribute(value: Instance, name: str) -> Any:
    """Returns an attribute of an instance of a script's class."""
    own, kind = value.attributes, value.kind
    member = kind.find(name)
    if member.__class__ is not Property and name in own:
        return own[name]
    if member is not MISSING:
        return bind(member, value, kind)
    if name == "__class__":
        return kind
    if name == "__dict__":
        return dict(own)
    known = [*own, *(name for one in kind.order for name in one.members)]
    raise _missing(kind.name, name, known)


def set_instance_attribute(value: Instance, name: str, new: Any) -> None:
    """Does `instance.name = new`."""
    if name == "__class__":
        raise TypeFault("E206", "the class of an instance does not change")
    if not _set_property(value, value.kind, name, new):
        value.attributes[name] = new


def _set_property(value: Any, kind: ScriptClass, name: str, new: Any) -> bool:
    member = kind.find(name)
    if member.__class__ is not Property:
        return False
    if member.set is None:
        raise AttributeFault("E203", f"property '{name}' of '{kind.name}' object has no setter")
    member.set(value, new)
    return True


def owned_attribute(value: Any, name: str) -> Any:
    """Returns an attribute of a module, an optimizer or a schedule, of ours or of a script's class."""
    own = value.__dict__
    kind = own.get(CLASS)
    member = MISSING if kind is None else kind.find(name)
    if member.__class__ is Property:
        return member.get(value)
    if name.startswith("_"):
        return _private(value, name, member)
    if name in own and (member is MISSING or own[name].__class__ is not MethodType):
        return admit(own[name])
    for table in TABLES if isinstance(value, Module) else ():
        found = own.get(table)
        if found is not None and name in found:
            return found[name]
    if member is not MISSING:
        return bind(member, value, kind)
    getter = offered(value.__class__).get(name)
    if getter is not None:
        return admit(getter(value))
    known = {**own, **{key: 0 for table in TABLES for key in own.get(table, ())}, **offered(value.__class__)}
    raise _missing(kind.name if kind else kind_name(value), name, known)


def _private(value: Any, name: str, member: Any) -> Any:  # noqa: PLR0911 - a case per name
    """An attribute that begins with an underscore: a script's own, or one of the few that PyTorch's have."""
    own = value.__dict__
    kept = own.get(PRIVATE, {})
    if name in kept:
        return kept[name]
    for table in TABLES if isinstance(value, Module) else ():
        if name in own.get(table, ()):
            return own[table][name]
        if name == table:
            return dict(own.get(table, {}))
    if member is not MISSING:
        return bind(member, value, own[CLASS])
    if name == "__class__":
        return class_of(value) or kind_of(value.__class__)
    if name == "_get_name" and isinstance(value, Module):
        return Routine(name, value._get_name)  # noqa: SLF001 - PyTorch's name
    if name in SPECIAL:
        return _special_of(value.__class__, value, name)
    raise _missing(kind_name(value), name, kept)


def set_owned_attribute(value: Any, name: str, new: Any) -> None:
    """Does `value.name = new` on a module, an optimizer or a schedule."""
    own = value.__dict__
    kind = own.get(CLASS)
    if kind is not None and _set_property(value, kind, name, new):
        return
    if name in (*TABLES, "__class__", "__dict__"):
        raise AttributeFault("E206", f"attribute '{name}' of '{kind_name(value)}' objects is not writable")
    if isinstance(value, Module) and Module.register(value, name, new):
        own.get(PRIVATE, {}).pop(name, None)
        return
    if name.startswith("_"):
        own.setdefault(PRIVATE, {})[name] = new
    else:
        own[name] = new


def class_attribute(value: ScriptClass, name: str) -> Any:
    """Returns an attribute of a script's class, its functions unbound."""
    if name in ("__name__", "__qualname__"):
        return value.name
    member = value.find(name)
    if member is not MISSING:
        return unbound(member, value)
    if value.root is not None:
        found = function_attribute(value, name)
        if found is None:
            found = _of_root(value.root, name)
        if found is not None:
            return found
    raise AttributeFault(
        "E203",
        f"type object '{value.name}' has no attribute '{name}'",
        label=did_you_mean(name, [name for one in value.order for name in one.members]),
    )


def set_class_attribute(value: ScriptClass, name: str, new: Any) -> None:
    """Does `Class.name = new`."""
    if name.startswith("__"):
        raise AttributeFault("E206", f"attribute '{name}' of a class is not writable")
    value.members[name] = new


def kind_attribute(value: Kind, name: str) -> Any:
    """Returns an attribute of a class of ours: its name, or one of its functions, unbound."""
    if name in ("__name__", "__qualname__"):
        return value.name
    found = _of_root(value.cls, name)
    if found is None:
        raise AttributeFault("E203", f"type object '{value.name}' has no attribute '{name}'")
    return found


def _of_root(root: type, name: str) -> Any:
    if not root.__module__.startswith("gradcli."):
        return None
    if name in SPECIAL:
        return _function_of(root, name)
    return method_of(root, name)


def _function_of(root: type, name: str) -> Any:
    member = next((vars(kind)[name] for kind in root.__mro__ if name in vars(kind)), None)
    return Routine(f"{root.__name__}.{name}", member) if isinstance(member, FunctionType) else None


def _special_of(root: type, value: Any, name: str) -> Any:
    found = _function_of(root, name)
    if found is None:
        raise _missing(kind_name(value), name, ())
    return Routine(found.name, partial(found.run, value))


def super_attribute(value: Super, name: str) -> Any:
    """Returns what `super().name` stands for, bound to the instance (or class) it was made for."""
    instance = value.instance
    kind = instance if isinstance(instance, ScriptClass) else class_of_any(instance)
    member = kind.find(name, after=value.owner)
    if member is not MISSING:
        if isinstance(instance, ScriptClass) and isinstance(member, StaticMethod):
            return member.function
        return bind(member, instance, kind)
    root = kind.root
    if root is None:
        if name == "__init__":
            return Routine("object.__init__", _nothing)
        raise AttributeFault("E203", f"'super' object has no attribute '{name}'")
    if name == "__setattr__":
        return Routine(name, partial(set_owned_attribute, instance))
    if name in SPECIAL:
        return _special_of(root, instance, name)
    getter = offered(root).get(name)
    if getter is None:
        raise AttributeFault("E203", f"'super' object has no attribute '{name}'")
    return admit(getter(instance))


def class_of_any(instance: Any) -> ScriptClass:
    """Returns the script's class of an instance.

    Raises:
        TypeFault: it is an instance of none.
    """
    kind = instance.kind if instance.__class__ is Instance else class_of(instance)
    if kind is None:
        raise TypeFault("E206", "super(type, obj): obj must be an instance or subtype of type")
    return kind


def _nothing(*args: Any, **kwargs: Any) -> None:
    if args or kwargs:
        raise TypeFault("E387", "object.__init__() takes exactly one argument (the instance to initialize)")
