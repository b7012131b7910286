"""A limit on time."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradcli.autograd import context
from gradcli.diagnostics import LimitFault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OVERTIME", "deadline", "overtime"]

OVERTIME = "E604"


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
    """
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
