"""Several results under names, as `max(x, dim)` gives values and indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Named"]


class Named(tuple[Any, ...]):  # noqa: SLOT001 - a tuple has no room for slots
    """A tuple whose places have names, printed as PyTorch's `torch.return_types`."""

    _name: str
    _fields: tuple[str, ...]

    def __new__(cls, name: str, fields: tuple[str, ...], values: Sequence[Any]) -> Named:  # noqa: PYI034 - no subclass
        """The values under their names."""
        made = super().__new__(cls, values)
        made._name = name
        made._fields = fields
        return made

    def __getattr__(self, name: str) -> Any:
        if name in self._fields:
            return self[self._fields.index(name)]
        raise AttributeError(f"'{self._name}' object has no attribute '{name}'")

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the places."""
        return self._fields

    def __repr__(self) -> str:
        lines = ",\n".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
        return f"torch.return_types.{self._name}(\n{lines})"
