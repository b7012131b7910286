"""Layers that change the shape alone."""

# ruff: noqa: A002 - PyTorch's names

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import TypeFault
from gradcli.torch.nn.module import Module

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """The dims from one to another made one; by default all but the first."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Any:
        """The input in its new shape."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The dims."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """A dim made several, of the sizes given.

    Raises:
        TypeFault: the sizes are no tuple of integers.
    """

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)):
            kind = type(unflattened_size).__name__
            raise TypeFault("E303", f"unflattened_size must be a tuple of ints, but found type {kind}")
        for place, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                raise TypeFault(
                    "E303",
                    f"unflattened_size must be tuple of ints, but found element of type "
                    f"{type(size).__name__} "
                    f"at pos {place}",
                )
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Any) -> Any:
        """The input in its new shape."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The dim and its sizes."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
