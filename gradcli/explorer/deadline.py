"""A limit on time."""

from __future__ import annotations

import math
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradcli.autograd import context
from gradcli.diagnostics import InputFault, LimitFault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OVERTIME", "deadline", "measured", "overtime"]

OVERTIME = "E604"
LONGEST = 1e6  # seconds, eleven days: some of the system's timers count milliseconds in 31 bits


def measured(seconds: float, option: str) -> float:
    """Returns a time in seconds as timers take it.

    Raises:
        InputFault: it is nan.
    """
    if math.isnan(seconds):
        raise InputFault("E500", f"{option} is nan: a time is a number of seconds", help=f"{option} 60")
    return min(seconds, LONGEST)


def overtime(seconds: float, option: str) -> LimitFault:
    """Returns the error for what takes longer than an option allows."""
    return LimitFault(
        OVERTIME, f"this took more than {seconds:g} seconds", help=f"raise the limit with {option}"
    )


class _TimeIsOverError(BaseException):
    """No Exception: a witness, silent about whatever it stumbles over, must not swallow it."""


@contextmanager
def deadline(seconds: float, option: str) -> Iterator[None]:
    """Stops the block after a time; 0 is no limit, as it is where the system has no timer for it.

    Raises:
        LimitFault: the time is over. A single NumPy call is not interrupted: the error comes after it.
        InputFault: the time is nan.
    """
    seconds = measured(seconds, option)
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return

    places: list[Any] = []

    def stop(*_: Any) -> None:
        places.append(context.span)  # of what is running, which the error is raised too far out to know
        raise _TimeIsOverError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TimeIsOverError:
        fault = overtime(seconds, option)
        fault.locate(places[-1])
        raise fault from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
