"""An end to what takes too long where nobody looks at the clock: inside a function of mpmath or SymPy."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TimeIsUpError", "at_most"]

LEAST = 1e-3  # seconds: a timer of none never rings
AGAIN = 0.25  # seconds until it rings once more, should somebody have caught everything


class TimeIsUpError(BaseException):
    """No Exception: those who catch these, to be silent about an operation, must not swallow it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stops the block after so many seconds of the processor's time.

    That timer nobody else uses: limits on a whole run hold the other one. Where there is none (in a thread,
    say) the block goes on; inside of another such block the time is that one's.

    Raises:
        TimeIsUpError: the time is up.
    """
    able = hasattr(signal, "ITIMER_VIRTUAL") and threading.current_thread() is threading.main_thread()
    if not able or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def stop(*_: Any) -> None:
        raise TimeIsUpError(f"it takes longer than {seconds:g} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, max(LEAST, seconds), AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
