"""`gradcli run`: scripts and case files, one or many."""

from __future__ import annotations

import math
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradcli.cli import options, run_options, streams
from gradcli.cli.asking import Given, limited_command
from gradcli.cli.exits import Exit
from gradcli.diagnostics import InputFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gradcli.explorer.running.samples import Options, Sample
    from gradcli.reports.runs import Batch, Outcome
    from gradcli.views.console import Console

__all__ = ["run_samples"]

GRACE = 0.5  # seconds beyond the limit in which a script may say itself where it was
QUIET = frozenset(("passed", "skipped"))


@limited_command
def run_samples(  # noqa: PLR0913 - the options of the command
    given: Given,
    paths: run_options.Paths,
    *,
    jobs: run_options.Jobs = 1,
    fail_fast: run_options.FailFast = False,
    select: run_options.Select = "",
    only_list: run_options.OnlyList = False,
    check: run_options.CheckAll = False,
    allow_inconclusive: options.AllowInconclusive = False,
    accept: run_options.Accept = False,
    show_output: run_options.ShowOutput = False,
    json: options.AsJson = False,
    junit_xml: run_options.JUnit = None,
    seed: run_options.SampleSeed = None,
    timeout: run_options.Timeout = 0.0,
    rtol: run_options.RelativeTolerance = None,
    atol: run_options.AbsoluteTolerance = None,
) -> int:
    """Run PyTorch scripts (.py) and case files (.toml), and compare with what they must give.

    gradcli run train.py

    gradcli run samples --jobs 2 --junit-xml report.xml
    """
    from gradcli.explorer.deadline import measured  # what only this command needs
    from gradcli.explorer.running.samples import Options

    chosen = Options(
        check=check,
        seed=seed,
        rtol=_tolerance("--rtol", rtol),
        atol=_tolerance("--atol", atol),
        timeout=measured(timeout, "--timeout"),
        limits=given.language,
        **given.sizes,
    )
    report = _Report(
        junit_xml, accept=accept, show_output=show_output, json=json, allow_inconclusive=allow_inconclusive
    )
    samples = _found(paths, select, chosen)
    if only_list:
        return _listed(samples)
    report.open(samples)
    if _alone(paths, samples) and not json:
        return report.close(_live(samples[0], chosen, report), alone=True)
    return report.close(_many(samples, chosen, report, jobs, fail_fast=fail_fast))


def _tolerance(name: str, value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise InputFault("E500", f"{name} is {value}: a tolerance is finite and not negative")
    return value


def _found(paths: list[str], select: str, chosen: Options) -> list[Sample]:
    """The samples behind the paths, as far as their names are wanted."""
    from gradcli.explorer.running import discovery  # as in run_samples

    if paths.count("-") > 1:
        raise InputFault("E504", "standard input can be read once only")
    wanted = None
    if select:
        from gradcli.explorer.running.selection import selector  # only -k needs it

        wanted = selector(select)
    samples = discovery.load(discovery.find_files(paths), chosen)
    selected = discovery.select(samples, wanted)
    if not selected:
        raise InputFault(
            "E530",
            f"no name matches -k {select[:100]!r}",
            notes=(f"there are {len(samples)} samples",),
            help="--list shows their names",
        )
    return selected


def _listed(samples: list[Sample]) -> int:
    from gradcli.explorer.running.samples import Unreadable, title  # as in run_samples

    code = Exit.FINE
    for sample in samples:
        streams.write(title(sample))
        if isinstance(sample, Unreadable):
            streams.report_diagnostic(sample.fault)
            code = Exit.BAD_INPUT
    return code


def _alone(paths: list[str], samples: list[Sample]) -> bool:
    """Whether one script was asked for, and so its output is the result; or one file that cannot be read."""
    from gradcli.explorer.running.samples import Case  # as in run_samples

    return len(paths) == 1 and len(samples) == 1 and not isinstance(samples[0], Case) and (
        paths[0] in {"-", samples[0].path}
    )  # fmt: skip


def _live(sample: Sample, chosen: Options, report: _Report) -> Batch:
    """Runs one script, and passes on what it prints as it prints it."""
    from gradcli.explorer.running.outcome import attempt  # as in run_samples
    from gradcli.reports.runs import Batch

    def show(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    with _watchdog(sample, chosen.timeout, report):
        outcome = attempt(sample, chosen, show, streams.report_diagnostic, keep=report.keeps_output)
    return Batch((report.take(outcome),), outcome.seconds)


@contextmanager
def _watchdog(sample: Sample, timeout: float, report: _Report) -> Iterator[None]:
    """Ends the process if the block goes on long after its time: inside a NumPy call no signal is heard."""
    if not timeout:
        yield
        return
    import threading  # only a limit on time needs it

    from gradcli.explorer.deadline import overtime
    from gradcli.explorer.running.outcome import outcome_of
    from gradcli.reports.runs import Batch

    def end() -> None:
        fault = overtime(timeout, "--timeout").diagnostic
        outcome = outcome_of(sample, "failed", timeout + GRACE, messages=(fault,))
        code = report.close(Batch((outcome,), outcome.seconds), alone=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    timer = threading.Timer(timeout + GRACE, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _many(samples: list[Sample], chosen: Options, report: _Report, jobs: int, *, fail_fast: bool) -> Batch:
    """Runs samples, and tells of those that do not pass as they come; Ctrl-C and SIGTERM end it cleanly."""
    from gradcli.cli.progress import Progress  # one script does without, as below
    from gradcli.explorer.running.batch import Run

    run = Run(samples, chosen, jobs=jobs, fail_fast=fail_fast, settle=report.take)
    progress = Progress(len(samples), streams.columns_of(sys.stderr))
    try:
        for outcome in run.outcomes():
            progress.step(passed=outcome.status == "passed")
            report.tell(outcome, progress.clear)
    except KeyboardInterrupt:
        run.ended = "interrupted"
    except SystemExit as error:
        if error.code != Exit.TERMINATED:
            raise
        run.ended = "terminated"
    progress.clear()
    return run.batch()


class _Report:
    """Where results go: sections and a table, or JSON; a JUnit file; accepted sidecars."""

    def __init__(
        self, junit_xml: str | None, *, accept: bool, show_output: bool, json: bool, allow_inconclusive: bool
    ) -> None:
        self._junit: Path | None = None
        if junit_xml is not None:
            from gradcli.cli.saving import checked_path  # only who writes files pays for it

            self._junit = checked_path(junit_xml, ".xml")
        self._accept = accept
        self._show_output = show_output
        self._json = json
        self._allowed = ("inconclusive",) if allow_inconclusive else ()

    @property
    def keeps_output(self) -> bool:
        """Whether the output of a script is wanted after it was shown."""
        return self._accept or self._junit is not None

    def open(self, samples: list[Sample]) -> None:
        """Writes a report in which nothing has run: what cannot be written is known before the work."""
        if self._junit is not None:
            from gradcli.explorer.running.outcome import skipped  # as in run_samples
            from gradcli.reports.runs import Batch

            self._write_junit(self._junit, Batch(tuple(map(skipped, samples)), 0.0))

    def take(self, outcome: Outcome) -> Outcome:
        """Returns the outcome; where output is accepted, after it was written."""
        if not self._accept:
            return outcome
        from gradcli.cli.accepting import accepted  # only --accept pays for it

        return accepted(outcome)

    def tell(self, outcome: Outcome, clear: Callable[[], None]) -> None:
        """Writes the section of a sample that needs a look."""
        if self._json or (outcome.status in QUIET and not (self._show_output and outcome.output)):
            return
        from gradcli.views.runs import section_text  # only what fails needs it

        clear()
        columns = streams.columns_of(sys.stdout)
        sys.stdout.write(section_text(outcome, columns=columns, style=_style()) + "\n\n")
        sys.stdout.flush()

    def close(self, batch: Batch, *, alone: bool = False) -> int:
        """Writes what is to be written in the end, and returns the exit code."""
        if self._junit is not None:
            self._write_junit(self._junit, batch)
        if self._json:
            from gradcli.views.json import run_json  # tables do without

            streams.write(run_json(batch))
        elif alone:
            _tell_alone(batch.outcomes[0])
        else:
            from gradcli.views.runs import run_table, summary_text  # as in tell

            def draw(console: Console, ascii_only: bool) -> None:
                run_table(batch, console, ascii_only=ascii_only)

            streams.print_tables(draw)
            streams.write(summary_text(batch))
        return _exit_code(batch, self._allowed)

    @staticmethod
    def _write_junit(path: Path, batch: Batch) -> None:
        from gradcli.cli.saving import write_text  # as in __init__
        from gradcli.views.junit import junit_text

        write_text(path, junit_text(batch))


def _tell_alone(outcome: Outcome) -> None:
    """Says why a script did not pass; what it said before was passed on as it came."""
    if outcome.status != "passed":
        streams.report_diagnostic(outcome.messages[-1])
    elif outcome.reason:
        sys.stderr.write(f"{outcome.reason}\n")


def _style() -> Any:
    from gradcli.views.diagnostic import plain_style, terminal_style  # as in _Report.tell

    style = terminal_style if streams.in_colour(sys.stdout) else plain_style
    return style(ascii_only=streams.is_ascii(sys.stdout))


def _exit_code(batch: Batch, allowed: tuple[str, ...]) -> int:
    ended = {"interrupted": Exit.INTERRUPTED, "terminated": Exit.TERMINATED}
    if batch.ended in ended:
        return ended[batch.ended]
    counts = batch.counts()
    for status, code in (
        ("failed", Exit.FAILED),
        ("error", Exit.BAD_INPUT),
        ("inconclusive", Exit.INCONCLUSIVE),
    ):
        if counts.get(status) and status not in allowed:
            return code
    return Exit.FINE
