"""Which names a part of the program binds, and which it expects to find."""

from __future__ import annotations

__all__ = ["Scope"]


class Scope:
    """The names of a module, a function, a class or a comprehension.

    A function's reads are settled when its body is complete, since a binding further down makes a name
    local; those it leaves open are settled when the module is, since it may be called after a later
    binding. A comprehension and the body of a class run where they stand, and so do their reads. What a
    class binds is seen by its own body alone, not by the functions inside it.

    Attributes:
        kind: `module`, `function`, `class` or `comprehension`.
        parent: the scope around it; None for a module.
        bound: the names it binds.
        depth: how many scopes are around it.
        first: for a function, its first parameter, which `super()` needs; None if it has none.
        free: for a module, each name that is read before it is bound: where first, and whether it
            is only ever called.
    """

    __slots__ = ("_declared", "_reads", "bound", "depth", "first", "free", "kind", "parent")

    def __init__(self, kind: str, parent: Scope | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.bound: set[str] = set()
        self.free: dict[str, tuple[tuple[int, int], bool]] = {}
        self._reads: dict[str, tuple[tuple[int, int], bool]] = {}
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.first: str | None = None
        self._declared: dict[str, str] = {}

    def bind(self, name: str) -> None:
        """Notes that the scope binds a name, unless it said that the name belongs further out."""
        declared = self._declared.get(name)
        if declared is None:
            self.bound.add(name)
        elif declared == "global":
            self.module().bound.add(name)

    def read(self, name: str, place: tuple[int, int], *, called: bool = False) -> None:
        """Notes that a name is read at a place."""
        if self.kind == "module":
            if name not in self.bound:
                note(self.free, name, place, called)
        elif self.kind != "class" or name not in self.bound:
            note(self._reads, name, place, called)

    def declare(self, name: str, word: str) -> None:
        """Notes that `global` or `nonlocal` gives a name to the module or to a function further out."""
        self._declared[name] = word

    def binds(self, name: str) -> bool:
        """Returns whether this scope, or one around it, has bound a name so far."""
        return self.hops(name) is not None or name in self.module().bound

    def encloses(self, name: str) -> bool:
        """Returns whether a function around this one binds a name."""
        return self.parent is not None and self._outward(name, skipped=True) is not None

    def binder(self) -> Scope:
        """Returns the scope that `:=` binds in: the one around all comprehensions."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope

    def module(self) -> Scope:
        """Returns the outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def close(self) -> None:
        """Settles the reads, once everything in the scope has been seen."""
        if self.parent is None:
            for name, (place, called) in self._reads.items():
                if name not in self.bound:
                    note(self.free, name, place, called)
            return
        around = self.parent
        at_once = self.kind != "function" and around.kind in ("module", "class")
        while self.kind == "function" and around.kind == "class" and around.parent is not None:
            around = around.parent
        for name, (place, called) in self._reads.items():
            if name in self.bound and self.kind != "class":
                continue
            if at_once:
                around.read(name, place, called=called)
            else:
                note(around._reads, name, place, called)  # noqa: SLF001 - a scope of the same family

    def hops(self, name: str) -> int | None:
        """Returns how many scopes outward a name is bound, or None if the module or the host has it."""
        return self._outward(name, skipped=False)

    def class_hops(self) -> int | None:
        """Returns how many scopes outward the innermost class stands, or None if there is none."""
        scope, hops = self, 0
        while scope.parent is not None:
            if scope.kind == "class":
                return hops
            scope, hops = scope.parent, hops + 1
        return None

    def _outward(self, name: str, *, skipped: bool) -> int | None:
        """As `hops`; `skipped` leaves out the scope itself, as it does classes further out."""
        scope, hops = self, 0
        while scope.parent is not None:
            visible = not skipped if scope is self else scope.kind != "class"
            if visible and name in scope.bound:
                return hops
            if visible and scope._declared.get(name) == "global":
                return None
            scope, hops = scope.parent, hops + 1
        return None


def note(
    reads: dict[str, tuple[tuple[int, int], bool]], name: str, place: tuple[int, int], called: bool
) -> None:
    """Notes a read of a name: where first, and whether it is only ever called."""
    first, only_called = reads.get(name, (place, True))
    reads[name] = (min(first, place), only_called and called)
