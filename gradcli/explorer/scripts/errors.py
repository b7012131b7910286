"""Errors of kinds that a script derives: attributes of an error and of its class, and `super()` in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import AttributeFault, TypeFault, did_you_mean
from gradcli.explorer.scripts.callables import Routine
from gradcli.explorer.scripts.classes import MISSING, Property, bind, unbound

if TYPE_CHECKING:
    from gradcli.language import Caught, ErrorKind, Tools

__all__ = ["ErrorSuper", "error_attribute", "error_kind_attribute", "error_super", "set_error_attribute"]


class ErrorSuper:
    """`super()` in a method of a class of errors."""

    __slots__ = ("error", "owner", "tools")

    def __init__(self, owner: ErrorKind, error: Caught, tools: Tools) -> None:
        self.owner = owner
        self.error = error
        self.tools = tools


def error_attribute(value: Caught, name: str) -> Any:
    """Returns an attribute of an error: its arguments, what the script gave it, a member of its class."""
    kind, own = value.kind, value.attributes
    member = kind.find(name, MISSING)
    if member.__class__ is not Property and name in own:
        return own[name]
    if member is not MISSING:
        return bind(member, value, kind)
    if name == "args":
        return value.args
    if name == "__class__":
        return kind
    raise AttributeFault(
        "E202", f"'{kind.name}' object has no attribute '{name}'", label=did_you_mean(name, ("args", *own))
    )


def set_error_attribute(value: Caught, name: str, new: Any) -> None:
    """Does `error.name = new`."""
    member = value.kind.find(name, MISSING)
    if name.startswith("__") or (member.__class__ is Property and member.set is None):
        raise AttributeFault("E202", f"attribute '{name}' of '{value.kind.name}' objects is not writable")
    if member.__class__ is Property:
        member.set(value, new)
    elif name == "args":
        raise AttributeFault("E202", "the arguments of an error are set by `super().__init__(...)`")
    else:
        value.attributes[name] = new


def error_kind_attribute(value: ErrorKind, name: str) -> Any:
    """Returns an attribute of a class of errors, its functions unbound."""
    if name in ("__name__", "__qualname__"):
        return value.name
    member = value.find(name, MISSING)
    if member is MISSING:
        raise AttributeFault("E203", f"type object '{value.name}' has no attribute '{name}'")
    return unbound(member, value)


def error_super(value: ErrorSuper, name: str) -> Any:
    """Returns what `super().name` stands for in a method of a class of errors."""
    error, above, tools = value.error, value.owner.parent, value.tools
    member = MISSING if above is None else above.find(name, MISSING)
    if member is not MISSING:
        return bind(member, error, above)
    if name == "__init__":
        return Routine("Exception.__init__", partial(_begin, tools, error))
    if name == "__str__":
        return Routine("Exception.__str__", partial(_message, tools, error))
    raise AttributeFault("E203", f"'super' object has no attribute '{name}'")


def _begin(tools: Tools, error: Caught, *args: Any, **kwargs: Any) -> None:
    if kwargs:
        raise TypeFault("E387", f"{error.kind.name}() takes no keyword arguments")
    tools.tell(error, args)


def _message(tools: Tools, error: Caught) -> str:
    text = tools.formatter.text
    return text(error.args[0] if len(error.args) == 1 else error.args) if error.args else ""
