"""The errors that programs themselves raise and catch.

Each is a GradcliError and also the built-in exception of the same meaning, so `except KeyError` in a
program means what it says. A caught error is a text: nothing in it leads to a frame or an object.
"""

from __future__ import annotations

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
    "ZeroDivisionFault",
    "catchable",
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


class StopFault(GradcliError):
    """StopIteration of the language: Python's own would end the generators that evaluate a program."""


class RaisedFault(GradcliError):
    """`raise Exception(...)` of the program."""


class ErrorKind:
    """An exception class as programs see it: it is called, raised, and named in `except`."""

    __slots__ = ("fault", "name")

    def __init__(self, name: str, fault: type[BaseException]) -> None:
        self.name = name
        self.fault = fault

    def __call__(self, *args: Any, **kwargs: Any) -> Caught:
        """Returns an error that can be raised; its text is the only argument, or all of them."""
        if kwargs:
            raise TypeFault("E380", f"{self.name}() takes no keyword arguments")
        # Text only: numbers and the like show as they print, whatever else by its kind.
        parts = [argument if isinstance(argument, str) else _text(argument) for argument in args]
        message = parts[0] if len(parts) == 1 else f"({', '.join(parts)})" if parts else ""
        kind = self.fault if issubclass(self.fault, GradcliError) else RaisedFault
        fault = kind("E388", message, label=self.name)
        fault.given = args  # type: ignore[attr-defined] # what `e.args` shows
        return Caught(fault)

    def __repr__(self) -> str:
        return f"<class '{self.name}'>"


class Caught:
    """An error as a value of the program: what `except ... as e` binds; str() of it is the message."""

    __slots__ = ("fault",)

    def __init__(self, fault: GradcliError) -> None:
        self.fault = fault

    @property
    def kind(self) -> ErrorKind:
        """The nearest class that programs know it by."""
        return next(kind for kind in reversed(KINDS.values()) if isinstance(self.fault, kind.fault))

    @property
    def args(self) -> tuple[Any, ...]:
        """What it was made with, or its message."""
        given: tuple[Any, ...] | None = getattr(self.fault, "given", None)
        return (str(self.fault),) if given is None else given

    def __str__(self) -> str:
        return str(self.fault)

    def __repr__(self) -> str:
        return f"{self.kind.name}({str(self.fault)!r})"


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, int | float | complex | None) else f"<{type(value).__name__}>"


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
            return fault(code, text)
    return TypeFault("E380", text)


LONGEST = 200  # characters of a key that a message repeats
PYTHONS: tuple[tuple[type[Exception], str, type[GradcliError]], ...] = (
    (ZeroDivisionError, "E381", ZeroDivisionFault),
    (OverflowError, "E382", OverflowFault),
    (IndexError, "E383", IndexFault),
    (KeyError, "E384", KeyFault),
    (ValueError, "E385", ValueFault),
)
