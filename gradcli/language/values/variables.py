"""The variables of a running program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language.values.faults import KINDS, UnboundFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Globals", "Members", "Variables"]


class Variables(dict[str, Any]):
    """The variables of one call of a function, or of one run of a comprehension.

    Attributes:
        outer: the variables around them, where a function was defined.
        globals: the program's own.
        returned: what a `return` under way carries.
    """

    __slots__ = ("globals", "outer", "returned")

    outer: Variables
    globals: Globals
    returned: Any

    def __missing__(self, name: str) -> Any:
        raise UnboundFault(
            "E210", f"cannot access local variable '{name}' where it is not associated with a value"
        )


class Members(Variables):
    """What the body of a class has bound, while it runs.

    Attributes:
        made: the class, once it is made, for the `super()` of its methods.
    """

    __slots__ = ("made",)

    made: Any

    def __missing__(self, name: str) -> Any:
        return self.globals[name]


class Globals(Variables):
    """The variables of a program, before and while it runs; what is none of them, the host knows."""

    __slots__ = ("_lookup",)

    def __init__(self, lookup: Callable[[str], Any], values: Mapping[str, Any] | None = None) -> None:
        super().__init__(values or {})
        self._lookup = lookup
        self.globals = self

    def __missing__(self, name: str) -> Any:
        kind = KINDS.get(name)
        return self._lookup(name) if kind is None else kind
