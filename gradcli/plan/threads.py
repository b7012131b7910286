"""Work shared among threads: one by default, more for big work only, and no more than there are cores."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["cores", "in_threads"]

LEAST = 2**23  # operations on elements: a millisecond, of which starting a thread is a twentieth
MOST = 8  # beyond, memory is what limits


def cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(run: Callable[[Iterator[int]], None], shares: int, work: int) -> None:
    """Calls `run` with the numbers of shares, in as many threads as pay; each number is given out once.

    Args:
        run: takes numbers until there are none left.
        shares: how many there are.
        work: operations on elements, altogether.

    Raises:
        Exception: what any of the calls raised.
    """
    wanted = min(cores(), MOST, shares) if work >= LEAST else 1
    if wanted == 1:
        run(iter(range(shares)))
        return
    from threading import Thread  # only big tensors pay for it

    numbers = count()
    errors: list[BaseException] = []

    def left() -> Iterator[int]:
        # One step of an iterator in C: no two threads get the same.
        while not errors and (share := next(numbers)) < shares:
            yield share

    def quiet() -> None:
        try:
            with np.errstate(all="ignore"):  # each thread has its own
                run(left())
        except BaseException as error:  # noqa: BLE001 - raised below, also when the user interrupts
            errors.append(error)

    others = [Thread(target=quiet) for _ in range(wanted - 1)]
    for other in others:
        other.start()
    quiet()
    for other in others:
        other.join()
    if errors:
        raise errors[0]
