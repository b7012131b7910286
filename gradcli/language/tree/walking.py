"""Every part of a checked tree, for whoever looks for some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["walk"]


PARTS = (tree.Node, tree.Link, tree.Clause, tree.Parameters, tree.Load)


def walk(found: Any) -> Iterator[Any]:
    """Returns every part below, the outer ones first."""
    pending = [found]
    while pending:
        one = pending.pop()
        if isinstance(one, (list, tuple, dict)):
            pending += reversed(one.values() if isinstance(one, dict) else one)
            continue
        if not isinstance(one, PARTS):
            continue
        yield one
        slots = [slot for kind in type(one).__mro__ for slot in vars(kind).get("__slots__", ())]
        pending += [getattr(one, slot) for slot in reversed(slots) if slot not in ("start", "end", "scope")]
