"""How far a minimisation is, in one line of standard error, on terminals only."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.reports.descent import Progress

__all__ = ["Descending"]

PAUSE = 0.05  # seconds between two drawings


class Descending:
    """The step, the loss and the gradient norm, written again and again."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._last = time.monotonic()
        self._drawn = False
        self._active = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def told(self, progress: Progress) -> None:
        """Draws where it stands, unless that was done a moment ago."""
        if self._active and time.monotonic() - self._last > PAUSE:
            self._last = time.monotonic()
            self._drawn = True
            sys.stderr.write(
                f"\rstep {progress.step}/{self._steps}  loss {progress.loss:.6g}  "
                f"gradient norm {progress.gradient_norm:.3g}\x1b[K"
            )
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away, so that something else can be written."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False
