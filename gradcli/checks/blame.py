"""The audit of a program, for as long as there is time."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gradcli.checks.audit import audit
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.checks.audit import Fault
    from gradcli.checks.subject import Subject

__all__ = ["faults_of"]


def faults_of(
    subject: Subject, max_time: float, indices: Iterable[int] | None = None, *, excused: bool = False
) -> list[Fault]:
    """Returns what `audit` yields until the time is up; arguments as for it.

    Args:
        subject: what is judged.
        max_time: in seconds.
        indices: the steps to look at; None: all.
        excused: those instead that have no derivative to be wrong about.
    """
    found: list[Fault] = []
    with suppress(TimeIsUpError), at_most(max_time):  # what is too large to audit is blamed for nothing
        for fault in audit(subject, indices, excused=excused):
            found.append(fault)  # noqa: PERF402 - those before the time was up are kept
    return found
