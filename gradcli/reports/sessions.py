"""What a session at the prompt shows."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Shown", "VariableLine"]


class Shown(NamedTuple):
    """The value of what was typed.

    Attributes:
        array: of a tensor; None for anything else.
        text: of anything else; empty where there is nothing to show.
    """

    array: Any | None
    text: str = ""


class VariableLine(NamedTuple):
    """A name of the session.

    Attributes:
        name: the name.
        role: `variable` (a leaf that requires grad), `computed` (with a graph), `constant`, or the kind of
            a value that is no tensor.
        dtype: PyTorch's name of its dtype, without `torch.`; empty for what is no tensor.
        value: its value.
        grad: its gradient; None where there is none.
    """

    name: str
    role: str
    dtype: str
    value: Shown
    grad: Any | None
