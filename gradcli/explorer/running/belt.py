"""What a worker may no longer do once it runs samples: write files, open files, make sockets.

A second line behind the language, which offers none of it; there is none where the system has no limits.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Belt", "silence"]

TRUSTED = frozenset(("gradcli", "numpy", "scipy", "sympy", "mpmath"))


class Belt:
    """The limits of this process: no file is ever written to, and none opened while it is fastened."""

    def __init__(self) -> None:
        self._loosened = 0  # blocks that ask for it, inside one another
        self._limit: Any = None
        try:
            import resource  # not on all systems
        except ImportError:
            return
        sys.dont_write_bytecode = True
        sys.meta_path.insert(0, _Doorkeeper(self))
        self._which = resource.RLIMIT_NOFILE
        self._soft, self._hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._limit = resource.setrlimit
        self._limit(resource.RLIMIT_FSIZE, (0, 0))
        self._limit(self._which, (0, self._hard))

    @contextmanager
    def loosened(self) -> Iterator[None]:
        """Lets files be opened for reading inside the block: data of a case, modules of our own."""
        if self._limit is None:
            yield
            return
        self._loosened += 1
        self._limit(self._which, (self._soft, self._hard))
        try:
            yield
        finally:
            self._loosened -= 1
            if not self._loosened:
                self._limit(self._which, (0, self._hard))


class _Doorkeeper:
    """Finds modules of ours and of Python's with the belt loosened: many are loaded when first needed.

    No sample runs while a module is loaded.
    """

    def __init__(self, belt: Belt) -> None:
        self._belt = belt

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """Returns where a module is; None for one that is not to be had."""
        top = name.partition(".")[0]
        if top not in TRUSTED and top not in sys.stdlib_module_names:
            return None
        with self._belt.loosened():
            spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._belt)  # type: ignore[assignment] # a loader in all but name
        return spec


class _Loader:
    """A module's own loader, working with the belt loosened."""

    def __init__(self, loader: Any, belt: Belt) -> None:
        self._loader = loader
        self._belt = belt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> Any:
        """Returns a new module, or None for Python's usual one."""
        with self._belt.loosened():
            return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Fills a module."""
        with self._belt.loosened():
            self._loader.exec_module(module)


def silence() -> None:
    """Points the standard streams of a worker at nothing: what it has to say goes to its parent."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if nothing > 2:  # noqa: PLR2004 - the standard streams
        os.close(nothing)
