"""What a script assigns to a tensor beside PyTorch's own attributes: `weight.tag = "shared"`."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.autograd import Tensor

__all__ = ["clear", "tag", "tagged", "tags_of"]

# By identity, since == of tensors is elementwise; an entry goes with its tensor, all of them with the script.
_TAGS: dict[int, tuple[Any, dict[str, Any]]] = {}


def tagged(tensor: Tensor, name: str, default: Any) -> Any:
    """Returns what a script has assigned to a tensor under a name, or the default."""
    entry = _TAGS.get(id(tensor))
    return default if entry is None else entry[1].get(name, default)


def tags_of(tensor: Tensor) -> dict[str, Any] | None:
    """Returns all that a script has assigned to a tensor, by name; None for nothing."""
    entry = _TAGS.get(id(tensor))
    return None if entry is None else entry[1]


def tag(tensor: Tensor, name: str, value: Any) -> None:
    """Does `tensor.name = value`."""
    entry = _TAGS.get(id(tensor))
    if entry is None:
        key = id(tensor)
        entry = _TAGS[key] = (weakref.ref(tensor, lambda _: _TAGS.pop(key, None)), {})
    entry[1][name] = value


def clear() -> None:
    """Forgets everything: a tensor may be tagged with itself, and would never go."""
    _TAGS.clear()
