"""Runs of samples: a section for each that needs a look, a table of all, and one line in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.diagnostic import PLAIN, RED, YELLOW, Style, diagnostic_text
from gradcli.views.excerpt import escaped, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.reports.runs import Batch, Outcome
    from gradcli.views.console import Console

__all__ = ["run_table", "section_text", "summary_text", "time_text"]

MANY = 60  # samples; of more, those that passed are counted by file, and not all others have a row
LONGEST = 90  # characters of a reason in a table; the sections have it whole
ORDER = ("failed", "error", "inconclusive")
TINTS = {"failed": RED, "error": RED, "inconclusive": YELLOW}
RULE = 3  # dashes before a section's name


def section_text(outcome: Outcome, *, columns: int = 100, style: Style = PLAIN) -> str:
    """Returns the name of a sample, what it printed, and what is to be said of it."""
    status = style.paint(TINTS.get(outcome.status, ""), outcome.status) if style.colour else outcome.status
    lines = [f"{'-' * RULE} {escaped(outcome.title)}: {status}"]
    if outcome.output:
        lines += [escaped(line) for line in outcome.output.removesuffix("\n").split("\n")]
    lines += [diagnostic_text(message, columns=columns, style=style) for message in outcome.messages]
    return "\n".join(lines)


def run_table(batch: Batch, console: Console, *, ascii_only: bool = False) -> None:
    """Prints a row per sample; of very many, a row per file and for the first that did not pass."""
    from rich.box import ASCII, SIMPLE_HEAD  # whoever prints sections or JSON does without rich
    from rich.table import Table
    from rich.text import Text

    table = Table(box=ASCII if ascii_only else SIMPLE_HEAD, show_edge=ascii_only)
    table.add_column("sample", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("time", no_wrap=True, justify="right")
    table.add_column("what", overflow="fold")
    for name, status, seconds, what in _rows(batch.outcomes):
        table.add_row(
            Text(escaped(name)), status, time_text(seconds), Text(shortened(escaped(what), LONGEST))
        )
    console.print(table)


def _rows(outcomes: tuple[Outcome, ...]) -> Iterable[tuple[str, str, float, str]]:
    if len(outcomes) <= MANY:
        for outcome in outcomes:
            yield outcome.title, outcome.status, outcome.seconds, outcome.reason
        return
    files: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        files.setdefault(outcome.path, []).append(outcome)
    for path, found in files.items():
        passed = sum(outcome.status == "passed" for outcome in found)
        if passed:
            seconds = sum(outcome.seconds for outcome in found if outcome.status == "passed")
            yield path, "passed", seconds, f"{passed} cases" if passed > 1 else ""
        skipped = sum(outcome.status == "skipped" for outcome in found)
        if skipped:
            yield path, "skipped", 0.0, f"{skipped} cases" if skipped > 1 else ""
    bad = [outcome for outcome in outcomes if outcome.status in ORDER]
    for outcome in bad[:MANY]:
        yield outcome.title, outcome.status, outcome.seconds, outcome.reason
    if len(bad) > MANY:
        yield f"and {len(bad) - MANY} more", "", 0.0, "each has its section above"


def time_text(seconds: float) -> str:
    """Returns a time in ms, or in s from one second on."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds else "-"


def summary_text(batch: Batch) -> str:
    """Returns how many samples came out how, in one line."""
    number = len(batch.outcomes)
    counts = ", ".join(f"{count} {status}" for status, count in batch.counts().items())
    ended = {"": "", "fail-fast": "; ended at the first failure"}.get(batch.ended, f"; {batch.ended}")
    return f"{number} sample{'s' * (number != 1)}: {counts} in {time_text(batch.seconds)}{ended}"
