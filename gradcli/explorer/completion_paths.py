"""The files, and the functions in Python files, whose names begin as typed. Nothing is run to find out."""

from __future__ import annotations

import ast
import os
from pathlib import Path

__all__ = ["complete_function", "complete_path"]

LONGEST = 1_000_000  # bytes of a Python file that is read while somebody types


def complete_path(typed: str, suffix: str = "") -> list[str]:
    """Returns the paths that begin as typed, folders with a slash behind them.

    Args:
        typed: up to the cursor; a ~ is the home folder.
        suffix: of the files that are wanted; folders always are.
    """
    folder, beginning = os.path.split(typed)
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            found = [entry.name + "/" * entry.is_dir() for entry in entries]
    except (OSError, ValueError, RuntimeError):  # no folder, a NUL in its name, nobody's home
        return []
    head = typed[: len(typed) - len(beginning)]
    return sorted(head + name for name in found if _wanted(name, beginning, suffix))


def _wanted(name: str, beginning: str, suffix: str) -> bool:
    hidden = name.startswith(".") and not beginning.startswith(".")
    return name.startswith(beginning) and name.endswith((suffix, "/")) and name.isprintable() and not hidden


def complete_function(typed: str) -> list[str]:
    """Returns what FILE.py:NAME may become: the functions that the file defines."""
    path, colon, beginning = typed.rpartition(":")
    if not colon or not path.endswith(".py"):
        return []
    try:
        with Path(path).expanduser().open("rb") as stream:
            tree = ast.parse(stream.read(LONGEST))
    except (OSError, SyntaxError, ValueError, RuntimeError, RecursionError, MemoryError):
        return []
    names = [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]
    return [f"{path}:{name}" for name in names if name.startswith(beginning)]
