"""What a compiled program needs from whoever runs it: names, operations on values, and a place for spans.

Plain Python values (numbers, strings, lists, tuples, dicts and their views, sets, ranges, slices, None) are
the language's own: their operators, comparisons, subscripts, methods, texts and truth never reach the host
unless another value takes part. Everything else (tensors, functions, modules, classes) is the host's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from gradcli.diagnostics import Span

__all__ = ["Context", "Host", "unheard"]


class Context(Protocol):
    """Where the program leaves its place: written before every operation that may raise or make a node."""

    span: Span | None


class Host(Protocol):
    """The world that a program runs in.

    Errors it raises (GradcliError) get the span of the operation that was running.
    """

    @property
    def context(self) -> Context:
        """The object whose `span` follows the program; asked for once per compilation."""
        ...

    def lookup(self, name: str) -> Any:
        """Returns what a name stands for that the program itself does not bind, or raises NameFault.

        The language asks for three of them itself: `type` for `value.__class__`, `int` and `float` for the
        numbers of `"%d" % value`.
        """
        ...

    def binary(self, symbol: str) -> Callable[[Any, Any], Any]:
        """Returns the function behind one of `+ - * / // % ** @ & | << >>`; asked for once per place."""
        ...

    def inplace(self, symbol: str) -> Callable[[Any, Any], Any]:
        """Returns the function behind `symbol=`: it changes its first argument or makes a new value."""
        ...

    def unary(self, symbol: str) -> Callable[[Any], Any]:
        """Returns the function behind one of `- + ~`."""
        ...

    def compare(self, symbol: str) -> Callable[[Any, Any], Any]:
        """Returns the function behind one of `== != < <= > >=`."""
        ...

    def contains(self, container: Any, item: Any) -> bool:
        """Returns `item in container`, for a container that is no plain value."""
        ...

    def truth(self, value: Any) -> bool:
        """Returns whether a value counts as true, or raises as PyTorch does for a tensor of several."""
        ...

    def iterate(self, value: Any) -> Iterator[Any]:
        """Returns an iterator over a value that is no plain one, or raises TypeFault."""
        ...

    def attribute(self, value: Any, name: str) -> Any:
        """Returns `value.name` from a table of what the value's type offers.

        Plain values but None, functions and errors of the language are not asked for. A host may also offer
        `call_method(value, name, args, kwargs)`, which is then called for `value.name(...)` instead of this
        and `call`: nothing needs to be made of the method, and its arguments are known.
        """
        ...

    def set_attribute(self, value: Any, name: str, new: Any) -> None:
        """Does `value.name = new`."""
        ...

    def index(self, value: Any, key: Any) -> Any:
        """Returns `value[key]`; a key is plain, a tensor, or a tuple or slice of such."""
        ...

    def set_index(self, value: Any, key: Any, new: Any) -> None:
        """Does `value[key] = new`."""
        ...

    def del_index(self, value: Any, key: Any) -> None:
        """Does `del value[key]`."""
        ...

    def call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Returns `function(*args, **kwargs)`; the program's own functions do not come here."""
        ...

    def manager(self, value: Any) -> AbstractContextManager[Any]:
        """Returns what `with value` enters and leaves, or raises TypeFault."""
        ...

    def assigned(self, name: str, value: Any) -> None:
        """Told of every `name = value` with a value that is no plain one, to show it under that name.

        A host that does not listen has `unheard` here, which is never called.
        """
        ...

    def module(self, path: str) -> Any:
        """Returns what `import path` loads, or raises ModuleFault with what is available."""
        ...

    def member(self, path: str, name: str) -> Any:
        """Returns what `from path import name` binds, or raises ImportFault."""
        ...

    def make_class(self, name: str, bases: tuple[Any, ...], members: dict[str, Any]) -> Any:
        """Returns the value of `class name(bases)`, whose body bound the members.

        Raises:
            TypeFault: no class of the language can derive from these.
        """
        ...

    def parent(self, owner: Any, instance: Any) -> Any:
        """Returns what `super()` stands for in a method of the class `owner` called on `instance`."""
        ...

    def text(self, value: Any, *, quoted: bool) -> str:
        """Returns `str(value)`, or `repr(value)` where quoted, of a value that is no plain one."""
        ...

    def format(self, value: Any, spec: str) -> str:
        """Returns `format(value, spec)` of a value that is no plain one, as a field of an f-string shows it.

        The spec may be empty; its width and precision have been found to be within the limits.
        """
        ...


def unheard(name: str, value: Any) -> None:
    """The `assigned` of a host that is not told of assignments."""
