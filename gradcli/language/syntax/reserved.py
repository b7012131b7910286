"""Names with two underscores in front: those few that classes and programs need, and no others."""

from __future__ import annotations

__all__ = ["DEFINABLE", "READABLE", "is_reserved"]

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or")

# What a class body may bind. Whoever makes the class decides which of them mean something.
DEFINABLE = frozenset(
    f"__{name}__"
    for name in (
        "init", "call", "repr", "str", "len", "getitem", "setitem", "delitem", "contains", "iter", "next",
        "enter", "exit", "eq", "ne", "lt", "le", "gt", "ge", "hash", "bool", "int", "float", "neg", "pos",
        "abs", "invert", "format", "index",
        *ARITHMETIC,
        *(f"r{name}" for name in ARITHMETIC),
        *(f"i{name}" for name in ARITHMETIC),
    )
)  # fmt: skip

# What may be read after a dot (`super().__init__`, `type(e).__name__`). None of them is ever assigned to.
READABLE = DEFINABLE | {"__name__"}


def is_reserved(name: str) -> bool:
    """Returns whether a name is Python's own affair; one underscore in front is the program's."""
    return name.startswith("__") and name.strip("_") != ""
