"""What a running program has left of its steps, and how deep its calls are."""

from __future__ import annotations

from gradcli.language.limits import Limits, steps_fault

__all__ = ["Meter", "cost"]

BYTES_PER_STEP = 32
TEXT_PER_STEP = 64  # characters


def cost(start: int, end: int) -> int:
    """Returns the steps for one run of the program's text between two places."""
    return 1 + (end - start) // TEXT_PER_STEP


class Meter:
    """The budget of one program under way.

    A step is a turn of a loop or a call, for each 64 characters of its text, or 32 bytes of a list, string
    or integer made at once: so steps bound a program's memory as well as its time.

    Attributes:
        limits: the budget at the start.
        left: steps that are left; loops count it down themselves.
        depth: calls of the program's functions inside one another.
    """

    __slots__ = ("depth", "left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.steps
        self.depth = 0

    def step(self) -> None:
        """Takes one step.

        Raises:
            LimitFault: none is left.
        """
        self.left -= 1
        if self.left < 0:
            raise steps_fault(self.limits)

    def charge(self, size: int) -> None:
        """Takes the steps for a value of so many bytes; raises as `step` does."""
        self.left -= size // BYTES_PER_STEP
        if self.left < 0:
            raise steps_fault(self.limits)
