"""The errors that programs themselves raise and catch.

Each is a GradcliError and also the built-in exception of the same meaning, so `except KeyError` in a
program means what it says. A caught error is a text: nothing in it leads to a frame or an object.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import (
    AttributeFault,
    GradcliError,
    IndexFault,
    LimitFault,
    NameFault,
    NotImplementedFault,
    RuntimeFault,
    SyntaxFault,
    TypeFault,
    ValueFault,
)

if TYPE_CHECKING:
    from gradcli.language.limits import Limits

__all__ = [
    "KINDS",
    "ArithmeticFault",
    "AssertionFault",
    "Caught",
    "ErrorKind",
    "ImportFault",
    "KeyFault",
    "ModuleFault",
    "OverflowFault",
    "RaisedFault",
    "StopFault",
    "UnboundFault",
    "ZeroDivisionFault",
    "catchable",
    "library_kind",
    "plain_fault",
]


class AssertionFault(GradcliError, AssertionError):
    """An assert of the program failed."""


class ArithmeticFault(GradcliError, ArithmeticError):
    """Base of the two below, for programs that raise it themselves."""


class ZeroDivisionFault(ArithmeticFault, ZeroDivisionError):
    """A plain number was divided by zero."""


class OverflowFault(ArithmeticFault, OverflowError):
    """A plain number is too large for a float."""


class KeyFault(GradcliError, KeyError):
    """A dict has no such key."""

    # KeyError shows the repr of its argument; the message alone is wanted.
    def __str__(self) -> str:
        return self.diagnostic.message


class ImportFault(GradcliError, ImportError):
    """A module does not hold what a program imports from it."""


class ModuleFault(ImportFault, ModuleNotFoundError):
    """There is no such module."""


class UnboundFault(NameFault, UnboundLocalError):
    """A variable of a function is read before it is bound."""


class StopFault(GradcliError):
    """StopIteration of the language: Python's own would end the generators that evaluate a program."""


class RaisedFault(GradcliError):
    """`raise Exception(...)` of the program."""


class ErrorKind:
    """An exception class as programs see it: it is called, raised, and named in `except`.

    Attributes:
        name: its name.
        fault: the class of ours that is raised; of a kind that a program derives, its parent's.
        parent: the kind that a program derived it from; None for Python's own.
        members: what the body of a derived one's class bound.
    """

    __slots__ = ("fault", "members", "name", "parent")

    def __init__(
        self,
        name: str,
        fault: type[BaseException],
        parent: ErrorKind | None = None,
        members: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.fault = fault
        self.parent = parent
        self.members = members or {}

    def find(self, name: str, default: Any = None) -> Any:
        """Returns the member of a name, of this kind or of the nearest one above."""
        kind: ErrorKind | None = self
        while kind is not None and name not in kind.members:
            kind = kind.parent
        return default if kind is None else kind.members[name]

    def covers(self, fault: BaseException) -> bool:
        """Returns whether an error is of this kind, as `except` and `isinstance` ask."""
        kind = _borne(fault)
        if self.parent is None and isinstance(fault, self._builtin()):
            return True
        while kind is not None and kind is not self:
            kind = kind.parent
        return kind is self

    def derives(self, other: ErrorKind) -> bool:
        """Returns whether every error of this kind is one of the other."""
        kind: ErrorKind | None = self
        while kind is not None and kind is not other:
            kind = kind.parent
        return kind is other or (other.parent is None and issubclass(self.fault, other._builtin()))

    def _builtin(self) -> type[BaseException]:
        """Returns Python's own class behind the one of ours: a NotImplementedError is a RuntimeError."""
        own = next(base for base in self.fault.__mro__ if base.__module__ == "builtins")
        return self.fault if own is Exception else own

    def make(self, args: tuple[Any, ...], texts: list[str]) -> Caught:
        """Returns an error that can be raised, of arguments and their texts: of one `str`, of more `repr`."""
        made = self.fault if issubclass(self.fault, GradcliError) else RaisedFault
        fault = made("E388", "", label=self.name)
        fault.kind = self  # type: ignore[attr-defined] # which of its kinds a program meant
        caught = Caught(fault)
        caught.tell(args, texts)
        return caught

    def __call__(self, *args: Any) -> Caught:
        """Returns an error that can be raised; values beside numbers and strings show by their kind."""
        return self.make(args, [_text(arg) if len(args) > 1 or type(arg) is not str else arg for arg in args])

    def __repr__(self) -> str:
        return f"<class '{'' if self.parent is None else '__main__.'}{self.name}'>"


class Caught:
    """An error as a value of the program: what `except ... as e` binds; str() of it is the message."""

    __slots__ = ("fault",)

    def __init__(self, fault: GradcliError) -> None:
        self.fault = fault

    @property
    def kind(self) -> ErrorKind:
        """The nearest class that programs know it by."""
        general = (kind for kind in reversed(KINDS.values()) if kind.covers(self.fault))
        return _borne(self.fault) or next(general)

    @property
    def args(self) -> tuple[Any, ...]:
        """What it was made with, or its message."""
        given: tuple[Any, ...] | None = getattr(self.fault, "given", None)
        return (str(self.fault),) if given is None else given

    @property
    def attributes(self) -> dict[str, Any]:
        """What the program has assigned to it; kept with the fault, which may be caught more than once."""
        own: dict[str, Any] | None = getattr(self.fault, "own", None)
        if own is None:
            own = self.fault.own = {}  # type: ignore[attr-defined] # few errors have any
        return own

    def tell(self, args: tuple[Any, ...], texts: list[str]) -> None:
        """Gives it its arguments and the message that is made of their texts."""
        message = texts[0] if len(texts) == 1 else f"({', '.join(texts)})" if texts else ""
        self.fault.given = args  # type: ignore[attr-defined] # what `e.args` shows
        self.say(message)

    def say(self, message: str) -> None:
        """Gives it a message."""
        self.fault.diagnostic = self.fault.diagnostic._replace(message=message)
        self.fault.args = (message,)  # what Python's own str() shows

    def __str__(self) -> str:
        return str(self.fault)

    def __repr__(self) -> str:
        return f"{self.kind.name}({', '.join(map(_text, self.args))})"


@cache
def library_kind(fault: Any) -> ErrorKind:
    """Returns the kind of a class of errors that a library defines under a name of its own."""
    kind = next(kind for kind in reversed(KINDS.values()) if issubclass(fault, kind.fault))
    return ErrorKind(fault.__name__, fault, kind)


def _borne(fault: BaseException) -> ErrorKind | None:
    """The kind that an error was made of: a program's own, or a library's; None for Python's."""
    made: ErrorKind | None = getattr(fault, "kind", None)
    cls: Any = type(fault)
    return library_kind(cls) if made is None and cls.__module__.startswith(LIBRARIES) else made


def _text(value: Any) -> str:
    return (
        repr(value) if isinstance(value, int | float | complex | str | None) else f"<{type(value).__name__}>"
    )


LIBRARIES = "gradcli.torch."  # below which errors have PyTorch's names

# The general before the special, so that the last one that fits is the nearest.
KINDS: dict[str, ErrorKind] = {
    name: ErrorKind(name, fault)
    for name, fault in (
        ("Exception", GradcliError),
        ("ArithmeticError", ArithmeticFault),
        ("LookupError", LookupError),
        ("RuntimeError", RuntimeFault),
        ("ValueError", ValueFault),
        ("TypeError", TypeFault),
        ("NameError", NameFault),
        ("UnboundLocalError", UnboundFault),
        ("AttributeError", AttributeFault),
        ("NotImplementedError", NotImplementedFault),
        ("IndexError", IndexFault),
        ("KeyError", KeyFault),
        ("AssertionError", AssertionFault),
        ("ZeroDivisionError", ZeroDivisionFault),
        ("OverflowError", OverflowFault),
        ("StopIteration", StopFault),
        ("ImportError", ImportFault),
        ("ModuleNotFoundError", ModuleFault),
    )
}


def catchable(fault: GradcliError) -> bool:
    """Returns whether `except` may see an error: a program cannot catch its own limits."""
    return not isinstance(fault, LimitFault | SyntaxFault)


def plain_fault(error: Exception, limits: Limits) -> GradcliError:
    """Returns the error of ours for one that Python raised on plain values, in Python's words."""
    from gradcli.language.limits import nesting_fault  # only where an error is under way

    if isinstance(error, GradcliError):  # of a function of the program's own, called on the way
        return error
    if isinstance(error, RecursionError | MemoryError):
        return nesting_fault(limits)
    text = str(error)
    if isinstance(error, KeyError):
        text = repr(error.args[0]) if error.args else ""
        text = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    text = text.removeprefix("(34, '").removesuffix("')")  # how an OverflowError of the C library shows
    for kind, code, fault in PYTHONS:
        if isinstance(error, kind):
            made = fault(code, text)
            if isinstance(error, KeyError):
                made.given = error.args  # type: ignore[attr-defined] # the key itself
            return made
    return TypeFault("E380", text)


LONGEST = 200  # characters of a key that a message repeats
PYTHONS: tuple[tuple[type[Exception], str, type[GradcliError]], ...] = (
    (ZeroDivisionError, "E381", ZeroDivisionFault),
    (OverflowError, "E382", OverflowFault),
    (IndexError, "E383", IndexFault),
    (KeyError, "E384", KeyFault),
    (ValueError, "E385", ValueFault),
)
