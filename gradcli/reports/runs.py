"""What became of samples that were run."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Batch", "Outcome"]


class Outcome(NamedTuple):
    """What became of one sample of a run.

    Attributes:
        path: its file, as the user knows it.
        name: the name of the case; empty for a script.
        status: `passed`; `failed` (it ran, and something is not as it must be); `error` (it could not be run
            at all); `inconclusive` (nobody could tell); `skipped` (the run ended before its turn).
        seconds: how long it took.
        reason: why it did not pass, in one line; of one that passed, what else is to be known.
        output: what it printed.
        messages: diagnostics, as they came; the one that decided is the last.
    """

    path: str
    name: str
    status: str
    seconds: float = 0.0
    reason: str = ""
    output: str = ""
    messages: tuple[Any, ...] = ()

    @property
    def title(self) -> str:
        """The sample's name in lists: `cases.toml: a name`, or the path of a script."""
        return f"{self.path}: {self.name}" if self.name else self.path


class Batch(NamedTuple):
    """What became of a run.

    Attributes:
        outcomes: one per sample, in the order of the paths and of each file.
        seconds: how long all of it took.
        ended: why it ended early: `interrupted`, `terminated` or `fail-fast`; empty where it did not.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float
    ended: str = ""

    def counts(self) -> dict[str, int]:
        """Returns how many samples have each status, those that none has left out."""
        found: dict[str, int] = {}
        for status in ("passed", "failed", "error", "inconclusive", "skipped"):
            number = sum(outcome.status == status for outcome in self.outcomes)
            if number:
                found[status] = number
        return found
