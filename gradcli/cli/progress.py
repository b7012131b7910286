"""How far a run is, in one line of standard error that is written again and again, on terminals only."""

from __future__ import annotations

import os
import sys
import time

__all__ = ["Progress"]

WIDTH = 24  # of the bar
PAUSE = 0.05  # seconds between two drawings


class Progress:
    """A bar that fills as samples come through."""

    def __init__(self, total: int, columns: int) -> None:
        self._total = total
        self._columns = columns
        self._done = self._bad = 0
        self._drawn = False
        self._last = 0.0
        self._active = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def step(self, *, passed: bool) -> None:
        """Counts a sample, and draws the bar unless that was done a moment ago."""
        self._done += 1
        self._bad += not passed
        if self._active and time.monotonic() - self._last > PAUSE:
            self._last = time.monotonic()
            self._draw()

    def clear(self) -> None:
        """Takes the bar away, so that something else can be written."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def _draw(self) -> None:
        filled = WIDTH * self._done // self._total
        bad = f", {self._bad} not passed" if self._bad else ""
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {self._done}/{self._total}{bad}"
        sys.stderr.write(f"\r{line[: self._columns - 1]}\x1b[K")
        sys.stderr.flush()
        self._drawn = True
