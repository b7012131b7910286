"""One sample, from its text to its outcome; whatever goes wrong in it stays in it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer.deadline import OVERTIME, deadline
from gradcli.explorer.running.samples import Case, Options, Sample, Script, Unreadable
from gradcli.reports.runs import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["attempt", "guarded", "outcome_of", "run_sample", "skipped"]


def run_sample(sample: Sample, options: Options) -> Outcome:
    """Returns what became of a sample; an error of gradcli's own is an outcome too."""
    return guarded(sample, lambda: attempt(sample, options))


def attempt(
    sample: Sample,
    options: Options,
    show: Callable[[str], None] | None = None,
    report: Callable[[Diagnostic], None] | None = None,
    *,
    keep: bool = True,
) -> Outcome:
    """Returns what became of a sample.

    Args:
        sample: what is run.
        options: of the run.
        show: is given what a script prints, at once.
        report: is told warnings and notes, at once; without it the outcome holds them.
        keep: whether the outcome holds what a script prints.

    Raises:
        Exception: gradcli itself failed, or a module could not be loaded.
    """
    start = time.perf_counter()
    said: list[Diagnostic] = []
    status, output, messages = "error", "", list[Diagnostic]()
    try:
        status, output, messages = _run(sample, options, show, report or said.append, keep=keep)
    except GradcliError as error:  # the time was over in between
        status, messages = "failed", [error.diagnostic]
    messages = [_late(message) for message in messages]
    return outcome_of(sample, status, time.perf_counter() - start, output, (*said, *messages))


def _late(message: Diagnostic) -> Diagnostic:
    """A diagnostic; the place of one that says the time is over is that of the last operation."""
    if message.code != OVERTIME or message.span is None:
        return message
    return message._replace(label="here, or soon after")


def _run(
    sample: Sample,
    options: Options,
    show: Callable[[str], None] | None,
    report: Callable[[Diagnostic], None],
    *,
    keep: bool,
) -> tuple[str, str, list[Diagnostic]]:
    """The status, the output and what is to be said."""
    if isinstance(sample, Unreadable):
        return "error", "", [sample.fault]
    if isinstance(sample, Script):
        from gradcli.explorer.running.scripts import play  # case files do without

        printed = play(sample, options, report, show, keep=keep)
        return printed.status, printed.output, [] if printed.fault is None else [printed.fault]
    from gradcli.explorer.running.judging import judge  # scripts do without

    with deadline(options.timeout, "--timeout"):
        finding = judge(sample)
    return finding.status, "", list(finding.messages)


def outcome_of(
    sample: Sample,
    status: str,
    seconds: float = 0.0,
    output: str = "",
    messages: tuple[Diagnostic, ...] = (),
) -> Outcome:
    """Returns an outcome of a sample; its reason is the last message."""
    name = sample.name if isinstance(sample, Case) else ""
    reason = messages[-1].message.partition("\n")[0] if messages else ""
    return Outcome(sample.path, name, status, seconds, reason, output, messages)


def skipped(sample: Sample) -> Outcome:
    """Returns the outcome of a sample whose turn did not come."""
    return outcome_of(sample, "skipped")._replace(reason="the run ended before this was through")


def guarded(sample: Sample, work: Callable[[], Outcome]) -> Outcome:
    """Returns the outcome that the work gives, or one that tells of a failure of gradcli's own."""
    start = time.perf_counter()
    try:
        return work()
    except MemoryError:
        fault = Diagnostic("E602", "there is not enough memory", help="use smaller tensors")
        status = "failed"
    except Exception as error:  # noqa: BLE001 - one sample's failure must not take the others with it
        status, fault = "error", internal_fault(error)
    return outcome_of(sample, status, time.perf_counter() - start, messages=(fault,))


def internal_fault(error: BaseException) -> Diagnostic:
    """Returns what to say of an error that nobody foresaw."""
    notes = ["this is a fault of gradcli, not of what you wrote"]
    if os.environ.get("GRADCLI_DEBUG"):
        import traceback  # only for whoever mends gradcli

        notes += "".join(traceback.format_exception(error)).splitlines()
    return Diagnostic(
        "E999",
        f"internal error: {type(error).__name__}",
        notes=tuple(notes),
        help="GRADCLI_DEBUG=1 shows where it happened",
    )
