"""An end to what takes too long where nobody looks at the clock: inside a function of mpmath or SymPy."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TimeIsUpError", "at_most"]

TICK = 0.02  # seconds of the processor's time between two looks at the clock
AGAIN = 1.0  # until it rings once more, should somebody have caught everything


class TimeIsUpError(BaseException):
    """No Exception: those who catch these, to be silent about an operation, must not swallow it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stops the block after so many seconds.

    The clock is looked at by the timer of the processor's time, which nobody else uses: limits on a whole run
    hold the other one. Where there is none (in a thread, say) the block goes on; inside of another such block
    the time is that one's.

    Raises:
        TimeIsUpError: the time is up. A single call of NumPy is not interrupted: the error comes after it.
    """
    try:
        with _timer(seconds):
            yield
    except SystemError as error:  # so Python takes it where a function in C called back and looked away
        if isinstance(error.__cause__, TimeIsUpError):
            raise error.__cause__ from None
        raise


@contextmanager
def _timer(seconds: float) -> Iterator[None]:
    able = hasattr(signal, "ITIMER_VIRTUAL") and threading.current_thread() is threading.main_thread()
    if not able or signal.getitimer(signal.ITIMER_VIRTUAL)[1]:
        yield
        return
    deadline = time.monotonic() + seconds

    def look(*_: Any) -> None:
        if time.monotonic() >= deadline:
            signal.setitimer(signal.ITIMER_VIRTUAL, AGAIN, AGAIN)
            raise TimeIsUpError(f"it takes longer than {seconds:g} s")

    before = signal.signal(signal.SIGVTALRM, look)
    signal.setitimer(signal.ITIMER_VIRTUAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
