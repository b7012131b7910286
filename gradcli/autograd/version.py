"""How often the memory of a tensor was changed in place: what backward checks of the values it saved."""

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.diagnostics import RuntimeFault

__all__ = ["UNCHANGED", "Version", "Versioned"]

Version = list[int]  # one number, shared by a tensor and its views; counts in-place changes

# The Version of every tensor that nothing has changed and that shares its memory with none: most of them live
# and die so, and need no list of their own.
UNCHANGED: Any = (0,)


class Versioned:
    """What has a count of its in-place changes; None in inference mode, where nobody counts."""

    __slots__ = ("_counter",)
    _counter: Version | None

    @property
    def _version(self) -> int:
        """How often it was changed in place."""
        if self._counter is None:
            raise RuntimeFault("E403", "Inference tensors do not track version counter.")
        return self._counter[0]

    def _count_change(self) -> None:
        """Counts a change in place, also for whoever shares the memory."""
        counter = self._counter
        if counter is UNCHANGED:
            self._counter = [1]
        elif counter is not None:
            counter[0] += 1
        if context.attended and context.tape is not None:
            context.tape.changed(self)

    def _shared_counter(self) -> Version | None:
        """The count itself, for whoever shares the memory or has to look at it later."""
        if self._counter is UNCHANGED:
            self._counter = [0]
        return self._counter
