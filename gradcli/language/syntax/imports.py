"""How imports are read: which modules there are is asked when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.language import tree

if TYPE_CHECKING:
    import ast

    from gradcli.language.syntax.reader import Reader

__all__ = ["import_", "import_from"]


def import_(reader: Reader, node: ast.Import) -> tree.Statement:
    """Returns `import a.b`, which binds `a`, and `import a.b as c`."""
    loads = []
    for alias in node.names:
        place = reader.excerpt.place(alias)
        path = checked(reader, alias.name, place)
        word, _, _ = path.partition(".")
        start = place[0]
        if alias.asname is not None:
            word, start = alias.asname, place[1] - len(alias.asname)
        target = reader.bind(word, (start, start + len(word)))
        loads.append(tree.Load(place, path, None, target, whole=alias.asname is not None))
    return tree.Import(reader.excerpt.place(node), loads)


def import_from(reader: Reader, node: ast.ImportFrom) -> tree.Statement:
    """Returns `from a.b import c as d`; what Python says of its own future does nothing."""
    place = reader.excerpt.place(node)
    if node.level or node.module is None:
        raise reader.fault(
            "E132", "imports relative to a file are not in the language", place,
            advice="write the whole program in one file",
        )  # fmt: skip
    if node.module == "__future__":
        return tree.Pass(place)
    path = checked(reader, node.module, place)
    loads = []
    for alias in node.names:
        where = reader.excerpt.place(alias)
        if alias.name == "*":
            raise reader.fault(
                "E132", "`import *` is not in the language", place,
                advice=f"name what you need: `from {path} import ...`, or write `import {path}`",
            )  # fmt: skip
        member = reader.identifier(alias.name, where)
        word = alias.asname or member
        target = reader.bind(word, (where[1] - len(word), where[1]))
        loads.append(tree.Load(where, path, member, target, whole=True))
    return tree.Import(place, loads)


def checked(reader: Reader, path: str, place: tuple[int, int]) -> str:
    """Returns the dotted name of a module, each part of which is a name of the language."""
    for part in path.split("."):
        reader.identifier(part, place)
    return path
