"""Room in the interpreter while a deep or long program is read, compiled or run."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["collection_paused", "deep_enough"]

FRAMES = 10_000
"""Python frames for the closures of one program: a level of nesting takes one to three of them, so does a
call. Far below what a stack of 8 MB holds even where each frame is one of C's too."""

LONG = 50_000  # characters


class deep_enough:  # noqa: N801 - reads as the `with` it stands in; a class, since small runs enter it too
    """Allows the frames that a deep program needs, and puts the old limit back."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = sys.getrecursionlimit()
        if self._before < FRAMES:
            sys.setrecursionlimit(FRAMES)

    def __exit__(self, *_: object) -> None:
        if self._before < FRAMES:
            sys.setrecursionlimit(self._before)


@contextmanager
def collection_paused(size: int) -> Iterator[None]:
    """Keeps the cycle collector from walking a growing tree over and over: half the time of a long parse."""
    if size < LONG or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
