"""Why control does not go on to the next statement; None where it does."""

from __future__ import annotations

__all__ = ["BREAK", "CONTINUE", "RETURN"]

BREAK, CONTINUE, RETURN = "break", "continue", "return"
