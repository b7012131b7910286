"""What a script may call besides its own functions: routines of ours, and kinds of values."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kind", "Library", "Routine", "kind_of"]


class Routine:
    """A function of ours under the name that the user knows it by.

    Attributes:
        name: for messages and texts.
        run: the Python function behind it.
        strict: whether its first argument must be a tensor; scripts get PyTorch's error for a list.
        binds: whether it becomes a method where it stands in a class body, as decorated functions do.
    """

    __slots__ = ("binds", "name", "run", "strict")

    def __init__(
        self, name: str, run: Callable[..., Any], *, strict: bool = False, binds: bool = False
    ) -> None:
        self.name = name
        self.run = run
        self.strict = strict
        self.binds = binds

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What it returns; for callers that are Python's, such as a hook's or a key's."""
        from gradcli.explorer.scripts.calls import call  # it imports this module

        return call(self, args, kwargs)


class Kind:
    """A class of ours or of Python's as a value of a script: called, asked about, derived from.

    Attributes:
        name: its `__name__`.
        path: its full name in texts, as PyTorch shows it.
        cls: the Python class, for isinstance.
        make: what a call runs; None where scripts make none of it.
    """

    __slots__ = ("cls", "make", "name", "path")

    def __init__(
        self, name: str, cls: type, make: Callable[..., Any] | None = None, path: str | None = None
    ) -> None:
        self.name = name
        self.path = name if path is None else path
        self.cls = cls
        # Any class may be shown by type(x), but only those that PyTorch's namespaces hold are called.
        self.make = cls if make is None and cls.__module__.startswith("gradcli.torch.") else make

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A new value; for callers that are Python's."""
        from gradcli.explorer.scripts.calls import call  # it imports this module

        return call(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<class '{self.path}'>"


class Library:
    """A module as a value of a script: names, found one at a time.

    Attributes:
        name: its full name, `torch.nn`.
        find: returns what it has under a name, or None.
        names: returns all names, for did-you-mean.
    """

    __slots__ = ("find", "name", "names")

    def __init__(self, name: str, find: Callable[[str], Any], names: Callable[[], Any]) -> None:
        self.name = name
        self.find = find
        self.names = names

    def __repr__(self) -> str:
        return f"<module '{self.name}'>"


@cache
def kind_of(cls: type) -> Kind:
    """Returns the value that stands for a Python class, always the same one."""
    home = cls.__module__
    path = cls.__qualname__
    if home.startswith("gradcli.torch.nn."):
        inner = home.rpartition(".")[2]
        path = f"torch.nn.{inner if inner == 'parameter' else f'modules.{inner}'}.{path}"
    elif home.startswith("gradcli."):
        path = f"{home.removeprefix('gradcli.')}.{path}"
    return Kind(cls.__qualname__, cls, path=path)
