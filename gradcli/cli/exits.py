"""Exit codes."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Exit"]


class Exit(IntEnum):
    """What the process says when it ends."""

    FINE = 0
    FAILED = 1  # a check or a sample failed
    BAD_INPUT = 2  # bad input or usage
    INCONCLUSIVE = 3  # a check could not tell
    INTERRUPTED = 130
    TERMINATED = 143
