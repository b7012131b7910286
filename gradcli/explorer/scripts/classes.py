"""Classes that a script defines, and their instances.

A script's class is a value, never a Python class. Its instances are of fixed classes of ours: `Instance`
where it derives from nothing of PyTorch's, else the nearest class of ours (a module, an optimizer), whose own
dict then holds the script's class, and the methods that replace ours.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.callables import Kind, Routine
from gradcli.language import Function

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.language import Meter

__all__ = [
    "CLASS", "MISSING", "PRIVATE", "ClassMethod", "Property", "ScriptClass", "StaticMethod", "Super", "bind",
    "unbound",
]  # fmt: skip

CLASS, PRIVATE = "_script_class", "_script_private"  # keys in the own dict of a module or an optimizer
MISSING: Any = object()


class StaticMethod:
    """`@staticmethod`: a member that is not bound."""

    __slots__ = ("function",)

    def __init__(self, function: Any) -> None:
        self.function = function


class ClassMethod:
    """`@classmethod`: a member that is bound to the class."""

    __slots__ = ("function",)

    def __init__(self, function: Any) -> None:
        self.function = function


class Property:
    """`@property`, perhaps with a setter: a member that is run when it is read or written."""

    __slots__ = ("get", "set")

    def __init__(self, fget: Any = None, fset: Any = None) -> None:
        self.get = fget
        self.set = fset

    def getter(self, function: Any) -> Property:
        """The property with another function to read it."""
        return Property(function, self.set)

    def setter(self, function: Any) -> Property:
        """The property with another function to write it."""
        return Property(self.get, function)


class ScriptClass:
    """A `class` statement at run time.

    Attributes:
        name: its `__name__`.
        bases: what it derives from: classes of the script, and at most one kind of ours.
        members: what its body bound.
        order: itself and the script's classes above it, in the order that names are looked for.
        root: the class of ours at the bottom; None where there is none.
        marks: classes of ours that it derives from in name alone, such as a Dataset: all that it does is
            the script's.
    """

    __slots__ = ("bases", "marks", "members", "meter", "name", "order", "root")

    meter: Meter  # what instances are charged to

    def __init__(
        self, name: str, bases: tuple[Any, ...], members: dict[str, Any], marks: frozenset[type] = frozenset()
    ) -> None:
        self.name = name
        self.bases = bases
        self.members = members
        for key, member in members.items():
            _qualify(member, key, name)
        self.order = [self, *_merged([base for base in bases if isinstance(base, ScriptClass)], name)]
        kinds = {base.cls for base in bases if isinstance(base, Kind)}
        self.marks: frozenset[type] = marks.intersection(kinds).union(
            *(base.marks for base in self.order[1:])
        )
        roots = (kinds - self.marks - {object}) | {base.root for base in self.order[1:] if base.root}
        if len(roots) > 1:
            raise TypeFault(
                "E380", "multiple bases have instance lay-out conflict", help="derive from one class of torch"
            )
        self.root: type | None = roots.pop() if roots else None

    def find(self, name: str, after: ScriptClass | None = None) -> Any:
        """Returns the member of a name from the nearest class (beyond `after`, if given), or MISSING."""
        order = self.order if after is None else self.order[self.order.index(after) + 1 :]
        for one in order:
            if name in one.members:
                return one.members[name]
        return MISSING

    def derives(self, other: Any) -> bool:
        """Returns whether it is a class or derives from it."""
        if isinstance(other, ScriptClass):
            return other in self.order
        if isinstance(other, Kind):
            below = self.marks if self.root is None else {*self.marks, self.root}
            return other.cls is object or any(issubclass(one, other.cls) for one in below)
        return False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A new instance; for callers that are Python's."""
        from gradcli.explorer.scripts.calls import call  # it imports this module

        return call(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<class '__main__.{self.name}'>"


class Super:
    """`super()`: the members of an instance's class beyond the class of the method it stands in."""

    __slots__ = ("instance", "owner")

    def __init__(self, owner: ScriptClass, instance: Any) -> None:
        self.owner = owner
        self.instance = instance


def bind(member: Any, instance: Any, owner: Any) -> Any:
    """Returns what reading a member on an instance gives: a method, a property's value, or itself.

    Args:
        member: what stands in the class body.
        instance: of a script's class, or an error.
        owner: the class, of errors too.
    """
    kind = member.__class__
    if kind is Function or (kind is Routine and member.binds) or kind is FunctionType:
        return MethodType(member, instance)
    if kind is Property:
        return member.get(instance)
    if kind is StaticMethod:
        return member.function
    if kind is ClassMethod:
        return MethodType(member.function, owner)
    return member


def unbound(member: Any, owner: Any) -> Any:
    """Returns what reading a member on its class, `owner`, gives."""
    if member.__class__ is StaticMethod:
        return member.function
    return MethodType(member.function, owner) if member.__class__ is ClassMethod else member


def _qualify(member: Any, key: str, owner: str) -> None:
    """Lets a method's errors name its class, as Python's do: `Net.forward() missing 1 required ...`."""
    function = member.function if isinstance(member, (StaticMethod, ClassMethod)) else member
    if isinstance(function, Function) and function.signature.name == key:
        function.signature.name = f"{owner}.{key}"


def _merged(bases: list[ScriptClass], name: str) -> Iterable[ScriptClass]:
    """The classes above, in Python's order (C3): a class before those it derives from."""
    rows = [list(base.order) for base in bases] + [list(bases)]
    merged: list[ScriptClass] = []
    while rows := [row for row in rows if row]:
        first = next(
            (row[0] for row in rows if not any(row[0] in other[1:] for other in rows)),
            None,
        )
        if first is None:
            raise TypeFault(
                "E380", f"Cannot create a consistent method resolution order (MRO) for bases of {name}"
            )
        merged.append(first)
        rows = [[one for one in row if one is not first] for row in rows]
    return merged
