"""Tensors in tuples, lists and dicts, taken out in order and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor
from gradcli.ops.named import Named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["broadcast", "leaves", "outline", "rebuilt", "structure", "tensors", "transformed"]

INDENT = 2  # of the children in the text of a structure


def leaves(tree: Any) -> list[Any]:
    """Returns what a tree of tuples, lists and dicts holds, in order."""
    children = _children(tree)
    return [tree] if children is None else [leaf for child in children for leaf in leaves(child)]


def tensors(tree: Any) -> list[Tensor]:
    """Returns the tensors among the leaves of a tree."""
    return [leaf for leaf in leaves(tree) if isinstance(leaf, Tensor)]


def rebuilt(tree: Any, new: Sequence[Any]) -> Any:
    """Returns a tree of the same structure with other leaves."""
    return _refilled(tree, iter(new))


def transformed(function: Callable[[Tensor], Any], tree: Any) -> Any:
    """Returns the tree with a function applied to its tensors; other leaves stay."""
    return rebuilt(tree, [function(leaf) if isinstance(leaf, Tensor) else leaf for leaf in leaves(tree)])


def broadcast(prefix: Any, tree: Any) -> list[Any] | None:
    """Returns for each leaf of a tree what a prefix of its structure says of it; None: it is no prefix."""
    inside, above = _children(tree), _children(prefix)
    if above is None:
        return [prefix] * len(leaves(tree))
    if inside is None or type(tree) is not type(prefix) or len(inside) != len(above):
        return None
    if isinstance(tree, dict) and list(tree) != list(prefix):
        return None
    found: list[Any] = []
    for one, child in zip(above, inside, strict=True):
        part = broadcast(one, child)
        if part is None:
            return None
        found += part
    return found


def structure(tree: Any, depth: int = 0) -> str:
    """Returns the structure of a tree as PyTorch's messages print it; equal texts are equal structures."""
    children = _children(tree)
    if children is None:
        return "*"
    depth += INDENT
    inside = (",\n" + " " * depth).join(structure(child, depth) for child in children)
    facts = list(tree) if isinstance(tree, dict) else None
    return f"TreeSpec({type(tree).__name__}, {facts}, [{inside}])"


class _Star:
    def __repr__(self) -> str:
        return "*"


def outline(tree: Any) -> str:
    """Returns the tree with a star for each leaf, as PyTorch prints a structure in short."""
    return repr(rebuilt(tree, [_Star()] * len(leaves(tree))))


def _children(tree: Any) -> Sequence[Any] | None:
    if isinstance(tree, dict):
        return list(tree.values())
    return tree if isinstance(tree, (tuple, list)) else None


def _refilled(tree: Any, new: Iterator[Any]) -> Any:
    children = _children(tree)
    if children is None:
        return next(new)
    parts = [_refilled(child, new) for child in children]
    if isinstance(tree, dict):
        return type(tree)(zip(tree, parts, strict=True))
    if isinstance(tree, Named):
        return Named(tree._name, tree.fields, parts)  # noqa: SLF001 - one package
    if hasattr(tree, "_fields"):  # a named tuple
        return type(tree)(*parts)
    return tuple(parts) if isinstance(tree, tuple) else parts
