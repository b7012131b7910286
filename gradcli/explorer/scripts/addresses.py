"""Made-up addresses for texts such as `<AddBackward0 object at 0x7f0000000010>`.

They tell values apart and stay the same while a value lives, in every run; real ones would tell where our
memory lies.
"""

from __future__ import annotations

import weakref
from typing import Any

__all__ = ["Addresses"]

FIRST, STEP = 0x7F0000000000, 0x10


class Addresses:
    """The addresses given out in one run."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Any]] = {}  # by Python's id, for as long as the value lives
        self._next = FIRST

    def given(self) -> int:
        """Returns how far the addresses have come."""
        return self._next

    def of(self, value: Any) -> int:
        """Returns the address of a value."""
        key = id(value)
        found = self._known.get(key)
        if found is None:
            known = self._known
            try:
                keep: Any = weakref.ref(value, lambda _: known.pop(key, None))
            except TypeError:
                keep = value  # kept alive, so that no other value gets its id
            found = known[key] = (self._next, keep)
            self._next += STEP
        return found[0]

    def text(self, value: Any) -> str:
        """Returns the address as texts show it."""
        return hex(self.of(value))
