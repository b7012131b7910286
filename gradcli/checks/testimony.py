"""What a witness says: per element a derivative and a bound on its own error, or silence."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Testimony", "Words", "counted"]


class Words(NamedTuple):
    """A witness on one variable; arrays of the variable's shape, float64.

    Attributes:
        values: the derivative; nan where the witness is silent on an element.
        bounds: an honest bound on the error of each value, at least one rounding of it.
        spoke: bool, which elements were looked at and have a value.
    """

    values: Any
    bounds: Any
    spoke: Any


class Testimony(NamedTuple):
    """A witness on the whole gradient.

    Attributes:
        witness: its name: `symbolic`, `complex`, `fd`, `precise` or `forward`.
        words: one per variable, in the subject's order; empty where it is silent altogether.
        silence: why it could not speak (of anything, or of some elements), one line; empty where it could.
    """

    witness: str
    words: tuple[Words, ...]
    silence: str = ""


def counted(elements: int) -> str:
    """Returns a number of elements in words."""
    return f"{elements:,} element" + "s" * (elements != 1)
